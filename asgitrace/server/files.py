"""Files as parts of a response's body: `http.response.zerocopysend` and `http.response.pathsend`.

A part is a span of a regular file, so that its length is known before its first byte is sent.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Any, NamedTuple

from asgitrace.asgi import Message
from asgitrace.server.errors import AsgiProtocolError


class FilePart(NamedTuple):
    """A span of an open file."""

    fd: int
    offset: int
    size: int


@contextlib.contextmanager
def part_of(message: Message) -> Iterator[FilePart]:
    """The part that a zerocopysend names. What was read from the file's own position moves that.

    Raises `AsgiProtocolError`, and OSError.
    """
    file = message.get("file")
    fd = _descriptor(file)
    offset = _number(message, "offset")
    count = _number(message, "count")
    start = _position(file, fd) if offset is None else offset
    left = max(_size(fd, "the 'file' of 'http.response.zerocopysend'") - start, 0)
    part = FilePart(fd, start, left if count is None else min(count, left))
    if count is not None and count > left:
        raise AsgiProtocolError(
            f"'http.response.zerocopysend' has a 'count' of {count} bytes; its 'file' has {left}"
        )
    yield part
    if offset is None:
        _move(file, fd, start + part.size)


@contextlib.contextmanager
def file_of(message: Message) -> Iterator[FilePart]:
    """The whole file that a pathsend names, open as long as it is sent.

    Raises `AsgiProtocolError`, and OSError where the file cannot be read.
    """
    path = message.get("path")
    if not isinstance(path, str) or not os.path.isabs(path):
        raise AsgiProtocolError(
            f"the 'path' of 'http.response.pathsend' is an absolute path as a str, not {path!r}"
        )
    # Not to wait for the other end of what turns out to be a pipe.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield FilePart(fd, 0, _size(fd, path))
    finally:
        os.close(fd)


def _descriptor(file: Any) -> int:
    try:
        fd = file.fileno()
    except (AttributeError, OSError, ValueError) as exc:
        raise AsgiProtocolError(
            f"the 'file' of 'http.response.zerocopysend' is an open file with a descriptor, not "
            f"{file!r}"
        ) from exc
    assert isinstance(fd, int)
    return fd


def _number(message: Message, name: str) -> int | None:
    value = message.get(name)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise AsgiProtocolError(
        f"the {name!r} of 'http.response.zerocopysend' is a number of bytes, not {value!r}"
    )


def _size(fd: int, name: str) -> int:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise AsgiProtocolError(f"{name} is not a regular file")
    return found.st_size


def _position(file: Any, fd: int) -> int:
    """Where a reader of the file object is, which may have read ahead of the app."""
    tell = getattr(file, "tell", None)
    return int(tell()) if tell is not None else os.lseek(fd, 0, os.SEEK_CUR)


def _move(file: Any, fd: int, position: int) -> None:
    seek = getattr(file, "seek", None)
    if seek is not None:
        seek(position)
    else:
        os.lseek(fd, position, os.SEEK_SET)
