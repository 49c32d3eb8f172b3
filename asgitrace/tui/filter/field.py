"""The line in which a filter is typed."""

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from asgitrace.tui.filter.reading import LONGEST, Fault
from asgitrace.views.look import Look


class FilterInput(Input):
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

    def type_character(self, character: str) -> None:
        """Put in a character that was typed."""
        self._restart_blink()
        if self.selection.is_empty:
            self.insert_text_at_cursor(character)
        else:
            self.replace(character, *self.selection)

    def put(self, text: str, cursor: int | None = None) -> None:
        """Show another text, with the cursor at its end unless told otherwise."""
        self.value = text[:LONGEST]
        self.cursor_position = len(self.value) if cursor is None else cursor

    def paste(self, text: str) -> None:
        """Put in text from elsewhere, as one line without control characters, as far as it fits."""
        line = "".join(c for c in " ".join(text.split()) if c.isprintable())
        room = LONGEST - len(self.value) + len(self.selected_text)
        if line[:room]:
            self.type_character(line[:room])

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        self.paste(event.text)

    def column_of(self, position: int) -> int:
        """The column of the screen in which a character is."""
        return self.content_region.x + self._position_to_cell(position) - self.scroll_offset.x
