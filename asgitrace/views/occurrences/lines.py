"""What a search in all exchanges found: under each exchange its occurrences, each on a line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import Row, RowKind
from asgitrace.views.clean import clean
from asgitrace.views.columns import cells
from asgitrace.views.columns.cells import Line
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.occurrences.model import Occurrence
from asgitrace.views.occurrences.sweep import Sweep
from asgitrace.views.rows import fit

_UNDERLINED: Final = Style(underline=True)
_WHERE: Final = ((110, 34), (72, 26), (0, 18))
"""Least width of the list, and cells for where an occurrence is."""
_INDENT: Final = 5


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands in a line: an occurrence, or without one the exchange, or how many more there
    are of it."""

    number: int
    at: int = -1
    more: int = 0


class ResultLines(Lines):
    """Grows with what is found."""

    def __init__(self, sweep: Sweep, row: Callable[[int], Row | None]) -> None:
        self._sweep = sweep
        self._row = row
        self._places: list[_Place] = []
        self._taken = 0
        self.groups = 0
        """Exchanges with an occurrence; the log counts as one."""
        self.update()

    def update(self) -> bool:
        """Take up what was found meanwhile; whether that was anything."""
        before = len(self._places)
        found = self._sweep.found
        for at in range(self._taken, len(found)):
            number = found[at].number
            if not self._places or self._places[-1].number != number:
                self._finish()
                self._places.append(_Place(number))
                self.groups += 1
            self._places.append(_Place(number, at))
        self._taken = len(found)
        if self._sweep.done:
            self._finish()
        return len(self._places) != before

    def _finish(self) -> None:
        """Nothing more comes of the exchange that was last."""
        if self._places and not self._places[-1].more:
            number = self._places[-1].number
            more = self._sweep.dropped.get(number, 0)
            if more:
                self._places.append(_Place(number, more=more))

    def __len__(self) -> int:
        return len(self._places)

    def number(self, index: int) -> int:
        """The exchange of a line; 0 for the log."""
        return self._places[index].number

    def occurrence(self, index: int) -> Occurrence | None:
        """That of a line; None for the line of an exchange."""
        at = self._places[index].at
        return self._sweep.found[at] if at >= 0 else None

    def parent(self, index: int) -> int:
        while index and self._places[index].at >= 0:
            index -= 1
        return index

    def text(self, index: int) -> str:
        place = self._places[index]
        if place.at >= 0:
            found = self._sweep.found[place.at]
            return f"{found.where}: {found.before}{found.hit}{found.after}"
        return _more(place) if place.more else self._title(place.number)

    def _title(self, number: int) -> str:
        if not number:
            return "log"
        row = self._row(number)
        if row is None:
            return f"#{number} is no longer kept"
        status = f" {row.status}" if row.status else ""
        return f"#{number} {row.method}{status} {row.path}"

    def cells(self, index: int, width: int, look: Look) -> Cells:
        place = self._places[index]
        if place.at >= 0:
            return _occurrence_cells(self._sweep.found[place.at], width, look)
        if place.more:
            return [Segment(fit(f"{' ' * _INDENT}{_more(place)}", width, look), look.faint)]
        return self._exchange_cells(place.number, width, look)

    def _exchange_cells(self, number: int, width: int, look: Look) -> Cells:
        row = self._row(number) if number else None
        if row is None:
            words = "Output of the app, of no exchange" if not number else self._title(number)
            return [Segment(fit(f"  {words}", width, look), look.dim if number else look.strong)]
        line = Line(row)
        drawn = [Segment(f"  {'#' + str(number):<8} ", look.faint)]
        if row.kind is not RowKind.PROCESS:
            method, ink = cells.method(line, look)
            status, mood = cells.status(line, look)
            drawn += [Segment(f"{clean(method)[:7]:<8}", ink), Segment(f"{status:>6}  ", mood)]
        room = max(1, width - sum(cell_len(each.text) for each in drawn))
        return [*drawn, Segment(fit(row.path, room, look), look.strong)]


def _more(place: _Place) -> str:
    return f"and {place.more:,} more here"


def _occurrence_cells(found: Occurrence, width: int, look: Look) -> Cells:
    room = next(cells_ for least, cells_ in _WHERE if width >= least)
    left = max(1, width - _INDENT - room - 1)
    cut = look.glyphs.cut
    # What comes before it gets a third of the room at most, so that it is always to be seen.
    before = found.before
    while cell_len(before) > left // 3:
        before = before[max(1, len(before) // 8) :]
    if before != found.before:
        before = cut + before
    hit = fit(found.hit, min(cell_len(found.hit), max(1, left - cell_len(before))), look)
    rest = max(0, left - cell_len(before) - cell_len(hit))
    return [
        Segment(" " * _INDENT, look.faint),
        Segment(fit(found.where, room, look) + " ", look.dim),
        Segment(before, look.text),
        Segment(hit, look.accent + _UNDERLINED),
        Segment(fit(found.after, rest, look) if rest else "", look.text),
    ]
