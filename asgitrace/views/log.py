"""What the app's process wrote, line by line: whose it is, how grave it is, and its colours."""

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.segment import Segment

from asgitrace.store.model import LogLine
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.log_blocks import Block, Blocks, says
from asgitrace.views.log_columns import columns, head_line, level_of, text_cells
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle
from asgitrace.views.sgr import without_ansi

KEPT: Final = 50_000
"""Lines that can be scrolled back to."""

_PORTION: Final = 4096
"""Lines that are added at a time."""


class LogLines(Lines):
    """The newest lines of the log, those of them that are asked for; tracebacks are folded."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque()
        self._first = 0
        """The index of the first of them since the beginning."""
        self._owners: deque[Block | None] = deque()
        """For each line the traceback it is of."""
        self._finder = Blocks()
        self._waiting: deque[LogLine] = deque()
        self._rows: list[int] = []
        """The indexes of the lines that are shown."""
        self._unfinished: Sequence[LogLine] = ()
        self.least = 0
        """The least level that is shown."""
        self.current: int | None = None
        """The exchange that is looked at."""
        self.only: int | None = None
        """The exchange of which alone lines are shown."""

    def extend(self, lines: Iterable[LogLine]) -> int:
        """Add lines, what there is time for at once; how many of the rows went from the front."""
        self._waiting.extend(lines)
        self._take()
        return self._drop()

    @property
    def settled(self) -> bool:
        """Whether all lines were added."""
        return not self._waiting

    def work(self) -> bool:
        return self._take()

    def _take(self) -> bool:
        """Add some of the lines that wait; whether there were any."""
        if not self._waiting:
            return False
        for _ in range(min(_PORTION, len(self._waiting))):
            line = self._waiting.popleft()
            index = self._first + len(self._lines)
            block = self._finder.take(index, line)
            self._lines.append(line)
            self._owners.append(block)
            if block is not None:
                self._claim(block, index)
            if self._shows(index, line, block):
                self._rows.append(index)
        return True

    def show_unfinished(self, lines: Sequence[LogLine]) -> bool:
        """Lines that are begun and not finished, which stand below all others; whether these are
        others than before."""
        shown = [line for line in lines if self._passes(line, level_of(line))]
        changed, self._unfinished = shown != self._unfinished, shown
        return changed

    def choose(self, *, least: int | None = None, only: int | None = None) -> None:
        """Show only lines of a level or a graver one, and of one exchange; None: of any."""
        self.least, self.only = least or 0, only
        self._unfinished = ()
        first = self._first
        # A place in the midst of a deque is slow to reach, and calls for 50,000 lines are felt.
        kept = zip(self._lines, self._owners, strict=True)
        self._rows = [
            index
            for index, (line, block) in enumerate(kept, first)
            if (block is None or block.opened or index == block.first or index == first)
            and (only is None or line.exchange == only)
            and (not least or self._gravity(line, block) >= least)
        ]

    def begin(self, index: int) -> None:
        """Begin anew, with a line that has this index since the beginning."""
        self._lines.clear()
        self._waiting.clear()
        self._owners.clear()
        self._rows.clear()
        self._finder = Blocks()
        self._first, self._unfinished = index, ()

    @property
    def total(self) -> int:
        """Lines that are kept, shown or not."""
        return len(self._lines) + len(self._waiting)

    def first_of(self, exchange: int) -> int | None:
        """The first row of an exchange's lines; None where there is none."""
        for row, index in enumerate(self._rows):
            if self._at(index).exchange == exchange:
                return row
        return None

    def line(self, row: int) -> LogLine:
        """The line of a row, as it came."""
        rows = len(self._rows)
        return self._at(self._rows[row]) if row < rows else self._unfinished[row - rows]

    def index(self, row: int) -> int:
        """Which line since the beginning a row shows."""
        rows = len(self._rows)
        return self._rows[row] if row < rows else self._first + len(self._lines) + row - rows

    def row(self, index: int) -> int:
        """The row of a line, or of the next one that is shown."""
        return min(bisect_left(self._rows, index), max(len(self) - 1, 0))

    def whole(self, row: int) -> tuple[LogLine, str]:
        """The line of a row, and all that was written with it, colours taken out."""
        if row >= len(self._rows):
            line = self.line(row)
            return line, without_ansi(line.text)
        first = index = self._rows[row]
        block = self._owner(index)
        if block is not None:
            first, last = max(block.first, self._first), block.end
        else:
            last = index + 1
        end = self._first + len(self._lines)
        while first > self._first and self._at(first).continued:
            first -= 1
        while last < end and self._at(last).continued:
            last += 1
        texts = (without_ansi(self._at(one).text) for one in range(first, last))
        return self._at(first), "\n".join(texts)

    # Lines

    def __len__(self) -> int:
        return len(self._rows) + len(self._unfinished)

    def text(self, index: int) -> str:
        if index >= len(self._rows):
            return without_ansi(self.line(index).text)
        block = self._folded(self._rows[index])
        if block is None:
            return without_ansi(self.line(index).text)
        first = max(block.first, self._first)
        return "\n".join(without_ansi(self._at(one).text) for one in range(first, block.end))

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        for found in self.matching(needle, start, step):
            if found is None or not self.toggle(found, opened=True):
                yield found
            elif step > 0:
                # Its lines come next.
                if needle.found_in(self.text(found)):
                    yield found
            else:
                block = self._owner(self._rows[found])
                last = found if block is None else bisect_left(self._rows, block.end) - 1
                for row in range(last, found - 1, -1):
                    if needle.found_in(self.text(row)):
                        yield row

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        if index >= len(self._rows):
            return False
        at = self._rows[index]
        block = self._owner(at)
        if block is None or block.end - block.first < 2 or at != max(block.first, self._first):
            return False
        wanted = not block.opened if opened is None else opened
        if wanted is block.opened:
            return False
        block.opened = wanted
        if wanted:
            self._rows[index + 1 : index + 1] = range(at + 1, block.end)
        else:
            del self._rows[index + 1 : bisect_left(self._rows, block.end)]
        return True

    def parent(self, index: int) -> int:
        if index >= len(self._rows):
            return index
        block = self._owner(self._rows[index])
        return index if block is None else bisect_left(self._rows, max(block.first, self._first))

    # Drawing

    def head(self, width: int, look: Look) -> Cells:
        """The titles of the columns."""
        return head_line(width, look)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        line = self.line(index)
        at = self._rows[index] if index < len(self._rows) else -1
        block = None if at < 0 else self._owner(at)
        heads = block is not None and at == max(block.first, self._first)
        follows = line.continued and (not heads or (index > 0 and self._is_before(index, at)))
        found = columns(line, width, look, self.current, follows=follows)
        room = max(1, width - sum(len(cell.text) for cell in found))
        grave = self._gravity(line, block)
        base = look.text if line.level or line.stream == "log" else look.dim + look.text
        if block is not None and grave >= logging.ERROR and says(line.text):
            base = look.bad
        if heads and block is not None and not block.opened and block.end - block.first > 1:
            return [*found, *self._fold(block, room, look)]
        if heads and block is not None and block.opened:
            found.append(Segment(f"{look.glyphs.opened} ", look.accent))
            room -= 2
        if at < 0:
            mark = f"{look.glyphs.pending} "
            found.append(Segment(mark, look.accent))
            room -= 2
        return [*found, *text_cells(line.text, max(1, room), look, base)]

    def _fold(self, block: Block, room: int, look: Look) -> Cells:
        count = f"{look.glyphs.folded} {block.end - block.first} lines "
        said = self._at(max(block.last, self._first)).text.lstrip(" |")
        return [
            Segment(count, look.accent),
            *text_cells(said, max(1, room - len(count)), look, look.bad),
        ]

    # What is shown

    def _at(self, index: int) -> LogLine:
        return self._lines[index - self._first]

    def _owner(self, index: int) -> Block | None:
        place = index - self._first
        return self._owners[place] if 0 <= place < len(self._owners) else None

    def _folded(self, index: int) -> Block | None:
        """The traceback that the row of this line stands for, where it is folded."""
        block = self._owner(index)
        if block is None or block.opened or index != max(block.first, self._first):
            return None
        return block

    def _is_before(self, row: int, index: int) -> bool:
        """Whether the row before shows the line before."""
        return self._rows[row - 1] == index - 1

    @staticmethod
    def _gravity(line: LogLine, block: Block | None) -> int:
        """The level of a line; a traceback that is no log record's is an error."""
        return logging.ERROR if block is not None and not line.level else level_of(line)

    def _passes(self, line: LogLine, level: int) -> bool:
        return level >= self.least and self.only in (None, line.exchange)

    def _shows(self, index: int, line: LogLine, block: Block | None) -> bool:
        if not self._passes(line, self._gravity(line, block)):
            return False
        return block is None or block.opened or index == max(block.first, self._first)

    def _claim(self, block: Block, index: int) -> None:
        """Blank lines before this one are the traceback's after all."""
        place = index - self._first - 1
        while place >= 0 and self._owners[place] is None and place + self._first > block.first:
            self._owners[place] = block
            if self._rows and self._rows[-1] == place + self._first and not block.opened:
                self._rows.pop()
            place -= 1

    def _drop(self) -> int:
        """Let go of the oldest lines there is no room for; how many rows these were."""
        over = len(self._lines) - KEPT
        if over <= 0:
            return 0
        for _ in range(over):
            self._lines.popleft()
            self._owners.popleft()
        self._first += over
        gone = bisect_left(self._rows, self._first)
        del self._rows[:gone]
        block = self._owner(self._first)
        left = block is not None and not block.opened and self._rows[:1] != [self._first]
        if left and self._shows(self._first, self._at(self._first), block):
            # The first line of a folded traceback went: what is left of it still has a row.
            self._rows.insert(0, self._first)
            gone -= 1
        return max(gone, 0)
