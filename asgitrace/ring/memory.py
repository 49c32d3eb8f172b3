"""The file behind a ring, mapped into memory."""

import contextlib
import mmap
import os
import stat
from pathlib import Path
from struct import Struct
from typing import Any, Final, Self
from zlib import crc32

import msgspec

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.ring import layout
from asgitrace.ring.layout import Layout

_SHARED_MEMORY: Final = "/dev/shm"
_ABOUT = Struct("<II")


def runtime_directory() -> Path:
    """The user's folder for ring files, made with mode 0700.

    Raises RingError where the place is taken by something that is not the user's own folder.
    """
    named = os.environ.get("XDG_RUNTIME_DIR")
    if named and os.path.isabs(named) and os.access(named, os.W_OK):
        path = Path(named, "asgitrace")
    else:
        # Shared memory, where there is such a place, spares the disk what is soon overwritten.
        shared = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else _temporary_directory()
        path = Path(shared, f"asgitrace-{os.getuid()}")
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise RingError(f"The folder {path} for ring files cannot be made: {error}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RingError(
            f"{path} is not a private folder of yours (mode 0700); "
            "remove it, or set XDG_RUNTIME_DIR."
        )
    return path


def _temporary_directory() -> str:
    # Late: its import would be felt in every app that is traced, and it is seldom needed.
    import tempfile

    return tempfile.gettempdir()


class RingMemory:
    """A mapped ring file: its layout, its bytes, its counters as 64-bit words."""

    __slots__ = ("_view", "about", "bytes", "counters", "layout", "path")

    def __init__(self, path: Path, mapped: mmap.mmap, facts: Layout, about: dict[str, Any]) -> None:
        self.path = path
        self.bytes = mapped
        self.layout = facts
        self.about = about
        self._view = memoryview(mapped)
        end = layout.COUNTERS_OFFSET + 8 * layout.COUNTERS
        self.counters = self._view[layout.COUNTERS_OFFSET : end].cast("Q")

    @classmethod
    def create(cls, path: Path, size: int, about: dict[str, Any] | None = None) -> Self:
        """Make a ring file of ``size`` bytes (headers and payloads), mode 0600, and map it for
        writing.

        It appears under its name only when it is complete, and takes nobody's place. Its space is
        reserved at once, since a full disk would otherwise kill the process that writes (SIGBUS).
        Raises RingError."""
        facts = Layout.for_size(size, os.getpid(), ClockAnchor.now())
        packed = msgspec.msgpack.encode(about or {})
        if len(packed) > layout.ABOUT_LIMIT:
            raise RingError("The description of what is traced is too long for a ring file.")
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
            memory = cls(path, mapped, facts, about or {})
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
        try:
            # A pipe would otherwise wait for somebody to write to it.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            raise RingError(f"The ring file {path} cannot be read: {error}.") from error
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise RingError(f"{path} is not a ring file of asgitrace.")
            facts = Layout.unpack(os.pread(fd, layout.COUNTERS_OFFSET, 0), str(path))
            if found.st_size < facts.file_size:
                raise RingError(
                    f"{path} is truncated: {found.st_size} of its {facts.file_size} bytes are "
                    "there."
                )
            about = _read_about(os.pread(fd, layout.SLOTS_OFFSET, 0), path)
            mapped = mmap.mmap(fd, facts.file_size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise RingError(f"The ring file {path} cannot be read: {error}.") from error
        finally:
            os.close(fd)
        return cls(path, mapped, facts, about)

    def close(self) -> None:
        """Give up the mapping; the file stays."""
        self.counters.release()
        self._view.release()
        self.bytes.close()


def _read_about(block: bytes, path: Path) -> dict[str, Any]:
    start = layout.ABOUT_OFFSET + _ABOUT.size
    length, checksum = _ABOUT.unpack_from(block, layout.ABOUT_OFFSET)
    packed = block[start : start + length]
    if length > layout.ABOUT_LIMIT or crc32(packed) != checksum:
        raise RingError(f"{path} is damaged: the checksum of its description is wrong.")
    try:
        return msgspec.msgpack.decode(packed, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise RingError(f"{path} is damaged: its description cannot be read.") from error


def _reserve(fd: int, size: int) -> None:
    """Take the space on the disk now, so that no later write to the mapping can fail."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, 0, size)
        return
    zeros = bytes(1024 * 1024)
    written = 0
    while written < size:
        written += os.pwrite(fd, zeros[: size - written], written)
