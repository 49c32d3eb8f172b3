"""What the app's process wrote, line by line: the newest lines, bounded by bytes."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from sys import getsizeof
from typing import Final, Protocol

from asgitrace.store.model import LogLine
from asgitrace.store.scope import cut

_LINE_BYTES: Final = 200
"""Bytes of a line apart from its text. The names of loggers are few, and shared."""

_LOGGER_LIMIT: Final = 200
_LOGGERS: Final = 1024
"""Names that are shared at a time."""


class Numbering(Protocol):
    """What knows the rows of a process."""

    def number_of(self, exchange: int) -> int:
        """The number of an exchange's row; 0 where there is none (any more)."""
        ...


class Logs:
    """The newest lines. Each has an index, from 0 in the order of arrival, that stays its own."""

    def __init__(self, limit: int, sources: Sequence[Numbering]) -> None:
        self._limit = limit
        self._sources = sources
        self.lines: deque[LogLine] = deque()
        self.total = 0
        """Lines ever added: the index of the next one."""
        self.bytes_used = 0
        self._loggers: dict[str, str] = {}

    def add(self, line: LogLine) -> None:
        """Add a line, see ``locate``, cut to a sixty-fourth of the room there is, and drop the
        oldest that no longer fit."""
        line = self.locate(line)
        text, logger = cut(line.text, self._limit // 64), self._shared(line.logger)
        if text is not line.text or logger is not line.logger:
            line = replace(line, text=text, logger=logger)
        self.lines.append(line)
        self.total += 1
        self.bytes_used += _weight(line)
        while self.bytes_used > self._limit:
            self.bytes_used -= _weight(self.lines.popleft())

    def locate(self, line: LogLine) -> LogLine:
        """A line whose exchange is the number in its process, with that of its row instead."""
        if not line.exchange:
            return line
        known = line.source < len(self._sources)
        number = self._sources[line.source].number_of(line.exchange) if known else 0
        return replace(line, exchange=number)

    def _shared(self, logger: str) -> str:
        """The name of a logger, the same object for all of its lines."""
        if not logger:
            return ""
        logger = cut(logger, _LOGGER_LIMIT)
        if len(self._loggers) >= _LOGGERS:
            self._loggers.clear()
        return self._loggers.setdefault(logger, logger)

    def since(self, index: int) -> list[LogLine]:
        """The lines from an index on, those of them that are still there."""
        count = min(self.total - index, len(self.lines))
        newest = list(islice(reversed(self.lines), max(count, 0)))
        newest.reverse()
        return newest


def _weight(line: LogLine) -> int:
    return _LINE_BYTES + getsizeof(line.text)
