"""The ring files of app processes: their names, and which of them are left lying."""

import contextlib
import os
from pathlib import Path
from typing import Final

from asgitrace.ring import runtime_directory

_KEPT: Final = 3
"""Rings of crashed processes that are kept, the newest ones."""


def new_ring_path() -> Path:
    """A name nobody else has, in the runtime directory; old left-overs are removed on the way."""
    directory = runtime_directory()
    _prune(directory)
    return directory / f"{os.getpid()}-{os.urandom(4).hex()}.ring"


def _prune(directory: Path) -> None:
    """Remove what processes that are no more have left, but for the newest few."""
    left = [path for path in directory.glob("*.ring*") if not _is_alive(path)]
    dated = []
    for path in left:
        with contextlib.suppress(OSError):
            dated.append((path.stat().st_mtime, path))
    for _, path in sorted(dated, reverse=True)[_KEPT:]:
        with contextlib.suppress(OSError):
            path.unlink()


def _is_alive(path: Path) -> bool:
    """Whether the process that a ring file is named after still runs."""
    pid = path.name.partition("-")[0]
    return is_alive(int(pid)) if pid.isdigit() else True


def is_alive(pid: int) -> bool:
    """Whether a process runs; True also where that cannot be known."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
