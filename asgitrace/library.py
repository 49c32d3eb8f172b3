"""Traces for programs: ``asgitrace.load("trace.jsonl")``.

    trace = asgitrace.load("trace.jsonl")
    for exchange in trace.filter("status=5xx or dur>1s"):
        print(exchange.number, exchange.method, exchange.path, exchange.duration_ns / 1e6)
        for event in exchange.events:
            print(event.kind.name, event.content())

Everything is looked up when it is asked for; messages are decoded when their events are looked at.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.errors import FilterError
from asgitrace.events import Kind
from asgitrace.export import create_trace, open_trace
from asgitrace.export.feeding import Feeder
from asgitrace.export.forms import BY_NAME
from asgitrace.export.saving import write
from asgitrace.filter import compile_filter, match
from asgitrace.store import (
    Annotation,
    Connection,
    Event,
    Exchange,
    Lag,
    LogLine,
    Process,
    Row,
    RowKind,
    Split,
    State,
    Store,
    WireEvent,
)

if TYPE_CHECKING:
    from os import PathLike

_ALL: Final = 2**50
"""Bytes of a store that is to keep everything."""

_NS: Final = 1_000_000_000


def load(path: "str | PathLike[str]", *, memory: int | None = None) -> "LoadedTrace":
    """Load a trace file as `asgitrace record` or the screen have written it, of any format so far.

    Args:
        path: the file.
        memory: bytes that the trace may take; beyond it the oldest exchanges are left out, and
            ``left_out`` says how many. None: as much as it takes.

    Raises TraceFileError where it cannot be read, or is damaged; a last line that is cut off is
    left out, and ``cut`` tells its number.
    """
    store = Store(_ALL if memory is None else memory)
    feeder = Feeder(store)
    with open_trace(Path(path)) as reader:
        for item in reader.batches():
            feeder.take(item)
        feeder.end()
        return LoadedTrace(store, store.numbers.copy(), reader.cut)


class LoadedTrace:
    """The exchanges of a trace, or those of them that passed a filter; made by ``load``.

    Iterating gives LoadedExchange, in the order of their numbers; ``trace[7]`` is the one that has
    this number in the list of the screen.
    """

    def __init__(self, store: Store, numbers: npt.NDArray[np.int64], cut: int | None) -> None:
        self._store = store
        self._numbers = numbers
        self.cut = cut
        """Number of the file's last line if it was cut off, and so was left out; else None."""

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator["LoadedExchange"]:
        return (LoadedExchange(self._store, number) for number in self._numbers.tolist())

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self._has(number)

    def __getitem__(self, number: int) -> "LoadedExchange":
        if not self._has(number):
            raise KeyError(number)
        return LoadedExchange(self._store, number)

    def __repr__(self) -> str:
        return f"<LoadedTrace of {len(self):,} exchanges>"

    @property
    def exchanges(self) -> Sequence["LoadedExchange"]:
        """The exchanges as a list. Notes on the app's process (it started, ended, …) are among
        them, as in the list of the screen: their kind is PROCESS."""
        return list(self)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the exchanges, ascending."""
        numbers: list[int] = self._numbers.tolist()
        return numbers

    def filter(self, text: str) -> "LoadedTrace":
        """The exchanges that pass a filter, in the language of the screen, e.g. ``path:/api dur>1s
        status>=400``. An empty one lets everything pass.

        Raises FilterError for one that cannot be read, or whose patterns take too long.
        """
        if not text.strip():
            return self
        matcher = match(compile_filter(text), self._store)
        matcher.advance(0, lambda: True)
        if matcher.failure:
            raise FilterError(matcher.failure, position=0, length=len(text), expected="")
        passed = np.intersect1d(self._numbers, matcher.numbers, assume_unique=True)
        return LoadedTrace(self._store, passed, self.cut)

    @property
    def connections(self) -> Sequence[Connection]:
        """The connections of the whole trace, in the order of their first event."""
        return self._store.connections(0)

    @property
    def logs(self) -> Sequence[LogLine]:
        """What the processes wrote, oldest first."""
        return self._store.logs

    @property
    def lags(self) -> Sequence[Lag]:
        """How late the event loops were, oldest first."""
        return tuple(self._store.lags)

    @property
    def processes(self) -> Sequence[Process]:
        """The processes that recorded."""
        return self._store.processes

    @property
    def missed(self) -> int:
        """Records that were overwritten before they were written to the file."""
        return self._store.missed_total

    @property
    def left_out(self) -> int:
        """Exchanges for which there was no room, see ``load``."""
        return self._store.evicted_total

    def save(self, path: "str | PathLike[str]", *, overwrite: bool = False) -> None:
        """Write these exchanges to a trace file, with their numbers and what was noted on them; of
        a whole trace also log lines and the loops' lateness. Raises TraceFileError."""
        whole = len(self) == len(self._store)
        numbers = None if whole else self.numbers
        with create_trace(Path(path), created=datetime.now(UTC), overwrite=overwrite) as exporter:
            write(exporter, self._store, numbers)

    def _has(self, number: int) -> bool:
        place = int(self._numbers.searchsorted(number))
        return place < len(self._numbers) and int(self._numbers[place]) == number


