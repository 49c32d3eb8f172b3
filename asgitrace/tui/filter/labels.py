"""What the bar says beside and below its line."""

from collections.abc import Callable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.filter.target import Told
from asgitrace.tui.right_note import RightNote
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit


class Count(RightNote):
    """How many rows pass."""

    DEFAULT_CSS = """
    Count { width: 36; max-width: 38%; }
    """

    def show(self, told: Told | None) -> None:
        """Show this from now on."""
        if told is None:
            self.say("")
        elif told.failure:
            self.say(told.text, "bad")
        else:
            self.say(told.text, "dim" if told.progress is None else "accent")


class Note(Widget):
    """What is wrong with the filter, or how to begin."""

    DEFAULT_CSS = """
    Note { height: 1; display: none; }
    """

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._text, self._wrong = "", False

    @property
    def text(self) -> str:
        return self._text

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say this from now on."""
        text = clean(text)
        if (text, wrong) != (self._text, self._wrong):
            self._text, self._wrong = text, wrong
            self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        mark = f"{look.glyphs.alert} " if self._wrong else "  "
        ink = look.bad if self._wrong else look.dim
        cells = [
            Segment(" ", ink),
            Segment(mark, ink),
            Segment(fit(self._text, width - 3, look), ink),
        ]
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.raised), width)
