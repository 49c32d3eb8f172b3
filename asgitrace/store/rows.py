"""The rows of the list: their numbers, their columns and the strings these point to."""

from collections.abc import Callable, Iterable
from sys import getsizeof
from typing import Any, Final

import numpy as np

from asgitrace.store.columns import HALF, HIGH, Array, Columns
from asgitrace.store.entry import DEBUGGED, Entry
from asgitrace.store.head import UNREAD, title_of_head
from asgitrace.store.model import Origin, Process, Row, RowKind, Split, State
from asgitrace.store.scope import OVERWRITTEN, TEXT_LIMIT, Title, cut
from asgitrace.store.strings import Interned
from asgitrace.store.timing import AFTER, APP, BACKPRESSURE, CLIENT

_KINDS: Final = {int(kind): kind for kind in RowKind}
_STATES: Final = {int(state): state for state in State}
_PENDING: Final = ("", "receive", "send")
PARTS: Final = {"app": APP, "client": CLIENT, "backpressure": BACKPRESSURE, "after": AFTER}
"""The parts of an exchange's time by their names."""

_KEPT: Final = (
    "part", "kind", "method", "path", "client", "mime", "origin", "state", "status", "received",
    "sent", "events", "weight", "connection", "seen",
)  # fmt: skip
"""What an entry made anew has from its row as it is."""

_REVIVED: Final = (*_KEPT, "number", "started", "ttfb", "first", "span", "missed", "wire_missed")
_SHOWN: Final = (
    "kind", "state", "started", "method", "path", "status", "received", "sent", "events",
    "pending", "connection", "ttfb", "client", "mime", "source", "part", "seen",
)  # fmt: skip
_TIMES: Final = (
    "duration", "client_ns", "backpressure_ns", "after_ns",
    HIGH.format("backpressure_ns"), HIGH.format("after_ns"),
)  # fmt: skip
_SLICE: Final = 4096
_NUMBERS: Final = 2**16
_OTHER_MIMES: Final = "…"
_OTHER_ORIGINS: Final = Origin("…", "…", "…")
"""Stand for all that there is no number left for."""

_ROUNDED: Final = 64
"""An origin's own bytes apart from its texts."""


