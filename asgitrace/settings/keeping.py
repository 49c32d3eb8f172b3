"""The state: read at the start, written at the end, never a reason to fail."""

from contextlib import suppress
from typing import Any, Final, get_args

import msgspec

from asgitrace.settings.files import state_file, write_whole
from asgitrace.settings.model import Layout, State, Theme, Waterfall

_LARGEST: Final = 1 << 20
_ONE_OF: Final[dict[str, Any]] = {"theme": Theme, "layout": Layout, "waterfall": Waterfall}


def load_state() -> State:
    """What was kept by the last run; what cannot be read is forgotten."""
    try:
        with state_file().open("rb") as file:
            state = msgspec.json.decode(file.read(_LARGEST), type=State)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return State()
    usual = State()
    for name, known in _ONE_OF.items():
        if getattr(state, name) not in get_args(known):
            setattr(state, name, getattr(usual, name))
    return state


def save_state(state: State) -> None:
    """Keep it for the next run; of two that end, the last one is kept. A folder that cannot be
    written to is nothing to bother anybody with."""
    with suppress(OSError):
        write_whole(state_file(), msgspec.json.format(msgspec.json.encode(state)) + b"\n")
