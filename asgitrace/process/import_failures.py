"""Telling that the app cannot be imported, as its author would see it without us."""

import os
import traceback
from typing import Final

from asgitrace.process.spec import Failed

_OURS: Final = ("child.py", "served_app.py", "served_worker.py", "target.py")
"""Our modules between whoever imports and the user's."""


def import_failure(target: str, error: BaseException) -> Failed:
    """What the parent is told."""
    text = str(error).strip().partition("\n")[0]
    name = type(error).__name__
    return Failed(f"{target} cannot be imported: {f'{name}: {text}' if text else name}")


def print_own_traceback(error: BaseException) -> None:
    """The traceback of the user's module, without our frames and the import machinery's."""
    frames = error.__traceback__
    while frames is not None and _is_machinery(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames)


def _is_machinery(filename: str) -> bool:
    return filename.startswith("<frozen importlib") or filename.endswith(
        (
            *(os.path.join("asgitrace", "process", name) for name in _OURS),
            os.path.join("importlib", "__init__.py"),
        )
    )
