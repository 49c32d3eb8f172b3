"""The columns of the groups: which there are at which width, and what they are sorted by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from rich.segment import Segment
from rich.style import Style

from asgitrace.views.groups.grouping import Groups
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.statistics.slices import Array

GUTTER: Final = 1
"""The cell at the left for the cursor's mark."""
_SHORTESTNAME: Final = 8


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """One column; ``name`` is also that of the figure in Groups."""

    name: str
    title: str
    width: int
    """0: what the others leave."""


NAME: Final = GroupColumn("words", "", 0)
_LAYOUTS: Final = (
    (
        150,
        2,
        (
            NAME,
            GroupColumn("count", "count", 7),
            GroupColumn("bar", "share", 12),
            GroupColumn("open", "open", 6),
            GroupColumn("rate", "per s", 7),
            GroupColumn("p50", "p50", 6),
            GroupColumn("p95", "p95", 6),
            GroupColumn("p99", "p99", 6),
            GroupColumn("failed", "errors", 8),
            GroupColumn("share", "%", 4),
            GroupColumn("received", "in", 5),
            GroupColumn("sent", "out", 5),
            GroupColumn("trend", "", 24),
        ),
    ),
    (
        104,
        1,
        (
            NAME,
            GroupColumn("count", "count", 7),
            GroupColumn("open", "open", 5),
            GroupColumn("rate", "per s", 6),
            GroupColumn("p50", "p50", 7),
            GroupColumn("p95", "p95", 7),
            GroupColumn("p99", "p99", 7),
            GroupColumn("failed", "errors", 8),
            GroupColumn("share", "%", 4),
            GroupColumn("received", "in", 5),
            GroupColumn("sent", "out", 5),
            GroupColumn("trend", "", 14),
        ),
    ),
    (
        70,
        1,
        (
            NAME,
            GroupColumn("count", "count", 7),
            GroupColumn("open", "open", 5),
            GroupColumn("rate", "per s", 6),
            GroupColumn("p50", "p50", 6),
            GroupColumn("p95", "p95", 6),
            GroupColumn("p99", "p99", 6),
            GroupColumn("failed", "errs", 6),
            GroupColumn("trend", "", 8),
        ),
    ),
    (
        0,
        1,
        (
            NAME,
            GroupColumn("count", "count", 7),
            GroupColumn("p95", "p95", 6),
            GroupColumn("failed", "errs", 6),
        ),
    ),
)
_NARROW: Final = 44
_ROOMY: Final = 64
_SPACIOUS: Final = 80
_SLOW: Final = (
    NAME,
    GroupColumn("count", "count", 7),
    GroupColumn("p50", "p50", 6),
    GroupColumn("p95", "p95", 6),
    GroupColumn("p99", "p99", 6),
    GroupColumn("trend", "", 12),
)
_FAILING: Final = (
    NAME,
    GroupColumn("count", "count", 7),
    GroupColumn("failed", "errors", 8),
    GroupColumn("share", "%", 4),
    GroupColumn("trend", "", 12),
)
_WORKERS: Final = (
    NAME,
    GroupColumn("rate", "per s", 6),
    GroupColumn("p95", "p95", 6),
    GroupColumn("failed", "errs", 6),
    GroupColumn("late", "loop", 6),
    GroupColumn("count", "count", 7),
    GroupColumn("trend", "", 12),
)
SORTABLE: Final = (
    "words", "count", "open", "rate", "p50", "p95", "p99", "failed", "share", "received", "sent",
)  # fmt: skip
"""Names of the columns that groups can be sorted by."""


@dataclass(frozen=True, slots=True)
class GroupLayout:
    """The columns of a width, with their widths."""

    gap: int
    columns: tuple[tuple[GroupColumn, int], ...]

    def at(self, x: int) -> GroupColumn | None:
        """The column at a cell, or the one behind the gap that is there."""
        end = GUTTER
        for column, width in self.columns:
            end += width + self.gap
            if x < end - (self.gap if column is NAME else 0):
                return column
        return None


