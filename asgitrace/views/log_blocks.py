"""Tracebacks in the log: which lines are one, and which of them says what it was."""

import re
from dataclasses import dataclass
from typing import Final

from asgitrace.store.model import LogLine
from asgitrace.views.sgr import without_ansi

_LOOKED_AT: Final = 200
"""Characters of a line by which it is told."""

_BEGIN: Final = re.compile(r"\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):")
_CHAINED: Final = ("During handling of the above exception", "The above exception was the direct")
_GROUP: Final = re.compile(r"  \| (?!Traceback |During |The above )\S")
"""In the traceback of a group of exceptions, what the group is."""
_INDENTED: Final = re.compile(r"[ \t|+]")


@dataclass(slots=True)
class Block:
    """The lines of a traceback, by their indexes in the log."""

    first: int
    end: int
    """Behind the last one."""
    last: int
    """The line that says what was raised."""
    opened: bool = False
    """Whether all of its lines are shown."""


class Blocks:
    """Finds the tracebacks in lines as they come."""

    def __init__(self) -> None:
        self._block: Block | None = None
        """The one that may go on."""
        self._before: LogLine | None = None
        self._over = False
        """What was raised has been said: what follows goes on only if it is chained."""

    def take(self, index: int, line: LogLine) -> Block | None:
        """Take the next line; the traceback it belongs to. That of blank lines before it, which
        were given out as no one's, may grow with it."""
        text = without_ansi(line.text[:_LOOKED_AT])
        block, before = self._block, self._before
        self._before = line
        if block is not None and before is not None and _together(before, line):
            if self._goes_on(line, text):
                block.end = index + 1
                if says(text) or _GROUP.match(text):
                    block.last = index
                return block
            if not text.strip():
                return None
        self._block = None
        if not _BEGIN.match(text):
            return None
        self._over = False
        self._block = Block(index, index + 1, index)
        return self._block

    def _goes_on(self, line: LogLine, text: str) -> bool:
        """Whether a line is of the traceback before it."""
        if _BEGIN.match(text) or text.startswith(_CHAINED):
            self._over = False
        elif line.continued:
            self._over = self._over or says(text)
        elif self._over or not text.strip():
            return False
        else:
            self._over = says(text)
        return True


def _together(before: LogLine, line: LogLine) -> bool:
    """Whether two lines that follow each other may be of one traceback."""
    one = before.source, before.stream, before.exchange, before.level, before.logger
    return one == (line.source, line.stream, line.exchange, line.level, line.logger)


def says(text: str) -> bool:
    """Whether a line of a traceback is one that says what was raised."""
    bare = bool(text.strip()) and not _INDENTED.match(text)
    return bare and not _BEGIN.match(text) and not text.startswith(_CHAINED)
