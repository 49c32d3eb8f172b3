"""What moves the window over a list of lines: wheel and scrollbar, by whole lines and at once."""

from typing import Final, Self

from textual import events
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo

_WHEEL_LINES: Final = 3


class LineScroll(ScrollView):
    """Scrolls by whole lines; what is at the top then is said by ``scroll_by``."""

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the keys at once, not after the events that wait: keys typed in one go with the one
        that opened or closed a pane are for what is seen then."""
        if not self.is_attached:
            return super().focus(scroll_visible)
        self.screen.set_focus(self, scroll_visible)
        return self

    @property
    def top(self) -> int:
        """The topmost line."""
        return self.scroll_offset.y

    @property
    def page_height(self) -> int:
        return max(1, self.size.height)

    def scroll_by(self, lines: int) -> None:
        """The wheel or the scrollbar moved the window over the lines."""
        raise NotImplementedError

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
