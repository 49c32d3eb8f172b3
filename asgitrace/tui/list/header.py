"""The titles above the list."""

from collections.abc import Callable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.look import Look
from asgitrace.views.rows import header_line

_SCROLLBAR = 1


class ListHeader(Widget):
    """One line; it leaves the column of the scrollbar out."""

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look

    def render_line(self, y: int) -> Strip:
        look = self._look()
        width = self.size.width
        segments = header_line(max(1, width - _SCROLLBAR), look)
        segments = Segment.adjust_line_length(segments, width, look.dim)
        return Strip(Segment.apply_style(segments, look.raised), width)
