"""What the app's process wrote, line by line."""

import re
from collections import deque
from collections.abc import Iterable
from typing import Final

from rich.segment import Segment

from asgitrace.store.model import LogLine
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.units import format_clock

KEPT: Final = 50_000
"""Lines that can be scrolled back to."""

_ANSI: Final = re.compile(
    r"\x1b\[[0-?]*+[ -/]*+[@-~]"  # control sequences, colours among them
    r"|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)"  # operating system commands
    r"|\x1b[ -/]*+[0-~]"
)


def without_ansi(text: str) -> str:
    """Text without the sequences that colour it."""
    return _ANSI.sub("", text) if "\x1b" in text else text


class LogLines(Lines):
    """The newest lines of the log."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=KEPT)

    def extend(self, lines: Iterable[LogLine]) -> int:
        """Add lines; how many of the oldest went."""
        before = len(self._lines)
        added = 0
        for line in lines:
            self._lines.append(line)
            added += 1
        return before + added - len(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> LogLine:
        """One line as it came."""
        return self._lines[index]

    def text(self, index: int) -> str:
        return without_ansi(self._lines[index].text)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        line = self._lines[index]
        wrong = line.stream == "stderr"
        lead = f" {format_clock(line.time_ns)} " if width >= 60 else " "
        mark = "err " if wrong else "out "
        shown = without_ansi(line.text[: width * 8]).rstrip("\r\n")
        return [
            Segment(lead, look.faint),
            Segment(mark, look.warn if wrong else look.faint),
            Segment(fit(shown, max(1, width - len(lead) - len(mark)), look), look.text),
        ]
