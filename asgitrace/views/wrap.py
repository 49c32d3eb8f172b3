"""Where the rows of a text begin when it is broken at a width, found a piece at a time.

A row is a slice of the text as it came; it is cleaned when it is drawn. Only where each row starts
is kept, four bytes a row."""

import re
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle, Span
from asgitrace.views.row_search import drawn_marks, matching_rows
from asgitrace.views.rows import fit

_SIMPLE: Final = re.compile("[ -~\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ce\u0400-\u0482]*+")
"""Characters that are drawn as they are, in one cell."""

MARGIN: Final = 1
"""The cell at the left for the cursor's mark."""

_BLOCK: Final = 4096
_BUDGET: Final = 3_000_000
_LINE_COST: Final = 300
_CHARACTER_COST: Final = 150
"""What a line, and a character that must be measured, cost more than a simple character."""


@lru_cache(maxsize=8192)
def _width_of(character: str) -> int:
    return cell_len(clean(character))


class RowIndex:
    """The starts of the rows of one text."""

    def __init__(self, text: str, width: int = 80) -> None:
        self.text = text
        self.starts = array("I")
        self._next = 0
        self.width = max(1, width)

    @property
    def complete(self) -> bool:
        return self._next >= len(self.text)

    @property
    def found(self) -> int:
        """Up to which character rows were found."""
        return self._next

    def reset(self, width: int) -> None:
        """Forget all rows."""
        self.width = max(1, width)
        self.starts = array("I")
        self._next = 0

    def extend(self, text: str) -> None:
        """The text goes on."""
        if self.complete and self.starts and not self.text.endswith("\n"):
            self._next = self.starts.pop()
        # A text that nothing else refers to grows where it is; that of an attribute is copied.
        whole, self.text = self.text, ""
        whole += text
        self.text = whole

    def row(self, index: int) -> str:
        """One row without its line end."""
        starts = self.starts
        end = starts[index + 1] if index + 1 < len(starts) else self._next
        return self.text[starts[index] : end].removesuffix("\n").removesuffix("\r")

    def work(self, budget: int = _BUDGET) -> None:
        """Find more rows."""
        length = len(self.text)
        while self._next < length and budget > 0:
            newline = self.text.find("\n", self._next)
            end = length if newline < 0 else newline
            budget = self._line(end, budget - _LINE_COST)
            if self._next >= end and newline >= 0:
                self._next = newline + 1

    def _line(self, end: int, budget: int) -> int:
        """Break a line that goes on to ``end``; gives back what is left of the budget."""
        text, width = self.text, self.width
        if self._next == end:
            self.starts.append(end)
        while self._next < end and budget > 0:
            start = self._next
            stop = min(end, start + max(_BLOCK, 4 * width))
            if _SIMPLE.fullmatch(text, start, stop):
                # As long as it stays simple, blocks may grow.
                stop = min(end, start + max(_BLOCK, min(budget, 1 << 20)))
                found = _SIMPLE.match(text, start, stop)
                stop = found.end() if found else stop
                self._simple(start, stop, last=stop == end)
                budget -= stop - start
            else:
                self._measured(start, stop, last=stop == end)
                budget -= (stop - start) * _CHARACTER_COST
        return budget

    def _simple(self, start: int, stop: int, *, last: bool) -> None:
        width = self.width
        if not last:
            stop = start + (stop - start) // width * width
        self.starts.extend(range(start, stop, width))
        self._next = stop

    def _measured(self, start: int, stop: int, *, last: bool) -> None:
        """Break by what each character takes. The row that is begun when the block ends is begun
        again with the next one."""
        used = 0
        row = start
        for at in range(start, stop):
            takes = _width_of(self.text[at])
            if used + takes > self.width and at > row:
                self.starts.append(row)
                row, used = at, 0
            used += takes
        if last or row == start:
            self.starts.append(row)
            row = stop
        self._next = row


class TextLines(Lines):
    """A text of any length, broken at the width."""

    def __init__(self, text: str, style: str = "text") -> None:
        self._rows = RowIndex(text)
        self._style = style

    def extend(self, text: str) -> None:
        """The text goes on."""
        self._rows.extend(text)

    def __len__(self) -> int:
        return len(self._rows.starts)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        shown = fit(self._rows.row(index), max(1, width - MARGIN), look)
        return [Segment(" " * MARGIN + shown, style_of(look, self._style))]

    def text(self, index: int) -> str:
        """The line of the text that the row is of."""
        start, end = self._line(index)
        return self._rows.text[start:end].removesuffix("\r")

    def place(self, index: int) -> str:
        """Which line of the text it is, and where in it."""
        if index >= len(self._rows.starts):
            return ""
        text, at = self._rows.text, self._rows.starts[index]
        start, _ = self._line(index)
        line = f"line {text.count(chr(10), 0, start) + 1:,}"
        return f"{line}, character {at - start + 1:,}" if at > start else line

    def _line(self, index: int) -> tuple[int, int]:
        text, at = self._rows.text, self._rows.starts[index]
        end = text.find("\n", at)
        return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end

    def reflow(self, width: int) -> None:
        room = max(1, width - MARGIN)
        if room != self._rows.width or not self._rows.starts:
            self._rows.reset(room)
            self._rows.work()

    def work(self) -> bool:
        if self._rows.complete:
            return False
        self._rows.work()
        return True

    def matching(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        return matching_rows(self._rows, needle, start, step)

    def marks(self, index: int, needle: Needle) -> list[Span] | None:
        return drawn_marks(self._rows, index, needle, MARGIN)
