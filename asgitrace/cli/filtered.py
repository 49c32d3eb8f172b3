"""A recording of which only the exchanges that pass a filter are written."""

import time
from itertools import islice
from typing import TYPE_CHECKING, Final

from asgitrace.cli.headless import ExportSink
from asgitrace.cli.sieve import Numbers, Sieve
from asgitrace.events import Header, Kind
from asgitrace.export.saving import chosen_records
from asgitrace.ring import Batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from asgitrace.clock import ClockAnchor
    from asgitrace.export import Exporter
    from asgitrace.filter import Predicate
    from asgitrace.store.model import LogLine, Process

_EVERY_NS: Final = 250_000_000
"""Between two looks at what has ended."""

_TOLD_KEPT: Final = 65_536


class FilteredSink(ExportSink):
    """Hands on the exchanges that pass, each when it is over, and all else as it comes."""

    def __init__(
        self,
        exporter: "Exporter",
        show_line: "Callable[[LogLine], None]",
        predicate: "Predicate",
        memory: int,
    ) -> None:
        super().__init__(exporter, show_line)
        self._sieve = Sieve(predicate, memory)
        self._due_ns = 0
        self._told: dict[tuple[int, int], None] = {}
        """The latest connections of exchanges that were written, with their processes: what happens
        on them goes on being written."""

    def add_process(
        self, pid: int, anchor: "ClockAnchor", target: str, *, server: str = "", worker: int = 0
    ) -> "Process":
        """See Sink."""
        self._sieve.store.add_process(pid, anchor, target, server=server, worker=worker)
        return super().add_process(pid, anchor, target, server=server, worker=worker)

    def take(self, source: int, batch: Batch) -> None:
        """See Sink."""
        self.count(source, batch)
        if batch.missed:
            self._exporter.missed(source, batch.missed)
        for record in batch.records():
            if self._passes_by(source, record.header):
                self._exporter.record(source, record)
        self._sieve.store.take(source, batch)
        if self._sieve.crowded:
            self._settle(time.time_ns())

    def _passes_by(self, source: int, header: Header) -> bool:
        """Whether a record is of no exchange and yet to be written."""
        if header.kind == Kind.LOOP:
            return True
        alone = not header.exchange and header.kind == Kind.WIRE
        return alone and (source, header.call) in self._told

    def log(self, line: "LogLine") -> None:
        """See Sink."""
        self._sieve.store.log(line)
        super().log(line)

    def end_process(self, source: int, exit_status: int | None, text: str, now: int) -> None:
        """See Sink."""
        self._sieve.store.end_process(source, exit_status, "", now)
        super().end_process(source, exit_status, text, now)

    def settle(self) -> None:
        """Write what has ended and passes, every now and then."""
        now = time.time_ns()
        if now >= self._due_ns:
            self._due_ns = now + _EVERY_NS
            self._settle(now)

    def finish(self) -> None:
        """Nothing more comes: judge what is left."""
        self._settle(None)
        self.tally.exchanges = self._sieve.judged
        store = self._sieve.store
        self.tally.given_up = store.dropped_total + store.evicted_total

    def _settle(self, until: int | None) -> None:
        judged, passed = self._sieve.settle(until)
        self._write(passed)
        self._sieve.discard(judged)
        self.tally.passed = self._sieve.passed

    def _write(self, numbers: Numbers) -> None:
        met: dict[tuple[int, int], None] = {}
        for source, record in chosen_records(self._sieve.store, numbers.tolist()):
            header = record.header
            if header.kind == Kind.WIRE:
                met[source, header.call] = None
                if not header.exchange and (source, header.call) in self._told:
                    continue
            self._exporter.record(source, record)
        self._told |= met
        for place in list(islice(self._told, max(len(self._told) - _TOLD_KEPT, 0))):
            del self._told[place]
