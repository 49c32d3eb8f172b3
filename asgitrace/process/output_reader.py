"""The output of the app's process as lines, from the bytes of its pipes; see output_frames."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from asgitrace.process.output_frames import HEAD, MARK_BYTES, MORE, RECORD
from asgitrace.store.model import LogLine

LINE_LIMIT: Final = 65_536
"""Bytes of one line of output that are kept; longer ones are cut into several."""

_UNFINISHED: Final = 8
"""Lines that are begun and not finished, at most; beyond it the oldest ends where it is."""

_QUIET_NS: Final = 5_000_000_000
"""A line that nobody goes on with for so long ends where it is."""

_WRITING: Final = 1024
"""Writers that are in the middle of a text, at most; of those that were killed there the end never
comes."""

_ASTRAY_NS: Final = 86_400_000_000_000
"""A time that differs by so much from ours is nobody's: the app made up a frame, or the clock."""

_REDRAWN: Final = 4096
"""Bytes of a line from which on only the last is kept of what was overwritten by ``\\r``."""


class _Head(NamedTuple):
    """See HEAD."""

    length: int
    flags: int
    named: int
    level: int
    exchange: int
    pid: int
    thread: int
    time_ns: int


class _Writer(NamedTuple):
    """Whose words belong together in one line."""

    pid: int = 0
    thread: int = 0
    exchange: int = 0


_NOBODY: Final = _Writer()
"""Whoever writes to the file descriptor directly."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text that was written at once."""

    time_ns: int
    stream: str
    text: bytes
    level: int = 0
    logger: str = ""
    continued: bool = False


class StreamReader:
    """The lines of one pipe. Lines that are done are in ``lines``, for the caller to take; the
    source of a line is the id of the process that wrote it, 0 where that is not known.

    Args:
        stream: its name.
        mark: what frames begin with.
    """

    def __init__(self, stream: str, mark: bytes) -> None:
        assert len(mark) == MARK_BYTES
        self._stream = stream
        self._mark = mark
        self._data = b""
        """The beginning of a frame, or of what may be one."""
        self._writing: set[_Writer] = set()
        """Those of whom the next frame goes on with what was written at once."""
        self._unfinished: OrderedDict[_Writer, _Piece] = OrderedDict()
        self.lines: list[LogLine] = []

    def feed(self, data: bytes, now: int) -> None:
        """Take what was read at ``now``, wall time in ns."""
        data = self._data + data
        at, mark = 0, self._mark
        while True:
            found = data.find(mark, at)
            if found < 0:
                break
            head = self._head(data, found)
            if head is None:
                self._data = data[at:]
                return
            if found > at:
                # Written before the frame.
                self._plain(data[at:found], min(head.time_ns, now))
            if abs(head.time_ns - now) > _ASTRAY_NS:
                head = head._replace(time_ns=now)
            at = self._frame(data, found + MARK_BYTES + HEAD.size, head)
        rest = data[at:]
        kept = len(rest) - _beginning(rest, mark)
        self._data = rest[kept:]
        if kept:
            self._plain(rest[:kept], now)

    def settle(self, now: int) -> None:
        """End the lines that nobody goes on with."""
        while self._unfinished:
            writer, piece = next(iter(self._unfinished.items()))
            if now - piece.time_ns < _QUIET_NS:
                return
            self._end(writer)

    def finish(self, now: int) -> None:
        """Nothing more comes."""
        if self._data:
            self._plain(self._data, now)
            self._data = b""
        for writer in list(self._unfinished):
            self._end(writer)

    def unfinished(self) -> list[LogLine]:
        """The lines that are begun and not finished."""
        return [
            _line(writer, piece, piece.text, continued=piece.continued)
            for writer, piece in self._unfinished.items()
        ]

    def _head(self, data: bytes, start: int) -> _Head | None:
        """The head of a frame; None where not all of the frame is there."""
        start += MARK_BYTES
        if len(data) < start + HEAD.size:
            return None
        head = _Head(*HEAD.unpack_from(data, start))
        return head if len(data) >= start + HEAD.size + head.named + head.length else None

    def _frame(self, data: bytes, start: int, head: _Head) -> int:
        """Take what is behind the head of a frame; where it ends."""
        end = start + head.named + head.length
        logger = data[start : start + head.named].decode("utf-8", "backslashreplace")
        writer = _Writer(head.pid, head.thread, head.exchange)
        goes_on = writer in self._writing
        piece = _Piece(
            head.time_ns,
            "log" if head.flags & RECORD else self._stream,
            data[start + head.named : end],
            head.level,
            logger,
            goes_on,
        )
        self._take(writer, piece, together=True)
        if head.flags & MORE:
            if len(self._writing) >= _WRITING:
                self._writing.clear()
            self._writing.add(writer)
        elif goes_on:
            self._writing.discard(writer)
        return end

    def _plain(self, text: bytes, now: int) -> None:
        self._take(_NOBODY, _Piece(now, self._stream, text), together=False)

    def _take(self, writer: _Writer, piece: _Piece, *, together: bool) -> None:
        """Take a piece; ``together``: its lines are one thing."""
        text, continued = piece.text, piece.continued
        begun = self._unfinished.pop(writer, None)
        if begun is not None:
            if (begun.stream, begun.level) == (piece.stream, piece.level):
                text, continued = begun.text + text, begun.continued
            else:
                self._done(writer, begun, begun.text, continued=begun.continued)
        *lines, rest = text.split(b"\n")
        for line in lines:
            for start in range(0, max(len(line), 1), LINE_LIMIT):
                part = line[start : start + LINE_LIMIT]
                self._done(writer, piece, part, continued=continued)
                continued = together
        while len(rest) > LINE_LIMIT:
            self._done(writer, piece, rest[:LINE_LIMIT], continued=continued)
            rest, continued = rest[LINE_LIMIT:], together
        if rest:
            if len(rest) > _REDRAWN and b"\r" in rest:
                rest = rest[max(rest.rfind(b"\r", 0, len(rest) - 1), 0) :]
            self._unfinished[writer] = replace(piece, text=rest, continued=continued)
            if len(self._unfinished) > _UNFINISHED:
                self._end(next(iter(self._unfinished)))

    def _done(self, writer: _Writer, piece: _Piece, text: bytes, *, continued: bool) -> None:
        self.lines.append(_line(writer, piece, text, continued=continued))

    def _end(self, writer: _Writer) -> None:
        piece = self._unfinished.pop(writer)
        self._done(writer, piece, piece.text, continued=piece.continued)


def _line(writer: _Writer, piece: _Piece, text: bytes, *, continued: bool) -> LogLine:
    shown = text.decode("utf-8", "backslashreplace").removesuffix("\r")
    return LogLine(
        writer.pid,
        piece.time_ns,
        piece.stream,
        shown,
        piece.level,
        piece.logger,
        writer.exchange,
        continued,
    )


def _beginning(data: bytes, mark: bytes) -> int:
    """How many of the last bytes may be the beginning of a mark."""
    for count in range(min(len(mark) - 1, len(data)), 0, -1):
        if data.endswith(mark[:count]):
            return count
    return 0
