"""Process groups: a server and all that it has started."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_STATE, _GROUP = 0, 2
"""Among the fields of ``/proc/PID/stat`` behind the program's name; see proc_pid_stat(5)."""
_ENDED: Final = frozenset("ZXx")


def signal_group(group: int, number: int) -> bool:
    """Send a signal to all processes of a group; whether there are any, be they ended and not yet
    asked after."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS, where all that are left have ended.
        return False
    return True


def is_group_alive(group: int) -> bool:
    """Whether a process of a group still runs. One that has ended does not, even where nobody asks
    after it: in a container the first process may take its time for that."""
    if not signal_group(group, 0):
        return False
    states = list(_states(group))
    return not states or any(state not in _ENDED for state in states)


def _states(group: int) -> Iterator[str]:
    """Of the processes of a group; none where the system does not say."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text("utf-8", "replace")
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        if len(fields) > _GROUP and fields[_GROUP] == str(group):
            yield fields[_STATE]