class LoadedExchange:
    """One exchange: an HTTP request, a WebSocket session, a lifespan."""

    __slots__ = ("_exchange", "_row", "_store", "number")

    def __init__(self, store: Store, number: int) -> None:
        self._store = store
        self._row: Row | None = None
        self._exchange: Exchange | None = None
        self.number = number
        """As in the list of the screen, from 1."""

    def __repr__(self) -> str:
        row = self.row
        return f"<LoadedExchange {row.number} {row.method} {row.path!r} {row.status}>"

    @property
    def row(self) -> Row:
        """All that the list of the screen tells of it."""
        if self._row is None:
            self._row = self._store.row(self.number, 0)
        return self._row

    @property
    def kind(self) -> RowKind:
        return self.row.kind

    @property
    def state(self) -> State:
        """How it ended."""
        return self.row.state

    @property
    def method(self) -> str:
        """HTTP method; ``WS``, ``LIFESPAN``, ``PROC`` or ``?`` for the others."""
        return self.row.method

    @property
    def path(self) -> str:
        """With the query, as received."""
        return self.row.path

    @property
    def status(self) -> int:
        """HTTP status or WebSocket close code; 0 where there was none."""
        return self.row.status

    @property
    def started(self) -> datetime:
        """When it began, in UTC, to the microsecond; ``row.started_ns`` has it in ns."""
        seconds, rest = divmod(self.row.started_ns, _NS)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)

    @property
    def duration_ns(self) -> int:
        """From the call of the app to its return."""
        return self.row.duration_ns

    @property
    def split(self) -> Split:
        """Where that time went."""
        return self.row.split

    @property
    def ttfb_ns(self) -> int | None:
        """From the call of the app to the start of its response; None where there was none."""
        return self.row.ttfb_ns if self.row.ttfb_ns >= 0 else None

    @property
    def annotation(self) -> Annotation:
        """What the user noted on it: mark, tags, comment."""
        return self._store.annotations.of(self.number)

    @property
    def events(self) -> Sequence[Event]:
        """What happened at the app's boundary, in the order of the calls: the scope, each receive
        and send, the return or exception. ``content()`` of an event is its scope or message."""
        return () if self._found is None else self._found.events

    @property
    def wire(self) -> Sequence[WireEvent]:
        """What happened on the wire; empty where it was not recorded."""
        return () if self._found is None else self._found.wire

    @property
    def scope(self) -> dict[str, Any]:
        """The scope; empty where there is none."""
        first = next((event for event in self.events if event.kind is Kind.SCOPE), None)
        found = None if first is None else first.content()
        return found if isinstance(found, dict) else {}

    @property
    def received(self) -> Sequence[dict[str, Any]]:
        """The messages that the app received."""
        return self._messages(Kind.RECEIVE)

    @property
    def sent(self) -> Sequence[dict[str, Any]]:
        """The messages that the app sent."""
        return self._messages(Kind.SEND)

    @property
    def connection(self) -> Connection | None:
        """Its connection; None where the wire was not recorded."""
        return None if self._found is None else self._found.connection

    @property
    def missed(self) -> int:
        """Events that are known to be missing."""
        return 0 if self._found is None else self._found.missed

    def take_out(self, form: str, *, address: str = "") -> str:
        """It as ``text``, or as code that makes the request again: ``curl``, ``httpx`` or, for a
        WebSocket session, ``websockets``.

        Args:
            form: which of them.
            address: where the app listens now, as ``http://127.0.0.1:8000`` or
                ``unix:/run/app.sock``; where it was recorded if that is not given.

        Raises ValueError where it cannot be had in this form; the text says why.
        """
        if form not in BY_NAME:
            raise ValueError(f"there is no form {form!r}; there are {', '.join(BY_NAME)}")
        found = self._found
        refusal = "it is no longer kept" if found is None else BY_NAME[form].refuses(found)
        if found is None or refusal:
            raise ValueError(f"#{self.number}: {refusal}")
        return BY_NAME[form].write(found, address)

    @property
    def _found(self) -> Exchange | None:
        if self._exchange is None:
            self._exchange = self._store.peek(self.number, 0)
        return self._exchange

    def _messages(self, kind: Kind) -> list[dict[str, Any]]:
        found = (event.content() for event in self.events if event.kind is kind)
        return [message for message in found if isinstance(message, dict)]
