"""A line of text that takes what is typed at once, not when its turn comes."""

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """An input of a bar on a screen; keys that are typed in one go with the one that opens the bar
    are for it, see `TakesKeys`."""

    def type_character(self, character: str) -> None:
        """Put in a character that was typed."""
        self._restart_blink()
        if self.selection.is_empty:
            self.insert_text_at_cursor(character)
        else:
            self.replace(character, *self.selection)

    def put(self, text: str, cursor: int | None = None) -> None:
        """Show another text, with the cursor at its end unless told otherwise."""
        self.value = text[: self.max_length]
        self.cursor_position = len(self.value) if cursor is None else cursor

    def paste(self, text: str) -> None:
        """Put in text from elsewhere, as one line without control characters, as far as it fits."""
        line = "".join(c for c in " ".join(text.split()) if c.isprintable())
        room = (self.max_length or 0) - len(self.value) + len(self.selected_text)
        if line[:room]:
            self.type_character(line[:room])

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        self.paste(event.text)
