"""What the app's process wrote, line by line: the newest lines, bounded by bytes."""

from collections import deque
from dataclasses import replace
from itertools import islice
from sys import getsizeof
from typing import Final

from asgitrace.store.model import LogLine
from asgitrace.store.scope import cut

_LINE_BYTES: Final = 160
"""Bytes of a line apart from its text."""


class Logs:
    """The newest lines. Each has an index, from 0 in the order of arrival, that stays its own."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.lines: deque[LogLine] = deque()
        self.total = 0
        """Lines ever added: the index of the next one."""
        self.bytes_used = 0

    def add(self, line: LogLine) -> None:
        """Add a line, cut to a sixteenth of the room there is, and drop the oldest that no longer
        fit."""
        text = cut(line.text, self._limit // 64)
        if text is not line.text:
            line = replace(line, text=text)
        self.lines.append(line)
        self.total += 1
        self.bytes_used += _weight(line)
        while self.bytes_used > self._limit:
            self.bytes_used -= _weight(self.lines.popleft())

    def since(self, index: int) -> list[LogLine]:
        """The lines from an index on, those of them that are still there."""
        count = min(self.total - index, len(self.lines))
        newest = list(islice(reversed(self.lines), max(count, 0)))
        newest.reverse()
        return newest


def _weight(line: LogLine) -> int:
    return _LINE_BYTES + getsizeof(line.text)
