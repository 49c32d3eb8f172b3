"""Keys do what they do in the order in which they come.

Textual hands every key to the widget that has the focus then, which comes to it later: what is
typed in one go with the key that opens the filter would be taken as keys of the list. On the main
screen they are therefore dealt with where they arrive.
"""

from textual import events
from textual.widgets import Input

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.filter.field import FilterInput


class KeyActions(ActionBase):
    """What is done with keys and pastes."""

    async def take(self, event: events.Event) -> bool:
        """Deal with a key or a paste that has just arrived; False if it is to go the usual way."""
        focused = self.focused
        if isinstance(event, events.Key):
            if isinstance(focused, Input) and not isinstance(focused, FilterInput):
                return False
            await self._take_key(event, focused)
            return True
        if isinstance(event, events.Paste) and isinstance(focused, FilterInput):
            focused.paste(event.text)
            return True
        return False

    async def _take_key(self, event: events.Key, focused: object) -> None:
        app = self.trace_app
        if await app._check_bindings(event.key, priority=True):
            return
        if isinstance(focused, FilterInput) and event.is_printable and event.character:
            focused.type_character(event.character)
        else:
            await app._check_bindings(event.key)
