"""Watching source files, to restart the app when one changes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from asgitrace.errors import OptionError


def check_folders(folders: Sequence[str]) -> None:
    """Whether there is something to watch. Raises OptionError."""
    for folder in folders:
        if not os.path.isdir(folder):
            raise OptionError(f"The folder {folder!r} to watch is not there; check --reload-dir.")


async def watch(folders: Sequence[str], changed: Callable[[str], None]) -> None:
    """Call ``changed`` with a reason whenever Python files changed; runs until cancelled."""
    # Late: only who asks for --reload pays for the import.
    from watchfiles import PythonFilter, awatch

    async for changes in awatch(*folders, watch_filter=PythonFilter(), debounce=200):
        names = sorted({Path(name).name for _, name in changes})
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        changed(f"restarted: {names[0]}{more} changed")
