"""The line in which a filter is typed."""

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType

from asgitrace.tui.filter.reading import LONGEST, Fault
from asgitrace.tui.line_input import LineInput
from asgitrace.views.look import Look


class FilterInput(LineInput):
    """Text with one part of it underlined: what cannot be read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # A word of a filter ends at its operator, not only at a space.
        Binding("alt+left", "cursor_left_word", "A word to the left", show=False),
        Binding("alt+right", "cursor_right_word", "A word to the right", show=False),
    ]

    def __init__(self, look: Callable[[], Look], *, placeholder: str) -> None:
        super().__init__(
            placeholder=placeholder,
            compact=True,
            select_on_focus=False,
            max_length=LONGEST,
            id="filter-input",
        )
        self._look = look
        self._fault: Fault | None = None

    def mark(self, fault: Fault | None) -> None:
        """Underline what is wrong."""
        if fault != self._fault:
            self._fault = fault
            self.refresh()

    @property
    def _value(self) -> Text:
        text = super()._value
        fault = self._fault
        if fault is not None:
            start = min(fault.position, len(text))
            end = min(start + max(1, fault.length), len(text) + 1)
            if end > len(text):
                text.pad_right(1)
            text.stylize(self._look().bad + Style(underline=True), start, end)
        return text

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """A question mark on an empty line is a key of the bar."""
        asks = key == "question_mark" and not self.value
        return not asks and super().check_consume_key(key, character)

    def column_of(self, position: int) -> int:
        """The column of the screen in which a character is."""
        return self.content_region.x + self._position_to_cell(position) - self.scroll_offset.x
