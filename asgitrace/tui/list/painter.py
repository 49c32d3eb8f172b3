"""Draws the rows of the list to strips, and keeps the latest of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.strip import Strip

from asgitrace.store.model import RowKind, State
from asgitrace.tui.list.search import SEARCHED
from asgitrace.views.axis import Window
from asgitrace.views.clean import clean
from asgitrace.views.columns.cells import Line
from asgitrace.views.columns.layout import Layout
from asgitrace.views.lines import style_of
from asgitrace.views.look import Look
from asgitrace.views.match_marks import marked, spans_in, with_glyph
from asgitrace.views.needle import Needle
from asgitrace.views.rows import row_line

if TYPE_CHECKING:
    from rich.style import Style

    from asgitrace.store.store import Store
    from asgitrace.tui.notice import NoticeLine

_CACHED_LINES: Final = 256


@dataclass(frozen=True, slots=True)
class Brush:
    """How a line is drawn, apart from the row in it."""

    plan: Layout
    selected: bool
    focused: bool
    chosen: str | None
    window: Window | None
    needle: Needle | None = None
    """What is searched for."""


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

    def __init__(
        self,
        store: "Store",
        look: Callable[[], Look],
        finish: Callable[[list[Segment], int], Strip],
    ) -> None:
        """``finish`` makes a strip of so many cells of what was drawn."""
        self._store = store
        self._look = look
        self._finish = finish
        self._laid: dict[Style, Look] = {}
        """The look by what lies under a line, so that not every style is put on it each time."""
        # By number: to hash all that is in a line takes longer than to compare it.
        self._strips: LRUCache[int, tuple[Line, Brush, Strip]] = LRUCache(_CACHED_LINES)
        self.growing = False
        """An open exchange was drawn since this was last set to false."""

    def clear(self) -> None:
        """Forget what was drawn."""
        self._strips.clear()
        self._laid.clear()

    def strip(self, number: int, moment: int, brush: Brush) -> Strip:
        """The line of a row as it is at a moment; of one that was evicted while the list stands
        still, a note on that."""
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
            self._look_on(brush),
            selected=brush.selected,
            focused=brush.focused,
            chosen=brush.chosen,
            window=brush.window,
        )
        if brush.needle is not None:
            segments = with_matches(segments, line, brush, brush.needle, self._look())
        strip = self._finish(joined(segments), brush.plan.width)
        if finished:
            self._strips[number] = line, brush, strip
        return strip

    def notice(self, lines: Sequence["NoticeLine"], at: int, width: int) -> Strip:
        """One of the lines that stand in the middle of an empty list; a blank one beside them."""
        look = self._look()
        pieces = lines[at] if 0 <= at < len(lines) else ()
        texts = [(clean(text), look.ground + style_of(look, style)) for text, style in pieces]
        margin = max(0, (width - sum(cell_len(text) for text, _ in texts)) // 2)
        segments = [Segment(" " * margin, look.ground), *(Segment(*piece) for piece in texts)]
        return self._finish(Segment.adjust_line_length(segments, width, look.ground), width)

    def blank(self, width: int) -> Strip:
        """Where there is no row."""
        return self._finish([Segment(" " * width, self._look().ground)], width)

    def _gone(self, number: int, brush: Brush) -> Strip:
        look, width = self._look(), brush.plan.width
        mark = look.glyphs.cursor if brush.selected else " "
        text = f"{mark} #{number} is no longer kept"[:width].ljust(width)
        return self._finish([Segment(text, self._look_on(brush).faint)], width)

    def _look_on(self, brush: Brush) -> Look:
        """The look of a line, with what lies under it in its styles."""
        look = self._look()
        under = look.ground
        if brush.selected:
            under += look.cursor if brush.focused else look.cursor_away
        laid = self._laid.get(under)
        if laid is None:
            laid = self._laid[under] = look.on(under)
        return laid

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


def with_matches(
    segments: Sequence[Segment], line: Line, brush: Brush, needle: Needle, look: Look
) -> list[Segment]:
    """A line with the matches underlined in the columns that are searched; with a glyph before it
    where what matches was cut off."""
    texts = (line.row.path, *line.note.tags, line.note.comment)
    spans = spans_in("".join(text for text, _, _ in segments), needle)
    if line.row.kind is not RowKind.PROCESS:
        # Most characters take one cell; where they do not, a column is missed by a few.
        spans = [span for span in spans if _searched(brush.plan, span[0])]
    if spans:
        return marked(segments, spans, look, current=brush.selected)
    if not brush.selected and any(spans_in(text, needle) for text in texts):
        return with_glyph(segments, look.glyphs.match, look.accent)
    return list(segments)


def _searched(plan: Layout, x: int) -> bool:
    placed = plan.under(x)
    return placed is not None and placed.column.name in SEARCHED


def joined(segments: Sequence[Segment]) -> list[Segment]:
    """The same with neighbours of one style in one."""
    (text, style, _), *others = segments
    found: list[Segment] = []
    for more, its, _ in others:
        if its is style:
            text += more
        else:
            found.append(Segment(text, style))
            text, style = more, its
    found.append(Segment(text, style))
    return found
