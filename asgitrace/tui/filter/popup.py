"""The ways to go on typing, above the line in which one types."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.filter.model import Completion
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

_MOST_LINES: Final = 9
_LABEL: Final = 30
"""Cells of the longest label; longer ones are cut."""


class Popup(Widget):
    """A short list over what lies above the bar. Nothing in it is chosen until somebody moves."""

    DEFAULT_CSS = """
    Popup { overlay: screen; display: none; height: 1; width: 1; }
    Popup.-open { display: block; }
    """

    class Picked(Message):
        """A line was clicked."""

        def __init__(self, completion: Completion) -> None:
            super().__init__()
            self.completion = completion

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._items: Sequence[Completion] = ()
        self._index = -1
        self._top = 0
        self._labels = 0
        self._place = (0, 0, 0)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def items(self) -> Sequence[Completion]:
        return self._items

    @property
    def chosen(self) -> Completion | None:
        """The line that was moved to."""
        return self._items[self._index] if 0 <= self._index < len(self._items) else None

    @property
    def best(self) -> Completion | None:
        """The chosen line, or else the first."""
        return self.chosen or (self._items[0] if self._items else None)

    def open(self, items: Sequence[Completion], column: int) -> None:
        """Show these, beginning at a column of the bar; with none of them close."""
        if not items:
            self.close()
            return
        if items != self._items:
            self._items, self._index, self._top = items, -1, 0
        self._labels = min(_LABEL, max(cell_len(clean(item.label)) for item in items))
        helps = max(cell_len(clean(item.help)) for item in items)
        screen = self.app.size
        width = min(screen.width, self._labels + helps + (5 if helps else 2))
        height = min(len(items), _MOST_LINES, max(3, screen.height // 3))
        place = (max(0, min(column - 1, screen.width - width)), width, height)
        if place != self._place:
            self._place = place
            self.styles.width, self.styles.height = width, height
            self.styles.offset = (place[0], -height)
        self.add_class("-open")
        self.refresh()

    def close(self) -> None:
        if self.is_open:
            self.remove_class("-open")
        self._items, self._index, self._top = (), -1, 0

    def move(self, distance: int) -> None:
        """Choose another line; beyond the ends none is chosen."""
        count = len(self._items) + 1
        self._index = (self._index + 1 + distance) % count - 1
        height = self._place[2]
        self._top = max(self._index - height + 1, min(self._top, max(0, self._index)))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        index = self._top + y
        if index >= len(self._items):
            return Strip([Segment(" " * width, look.raised)], width)
        item, chosen = self._items[index], index == self._index
        mark = look.glyphs.cursor if chosen else " "
        cells = [
            Segment(mark, look.accent),
            Segment(
                fit(clean(item.label), self._labels, look), look.strong if chosen else look.text
            ),
        ]
        if item.help:
            room = max(0, width - self._labels - 4)
            cells.append(Segment("   " + fit(clean(item.help), room, look), look.dim))
        cells = Segment.adjust_line_length(cells, width, look.text)
        under = look.raised + look.cursor if chosen else look.raised
        return Strip(Segment.apply_style(cells, under), width)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = self._top + event.y
        if index < len(self._items):
            self.post_message(self.Picked(self._items[index]))

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.prevent_default().stop()
        self._scroll(1)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.prevent_default().stop()
        self._scroll(-1)

    def _scroll(self, lines: int) -> None:
        self._top = max(0, min(self._top + lines, len(self._items) - self._place[2]))
        self.refresh()
