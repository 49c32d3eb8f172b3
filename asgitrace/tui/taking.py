"""Keys do what they do in the order in which they come.

Textual hands every key to the widget that has the focus then, which comes to it later: what is
typed in one go with the key that opens the filter would be taken as keys of the list. On screens
with such a line they are therefore dealt with where they arrive.
"""

from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import App
from textual.widgets import Input

from asgitrace.tui.line_input import LineInput

if TYPE_CHECKING:
    from textual.screen import Screen


class TakesKeys:
    """A screen on which keys and pastes are dealt with at once."""

    async def take(self, event: events.Event) -> bool:
        """Deal with a key or a paste that has just arrived; False if it is to go the usual way."""
        screen = cast("Screen[Any]", self)
        focused = screen.focused
        if isinstance(event, events.Key):
            if isinstance(focused, Input) and not isinstance(focused, LineInput):
                return False
            await _take_key(screen.app, event, focused)
            return True
        if isinstance(event, events.Paste) and isinstance(focused, LineInput):
            focused.paste(event.text)
            return True
        return False


async def _take_key(app: App[Any], event: events.Key, focused: object) -> None:
    if await app._check_bindings(event.key, priority=True):
        return
    if isinstance(focused, LineInput) and event.is_printable and event.character:
        focused.type_character(event.character)
    else:
        await app._check_bindings(event.key)
