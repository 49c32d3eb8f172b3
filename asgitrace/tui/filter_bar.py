"""The line in which a filter is typed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """Words to look for, and how many rows have them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Clear", show=False),
        Binding("down", "keep", "To the list", show=False),
    ]

    class Changed(Message):
        """The words are other than they were."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The filter stays; the list has the keys again."""

    class Dismissed(Message):
        """The filter was cleared and the bar closed."""

    def __init__(self) -> None:
        super().__init__()
        self._count = ""

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False, id="filter-mark")
        yield Input(
            placeholder="words in path, method or status: shop post 4xx -health",
            compact=True,
            select_on_focus=False,
            id="filter-input",
        )
        yield Static("", markup=False, id="filter-count")

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    @property
    def text(self) -> str:
        return self._input.value

    def open(self) -> None:
        self.display = True
        self._input.focus()

    def clear(self) -> None:
        self._input.value = ""
        self.display = False

    def show_count(self, count: str) -> None:
        if count != self._count:
            self._count = count
            self.query_one("#filter-count", Static).update(count, layout=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        self.display = bool(self.text.strip())
        self.post_message(self.Left())

    def action_dismiss(self) -> None:
        self.clear()
        self.post_message(self.Dismissed())
