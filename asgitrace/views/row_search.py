"""Matches in a text that is broken into rows: which rows they begin in, and where in a row they are
drawn, also where they go on from the row before."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asgitrace.views.clean import clean
from asgitrace.views.needle import Needle, Span

if TYPE_CHECKING:
    from asgitrace.views.wrap import RowIndex


def matching_rows(rows: "RowIndex", needle: Needle, start: int, step: int) -> Iterator[int | None]:
    """The rows in which a match begins, see `Lines.search`. Rows that are still to be found are
    waited for, which finds them."""
    if not 0 <= start < len(rows.starts):
        return
    after = rows.starts[start + 1] if start + 1 < len(rows.starts) else len(rows.text)
    place = rows.starts[start] if step > 0 else after
    before = -1
    for span in needle.walk(rows.text, place, step):
        if span is None:
            yield None
            continue
        while not rows.complete and span[0] >= rows.found:
            rows.work()
            yield None
        row = bisect_right(rows.starts, span[0]) - 1
        if row != before:
            before = row
            yield row


def drawn_marks(rows: "RowIndex", index: int, needle: Needle, margin: int) -> list[Span]:
    """Where matches are in a row as it is drawn, in characters, behind a margin."""
    row = rows.row(index)
    start = rows.starts[index]
    end = start + len(row)
    before = max(0, start - needle.reach)
    found = needle.spans(rows.text[before : end + needle.reach])
    marks = []
    for low, high in found:
        low, high = max(low + before, start), min(high + before, end)
        if low < high:
            first = len(clean(row[: low - start]))
            marks.append(
                (margin + first, margin + first + len(clean(row[low - start : high - start])))
            )
    return marks
