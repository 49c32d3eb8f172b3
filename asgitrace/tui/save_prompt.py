"""Asks under which name to save."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class SavePrompt(ModalScreen[Path | None]):
    """A file name, or None where it was called off. An existing file is never overwritten."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, what: str, name: str) -> None:
        super().__init__()
        self._what = what
        self._name = name

    def compose(self) -> ComposeResult:
        with Vertical(id="save-box"):
            yield Static(Content(f"Save {self._what} as JSON lines"), id="save-title")
            yield Input(self._name, compact=True, select_on_focus=False, id="save-name")
            yield Static(Content("enter save   esc cancel"), id="save-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        if not name:
            return
        path = Path(name).expanduser()
        if path.exists():
            hint = self.query_one("#save-hint", Static)
            hint.update(Content("There is a file of this name; choose another."))
            hint.add_class("-wrong")
            return
        self.dismiss(path)

    def action_cancel(self) -> None:
        self.dismiss(None)