class Rows:
    """Rows by number. An exchange's row is written from its entry, a note's at once."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.processes: list[Process] = []
        """By their source number."""
        self.methods = Interned("", getsizeof)
        self.paths = Interned("", getsizeof)
        self.clients = Interned("", getsizeof)
        self.mimes = Interned("", getsizeof, _OTHER_MIMES, _NUMBERS)
        self.origins = Interned(Origin(), _weigh, _OTHER_ORIGINS, _NUMBERS)
        self._tables: Final[dict[str, Interned[Any]]] = {
            "method": self.methods,
            "path": self.paths,
            "client": self.clients,
            "mime": self.mimes,
            "origin": self.origins,
        }
        """By the names of their columns."""
        self._next = 1
        self._written = 1

    @property
    def bytes_used(self) -> int:
        return self.columns.bytes_used + sum(table.bytes_used for table in self._tables.values())

    @property
    def string_epoch(self) -> tuple[int, ...]:
        """See Listing."""
        return tuple(table.epoch for table in self._tables.values())

    def open(self, process: Process, exchange: int, called: int, sequence: int) -> Entry:
        """A new row for an exchange whose scope is not known yet; it is there once it is
        written."""
        entry = Entry(self._next, process.source, exchange, called, sequence)
        entry.started_wall = process.anchor.wall(called)
        self._next += 1
        return entry

    def introduce(self, process: Process, exchange: int, number: int) -> Entry:
        """A row for an exchange none of whose records is there yet, with a number of its own if
        that is greater than those before."""
        self._skip_to(number)
        entry = self.open(process, exchange, 0, 0)
        self.write([entry])
        return entry

    def _skip_to(self, number: int) -> None:
        """The next row has this number, if it can."""
        if number > self._next:
            self._next = self._written = number

    def title(self, entry: Entry, title: Title) -> None:
        """Name a row after its scope."""
        if entry.titled:
            self.methods.drop(entry.method)
            self.paths.drop(entry.path)
            self.clients.drop(entry.client)
            self.origins.drop(entry.origin)
        entry.titled = True
        entry.kind = int(title.kind)
        entry.method = self.methods.intern(title.method)
        entry.path = self.paths.intern(title.path)
        entry.client = self.clients.intern(title.client)
        entry.origin = self.origins.intern(title.origin)

    def _guess(self, entry: Entry) -> None:
        """Name a row whose scope was not seen, after the head of its request if that was."""
        if entry.head:
            self.title(entry, title_of_head(entry.head))
            entry.head = b""
            entry.headed = True
        elif not entry.titled or (entry.events and not entry.headed and entry.kind == RowKind.HTTP):
            self.title(entry, OVERWRITTEN if entry.events else UNREAD)

    def write(self, entries: Iterable[Entry]) -> None:
        """Bring the columns up to date with these entries, all new ones among them."""
        packed = []
        for entry in entries:
            if not entry.scoped:
                self._guess(entry)
            if entry.answer:
                self.mimes.drop(entry.mime)
                entry.mime = self.mimes.intern(entry.answer)
                entry.answer = ""
            packed.append(entry.pack())
            entry.touched = False
        self.columns.extend(self._written, self._next - self._written)
        self._written = self._next
        self.columns.write(b"".join(packed))

    def note(self, source: int, text: str, status: int, time_ns: int, number: int = 0) -> int:
        """A row for a note on the app's process, with this number if it can have it."""
        self._skip_to(number)
        entry = Entry(self._next, source, 0, 0, 0)
        entry.scoped = True
        entry.state = int(State.RETURNED)
        entry.started_wall = time_ns
        entry.status = status
        self._next += 1
        self.title(entry, Title(RowKind.PROCESS, "PROC", cut(text, TEXT_LIMIT)))
        self.write([entry])
        return entry.number

    def revive(self, process: Process, exchange: int) -> Entry | None:
        """The entry of a finished exchange, made anew from its row; None where there is no such
        row."""
        columns = self.columns
        place = self._latest(process.source, exchange)
        if place is None:
            return None
        fields = dict(zip(_REVIVED, columns.values(place, _REVIVED), strict=True))
        started = fields["started"] - process.anchor.wall(0)
        entry = Entry(fields["number"], process.source, exchange, started, fields["first"])
        for name in _KEPT:
            setattr(entry, name, fields[name])
        entry.last = fields["first"] + fields["span"]
        entry.parts = list(self._split(place))
        entry.titled = True
        entry.started_wall = fields["started"]
        entry.ended = entry.at = started + sum(entry.parts)
        if fields["ttfb"] >= 0:
            entry.answered_at = started + fields["ttfb"]
        entry.closed = True
        entry.headed = True
        entry.scoped = entry.state != State.REFUSED
        # Its records are there, but not what the fold knew of them: it is not summed anew.
        entry.whole_record = False
        entry.dropped = fields["missed"]
        entry.wire_dropped = fields["wire_missed"]
        entry.counted_events = entry.events
        return entry

    def number_of(self, source: int, exchange: int) -> int:
        """The number of the row of an exchange; 0 where there is none."""
        place = self._latest(source, exchange)
        return 0 if place is None else int(self.columns.column("number")[place])

    def _latest(self, source: int, exchange: int) -> int | None:
        """The position of the row of an exchange; the last one where there are several."""
        exchanges, sources = map(self.columns.column, ("exchange", "source"))
        # From the newest on, since it is nearly always among these.
        end, step = len(self.columns), _SLICE
        while end > 0:
            piece = slice(max(end - step, 0), end)
            found = np.flatnonzero((exchanges[piece] == exchange) & (sources[piece] == source))
            if len(found):
                return int(found[-1]) + piece.start
            end, step = piece.start, 2 * step
        return None

    def row(self, number: int, now: int) -> Row:
        """One row; KeyError where there is none of that number (any more)."""
        place = self.columns.place(number)
        if place is None:
            raise KeyError(number)
        (
            kind, state, started, method, path, status, received, sent, events, pending,
            connection, ttfb, client, mime, source, part, seen,
        ) = self.columns.values(place, _SHOWN)  # fmt: skip
        parts = self._split(place)
        if state == State.OPEN:
            lasted = now - (started - self.processes[source].anchor.wall(0))
            parts[part] += max(lasted - sum(parts), 0)
        return Row(
            number,
            _KINDS[kind],
            _STATES[state],
            started,
            self.methods.table[method],
            self.paths.table[path],
            status,
            received,
            sent,
            events,
            Split(*parts),
            _PENDING[pending],
            connection,
            ttfb,
            self.clients.table[client],
            self.mimes.table[mime],
            bool(seen & DEBUGGED),
            self.processes[source] if source >= 0 else None,
        )

    def _split(self, place: int) -> list[int]:
        """The parts of a row up to its last event."""
        duration, client, *low, backpressure, after = self.columns.values(place, _TIMES)
        backpressure, after = (
            half | high << HALF for half, high in zip(low, (backpressure, after), strict=True)
        )
        return [duration - client - backpressure - after, client, backpressure, after]

    def remove(self, doomed: Array, entries: Callable[[], Iterable[Entry]]) -> None:
        """Take away rows by their ascending positions; ``entries`` gives all that there are."""
        columns = self.columns
        for name, table in self._tables.items():
            table.release(columns.column(name)[doomed])
        columns.remove(doomed, int(doomed[-1]) + 1)
        for name, table in self._tables.items():
            numbers = table.renumber()
            if numbers is None:
                continue
            column = columns.column(name)
            column[:] = numbers[column]
            for entry in entries():
                setattr(entry, name, int(numbers[getattr(entry, name)]))


def _weigh(origin: Origin) -> int:
    return _ROUNDED + sum(map(getsizeof, origin))
