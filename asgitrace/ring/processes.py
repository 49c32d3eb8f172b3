"""Whether a process still runs, and is still the one that was meant."""

import os
from pathlib import Path
from typing import Final

_STATE, _START = 0, 19
"""Among the fields of ``/proc/PID/stat`` behind the program's name; see proc_pid_stat(5)."""
_ENDED: Final = frozenset("ZXx")
"""States of one that has ended and was not asked after yet."""


def start_of(pid: int) -> str:
    """What tells a process from another one with its number: the space its number is of, and when
    it was started, as the system has them. Empty where there is none (any more), or the system does
    not say."""
    fields = _fields(pid)
    return f"{_space()}:{fields[_START]}" if fields else ""


def is_alive(pid: int, started: str = "") -> bool:
    """Whether a process runs that was ``started`` then; True also where that cannot be known."""
    space, _, start = started.partition(":")
    if space and space != _space():
        # In another container, where the number means another process.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    fields = _fields(pid)
    if not fields:
        return True
    return fields[_STATE] not in _ENDED and start in ("", fields[_START])


def arguments_of(pid: int) -> tuple[str, ...]:
    """The command line of a process; empty where there is none, or the system does not say."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
    except (OSError, ValueError):
        return ()
    return tuple(text.split("\0")[:-1])


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (OSError, ValueError):
        return []
    fields = text.rpartition(")")[2].split()
    return fields if len(fields) > _START else []


def _space() -> str:
    """The number of the namespace of processes that we are in; empty where there is no such
    thing."""
    try:
        return os.readlink("/proc/self/ns/pid").removeprefix("pid:[").removesuffix("]")
    except OSError:
        return ""
