"""Groups as lines."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.views.charts.drawing import bar, sparkline
from asgitrace.views.clean import clean
from asgitrace.views.groups.columns import (
    GUTTER,
    NAME,
    GroupLayout,
    Order,
    layout,
    ordered,
    worker_layout,
)
from asgitrace.views.groups.grouping import Groups
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.units import format_count, format_duration, format_size

WORKERS_ORDER: Final = Order("words", descending=False)
_HAZY: Final = re.compile(r"(\{[a-z]+\})")


class GroupLines(Lines):
    """Groups in an order, one line each."""

    def __init__(
        self,
        groups: Groups,
        order: Order,
        none: str,
        *,
        plan: Callable[[int], GroupLayout] = layout,
        most: int | None = None,
    ) -> None:
        """``none`` is the name of the group of those that have nothing in common; with ``most``
        there are only so many groups, and none that has nothing of what they are sorted by."""
        self.groups = groups
        self.order = order
        self._none = none
        self._plan = plan
        places = ordered(groups, order)
        if most is not None:
            named = places < len(groups) - bool(groups.rest)
            places = places[named & (getattr(groups, order.column)[places] > 0)][:most]
        self._places = places
        self._most = int(groups.count.max(initial=1))

    def __len__(self) -> int:
        return len(self._places)

    def value(self, index: int) -> str | None:
        """What the exchanges of a line have in common; None for those that are no group."""
        place = int(self._places[index])
        return None if self.groups.is_rest(place) else self.groups.values[place]

    def range(self, index: int) -> tuple[int, int]:
        """The numbers of the first and last exchange of a line."""
        place = int(self._places[index])
        return int(self.groups.first[place]), int(self.groups.last[place])

    def name(self, index: int) -> str:
        """The group's name as it is shown."""
        place = int(self._places[index])
        if self.groups.is_rest(place):
            return f"{self.groups.rest:,} more"
        return clean(self.groups.words[place]) or self._none

    def find(self, name: str) -> int | None:
        """The line of a group, by its name."""
        return next((index for index in range(len(self)) if self.name(index) == name), None)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        plan = self._plan(width)
        place = int(self._places[index])
        cells: Cells = [Segment(" " * GUTTER, look.text)]
        for column, cell_width in plan.columns:
            if column is NAME:
                cells += self._name_cells(index, cell_width, look)
            elif column.name == "trend":
                begun = self.groups.begun[place] / self.groups.steps.seconds()
                cells.append(sparkline(begun, cell_width, look, look.app))
            elif column.name == "bar":
                share = float(self.groups.count[place] / self._most)
                cells.append(bar(share, cell_width, look, look.faint))
            else:
                text, style = self.figure(column.name, place, look)
                cells.append(Segment(text.rjust(cell_width)[-cell_width:], style))
            cells.append(Segment(" " * plan.gap, look.text))
        return cells[:-1]

    def figure(self, name: str, place: int, look: Look) -> tuple[str, Style]:
        """What stands in a column of figures."""
        return _CELLS[name](self.groups, place, look)

    def _name_cells(self, index: int, width: int, look: Look) -> Cells:
        name = fit(self.name(index), width, look)
        if not self.value(index):
            return [Segment(name, look.dim)]
        parts = _HAZY.split(name)
        styles = (look.text, look.notice)
        return [Segment(part, styles[at % 2]) for at, part in enumerate(parts) if part]

    def text(self, index: int) -> str:
        groups, place = self.groups, int(self._places[index])
        figures = (
            f"{groups.count[place]} exchanges",
            f"{groups.rate[place]:.1f}/s",
            *(
                f"{name} {format_duration(int(getattr(groups, name)[place]))}"
                for name in ("p50", "p95", "p99")
            ),
            f"{groups.failed[place]} errors",
        )
        return f"{self.name(index)}  {', '.join(figures)}"


class WorkerLines(GroupLines):
    """The workers by their numbers; ``late`` is the worst, in ns, that the event
    loop of each was late, by its value, where anybody measured."""

    def __init__(self, groups: Groups, none: str, late: Mapping[str, int]) -> None:
        super().__init__(groups, WORKERS_ORDER, none, plan=worker_layout)
        self._late = late

    def figure(self, name: str, place: int, look: Look) -> tuple[str, Style]:
        if name != "late":
            return super().figure(name, place, look)
        late = self._late.get(self.groups.values[place])
        if late is None:
            return look.glyphs.none, look.faint
        return format_duration(late), look.backpressure


_Cell = tuple[str, Style]


def _count(groups: Groups, place: int, look: Look) -> _Cell:
    return format_count(int(groups.count[place])), look.text


def _open(groups: Groups, place: int, look: Look) -> _Cell:
    count = int(groups.open[place])
    return (f"{look.glyphs.pending} {format_count(count)}" if count else ""), look.accent


def _rate(groups: Groups, place: int, look: Look) -> _Cell:
    return format_rate(float(groups.rate[place])), look.text if groups.rate[place] else look.faint


def format_rate(rate: float) -> str:
    """So many a second, in at most four cells."""
    if rate <= 0:
        return "0"
    if rate < 0.095:
        return f"{rate:.2f}"
    return f"{rate:.1f}" if rate < 99.5 else format_count(round(rate))


def _took(name: str, style: str) -> Callable[[Groups, int, Look], _Cell]:
    def cell(groups: Groups, place: int, look: Look) -> _Cell:
        ns = int(getattr(groups, name)[place])
        if ns < 0:
            return look.glyphs.none, look.faint
        return format_duration(ns), style_of(look, style)

    return cell


def _failed(groups: Groups, place: int, look: Look) -> _Cell:
    count = int(groups.failed[place])
    return (f"{look.glyphs.alert} {format_count(count):>4}" if count else ""), look.bad


def _share(groups: Groups, place: int, look: Look) -> _Cell:
    failed = int(groups.failed[place])
    return (percent(failed / int(groups.count[place])) if failed else ""), look.bad


def percent(share: float) -> str:
    """A share in at most four cells; what is more than nothing and less than all says so."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{round(share * 100)}%"


def _bytes(name: str) -> Callable[[Groups, int, Look], _Cell]:
    def cell(groups: Groups, place: int, look: Look) -> _Cell:
        size = int(getattr(groups, name)[place])
        return format_size(size), look.dim if size else look.faint

    return cell


_CELLS: Final[dict[str, Callable[[Groups, int, Look], _Cell]]] = {
    "count": _count,
    "open": _open,
    "rate": _rate,
    "p50": _took("p50", "text"),
    "p95": _took("p95", "text"),
    "p99": _took("p99", "dim"),
    "failed": _failed,
    "share": _share,
    "received": _bytes("received"),
    "sent": _bytes("sent"),
}
