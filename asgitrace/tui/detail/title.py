"""The lines above the tabs: which exchange it is, and where its time went."""

from rich.segment import Segment
from textual.strip import Strip

from asgitrace.store.annotation import NOTHING, Annotation
from asgitrace.store.model import Exchange, Row
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.panes import Grip
from asgitrace.views.details import client_left, note_line, split_line, title_line


class DetailTitle(Grip):
    """Two lines about one exchange, and a third where something is noted on it; below a list the
    border can be dragged by them."""

    DEFAULT_CSS = """
    DetailTitle { height: 2; }
    DetailTitle.-noted { height: 3; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None
        self._left = False
        self._note = NOTHING

    def show(self, exchange: Exchange | None, note: Annotation) -> None:
        """Another exchange, or the same later, and what is noted on it."""
        row = None if exchange is None else exchange.row
        if (row, note) != (self._row, self._note):
            self._row, self._note = row, note
            self._left = exchange is not None and client_left(exchange)
            self.set_class(bool(note) and row is not None, "-noted")
            self.refresh()

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        under = look.raised
        if self._row is None:
            text = " No exchange chosen" if y == 0 else ""
            return Strip([Segment(text.ljust(width)[:width], under + look.dim)], width)
        if y == 0:
            cells = title_line(self._row, width, look, left=self._left)
        elif y == 2:
            cells = note_line(self._note, width, look)
        else:
            cells = split_line(self._row, width, look)
        return Strip(Segment.apply_style(cells, under), width)
