"""Lines as a terminal would get them, with the check that they are harmless and fit."""

import os
from collections.abc import Iterator

from rich.segment import Segment

from asgitrace.views.lines import Lines
from asgitrace.views.look import Look, look

LEAST = 64
"""Below this width columns may not fit; the list cuts them off."""

LOOKS = (look(), look(dark=False), look(colour=False), look(plain=True))

HOSTILE = (
    "[red]x[/]",
    "[/]",
    "[@click=app.quit]x",
    "\x1b[31mred\x1b[0m",
    "\x1b]52;c;aGk=\x07",
    "\x9b2J\x85",
    "user\u202efdp.exe",
    "a\x00b\r\nc\td",
    "\ud800\udfff\udc80",
    "日本語テキスト",
    "e\u0301\u200b\u200d\ufeff",
    "👨\u200d👩\u200d👧🏽 1\ufe0f\u20e3",
    "\u3164\u115f",
)


def check(cells: list[Segment], width: int) -> str:
    """The text of a line, which must be inert and fit."""
    text = "".join(segment.text for segment in cells)
    assert text.isprintable(), repr(text)
    text.encode()
    assert sum(segment.cell_length for segment in cells) <= max(width, LEAST), (width, text)
    return text


def drawn(lines: Lines, width: int = 100, style: Look = LOOKS[0], most: int = 300) -> list[str]:
    """The first lines, and the last one, drawn and checked."""
    lines.reflow(width)
    while lines.work():
        pass
    count = len(lines)
    wanted = [*range(min(count, most)), *([count - 1] if count > most else [])]
    return [check(lines.cells(index, width, style), width).rstrip() for index in wanted]


def widths() -> Iterator[int]:
    """Widths to try; more with ASGITRACE_THOROUGH."""
    yield from range(1, 200, 1 if os.environ.get("ASGITRACE_THOROUGH") else 37)
