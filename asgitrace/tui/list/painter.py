"""Draws the rows of the list to strips, and keeps the latest of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from asgitrace.store.model import State
from asgitrace.views.axis import Window
from asgitrace.views.clean import clean
from asgitrace.views.columns_cells import Line
from asgitrace.views.columns_layout import Layout
from asgitrace.views.look import Look
from asgitrace.views.rows import row_line

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_CACHED_LINES: Final = 256


@dataclass(frozen=True, slots=True)
class Brush:
    """How a line is drawn, apart from the row in it."""

    plan: Layout
    selected: bool
    focused: bool
    chosen: str | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Canvas:
    """What all lines of one painting have in common, made once: it takes longer than a line."""

    top: int
    count: int
    """Of rows in view, on the screen or not."""
    selected: int | None
    """The position of the row with the cursor."""
    plain: Brush
    cursor: Brush


class RowPainter:
    """Draws lines of finished exchanges once, those of open ones at every asking."""

    def __init__(self, store: "Store", look: Callable[[], Look]) -> None:
        self._store = store
        self._look = look
        # By number: to hash all that is in a line takes longer than to compare it.
        self._strips: LRUCache[int, tuple[Line, Brush, Strip]] = LRUCache(_CACHED_LINES)
        self.growing = False
        """An open exchange was drawn since this was last set to false."""

    def clear(self) -> None:
        """Forget what was drawn."""
        self._strips.clear()

    def strip(self, number: int, moment: int, brush: Brush) -> Strip:
        """The line of a row as it is at a moment; of one that was evicted while the list stands
        still, a note on that."""
        look = self._look()
        try:
            line = self._line(number, moment, brush.plan)
        except KeyError:
            return self._gone(number, brush)
        finished = line.row.state is not State.OPEN
        self.growing |= not finished
        if finished and (known := self._strips.get(number)) is not None:
            drawn, with_brush, strip = known
            if drawn == line and with_brush == brush:
                return strip
        segments = row_line(
            line,
            brush.plan,
            look,
            selected=brush.selected,
            focused=brush.focused,
            chosen=brush.chosen,
            window=brush.window,
        )
        strip = Strip(Segment.apply_style(segments, _under(look, brush)), brush.plan.width)
        if finished:
            self._strips[number] = line, brush, strip
        return strip

    def notice(self, lines: Sequence[str], at: int, width: int) -> Strip:
        """One of the lines that stand in the middle of an empty list; a blank one beside them."""
        look = self._look()
        text = clean(lines[at]) if 0 <= at < len(lines) else ""
        text = set_cell_size(" " * max(0, (width - cell_len(text)) // 2) + text, width)
        return Strip([Segment(text, look.ground + (look.dim if at else look.text))], width)

    def blank(self, width: int) -> Strip:
        """Where there is no row."""
        return Strip([Segment(" " * width, self._look().ground)], width)

    def _gone(self, number: int, brush: Brush) -> Strip:
        look, width = self._look(), brush.plan.width
        mark = look.glyphs.cursor if brush.selected else " "
        text = f"{mark} #{number} is no longer kept"[:width].ljust(width)
        return Strip([Segment(text, _under(look, brush) + look.faint)], width)

    def _line(self, number: int, moment: int, plan: Layout) -> Line:
        store = self._store
        row = store.row(number, moment)
        since, version = None, ""
        if plan.of("since") is not None or plan.of("http") is not None:
            place = int(store.numbers.searchsorted(number))
            if place:
                since = row.started_ns - int(store.started[place - 1])
            version = store.origins[int(store.origin[place])].http_version
        return Line(row, store.annotations.of(number), since, version)


def _under(look: Look, brush: Brush) -> Style:
    """What a line lies on."""
    if not brush.selected:
        return look.ground
    return look.ground + (look.cursor if brush.focused else look.cursor_away)
