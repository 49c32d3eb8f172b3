"""The titles of a list's columns."""

from collections.abc import Callable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.look import look_of
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look


class ColumnHead(Widget):
    """One line above a list, drawn for the width of the list."""

    DEFAULT_CSS = """
    ColumnHead { height: 1; }
    """

    def __init__(self, draw: Callable[[int, Look], Cells], below: LineList) -> None:
        super().__init__()
        self._draw = draw
        self._below = below

    def on_mount(self) -> None:
        self._below.resized.subscribe(self, lambda _: self.refresh())

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        cells = self._draw(max(1, self._below.width), look)
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.ground), width)
