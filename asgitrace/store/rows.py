"""The rows of the list: their numbers, their columns and the strings these point to."""

from collections.abc import Collection, Iterable
from sys import getsizeof
from typing import Any, Final

import numpy as np

from asgitrace.store.columns import Array, Columns
from asgitrace.store.entry import Entry
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

_PARTS: Final = ("app_ns", "client_ns", "backpressure_ns", "after_ns")
_KEPT: Final = (
    "part", "kind", "method", "path", "client", "mime", "origin", "state", "status", "received",
    "sent", "events", "weight", "connection", "seen",
)  # fmt: skip
_ROUNDED: Final = 64
"""An origin's own bytes apart from its texts."""


class Rows:
    """Rows by number. An exchange's row is written from its entry, a note's at once."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.methods = Interned("", getsizeof)
        self.paths = Interned("", getsizeof)
        self.clients = Interned("", getsizeof)
        self.mimes = Interned("", getsizeof)
        self.origins = Interned(Origin(), _weigh)
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

    def note(self, source: int, text: str, status: int, time_ns: int) -> int:
        """A row for a note on the app's process."""
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
        ours = columns.column("exchange") == exchange
        found = np.flatnonzero(ours & (columns.column("source") == process.source))
        if not len(found):
            return None
        fields = {name: int(columns.column(name)[found[-1]]) for name in columns.arrays}
        entry = Entry(fields["number"], process.source, exchange, fields["at"], fields["first"])
        for name in _KEPT:
            setattr(entry, name, fields[name])
        entry.parts = [fields[name] for name in _PARTS]
        entry.started_wall = fields["started"]
        entry.titled = True
        entry.started = entry.at - sum(entry.parts)
        if fields["ttfb"] >= 0:
            entry.answered_at = entry.started + fields["ttfb"]
        entry.ended = entry.at
        entry.closed = True
        entry.headed = True
        entry.scoped = entry.state != State.REFUSED
        # Its records are there, but not what the fold knew of them: it is not summed anew.
        entry.whole_record = False
        entry.dropped = fields["missed"]
        entry.wire_dropped = fields["wire_missed"]
        entry.counted_events = entry.events
        return entry

    def row(self, number: int, now: int) -> Row:
        """One row; KeyError where there is none of that number (any more)."""
        place = self.columns.place(number)
        if place is None:
            raise KeyError(number)
        arrays = self.columns.arrays
        state = _STATES[arrays["state"].item(place)]
        parts = [arrays[name].item(place) for name in _PARTS]
        if state is State.OPEN:
            parts[arrays["part"].item(place)] += max(now - arrays["at"].item(place), 0)
        return Row(
            number,
            _KINDS[arrays["kind"].item(place)],
            state,
            arrays["started"].item(place),
            self.methods.table[arrays["method"].item(place)],
            self.paths.table[arrays["path"].item(place)],
            arrays["status"].item(place),
            arrays["received"].item(place),
            arrays["sent"].item(place),
            arrays["events"].item(place),
            Split(*parts),
            _PENDING[arrays["pending"].item(place)],
            arrays["connection"].item(place),
            arrays["ttfb"].item(place),
            self.clients.table[arrays["client"].item(place)],
            self.mimes.table[arrays["mime"].item(place)],
        )

    def remove(self, doomed: Array, entries: Collection[Entry]) -> None:
        """Take away rows by their ascending positions; ``entries`` are all that there are."""
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
            for entry in entries:
                setattr(entry, name, int(numbers[getattr(entry, name)]))


def _weigh(origin: Origin) -> int:
    return _ROUNDED + sum(map(getsizeof, origin))
