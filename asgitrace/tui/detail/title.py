"""The lines above the tabs: which exchange it is, and where its time went."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.store.model import Row
from asgitrace.tui.detail.look import look_of
from asgitrace.views.details import split_line, title_line


class DetailTitle(Widget):
    """Two lines about one exchange."""

    DEFAULT_CSS = """
    DetailTitle { height: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None

    def show(self, row: Row | None) -> None:
        """Another row, or the same later."""
        if row != self._row:
            self._row = row
            self.refresh()

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        under = look.raised
        if self._row is None:
            text = " No exchange chosen" if y == 0 else ""
            return Strip([Segment(text.ljust(width)[:width], under + look.dim)], width)
        draw = title_line if y == 0 else split_line
        return Strip(Segment.apply_style(draw(self._row, width, look), under), width)
