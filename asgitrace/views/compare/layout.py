"""Where the two sides of a row stand on the screen, and how long values are cut around what
differs."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from rich.cells import cell_len, chop_cells

from asgitrace.views.clean import clean
from asgitrace.views.marks import GAP

BESIDE: Final = 100
"""From this width on the two sides stand beside one another; below that the left above the
right."""
_MOST_ROWS: Final = 6
"""Rows of the screen for one value."""
_LEAD: Final = 24
"""Characters that are seen before the first difference, where what comes before is cut."""
_WORD: Final = 16
"""Characters of a word that are marked with those that differ."""
_GUTTER: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How wide the columns are."""

    label: int
    value: int
    delta: int
    beside: bool


@cache
def plan(width: int, label: int, delta: int) -> Plan:
    """Columns for labels and differences so wide."""
    label += 1
    rest = max(2, width - _GUTTER - label - (delta + 2 if delta else 0))
    if width >= BESIDE:
        return Plan(label, rest // 2 - 1, delta, True)
    return Plan(label, rest, delta, False)


def label_width(width: int) -> int:
    """Cells for the labels, the same in all sections."""
    return 26 if width >= BESIDE else max(8, min(20, width // 3))


def plan_for(columns: Plan, left: str | None, right: str | None) -> Plan:
    """The columns for a row: two short values stand beside one another wherever they fit."""
    half = columns.value // 2 - 1
    if columns.beside or left is None or right is None or max(len(left), len(right)) > half:
        return columns
    if max(cell_len(clean(left)), cell_len(clean(right))) > half:
        return columns
    return Plan(columns.label, half, columns.delta, True)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of a value: before, in and behind what differs."""

    same: str
    other: str = ""
    rest: str = ""


def pieces(left: str | None, right: str | None, width: int) -> tuple[list[Piece], list[Piece]]:
    """Both values in rows of ``width`` cells, cut around what differs; none for a side that is not
    there."""
    if left is None or right is None:
        return _rows(left, 0, None, width), _rows(right, 0, None, width)
    start = first_difference(left, right)
    end = _common_end(left, right, start)
    start, end = _whole_words(left, start, end)
    return _rows(left, start, len(left) - end, width), _rows(right, start, len(right) - end, width)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the rest of the words and numbers in which the difference begins and ends."""
    for _ in range(_WORD):
        start -= start > 0 and text[start - 1].isalnum()
        end -= end > 0 and text[len(text) - end].isalnum()
    return start, end


def first_difference(left: str, right: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(left: str, right: str, start: int) -> int:
    most = min(len(left), len(right), start + 100_000) - start
    ends = left[len(left) - most :][::-1], right[len(right) - most :][::-1]
    return first_difference(*ends) if most else 0


def _rows(text: str | None, start: int, end: int | None, width: int) -> list[Piece]:
    """``start`` and ``end``: what differs; with no end nothing is marked."""
    if text is None:
        return []
    begin = max(0, start - _LEAD) if start > width else 0
    room = width * _MOST_ROWS
    window = text[begin : begin + room + 1]
    before = clean(window[: start - begin])
    other = clean(window[start - begin : None if end is None else max(start, end) - begin])
    rest = "" if end is None else clean(window[max(start, end) - begin :])
    if end is None:
        before, other = before + other, ""
    if begin:
        before = GAP + before
    rows = chop_cells(before + other + rest, max(1, width)) or [""]
    cut = len(rows) > _MOST_ROWS or begin + len(window) < len(text)
    rows = rows[:_MOST_ROWS]
    if cut:
        last = rows[-1]
        while cell_len(last) > max(1, width) - 1:
            last = last[:-1]
        rows[-1] = last + GAP
    return _marked(rows, len(before), len(before) + len(other))


def _marked(rows: list[str], start: int, end: int) -> list[Piece]:
    found = []
    at = 0
    for row in rows:
        first = min(max(start - at, 0), len(row))
        last = min(max(end - at, 0), len(row))
        found.append(Piece(row[:first], row[first:last], row[last:]))
        at += len(row)
    return found
