"""Connections: one line for each, and one of them in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import Connection, Row, State
from asgitrace.views.clean import clean
from asgitrace.views.columns.cells import Line
from asgitrace.views.columns.layout import layout
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.headers import connection_fields
from asgitrace.views.lines import Cells, Lines, Stack, style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import fit, row_line
from asgitrace.views.timeline import word_cells
from asgitrace.views.units import format_count, format_duration, format_offset, format_size
from asgitrace.views.wire_words import wire_words

if TYPE_CHECKING:
    from asgitrace.views.summary import Words

RowOf = Callable[[int], Row | None]
"""The row of an exchange by its number, if it is still kept."""

_HARD_ENDS: Final = ("reset", "aborted")
_WIDTHS: Final = ((140, 21, 7, 7, 16), (100, 21, 7, 14, 0), (0, 16, 0, 14, 0))
"""Least width of the list; cells for peer, TLS, state, and for the end where the state does not say
it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    peer: int
    tls: int
    state: int
    end: int
    last: int
    """The rest: number, method, status and path of the last exchange; only number and path where
    there is little room."""

    @property
    def wide(self) -> bool:
        return self.tls > 0


@cache
def _plan(width: int) -> _Plan:
    peer, tls, state, end = next(entry for least, *entry in _WIDTHS if width >= least)
    named = sum(column + 1 for column in (peer, tls, state, end) if column)
    return _Plan(peer, tls, state, end, max(0, width - named - 32))


def head_line(width: int, look: Look) -> Cells:
    """The titles above the connections."""
    columns = _plan(width)
    tls = f"{'TLS':<{columns.tls}} " if columns.wide else ""
    end = f"{'ended by':<{columns.end}} " if columns.end else ""
    text = (
        f" {'#':>5}  {'peer':<{columns.peer}} {tls}{'state':<{columns.state}} {end}"
        f"{'age':>6} {'reqs':>4} {'in':>4} {'out':>4}  last exchange"
    )
    return [Segment(fit(text, width, look), look.dim)]


class ConnectionList(Protocol):
    """The connections of a store. Each is described when it is asked for, which takes its time; the
    rest is known at once."""

    @property
    def open(self) -> int:
        """How many of them are not closed."""
        ...

    @property
    def busy(self) -> int:
        """How many have an exchange that is open."""
        ...

    def find(self, source: int, number: int) -> int | None:
        """Where a connection of a process is; None where it is not known."""
        ...

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Connection: ...


class ConnectionLines(Lines):
    """The connections in the order in which they came."""

    def __init__(self, row_of: RowOf) -> None:
        self._row_of = row_of
        self._connections: ConnectionList | None = None
        self._now = 0

    def update(self, connections: ConnectionList, now: int) -> None:
        """The connections as they are now."""
        self._connections = connections
        self._now = now

    def __len__(self) -> int:
        return 0 if self._connections is None else len(self._connections)

    def connection(self, index: int) -> Connection:
        """The connection of a line."""
        if self._connections is None:
            raise IndexError(index)
        return self._connections[index]

    def find(self, source: int, number: int) -> int | None:
        """The line of a connection."""
        return None if self._connections is None else self._connections.find(source, number)

    def live(self, index: int) -> bool:
        return self.connection(index).closed is None

    def text(self, index: int) -> str:
        found = self.connection(index)
        fields = connection_fields(found)
        numbers = ", ".join(f"#{number}" for number in found.exchanges)
        facts = [f"{field.label} {field.value}" for field in fields]
        facts.append(f"in {format_size(found.received)} out {format_size(found.sent)}")
        return "  ".join(["connection", *facts, numbers])

    def cells(self, index: int, width: int, look: Look) -> Cells:
        found = self.connection(index)
        columns = _plan(width)
        state, ink = _state(found, look, in_full=not columns.end)
        hard = any(word in found.end for word in _HARD_ENDS)
        tls = found.tls.partition(",")[0] or look.glyphs.none
        worker = found.process.worker
        number = f"{worker}:{found.number}" if worker else str(found.number)
        return [
            Segment(f" {number:>5}  ", look.faint),
            Segment(fit(found.peer or "?", columns.peer, look) + " ", look.text),
            Segment(fit(tls, columns.tls, look) + " " if columns.wide else "", look.dim),
            Segment(fit(state, columns.state, look) + " ", look.warn if hard else ink),
            Segment(fit(found.end, columns.end, look) + " " if columns.end else "", ink),
            Segment(f"{self._age(found):>6} ", look.dim),
            Segment(f"{format_count(found.requests):>4} ", look.text),
            Segment(f"{format_size(found.received):>4} ", look.dim),
            Segment(f"{format_size(found.sent):>4}  ", look.dim),
            *self._last(found, columns, look),
        ]

    def _age(self, found: Connection) -> str:
        if found.opened is None:
            return "?"
        end = self._now if found.closed is None else found.closed
        return format_duration(max(0, end - found.opened))

    def _last(self, found: Connection, columns: _Plan, look: Look) -> Cells:
        if not found.exchanges:
            return [Segment("none yet" if found.closed is None else "none", look.faint)]
        number = found.exchanges[-1]
        row = self._row_of(number)
        words: Words = [(f"{f'#{number}':<7}" if columns.wide else f"#{number} ", "dim")]
        if row is None:
            return word_cells([*words, ("no longer kept", "faint")], columns.last, look)
        if columns.wide:
            status = str(row.status) if row.status else look.glyphs.none
            words.append((f"{clean(row.method[:8]):<6} {status:>4}  ", "dim"))
        words.append((clean(row.path[:400]), "text"))
        return word_cells(words, columns.last, look)


