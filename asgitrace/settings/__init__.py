"""What the user decides once, in a file, and what the screen remembers from one run to the next."""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy
from asgitrace.settings.mistake import Mistake
from asgitrace.settings.model import ColumnState, Settings, State

if TYPE_CHECKING:
    from asgitrace.settings.document import KeyLine, KeySection, written
    from asgitrace.settings.files import config_file, state_file
    from asgitrace.settings.filters import remove_filter, save_filter
    from asgitrace.settings.keeping import load_state, save_state
    from asgitrace.settings.loading import Check, load, read

__all__ = [
    "Check",
    "ColumnState",
    "KeyLine",
    "KeySection",
    "Mistake",
    "Settings",
    "State",
    "config_file",
    "load",
    "load_state",
    "read",
    "remove_filter",
    "save_filter",
    "save_state",
    "state_file",
    "written",
]

_HOMES = {
    **dict.fromkeys(("KeyLine", "KeySection", "written"), "document"),
    **dict.fromkeys(("config_file", "state_file"), "files"),
    **dict.fromkeys(("remove_filter", "save_filter"), "filters"),
    **dict.fromkeys(("load_state", "save_state"), "keeping"),
    **dict.fromkeys(("Check", "load", "read"), "loading"),
}
__getattr__ = lazy(__name__, _HOMES)
