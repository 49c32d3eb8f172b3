"""The panels of the statistics screen."""

from collections.abc import Callable

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.overviews.groups_list import SteadyList
from asgitrace.views.charts.drawing import plot_width
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.statistics.measure import Statistics
from asgitrace.views.statistics.panels import Panel


class ChartPanel(Widget):
    """A chart of the whole panel's size, drawn when the figures are new."""

    def __init__(self, draw: Panel) -> None:
        super().__init__(classes="panel")
        self._draw = draw
        self._found: Statistics | None = None
        self._lines: list[Cells] = []
        self._drawn: object = None

    @property
    def columns(self) -> int:
        """How many values beside one another it has room for."""
        return plot_width(self.size.width)

    def show(self, found: Statistics) -> None:
        """Draw these figures."""
        self._found = found
        self._drawn = None
        self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, (width, height) = look_of(self), self.size
        if self._found is not None and self._drawn != (look, width, height):
            self._lines = self._draw(self._found, width, height, look)
            self._drawn = (look, width, height)
        cells = self._lines[y] if y < len(self._lines) else [Segment(" " * width, look.text)]
        return Strip(Segment.apply_style(cells, look.ground), width)


class ListPanel(Vertical):
    """A list with a title."""

    def __init__(self, title: Callable[[int, Look], Cells], empty: str, classes: str = "") -> None:
        super().__init__(classes=f"panel {classes}")
        self.list = SteadyList(empty=empty)
        self._head = ColumnHead(title, self.list)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.list

    def show(self, lines: Lines) -> None:
        """Show other lines. Who is at the first stays there, whichever that is."""
        self.list.replace(lines, None if self.list.cursor else 0)
