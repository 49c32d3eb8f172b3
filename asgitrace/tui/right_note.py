"""A note at the right end of a bar: what came of what was typed in it."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.clean import clean
from asgitrace.views.lines import style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import fit


class RightNote(Widget):
    """As much of it as has room, up to the right edge but one."""

    DEFAULT_CSS = """
    RightNote { height: 1; }
    """

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._text, self._style = "", "dim"

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str, style: str = "dim") -> None:
        """Say this from now on, in a style of the look."""
        text = clean(text)
        if (text, style) != (self._text, self._style):
            self._text, self._style = text, style
            self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        text = fit(self._text, min(cell_len(self._text), max(1, width - 1)), look)
        cells = [
            Segment(" " * (width - 1 - cell_len(text)), look.dim),
            Segment(f"{text} ", style_of(look, self._style)),
        ]
        return Strip(Segment.apply_style(cells, look.raised), width)
