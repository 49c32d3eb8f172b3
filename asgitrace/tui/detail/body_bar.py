"""The line under the choices of a body: what is to be known of it, and where the cursor is."""

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.detail.look import look_of
from asgitrace.views.clean import clean
from asgitrace.views.rows import fit

_SECONDS = 3.0


class NoteLine(Widget):
    """A note at the left; at the right a place in the content, which a click copies."""

    DEFAULT_CSS = """
    NoteLine { height: 1; }
    """

    class Clicked(Message):
        """The place was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._note = ("", "dim")
        self._place = ""
        self._said = ""

    def show(self, note: str, style: str, place: str) -> None:
        """Show a note in a style of the look, and a place."""
        if ((note, style), place) != (self._note, self._place):
            self._note, self._place = (note, style), place
            self.refresh()

    def say(self, words: str) -> None:
        """Say something in place of the note for a few seconds."""
        self._said = words
        self.refresh()
        self.set_timer(_SECONDS, self._hush)

    def _hush(self) -> None:
        self._said = ""
        self.refresh()

    def _place_in(self, width: int, cut: str) -> str:
        """The place; its end, where it is too long."""
        room = width * 2 // 5
        shown = clean(self._place[-4 * max(room, 1) :])
        while cell_len(shown) > room:
            shown = cut + shown[2:]
        return f" {shown} " if shown else ""

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        under = look.ground
        text, style = (self._said, "good") if self._said else self._note
        place = self._place_in(width, look.glyphs.cut)
        room = max(1, width - cell_len(place) - 1)
        segments = [
            Segment(" " + fit(text, room, look), under + getattr(look, style)),
            Segment(place, under + look.accent),
        ]
        return Strip(Segment.adjust_line_length(segments, width, under), width)

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - cell_len(self._place_in(self.size.width, " ")):
            self.post_message(self.Clicked())
