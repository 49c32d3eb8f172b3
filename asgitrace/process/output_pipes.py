"""The pipes of the app's output: read a little at a time, both streams brought into one order."""

import contextlib
import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import IO, Final

from asgitrace.process.output_reader import StreamReader
from asgitrace.store.model import LogLine

_PIECE: Final = 4096
_PIECES: Final = 64
_ENOUGH: Final = 1000
"""A stream is read in pieces, so many at a time at most, and no more once there are so many lines.
"""

_PIPE: Final = 256 * 1024
_F_SETPIPE_SZ: Final = 1031
"""Linux; elsewhere a pipe is as large as it is."""

_AT_ONCE: Final = 1500
"""Lines that are handed on at a time."""

_ASTRAY_NS: Final = 1_000_000_000
"""Times that are later by so much are no times to wait for: the clock was set."""

_END_OF_TIME: Final = 2**63
_TIME: Final = attrgetter("time_ns")
_BACKLOG: Final = 20_000
_BACKLOG_BYTES: Final = 32 * 1024 * 1024
"""Lines, and characters in them, that wait for the viewer at most; beyond it the oldest are dropped
and counted."""

_LAST_PIECES: Final = 8
"""So many times what a pipe holds is read after the end: a process that the app left behind may go
on writing."""

Owner = Callable[[LogLine], LogLine | None]
"""From a line whose source is the id of the process that wrote it, 0 where that is not known, to
the same as that of a process that records; None: that is not known yet."""


def owned_by(source: int) -> Owner:
    """All lines are those of a process with this number."""
    return lambda line: replace(line, source=source)


class OutputPipes:
    """The pipes that the streams of a process lead to. Nothing here waits.

    Args:
        pipes: by the names of the streams.
        mark: what frames begin with.
    """

    def __init__(self, pipes: Mapping[str, IO[bytes]], mark: bytes) -> None:
        self._pipes = [(pipe, StreamReader(stream, mark)) for stream, pipe in pipes.items()]
        for pipe, _ in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            # Frames take more room than what is in them.
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE)
        self._lines: deque[LogLine] = deque()
        self._waiting = 0
        """Characters in them."""
        self._dropped = 0
        self._drained = False
        self._until = 0
        """When reading began, wall time in ns: whatever is older was read."""
        self._before = 0
        """The same, the time before."""

    def lines(self, owner: Owner) -> Iterator[LogLine]:
        """Of what was read so far, what is next; the numbers of exchanges are the process's."""
        for _ in range(_AT_ONCE):
            if not self._lines or self._is_early(self._lines[0]):
                return
            line = owner(self._lines[0])
            if line is None:
                return
            if self._dropped:
                text = f"\u2026 {self._dropped:,} lines were dropped here: too many at once \u2026"
                yield LogLine(line.source, line.time_ns, line.stream, text)
                self._dropped = 0
            self._pop()
            yield line

    @property
    def has_lines(self) -> bool:
        """Whether there are lines that were not handed on yet."""
        return bool(self._lines)

    def unfinished(self, owner: Owner) -> list[LogLine]:
        """The lines that are begun and not finished."""
        begun = [line for _, reader in self._pipes for line in reader.unfinished()]
        return [line for line in map(owner, begun) if line is not None]

    def read(self) -> None:
        """Read what the process wrote, some of each stream."""
        if self._drained:
            return
        self._before, self._until = self._until, time.time_ns()
        for pipe, reader in self._pipes:
            for _ in range(_PIECES):
                if len(reader.lines) >= _ENOUGH:
                    break
                try:
                    data = os.read(pipe.fileno(), _PIECE)
                except (BlockingIOError, ValueError):
                    break
                if not data:
                    break
                reader.feed(data, self._until)
            reader.settle(self._until)
        self._collect()

    def drain(self) -> None:
        """After the end, and once: take what is left, and a last line without its newline."""
        if self._drained:
            return
        self._drained = True
        now = time.time_ns()
        self._before, self._until = self._until, _END_OF_TIME
        for pipe, reader in self._pipes:
            for _ in range(_LAST_PIECES):
                try:
                    data = os.read(pipe.fileno(), _PIPE)
                except (BlockingIOError, ValueError):
                    break  # Somebody else, a child of the app's, holds the pipe open.
                if not data:
                    break
                reader.feed(data, now)
            reader.finish(now)
        self._collect()

    def _collect(self) -> None:
        """Bring the lines of both streams into the order of their times."""
        found = [line for _, reader in self._pipes for line in reader.lines]
        if not found:
            return
        for _, reader in self._pipes:
            reader.lines.clear()
        # What waits because the other stream was read before it: that may now have brought more.
        waiting: list[LogLine] = []
        self._waiting += sum(len(line.text) for line in found)
        while self._lines and self._lines[-1].time_ns > self._before:
            waiting.append(self._lines.pop())
        found += reversed(waiting)
        self._lines.extend(sorted(found, key=_TIME))
        while len(self._lines) > _BACKLOG or self._waiting > _BACKLOG_BYTES:
            self._pop()
            self._dropped += 1

    def _pop(self) -> LogLine:
        line = self._lines.popleft()
        self._waiting -= len(line.text)
        return line

    def _is_early(self, line: LogLine) -> bool:
        """Whether the other stream may yet bring what was written before."""
        return 0 < line.time_ns - self._until < _ASTRAY_NS

    def close(self) -> None:
        """Give them up."""
        for pipe, _ in self._pipes:
            pipe.close()
