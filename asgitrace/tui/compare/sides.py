"""Which two exchanges are compared, one above the other."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.store.model import Row
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.units import format_clock, format_duration


class Sides(Widget):
    """The left one with the sign of what only it has, below it the right one with its own."""

    DEFAULT_CSS = "Sides { height: 2; }"

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._rows: tuple[Row, Row] | None = None
        self._chosen = 0

    def show(self, rows: tuple[Row, Row]) -> None:
        """Show these."""
        self._rows = rows
        self.refresh(self.size.region)

    def choose(self, side: int) -> None:
        """Mark one of them: 0 or 1."""
        self._chosen = side
        self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        if self._rows is None:
            return Strip([Segment(" " * width, look.raised)], width)
        row = self._rows[y]
        chosen = y == self._chosen
        mark = look.glyphs.before if chosen else " "
        tail = f"{format_duration(row.duration_ns):>7}  {format_clock(row.started_ns)} {mark} "
        sign, ink = ("-", look.bad) if y == 0 else ("+", look.good)
        status = str(row.status) if row.status else look.glyphs.pending
        head = f"#{row.number}  {clean(row.method)} {status}  "
        room = max(0, width - 3 - cell_len(head) - cell_len(tail))
        cells = [
            Segment(f" {sign} ", ink),
            Segment(head, look.text),
            Segment(fit(clean(row.path), room, look), look.strong if chosen else look.text),
            Segment(tail, look.dim),
        ]
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.raised), width)
