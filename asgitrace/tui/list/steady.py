"""A scroll view of many lines that does not lay the screen out when their number changes."""

from math import ceil
from typing import Final, Self

from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region, Size
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.scrolling import LineScroll

_PARTS: Final = 8
"""Of a cell: where the ends of a scrollbar's thumb can be."""


class SteadyScroll(LineScroll):
    """Scrolls by whole lines, at once."""

    _thumb: tuple[int, int] | None = None
    """Where the scrollbar's thumb was drawn."""
    _drawn: list[Strip] | None = None
    """The lines that are painted, or marked to be."""
    _ground = Color(0, 0, 0)
    """What the lines lie on, for the filters."""

    @property
    def width(self) -> int:
        """Cells beside the scrollbar, which ``size`` counts in."""
        return max(1, self.size.width - self.scrollbar_gutter.width)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As in the base class; without regions every line is to be drawn anew."""
        if not regions:
            self._drawn = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_changed(self) -> None:
        """Have those lines painted that are to look different from now on.

        Most of them do not where the list stands still, and to draw a line is little, but for a
        slow terminal to paint it is much.
        """
        before = self._drawn
        if before is None or len(before) != self.size.height or not self.is_on_screen:
            self.refresh()
            return
        self._drawn = drawn = self.draw()
        changed = [y for y, strip in enumerate(drawn) if strip != before[y]]
        if changed:
            # Without the scrollbar's cells, which are drawn when it moves.
            width = self.width
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def paint_now(self) -> None:
        """Paint what was marked, with no waiting for the next frame, behind which there may be the
        next intake of the trace: it is the answer to a key."""
        if self.is_on_screen:
            screen = self.screen
            screen._dirty_widgets.add(self)
            screen._on_timer_update()

    def draw(self) -> list[Strip]:
        """All lines as they are to be painted."""
        _, self._ground = self.background_colors
        return [self.render_line(y) for y in range(self.size.height)]

    def finish(self, segments: list[Segment], width: int) -> Strip:
        """The strip of a line, of so many cells, as the filters let it through.

        One for each line, as making a strip takes as long as filtering what is in it.
        """
        for gate in self.get_line_filters():
            segments = gate.apply(segments, self._ground)
        return Strip(segments, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """As in the base class, but with no cache by place, which is of no use to what scrolls, and
        no borders nor filters, which are for ``finish``: a line that was drawn is the same strip
        wherever it stands, so that the terminal's codes for it are kept with it."""
        if self._drawn is None or len(self._drawn) != self.size.height:
            self._drawn = self.draw()
        strips = self._drawn[crop.y : crop.bottom]
        left, right = crop.column_span
        if left > 0 or right < self.width:
            strips = [strip.crop(left, right) for strip in strips]
        return strips

    def set_lines(self, count: int) -> None:
        """There are so many lines; which of them is at the top is to be said after it."""
        # virtual_size lays the whole screen out when it is assigned; only the scrollbar has to know
        self.set_reactive(Widget.virtual_size, Size(self.width, count))

    def set_top(self, top: int, *, paint: bool = True) -> None:
        """Show this line at the top, now or with the next repaint."""
        self.set_scroll(None, top)
        self.scroll_target_y = top
        self._tell_scrollbar()
        if paint:
            self.refresh_changed()

    def _tell_scrollbar(self) -> None:
        """Where the lines are; it is drawn anew only if that is to be seen, as drawing it takes as
        long as a third of the lines."""
        bar, height, count = self.vertical_scrollbar, self.size.height, self.virtual_size.height
        bar.set_reactive(ScrollBar.window_virtual_size, count)
        bar.set_reactive(ScrollBar.window_size, height)
        bar.set_reactive(ScrollBar.position, float(self.top))
        thumb = thumb_at(height, count, self.top)
        if thumb != self._thumb:
            self._thumb = thumb
            bar.refresh()


def thumb_at(height: int, count: int, top: int) -> tuple[int, int] | None:
    """Start and length of the thumb in parts of a cell; None where there is none."""
    if not 0 < height < count:
        return None
    length = max(1.0, height * height / count)
    return int((height - length) * top / (count - height) * _PARTS), ceil(length * _PARTS)