@cache
def layout(width: int) -> GroupLayout:
    """The columns of the table of all groups, ``width`` cells wide."""
    _, gap, columns = next(entry for entry in _LAYOUTS if width >= entry[0])
    return _placed(columns, gap, width)


@cache
def slow_layout(width: int) -> GroupLayout:
    """The columns of a table of slow groups."""
    if width < _NARROW:
        return _placed((NAME, *(column for column in _SLOW if column.name == "p95")), 1, width)
    return _placed(_SLOW if width >= _ROOMY else _SLOW[:-1], 1, width)


@cache
def failing_layout(width: int) -> GroupLayout:
    """The columns of a table of groups with errors."""
    return _placed(_FAILING if width >= _ROOMY else _FAILING[:-1], 1, width)


@cache
def worker_layout(width: int) -> GroupLayout:
    """The columns of a table of workers."""
    shown = 4 if width < _NARROW else 6 if width < _SPACIOUS else len(_WORKERS)
    return _placed(_WORKERS[:shown], 1, width)


def _placed(columns: Sequence[GroupColumn], gap: int, width: int) -> GroupLayout:
    fixed = GUTTER + sum(column.width for column in columns) + gap * (len(columns) - 1)
    name = max(_SHORTESTNAME, width - fixed)
    return GroupLayout(gap, tuple((column, column.width or name) for column in columns))


@dataclass(frozen=True, slots=True)
class Order:
    """By which column groups are sorted."""

    column: str = "count"
    descending: bool = True

    def by(self, column: str) -> "Order":
        """By another column, the largest or the first name on top; the same one the other way."""
        if column == self.column:
            return Order(column, not self.descending)
        return Order(column, column != "words")

    def moved(self, distance: int, shown: Sequence[str]) -> "Order":
        """By one of the neighbours among the columns that are shown."""
        names = [name for name in shown if name in SORTABLE]
        at = names.index(self.column) if self.column in names else 0
        name = names[max(0, min(at + distance, len(names) - 1))]
        return self if name == self.column else Order(name, name != "words")


def ordered(groups: Groups, order: Order) -> Array:
    """The places of the groups in this order; what is summed in the rest is last."""
    count = len(groups) - bool(groups.rest)
    names = np.array([text.casefold() for text in groups.words[:count]], np.object_)
    by_name = np.argsort(names, kind="stable")
    if order.column == "words":
        places = by_name[::-1] if order.descending else by_name
    else:
        figures = _figures(groups, order.column)[:count]
        first = -groups.count[:count]
        keys = -figures if order.descending else figures
        places = by_name[np.lexsort((first[by_name], keys[by_name]))]
    return np.append(places, np.arange(count, len(groups))).astype(np.int64)


def _figures(groups: Groups, column: str) -> Array:
    if column == "share":
        return groups.failed / np.maximum(groups.count, 1)
    found: Array = getattr(groups, column)
    return found


def head(
    plan: GroupLayout,
    width: int,
    look: Look,
    name: tuple[str, Style],
    order: Order,
    trend: str = "",
) -> Cells:
    """The titles of the columns, with a name for the first and the last one; that which they are
    sorted by is marked."""
    cells: Cells = [Segment(" " * GUTTER, look.dim)]
    for column, cell_width in plan.columns:
        title, style = column.title, look.dim
        if column is NAME:
            title, style = name
        elif column.name == "trend":
            title = trend
        if column.name == order.column:
            mark = look.glyphs.down if order.descending else look.glyphs.up
            title = f"{title} {mark}" if len(title) + 2 <= cell_width else title + mark
            style = look.accent
        left = column is NAME or column.name == "bar"
        placed = title.ljust(cell_width) if left else title.rjust(cell_width)
        cells.append(Segment(placed[:cell_width] + " " * plan.gap, style))
    return Segment.adjust_line_length(cells, width, look.dim)
