"""Where ring files lie, how they are named, and which of them are left by processes that are no
more."""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from asgitrace.errors import RingError
from asgitrace.ring.memory import read_facts
from asgitrace.ring.processes import is_alive

_SHARED_MEMORY: Final = "/dev/shm"
_USERS: Final = "/run/user"

SUFFIX: Final = ".ring"
_LEAST: Final = 1024 * 1024
"""Bytes of a ring that is made smaller for want of room; where there are less, it is not made."""
KEPT: Final = 3
"""Rings of processes that are no more that are kept, the newest ones."""


def runtime_directory() -> Path:
    """The user's folder for ring files, made with mode 0700.

    Raises RingError where the place is taken by something that is not the user's own folder.
    """
    named = os.environ.get("XDG_RUNTIME_DIR")
    if named and os.path.isabs(named) and _is_ours(named):
        path = Path(named, "asgitrace")
    else:
        # Shared memory, where there is such a place, spares the disk what is soon overwritten.
        shared = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else _temporary_directory()
        path = Path(shared, f"asgitrace-{os.getuid()}")
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        private = _is_private(path)
    except OSError as error:
        raise RingError(f"The folder {path} for ring files cannot be made: {error}.") from error
    if not private:
        raise RingError(
            f"{path} is not a private folder of yours (mode 0700); "
            "remove it, or set XDG_RUNTIME_DIR."
        )
    return path


def _temporary_directory() -> str:
    # Late: its import would be felt in every app that is traced, and it is seldom needed.
    import tempfile

    return tempfile.gettempdir()


def ring_directories() -> list[Path]:
    """The private folders in which rings of this user may lie, ours first. A service has often
    another environment than the terminal one looks from; but who sets XDG_RUNTIME_DIR to a place of
    their own means that place.

    Raises RingError as `runtime_directory` does."""
    own = runtime_directory()
    users = Path(_USERS, str(os.getuid()), "asgitrace")
    shared = Path(_SHARED_MEMORY, f"asgitrace-{os.getuid()}")
    if own not in (users, shared):
        return [own]
    return [own, *(each for each in (users, shared) if each != own and _is_there(each))]


def _is_ours(folder: str) -> bool:
    """Whether a folder is this user's to write to. With sudo the variable is often still that of
    the user, who could not make use of a folder that root has made there."""
    try:
        return os.stat(folder).st_uid == os.getuid() and os.access(folder, os.W_OK)
    except OSError:
        return False


def _is_private(path: Path) -> bool:
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _is_there(path: Path) -> bool:
    try:
        return _is_private(path)
    except OSError:
        return False


def new_ring_path() -> Path:
    """A name nobody else has, in the runtime directory; old left-overs are removed on the way."""
    directory = runtime_directory()
    remove(left_over([directory])[KEPT:])
    return directory / f"{os.getpid()}-{os.urandom(4).hex()}{SUFFIX}"


def room_for(path: Path, size: int) -> int:
    """How large a ring may be that ``size`` bytes are asked for: at most half of what is free where
    it is to lie, in steps of two. Containers often have 64 MiB of shared memory, and the app may
    need some."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return size
    # Without blocks there is no limit.
    while found.f_blocks and size > found.f_bavail * found.f_frsize // 2 and size > _LEAST:
        size = max(size // 2, _LEAST)
    return size


def left_over(directories: list[Path]) -> list[Path]:
    """The files of processes that are no more, whole rings and begun ones, the newest first."""
    dated = []
    for directory in directories:
        for path in directory.glob(f"*{SUFFIX}*"):
            with contextlib.suppress(OSError):
                if is_left(path):
                    dated.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def is_left(path: Path) -> bool:
    """Whether the process that wrote a ring file is no more; False where that cannot be known."""
    try:
        facts, about = read_facts(path)
    except RingError:
        # Begun and not finished, or damaged: there is only the name.
        pid = path.name.partition("-")[0]
        return pid.isdecimal() and not is_alive(int(pid))
    return not is_alive(facts.pid, about.started)


def remove(paths: list[Path]) -> list[Path]:
    """Remove files; returns those that are gone by it."""
    gone = []
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
            gone.append(path)
    return gone
