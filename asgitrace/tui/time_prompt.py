"""Asks for a time to go to."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from asgitrace.views.moments import NoMoment, moment
from asgitrace.views.units import format_clock


class TimePrompt(ModalScreen[int | None]):
    """A wall time in ns, or None where it was called off."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    DEFAULT_CSS = """
    TimePrompt { align: center middle; background: $background 60%; }
    TimePrompt #time-box {
        width: 72; max-width: 96%; height: auto; padding: 1 2; background: $panel;
    }
    TimePrompt #time-title { padding-bottom: 1; }
    TimePrompt #time { margin-bottom: 1; background: $background; }
    TimePrompt #time-hint { color: $text-dim; }
    TimePrompt #time-hint.-wrong { color: $error; }
    """

    def __init__(self, base_ns: int) -> None:
        """``base_ns`` is when the selected row began."""
        super().__init__()
        self._base = base_ns

    def compose(self) -> ComposeResult:
        with Vertical(id="time-box"):
            title = f"Go to a time   the selected row began at {format_clock(self._base)}"
            yield Static(Content(title), id="time-title")
            yield Input(
                placeholder="14:03   14:03:22   +30s   -2m   @1699999999",
                compact=True,
                max_length=40,
                id="time",
            )
            yield Static(Content("enter go   esc cancel"), id="time-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(moment(event.value, self._base))
        except NoMoment as error:
            hint = self.query_one("#time-hint", Static)
            hint.update(Content(str(error)))
            hint.add_class("-wrong")

    def action_cancel(self) -> None:
        self.dismiss(None)
