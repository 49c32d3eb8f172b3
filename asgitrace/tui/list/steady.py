"""A scroll view of many lines that does not lay the screen out when their number changes."""

from math import ceil
from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollTo
from textual.strip import Strip
from textual.widget import Widget

_WHEEL_LINES: Final = 3
_PARTS: Final = 8
"""Of a cell: where the ends of a scrollbar's thumb can be."""


class SteadyScroll(ScrollView):
    """Scrolls by whole lines, at once."""

    _thumb: tuple[int, int] | None = None
    """Where the scrollbar's thumb was drawn."""

    @property
    def top(self) -> int:
        """The topmost line."""
        return self.scroll_offset.y

    @property
    def width(self) -> int:
        """Cells beside the scrollbar, which ``size`` counts in."""
        return max(1, self.size.width - self.scrollbar_gutter.width)

    @property
    def page_height(self) -> int:
        return max(1, self.size.height)

    def render_lines(self, crop: Region) -> list[Strip]:
        """As in the base class, but with no cache by place, which is of no use to what scrolls, and
        no borders: a line that was drawn is the same strip wherever it stands, so that what the
        filters and the terminal's codes make of it is kept with it."""
        gates = self.get_line_filters()
        _, background = self.background_colors
        strips = []
        for y in crop.line_range:
            strip = self.render_line(y)
            for gate in gates:
                strip = strip.apply_filter(gate, background)
            strips.append(strip)
        left, right = crop.column_span
        if left > 0 or right < self.width:
            strips = [strip.crop(left, right) for strip in strips]
        return strips

    def scroll_by(self, lines: int) -> None:
        """The wheel or the scrollbar moved the window over the lines."""
        raise NotImplementedError

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
            # Without the scrollbar's cells, which are drawn when it moves.
            self.refresh(Region(0, 0, self.width, self.size.height))

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

    # Each of these replaces what the base class does, which would call it too.

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll_instead(event, _WHEEL_LINES)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll_instead(event, -_WHEEL_LINES)

    def _on_scroll_up(self, event: Message) -> None:
        self._scroll_instead(event, -self.page_height)

    def _on_scroll_down(self, event: Message) -> None:
        self._scroll_instead(event, self.page_height)

    def _on_scroll_to(self, message: ScrollTo) -> None:
        lines = 0 if message.y is None else round(message.y) - self.top
        self._scroll_instead(message, lines)

    def _scroll_instead(self, message: Message, lines: int) -> None:
        message.stop()
        message.prevent_default()
        if lines:
            self.scroll_by(lines)


def thumb_at(height: int, count: int, top: int) -> tuple[int, int] | None:
    """Start and length of the thumb in parts of a cell; None where there is none."""
    if not 0 < height < count:
        return None
    length = max(1.0, height * height / count)
    return int((height - length) * top / (count - height) * _PARTS), ceil(length * _PARTS)
