"""Two texts by their lines."""

from collections.abc import Generator
from typing import Final

from asgitrace.views.compare.alignment import align, beside
from asgitrace.views.compare.model import Row, Section, Work, valued

MOST_LINES: Final = 100_000
"""Lines of each that are compared."""
_PIECE: Final = 1 << 18
_PORTION: Final = 5_000


def texts(section: Section, left: str, right: str) -> Work:
    """Compare them line by line; lines between the same two equal ones are taken for changed."""
    here, there = (yield from _lines(left)), (yield from _lines(right))
    for side, lines in (("left", here), ("right", there)):
        if len(lines) > MOST_LINES:
            section.notes.append(f"Only the first {MOST_LINES:,} lines of the {side} are compared.")
            del lines[MOST_LINES:]
    found = yield from align(here, there)
    if found.rough:
        section.notes.append("They differ so much that they are aligned roughly.")
    digits = len(str(max(len(here), len(there), 1)))
    for count, (a, b) in enumerate(beside(found.pairs), start=1):
        section.add(_row(here, there, a, b, digits))
        if count % _PORTION == 0:
            yield


def _row(here: list[str], there: list[str], a: int | None, b: int | None, digits: int) -> Row:
    label = " ".join("".rjust(digits) if at is None else f"{at + 1:>{digits}}" for at in (a, b))
    return valued(label, None if a is None else here[a], None if b is None else there[b])


def _lines(text: str) -> Generator[None, None, list[str]]:
    """The lines of a text, their ends left out but for a carriage return before one."""
    found: list[str] = []
    start = 0
    while start < len(text):
        end = text.rfind("\n", start, start + _PIECE) + 1
        if not end:
            end = text.find("\n", start + _PIECE) + 1 or len(text)
        found += text[start:end].split("\n")
        if text[end - 1] == "\n":
            found.pop()
        start = end
        if len(found) > MOST_LINES:
            break
        yield
    if text.endswith("\n") and start >= len(text):
        found.append("")
    return found
