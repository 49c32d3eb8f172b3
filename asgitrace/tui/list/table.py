"""The table of exchanges: drawn line by line from the store's columns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.store.model import Row, State
from asgitrace.tui.commands import MOVES, bind
from asgitrace.tui.list.cursor import ListCursor, Numbers
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import row_line

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_WHEEL_LINES = 3
_CACHED_LINES = 256


class ExchangeTable(ScrollView, can_focus=True):
    """Shows rows by number; what they look like is asked for when a line is drawn."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        bind("open"),
    ]

    class Moved(Message):
        """Another exchange is selected, or following was switched."""

    class Opened(Message):
        """The selected exchange is to be shown in detail."""

    def __init__(self, store: "Store", look: Callable[[], Look], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._store = store
        self._look = look
        self._now_ns = 0
        self._strips: LRUCache[tuple[Row, bool, bool, int], Strip] = LRUCache(_CACHED_LINES)
        self._notice: Sequence[str] = ()
        self._announced: int | None = None
        self._growing = False
        """An open exchange was drawn."""
        self.cursor = ListCursor()

    # What is in view

    def take(self, numbers: Numbers, now_ns: int, *, paint: bool = True) -> None:
        """Show these rows as they are at ``now_ns``, at once or with the next repaint."""
        self._now_ns = now_ns
        before = self._announced
        top = self.cursor.replace(numbers, self.page_height)
        self._resize_content()
        self._scroll_top(top, paint=paint)
        self._announced = self.cursor.current
        if self._announced != before:
            self.post_message(self.Moved())

    def repaint(self, now_ns: int, *, everything: bool = False) -> None:
        """Draw the rows in view again: all of them, or if some of them are open and grow."""
        self._now_ns = now_ns
        if self._growing or everything:
            self._growing = False
            self.refresh(self.size.region)

    def set_notice(self, lines: Sequence[str]) -> None:
        """What is said where there are no rows."""
        if self._notice != lines:
            self._notice = lines
            self.refresh()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh(self.size.region)

    def look_changed(self) -> None:
        self._strips.clear()
        self.refresh()

    @property
    def top(self) -> int:
        return self.scroll_offset.y

    @property
    def page_height(self) -> int:
        return max(1, self.size.height)

    def _resize_content(self) -> None:
        # virtual_size lays the whole screen out when it is assigned; only the scrollbar has to know
        size = Size(self.size.width, len(self.cursor))
        if size == self.virtual_size:
            return
        self.set_reactive(Widget.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        self.vertical_scrollbar.window_size = self.size.height

    def _scroll_top(self, top: int, *, paint: bool = True) -> None:
        self.set_scroll(None, top)
        self.scroll_target_y = top
        self.vertical_scrollbar.position = top
        self.cursor.note(top, self.page_height)
        if paint:
            self.refresh(self.size.region)

    def on_resize(self, event: events.Resize) -> None:
        self._strips.clear()
        top = self.cursor.top_showing(self.top, self.page_height)
        if self.cursor.follow:
            top = max(0, len(self.cursor) - self.page_height)
        self._resize_content()
        self._scroll_top(top)

    # Drawing

    def render_line(self, y: int) -> Strip:
        look = self._look()
        width = self.size.width
        index = self.top + y
        if not len(self.cursor):
            return self._notice_strip(y, width)
        if index >= len(self.cursor):
            return Strip([Segment(" " * width, look.ground)], width)
        return self._row_strip(int(self.cursor.numbers[index]), index == self.cursor.index, width)

    def _notice_strip(self, y: int, width: int) -> Strip:
        look = self._look()
        line = y - max(0, (self.size.height - len(self._notice)) // 2)
        text = clean(self._notice[line]) if 0 <= line < len(self._notice) else ""
        text = set_cell_size(" " * max(0, (width - cell_len(text)) // 2) + text, width)
        return Strip([Segment(text, look.ground + (look.dim if line else look.text))], width)

    def _row_strip(self, number: int, selected: bool, width: int) -> Strip:
        look = self._look()
        try:
            row = self._store.row(number, self._now_ns)
        except KeyError:  # evicted while the list stands still
            gone = f"  #{number} is no longer kept"[:width].ljust(width)
            return Strip([Segment(gone, look.ground + look.faint)], width)
        focused = self.has_focus
        key = (row, selected and focused, selected, width)
        finished = row.state is not State.OPEN
        self._growing |= not finished
        if finished and (strip := self._strips.get(key)) is not None:
            return strip
        under = look.ground
        if selected:
            under += look.cursor if focused else look.cursor_away
        segments = row_line(row, width, look, selected=selected, focused=focused)
        strip = Strip(Segment.apply_style(segments, under), width)
        if finished:
            self._strips[key] = strip
        return strip

    # Moving

    def select(self, number: int) -> None:
        """Select an exchange by number and stop following."""
        self.cursor.follow = False
        self.cursor.selected = number
        self._moved()

    def set_follow(self, follow: bool) -> None:
        self.cursor.follow = follow
        if follow:
            self.cursor.select(len(self.cursor) - 1)
        self._moved()

    def _moved(self) -> None:
        self._announced = self.cursor.current
        self._scroll_top(self.cursor.top_showing(self.top, self.page_height))
        self.post_message(self.Moved())

    def action_move(self, distance: int) -> None:
        self.cursor.move(distance)
        self._moved()

    def action_page(self, pages: int) -> None:
        distance = pages * max(1, self.page_height - 1)
        self._scroll_top(self._within(self.top + distance))
        self.action_move(distance)

    def action_first(self) -> None:
        self.action_move(-len(self.cursor))

    def action_last(self) -> None:
        self.set_follow(True)

    def action_open(self) -> None:
        if self.cursor.current is not None:
            self.post_message(self.Opened())

    # Mouse

    def scroll_by(self, lines: int) -> None:
        """Move the window over the rows; the selected row stays the selected one."""
        top = self._within(self.top + lines)
        if lines < 0 or top != self.top:
            self._let_go()
        self._scroll_top(top)

    def _within(self, top: int) -> int:
        return max(0, min(top, len(self.cursor) - self.page_height))

    def _let_go(self) -> None:
        if self.cursor.follow:
            self.cursor.follow = False
            self.post_message(self.Moved())

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

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        if event.button != 1 or index >= len(self.cursor):
            return
        if index == self.cursor.index and not self.cursor.follow:
            self.action_open()
        else:
            self.select(int(self.cursor.numbers[index]))
