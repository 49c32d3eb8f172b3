"""The standard streams of the app's process: what the app writes to them goes into the same pipes
as ever, but in frames that say to which exchange and log record it belongs.

Only for a process that is ours. Nothing else changes for the app: the streams have the same types,
names, encodings and file descriptors; a full pipe blocks as it always does; and where a file
descriptor is redirected, what is written to it arrives there plainly.
"""

import contextlib
import io
import os
import select
import sys
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from threading import get_ident
from time import time_ns
from typing import TYPE_CHECKING, Final, NamedTuple

from asgitrace.process.output_frames import (
    FRAME_LIMIT,
    HEAD,
    HIGHEST_LEVEL,
    MORE,
    NAME_LIMIT,
    RECORD,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from asgitrace.recorder.loop import Timer, Timers

_pack: Final = HEAD.pack
_FLUSH_SECONDS: Final = 0.1
"""A line that is not finished is written after so long."""

CURRENT: Final[ContextVar[int]] = ContextVar("asgitrace_exchange", default=0)
"""The exchange that the code belongs to, by its number in this process; 0 where it is in none."""


class Mark(NamedTuple):
    """What is known of what handlers of a log record are about to write."""

    level: int
    """At least 1."""
    logger: bytes
    exchange: int | None = None
    """That of the record, where the context does not tell it."""


class Marks(threading.local):
    """What is known of what a thread is about to write."""

    mark: Mark | None = None
    """None: no handlers are being called."""
    wrote = False
    """A handler has written to one of the streams."""


class Framer:
    """Makes frames."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._pid = os.getpid()
        self._forked = False
        self.marks = Marks()
        self.room: Final = FRAME_LIMIT - len(mark) - HEAD.size - NAME_LIMIT
        """Bytes of text that fit in one."""
        os.register_at_fork(after_in_child=self._in_child)

    @property
    def exchange(self) -> int:
        """The exchange that the code belongs to; who was forked works for whom it likes."""
        return 0 if self._forked else CURRENT.get()

    def adopt(self) -> None:
        """This process is one that calls the app, be it forked: it works for its own exchanges."""
        self._forked = False

    def frame(self, text: bytes, flags: int = 0) -> bytes:
        """A text in a frame."""
        mark = self.marks.mark
        if mark is None:
            level, name, exchange = 0, b"", None
        else:
            level, name, exchange = mark
        if exchange is None:
            exchange = 0 if self._forked else CURRENT.get()
        head = _pack(
            len(text), flags, len(name), level, exchange, self._pid, get_ident(), time_ns()
        )
        return self._mark + head + name + text

    def _in_child(self) -> None:
        self._pid = os.getpid()
        self._forked = True


class FramedPipe(io.RawIOBase):
    """Writes to one of the pipes to our parent, in frames."""

    def __init__(self, fd: int, name: str, framer: Framer) -> None:
        self._fd = self._way = fd
        pipe = os.fstat(fd)
        self._device, self._inode = pipe.st_dev, pipe.st_ino
        self._framer = framer
        self._marks = framer.marks
        self.name = name
        self.mode = "wb"

    def write(self, data: "ReadableBuffer", /) -> int | None:
        """Write all of it, at once."""
        if self.closed:
            raise ValueError("write to closed file")
        text = data if type(data) is bytes else bytes(memoryview(data).cast("B"))
        marks = self._marks
        if marks.mark is not None:
            marks.wrote = True
        return self.send(text) if self.framed else self._write_plainly(text)

    def _write_plainly(self, text: bytes) -> int | None:
        """Write all of it, too: the text stream before us does not look at how much it was."""
        rest = memoryview(text)
        try:
            while rest:
                rest = rest[os.write(self._way, rest) :]
        except BlockingIOError:
            return len(text) - len(rest) or None
        return len(text)

    def send(self, text: bytes, flags: int = 0) -> int | None:
        """Write a text in frames; None where the pipe is not to block and is full."""
        frame, room, way = self._framer.frame, self._framer.room, self._way
        try:
            if len(text) <= room:
                os.write(way, frame(text, flags))
                return len(text)
            for start in range(0, len(text), room):
                more = MORE if start + room < len(text) else 0
                os.write(way, frame(text[start : start + room], flags | more))
        except BlockingIOError:
            return None
        return len(text)

    @property
    def framed(self) -> bool:
        """Whether the file descriptor is still the pipe to our parent."""
        try:
            found = os.fstat(self._way)
        except OSError:
            return False
        return found.st_ino == self._inode and found.st_dev == self._device

    @property
    def full(self) -> bool:
        """Whether who writes a frame has to wait."""
        poll = select.poll()
        poll.register(self._way, select.POLLOUT)
        return not poll.poll(0)

    def divert(self, fd: int | None) -> None:
        """Write to another file descriptor, as ours is somebody else's for a while; None: to ours
        again."""
        self._way = self._fd if fd is None else fd

    def fileno(self) -> int:
        """The file descriptor that others may write to."""
        return self._fd

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


class Output:
    """Both streams of this process.

    Args:
        mark: what tells frames from everything else.
    """

    def __init__(self, mark: bytes) -> None:
        self.framer = Framer(mark)
        self._pipes = [FramedPipe(number, name, self.framer) for number, name in _STREAMS]
        self._texts = [
            _text(pipe, like)
            for pipe, like in zip(self._pipes, (sys.stdout, sys.stderr), strict=True)
        ]
        self._timer: Timer | None = None
        self._untold = 0
        """Log records that would have had to wait."""

    def install(self) -> None:
        """Put them in the places of `sys.stdout` and `sys.stderr`."""
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = self._texts

    @contextlib.contextmanager
    def diverted(self, fds: Mapping[int, int]) -> Iterator[None]:
        """Write to other file descriptors for as long as this lasts, given by our own."""
        for pipe in self._pipes:
            pipe.divert(fds.get(pipe.fileno()))
        try:
            yield
        finally:
            for pipe in self._pipes:
                pipe.divert(None)

    def tell(self, text: str) -> None:
        """A log record that no handler wrote: to the parent only, if that can be reached, and
        without waiting, as without us nobody would wait."""
        for pipe in reversed(self._pipes):
            if pipe.framed:
                self._tell(pipe, text.encode("utf-8", "backslashreplace") + b"\n")
                return

    def _tell(self, pipe: FramedPipe, text: bytes) -> None:
        if self._untold:
            # The last one may have been cut off in the middle of a line.
            note = f"\n\u2026 {self._untold:,} records were dropped or cut here: too many at once\n"
            text = note.encode() + text
        room = self.framer.room
        for start in range(0, len(text), room):
            if pipe.full:
                self._untold += 1
                return
            more = MORE if start + room < len(text) else 0
            pipe.send(text[start : start + room], RECORD | more)
        self._untold = 0

    def start(self, timers: "Timers") -> None:
        """Write unfinished lines every now and then, for as long as a loop of ours runs."""
        self._timer = timers.call_later(_FLUSH_SECONDS, lambda: self._flush(timers))

    def stop(self) -> None:
        """The loop ends."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self, timers: "Timers") -> None:
        for text in self._texts:
            try:
                text.flush()
            except (OSError, ValueError):
                # The app has closed it, or taken it apart.
                continue
        self.start(timers)


_STREAMS: Final = ((1, "<stdout>"), (2, "<stderr>"))


def level_of(number: object) -> int:
    """A log level as a frame tells it: at least 1, since 0 stands for none."""
    return min(max(number, 1), HIGHEST_LEVEL) if isinstance(number, int) else 1


@lru_cache(maxsize=1024)
def name_of(logger: str) -> bytes:
    """A logger's name as a frame tells it."""
    return logger.encode("utf-8", "backslashreplace")[:NAME_LIMIT]


def _text(pipe: FramedPipe, like: "io.TextIOWrapper | object") -> io.TextIOWrapper:
    """A text stream as Python makes it for a terminal: a line at a time."""
    encoding, errors = getattr(like, "encoding", "utf-8"), getattr(like, "errors", None)
    text = io.TextIOWrapper(
        pipe,  # raw, as it is with ``python -u``
        encoding,
        errors,
        newline="\n",
        line_buffering=True,
    )
    text.mode = "w"  # type: ignore[misc]  # as Python does it for its own
    return text
