"""The titles above the list: clicked they sort, their borders are dragged, the axis is moved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.axis import Window
from asgitrace.views.columns.layout import Layout, Placed, layout
from asgitrace.views.columns.registry import WATERFALL
from asgitrace.views.look import Look
from asgitrace.views.rows import header_line

SCROLLBAR: Final = 1
"""The column at the right that belongs to no line."""


@dataclass(frozen=True, slots=True)
class Face:
    """What the header shows."""

    plan: Layout
    sort: str = ""
    descending: bool = False
    chosen: str | None = None
    """The column of the cell cursor."""
    window: Window | None = None
    """What the axis shows, if there is one."""


@dataclass(slots=True)
class _Drag:
    """A border that is held, or the axis where ``sign`` is 0."""

    name: str
    sign: int
    at: int
    width: int
    moved: bool = False


class ListHeader(Widget):
    """One line; it leaves the column of the scrollbar out."""

    class Sorted(Message):
        """A title was clicked: the list is to be sorted by that column, or the other way."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class Resized(Message):
        """A column was given a width by dragging its border."""

        def __init__(self, column: str, width: int) -> None:
            super().__init__()
            self.column = column
            self.width = width

    class Panned(Message):
        """The axis was dragged by so many cells to the right."""

        def __init__(self, cells: int, width: int) -> None:
            super().__init__()
            self.cells = cells
            self.width = width

    class Zoomed(Message):
        """The wheel was turned over the axis; ``steps`` is positive for closer, and the instant
        at ``cell`` is to stay there."""

        def __init__(self, steps: int, cell: int, width: int) -> None:
            super().__init__()
            self.steps = steps
            self.cell = cell
            self.width = width

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._face: Face | None = None
        self._drag: _Drag | None = None
        self._dragged = False
        """The click that follows ends a drag."""

    def show(self, face: Face) -> None:
        """Show this from now on."""
        if face != self._face:
            self._face = face
            self.refresh(self.size.region)

    @property
    def face(self) -> Face:
        """What is shown; the usual titles while nobody said."""
        width = max(1, self.size.width - SCROLLBAR)
        if self._face is None or self._face.plan.width != width:
            return Face(layout(width))
        return self._face

    def render_line(self, y: int) -> Strip:
        look = self._look()
        width = self.size.width
        face = self.face
        segments = header_line(
            face.plan,
            look,
            sort=face.sort,
            descending=face.descending,
            chosen=face.chosen,
            window=face.window,
        )
        segments = Segment.adjust_line_length(segments, width, look.dim)
        return Strip(Segment.apply_style(segments, look.raised), width)

    # Mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        face = self.face
        if event.button != 1:
            return
        border = face.plan.border(event.x)
        if border is not None:
            placed, sign = border
            self._hold(_Drag(placed.column.name, sign, event.screen_x, placed.width))
        elif (axis := self._axis(event.x)) is not None:
            self._hold(_Drag(WATERFALL, 0, event.screen_x, axis.width))

    def _hold(self, drag: _Drag) -> None:
        self._drag, self._dragged = drag, False
        self.capture_mouse()

    def _axis(self, x: int) -> Placed | None:
        placed = self.face.plan.under(x)
        is_axis = placed is not None and placed.column.name == WATERFALL
        return placed if is_axis and self.face.window is not None else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        drag = self._drag
        if drag is None:
            return
        cells = event.screen_x - drag.at
        if not cells and not drag.moved:
            return
        drag.moved = True
        if drag.sign:
            self.post_message(self.Resized(drag.name, max(1, drag.width + cells * drag.sign)))
        elif cells:
            drag.at = event.screen_x
            self.post_message(self.Panned(cells, drag.width))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            self.release_mouse()
            self._dragged = drag.moved or drag.sign != 0

    def on_click(self, event: events.Click) -> None:
        dragged, self._dragged = self._dragged, False
        if event.button != 1 or dragged:
            return
        placed = self.face.plan.under(event.x)
        if placed is not None:
            self.post_message(self.Sorted(placed.column.name))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turned(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turned(event, -1)

    def _turned(self, event: events.MouseEvent, steps: int) -> None:
        axis = self._axis(event.x)
        if axis is not None:
            event.stop()
            self.post_message(self.Zoomed(steps, event.x - axis.at, axis.width))