def _state(found: Connection, look: Look, *, in_full: bool) -> tuple[str, Style]:
    if found.closed is not None:
        return (clean(found.end) if in_full and found.end else "closed"), look.dim
    if found.busy:
        return f"{look.glyphs.pending} busy", look.accent
    return f"{look.glyphs.dot} idle", look.dim


def tally(connections: ConnectionList) -> str:
    """How many there are of which kind."""
    opened = connections.open
    return f"{opened:,} open, {connections.busy:,} busy, {len(connections) - opened:,} closed"


class _Exchanges(Lines):
    """The exchanges of a connection, as lines of the list."""

    def __init__(self, numbers: Sequence[int], row_of: RowOf) -> None:
        self.numbers = numbers
        self._row_of = row_of

    def __len__(self) -> int:
        return len(self.numbers)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        row = self._row_of(self.numbers[index])
        if row is None:
            text = f"  #{self.numbers[index]} is no longer kept"
            return [Segment(fit(text, width, look), look.faint)]
        return row_line(Line(row), layout(width), look)

    def text(self, index: int) -> str:
        row = self._row_of(self.numbers[index])
        path = "" if row is None else f" {row.method} {row.path}"
        return f"#{self.numbers[index]}{path}"

    def live(self, index: int) -> bool:
        row = self._row_of(self.numbers[index])
        return row is not None and row.state is State.OPEN


class _OwnEvents(Lines):
    """What happened on a connection outside of its exchanges."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __len__(self) -> int:
        return len(self._connection.events)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        event = self._connection.events[index]
        start = self._connection.opened or self._connection.events[0].at
        offset = Segment(f" {format_offset(event.at - start):>9}  ", look.dim)
        return [offset, *word_cells(wire_words(event), max(0, width - 12), look)]

    def text(self, index: int) -> str:
        return "".join(text for text, _ in wire_words(self._connection.events[index]))


class ConnectionDetail(Stack):
    """One connection: what is known of it, its exchanges, its own events."""

    def __init__(self, connection: Connection, row_of: RowOf) -> None:
        self._exchanges = _Exchanges(connection.exchanges, row_of)
        parts: list[Lines] = [
            _Title("Exchanges" if connection.exchanges else "No exchanges"),
            self._exchanges,
            _Title("Events outside of exchanges"),
            _OwnEvents(connection),
            _Title("Connection"),
            FieldLines([*connection_fields(connection), *_missed(connection)]),
        ]
        super().__init__(parts)

    def exchange(self, index: int) -> int | None:
        """The number of the exchange of a line."""
        numbers = self._exchanges.numbers
        return numbers[index - 1] if 0 < index <= len(numbers) else None


def _missed(connection: Connection) -> list[Field]:
    if not connection.missed:
        return []
    return [heading(""), Field("", f"{connection.missed:,} older events were given up", "warn")]


class _Title(Lines):
    """A heading."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __len__(self) -> int:
        return 1

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(fit(f" {self._text}", width, look), style_of(look, "accent"))]

    def text(self, index: int) -> str:
        return self._text
