"""Which columns there are on a list of some width, and where each of them stands.

Where nobody chose, that goes by the width. On too narrow a list the columns of the least weight are
left out until the path has its least width, so the same width always shows the same columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from asgitrace.views.columns.registry import COLUMNS, NUMBER, PATH, WATERFALL, WORKER, Column

GUTTER: Final = 2
"""The cells at the left for the cursor's mark and the user's."""
WIDEST: Final = 200
_ROOMY: Final = 110
"""From this width on there are two cells between columns."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column to be shown."""

    name: str
    width: int = 0
    """Cells; 0 for its usual width."""

    @property
    def column(self) -> Column:
        return COLUMNS[self.name]


def _wanted(text: str) -> tuple[Wanted, ...]:
    parts = (entry.partition(":") for entry in text.split())
    return tuple(Wanted(name, int(width or 0)) for name, _, width in parts)


_BY_WIDTH: Final = (
    (160, _wanted("number:8 time method path status mime received sent events duration:8 ttfb "
                  "waterfall:36")),
    (_ROOMY, _wanted("number time method path status size events:4 duration:8 waterfall:20")),
    (72, _wanted("number:6 seconds method path status size events:4 duration waterfall:9")),
    (0, _wanted("number:5 method path status duration")),
)  # fmt: skip
"""Least width of the list, and its columns where nobody chose."""

_BEFORE: Final = frozenset({NUMBER, "time", "seconds", "since"})
"""What stands before the worker's column where that shows by itself."""

_AXIS_SHARE: Final = 0.42
"""Of the width, for the waterfall on the time axis."""
LEAST_AXIS: Final = 40
"""Below this a width was chosen for bars, not for an axis."""
_AXIS_PATH: Final = 16
"""Least width of the path beside the axis."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A column where it stands."""

    column: Column
    at: int
    """Its first cell, counted from the left edge of the list."""
    width: int

    @property
    def end(self) -> int:
        return self.at + self.width


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The columns of a list of one width; the same one for the same wishes, so that it is told
    apart without looking into it."""

    width: int
    gap: int
    columns: tuple[Placed, ...]

    def of(self, name: str) -> Placed | None:
        """Where a column stands; None where it is not shown."""
        return next((placed for placed in self.columns if placed.column.name == name), None)

    def under(self, x: int) -> Placed | None:
        """The column at a cell; None in the gutter and between columns."""
        return next((placed for placed in self.columns if placed.at <= x < placed.end), None)

    def border(self, x: int) -> tuple[Placed, int] | None:
        """The column that is resized by dragging the border at this cell, and by how many cells it
        grows for each cell to the right; None where there is no border.

        What stands behind the path keeps its right end, as the path gives the room.
        """
        flexible = next((i for i, p in enumerate(self.columns) if p.column.name == PATH), -1)
        for index, (left, right) in enumerate(pairwise(self.columns)):
            if left.end <= x < right.at:
                before = index < flexible or flexible < 0
                return (left, 1) if before else (right, -1)
        return None


def usual(width: int) -> tuple[Wanted, ...]:
    """The columns of a list of this width where nobody chose."""
    return next(wanted for least, wanted in _BY_WIDTH if width >= least)


def with_worker(wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """These columns and that of the worker, behind those that tell number and time."""
    if any(entry.name == WORKER for entry in wanted):
        return tuple(wanted)
    at = next((i for i, entry in enumerate(wanted) if entry.name not in _BEFORE), len(wanted))
    return (*wanted[:at], Wanted(WORKER), *wanted[at:])


@lru_cache(maxsize=64)
def layout(width: int, wanted: tuple[Wanted, ...] = (), *, axis: bool = False) -> Layout:
    """The columns of a list of ``width`` cells; ``wanted`` is empty where nobody chose, and with
    ``axis`` the waterfall gets the room that a time axis needs."""
    chosen = list(wanted or usual(width))
    if axis:
        chosen = _with_axis(chosen, width)
    gap = 2 if width >= _ROOMY else 1
    least = max(COLUMNS[PATH].width, _AXIS_PATH if axis else 0)
    while len(chosen) > 1 and _taken(chosen, gap, least) > width:
        chosen.remove(min(chosen, key=lambda entry: entry.column.weight + _due(entry, axis)))
    if axis and all(entry.name != WATERFALL for entry in chosen):
        return layout(width, wanted)  # what made room for the axis in vain is back
    return Layout(width, gap, _placed(chosen, gap, width))


def _with_axis(chosen: Sequence[Wanted], width: int) -> list[Wanted]:
    """With the waterfall, which is wide unless somebody chose a width that an axis can do with."""
    share = round(width * _AXIS_SHARE)
    wide = (
        replace(entry, width=share)
        if entry.name == WATERFALL and entry.width < LEAST_AXIS
        else entry
        for entry in chosen
    )
    if any(entry.name == WATERFALL for entry in chosen):
        return list(wide)
    return [*chosen, Wanted(WATERFALL, share)]


def _due(entry: Wanted, axis: bool) -> int:
    """The axis is what was asked for: nearly everything else goes first."""
    return 25 if axis and entry.name == WATERFALL else 0


def _cells(entry: Wanted) -> int:
    return entry.width or entry.column.width


def _taken(chosen: Sequence[Wanted], gap: int, path: int) -> int:
    widths = (path if entry.name == PATH else _cells(entry) for entry in chosen)
    return GUTTER + sum(widths) + gap * (len(chosen) - 1)


def _placed(chosen: Sequence[Wanted], gap: int, width: int) -> tuple[Placed, ...]:
    rest = max(1, width - _taken(chosen, gap, 0))
    placed = []
    at = GUTTER
    for entry in chosen:
        cells = rest if entry.name == PATH else min(_cells(entry), max(1, width - at))
        placed.append(Placed(entry.column, at, cells))
        at += cells + gap
    return tuple(placed)


def read_columns(names: Sequence[str]) -> tuple[tuple[Wanted, ...], str]:
    """The columns that the settings name, ``name`` or ``name:width``, and a sentence on what of
    that could not be used, empty where all could."""
    wanted: dict[str, Wanted] = {}
    wrong = []
    for entry in names:
        name, colon, digits = entry.partition(":")
        width = int(digits) if digits.isdecimal() and len(digits) < 4 else 0
        if name not in COLUMNS or name in wanted or (colon and not 0 < width <= WIDEST):
            wrong.append(entry)
        else:
            wanted[name] = Wanted(name, width)
    return tuple(wanted.values()), _complaint("column", wrong)


def read_sort(text: str) -> tuple[str, bool, str]:
    """The column that the settings sort by, empty for the order of arrival, whether descending, and
    a sentence where there is no such column."""
    name = text.removeprefix("-")
    if name and name not in COLUMNS:
        return "", False, _complaint("column to sort by", [text])
    descending = text.startswith("-")
    return ("", False, "") if name == NUMBER and not descending else (name, descending, "")


def _complaint(what: str, wrong: Sequence[str]) -> str:
    if not wrong:
        return ""
    shown = ", ".join(repr(entry[:40]) for entry in wrong[:3])
    return f"The settings name no valid {what} with {shown}; that is ignored"
