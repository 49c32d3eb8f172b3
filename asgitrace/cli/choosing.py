"""Which exchanges of a file pass a filter, and handing on just those."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.cli.headless import Tally
from asgitrace.cli.sieve import QUIET_NS, Numbers, Sieve
from asgitrace.events import Kind
from asgitrace.export import Exporter, Introduction, Note, Slice, SourceBatch
from asgitrace.export.feeding import Feeder
from asgitrace.export.slices import BATCH_RECORDS
from asgitrace.ring import Batch
from asgitrace.store import Annotation, Lag, LogLine, Process
from asgitrace.store.headers import HEADER_TYPE
from asgitrace.wire import Wire

if TYPE_CHECKING:
    from asgitrace.filter import Predicate

_BATCHES: Final = 16
"""So many batches are to have room."""

_RECORD: Final = 1024
"""Bytes of a record, about."""


class Judging:
    """Takes in a file, and finds the exchanges that pass.

    Args:
        predicate: which pass.
        memory: bytes that what is not judged yet may take.
    """

    def __init__(self, predicate: "Predicate", memory: int) -> None:
        self._sieve = Sieve(predicate, memory)
        self._feeder = Feeder(self._sieve.store)
        self._passed: list[npt.NDArray[Any]] = []
        self._annotations: dict[int, Annotation] = {}
        self._notes: list[int] = []
        self.batch = min(max(memory // _BATCHES // _RECORD, 1), BATCH_RECORDS)
        """Records that are to be taken at once, so that there is room for them until they are
        judged."""

    def take(self, item: Slice) -> None:
        """Take in the next slice."""
        self._feeder.take(item)
        if isinstance(item, Note):
            self._notes.append(int(self._sieve.store.numbers[-1]))
        elif isinstance(item, SourceBatch) and self._sieve.crowded:
            self._settle(self._sieve.latest())
            if self._sieve.crowded:
                # There is no room to wait for what may still come of those that have ended.
                self._settle(self._sieve.latest() + QUIET_NS)

    def finish(self) -> "Choice":
        """Nothing more comes."""
        self._feeder.end()
        self._settle(None)
        found = np.concatenate(self._passed) if self._passed else np.zeros((0, 4), np.int64)
        chosen = {}
        for source, known in self._feeder.sources.items():
            own = found[(found[:, 0] == known) & (found[:, 1] > 0)]
            own = own[np.argsort(own[:, 1], kind="stable")]
            connections = np.unique(own[:, 3])
            chosen[source] = _Chosen(own[:, 1], own[:, 2], connections[connections > 0])
        return Choice(chosen, self._annotations, self._notes)

    @property
    def words(self) -> str:
        """How many passed."""
        sieve, store = self._sieve, self._sieve.store
        given_up = store.dropped_total + store.evicted_total
        return Tally(sieve.judged, passed=sieve.passed, given_up=given_up).words(", ")

    def _settle(self, until: int | None) -> None:
        judged, passed = self._sieve.settle(until)
        store = self._sieve.store
        places = store.numbers.searchsorted(passed)
        columns = (store.source, store.exchange_numbers, store.numbers, store.connection)
        self._passed.append(np.stack([column[places].astype(np.int64) for column in columns], 1))
        noted = np.intersect1d(passed, store.annotations.numbers(), assume_unique=True)
        for number in noted.tolist():
            self._annotations[number] = store.annotations.of(number)
        self._sieve.discard(judged)


@dataclass(slots=True)
class _Chosen:
    """The exchanges of one process that passed, ascending, the numbers of their rows, and their
    connections."""

    exchanges: Numbers
    numbers: Numbers
    connections: Numbers
    introduced: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.introduced = np.zeros(len(self.exchanges), np.bool_)

    def place(self, exchange: int) -> int | None:
        """Where an exchange is among them."""
        place = int(self.exchanges.searchsorted(exchange))
        found = place < len(self.exchanges) and self.exchanges[place] == exchange
        return place if found else None


class Choice:
    """The exchanges of a file that passed, with the numbers of their rows."""

    def __init__(
        self, chosen: dict[int, _Chosen], annotations: dict[int, Annotation], notes: list[int]
    ) -> None:
        self._chosen = chosen
        self._annotations = annotations
        self._notes = iter(notes)

    def hand_on(self, exporter: Exporter, item: Slice) -> None:
        """Hand on what is chosen of the next slice of the same file, and all that is of no
        exchange."""
        match item:
            case SourceBatch(source=source, batch=batch):
                self._records(exporter, source, batch)
            case Introduction(source=source, exchange=exchange):
                self._introduce(exporter, source, exchange)
            case Note():
                exporter.note(replace(item, number=next(self._notes)))
            case Process():
                exporter.process(item)
            case LogLine():
                exporter.log(item)
            case Lag():
                exporter.lag(item)

    def _introduce(self, exporter: Exporter, source: int, exchange: int) -> None:
        chosen = self._chosen[source]
        place = chosen.place(exchange)
        if place is None or chosen.introduced[place]:
            return
        chosen.introduced[place] = True
        number = int(chosen.numbers[place])
        noted = self._annotations.get(number, Annotation())
        exporter.introduce(Introduction(source, exchange, number, noted))

    def _records(self, exporter: Exporter, source: int, batch: Batch) -> None:
        if batch.missed:
            exporter.missed(source, batch.missed)
        chosen = self._chosen[source]
        headers = np.frombuffer(batch.headers, HEADER_TYPE)
        own = np.isin(headers["exchange"], chosen.exchanges)
        wired = (headers["kind"] == Kind.WIRE) & np.isin(headers["call"], chosen.connections)
        own |= wired & ((headers["exchange"] == 0) | (headers["message"] == Wire.CLOSED))
        if not own.any():
            return
        for record, wanted in zip(batch.records(), own.tolist(), strict=True):
            if wanted:
                self._introduce(exporter, source, record.header.exchange)
                exporter.record(source, record)
