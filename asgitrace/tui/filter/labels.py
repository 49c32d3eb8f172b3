"""What the bar says beside and below its line."""

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.filter.target import Told
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

_SECONDS: Final = 4.0


class Count(Widget):
    """How many rows pass, at the right."""

    DEFAULT_CSS = """
    Count { width: 36; height: 1; }
    """

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._told: Told | None = None

    @property
    def text(self) -> str:
        return "" if self._told is None else self._told.text

    def show(self, told: Told | None) -> None:
        """Show this from now on."""
        if told != self._told:
            self._told = told
            self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        told = self._told
        text = fit(self.text, min(cell_len(self.text), width - 1), look)
        ink = look.dim
        if told is not None and told.failure:
            ink = look.bad
        elif told is not None and told.progress is not None:
            ink = look.accent
        cells = [Segment(" " * (width - 1 - cell_len(text)), look.dim), Segment(f"{text} ", ink)]
        return Strip(Segment.apply_style(cells, look.raised), width)


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
