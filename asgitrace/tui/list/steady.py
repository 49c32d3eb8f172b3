"""A scroll view of many lines that does not lay the screen out when their number changes."""

from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.strip import Strip
from textual.widget import Widget

_WHEEL_LINES: Final = 3


class SteadyScroll(ScrollView):
    """Scrolls by whole lines, at once."""

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
        """There are so many lines."""
        # virtual_size lays the whole screen out when it is assigned; only the scrollbar has to know
        size = Size(self.width, count)
        if size == self.virtual_size:
            return
        self.set_reactive(Widget.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        self.vertical_scrollbar.window_size = self.size.height

    def set_top(self, top: int, *, paint: bool = True) -> None:
        """Show this line at the top, now or with the next repaint."""
        self.set_scroll(None, top)
        self.scroll_target_y = top
        self.vertical_scrollbar.position = top
        if paint:
            self.refresh(self.size.region)

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
