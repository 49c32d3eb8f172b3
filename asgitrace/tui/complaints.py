"""What the configuration says that cannot be done, where that is no reason not to begin."""

from asgitrace.errors import FilterError
from asgitrace.filter import compile_filter
from asgitrace.settings import Settings
from asgitrace.tui.keymap import Keymap, usual
from asgitrace.tui.keys import shown_key


def complaint(settings: Settings, keymap: Keymap) -> str:
    """The first thing that is wrong; empty if nothing is."""
    for name in keymap.lost:
        key = usual(name)[0]
        taker = next((other for other in settings.keys if key in keymap.keys(other)), "")
        return (
            f"{name} has no key left: {shown_key(key)} is that of {taker}."
            f' Give it one in the configuration, or "" for none'
        )
    for name, text in settings.filters.items():
        try:
            compile_filter(text)
        except FilterError as error:
            return f"The filter {name!r} of the configuration cannot be read: {error}"
    return ""
