"""Asks for the name under which a filter is saved."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from asgitrace.tui.filter.reading import usable
from asgitrace.views.clean import clean

_LONGEST = 40


class NamePrompt(ModalScreen[str | None]):
    """A name, or None where it was called off. A name in use is given a second time only when that
    was confirmed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    DEFAULT_CSS = """
    NamePrompt { align: center middle; background: $background 60%; }
    NamePrompt #name-box {
        width: 72; max-width: 96%; height: auto; padding: 1 2; background: $panel;
    }
    NamePrompt #name-title { padding-bottom: 1; }
    NamePrompt #name { margin-bottom: 1; background: $background; }
    NamePrompt #name-hint { color: $text-dim; }
    NamePrompt #name-hint.-wrong { color: $error; }
    """

    def __init__(self, text: str, saved: Mapping[str, str]) -> None:
        super().__init__()
        self._text = text
        self._saved = saved
        self._asked = ""
        """The name that was found to be in use."""

    def compose(self) -> ComposeResult:
        with Vertical(id="name-box"):
            yield Static(Content(f"Save the filter  {clean(self._text)}"), id="name-title")
            yield Input(
                self._name_in_use(),
                placeholder="a name, such as slow",
                compact=True,
                max_length=_LONGEST,
                id="name",
            )
            yield Static(Content("enter save   esc cancel"), id="name-hint")

    def _name_in_use(self) -> str:
        """The name that this filter has already."""
        return next((name for name, text in self._saved.items() if text == self._text), "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        name = event.value.strip().removeprefix("@")
        if not usable(name):
            self._say("A name is made of letters, digits and - _ .")
        elif self._saved.get(name, self._text) != self._text and self._asked != name:
            self._asked = name
            self._say(f"@{name} is {clean(self._saved[name])}: enter again replaces it")
        else:
            self.dismiss(name)

    def _say(self, text: str) -> None:
        hint = self.query_one("#name-hint", Static)
        hint.update(Content(text))
        hint.add_class("-wrong")

    def action_cancel(self) -> None:
        self.dismiss(None)
