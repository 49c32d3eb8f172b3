"""The file behind a ring, mapped into memory."""

import contextlib
import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Self
from zlib import crc32

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.ring import layout
from asgitrace.ring.about import About
from asgitrace.ring.layout import Layout

_ABOUT = Struct("<II")


class RingMemory:
    """A mapped ring file: its layout, its bytes, its counters as 64-bit words."""

    __slots__ = ("_view", "about", "bytes", "counters", "layout", "path")

    def __init__(self, path: Path, mapped: mmap.mmap, facts: Layout, about: About) -> None:
        self.path = path
        self.bytes = mapped
        self.layout = facts
        self.about = about
        self._view = memoryview(mapped)
        end = layout.COUNTERS_OFFSET + 8 * layout.COUNTERS
        self.counters = self._view[layout.COUNTERS_OFFSET : end].cast("Q")

    @classmethod
    def create(cls, path: Path, size: int, about: About | None = None) -> Self:
        """Make a ring file of ``size`` bytes (headers and payloads), mode 0600, and map it for
        writing.

        It appears under its name only when it is complete, and takes nobody's place. Its space is
        reserved at once, since a full disk would otherwise kill the process that writes (SIGBUS).
        Raises RingError."""
        facts = Layout.for_size(size, os.getpid(), ClockAnchor.now())
        about = about or About()
        packed = about.pack(layout.ABOUT_LIMIT)
        unfinished = path.with_name(path.name + ".new")
        try:
            fd = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise RingError(f"The ring file {path} cannot be made: {error}.") from error
        try:
            _reserve(fd, facts.file_size)
            mapped = mmap.mmap(fd, facts.file_size)
            identity = facts.pack()
            mapped[: len(identity)] = identity
            block = _ABOUT.pack(len(packed), crc32(packed)) + packed
            mapped[layout.ABOUT_OFFSET : layout.ABOUT_OFFSET + len(block)] = block
            memory = cls(path, mapped, facts, about)
            memory.counters[layout.STATE] = layout.OPEN
            # Not os.rename, which would replace what is there.
            os.link(unfinished, path)
        except OSError as error:
            raise RingError(
                f"The ring file {path} cannot be made: {error}; "
                "free some space or choose a smaller --buffer."
            ) from error
        finally:
            os.close(fd)
            with contextlib.suppress(OSError):
                os.unlink(unfinished)
        return memory

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map an existing ring file for reading. Raises RingError if it is foreign, truncated or
        damaged."""
        with _opened(path) as fd:
            facts, about = _read_facts(fd, path)
            mapped = mmap.mmap(fd, facts.file_size, access=mmap.ACCESS_READ)
        return cls(path, mapped, facts, about)

    def close(self) -> None:
        """Give up the mapping; the file stays."""
        self.counters.release()
        self._view.release()
        self.bytes.close()


def read_facts(path: Path) -> tuple[Layout, About]:
    """What a ring file says of itself and of its process, without mapping it. Raises RingError if
    it is foreign, truncated or damaged."""
    with _opened(path) as fd:
        return _read_facts(fd, path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A ring file for reading; what the system says against it is told as RingError."""
    try:
        # A pipe would otherwise wait for somebody to write to it.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            yield fd
        finally:
            os.close(fd)
    except (OSError, ValueError) as error:
        raise RingError(f"The ring file {path} cannot be read: {error}.") from error


def _read_facts(fd: int, path: Path) -> tuple[Layout, About]:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise RingError(f"{path} is not a ring file of asgitrace.")
    block = os.pread(fd, layout.SLOTS_OFFSET, 0)
    facts = Layout.unpack(block[: layout.COUNTERS_OFFSET], str(path))
    if found.st_size < facts.file_size:
        raise RingError(
            f"{path} is truncated: {found.st_size} of its {facts.file_size} bytes are there."
        )
    return facts, _read_about(block, path)


def _read_about(block: bytes, path: Path) -> About:
    start = layout.ABOUT_OFFSET + _ABOUT.size
    length, checksum = _ABOUT.unpack_from(block, layout.ABOUT_OFFSET)
    packed = block[start : start + length]
    if length > layout.ABOUT_LIMIT or crc32(packed) != checksum:
        raise RingError(f"{path} is damaged: the checksum of its description is wrong.")
    return About.unpack(packed, str(path))


def _reserve(fd: int, size: int) -> None:
    """Take the space on the disk now, so that no later write to the mapping can fail."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, 0, size)
        return
    zeros = bytes(1024 * 1024)
    written = 0
    while written < size:
        written += os.pwrite(fd, zeros[: size - written], written)
