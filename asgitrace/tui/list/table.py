"""The table of exchanges: drawn line by line from the store's columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from asgitrace.store.model import Row
from asgitrace.tui.commands import MOVES, bind
from asgitrace.tui.list.arrangement import Arrangement
from asgitrace.tui.list.axis_view import AxisView
from asgitrace.tui.list.cursor import ListCursor, Numbers
from asgitrace.tui.list.header import Face, ListHeader
from asgitrace.tui.list.order import Order
from asgitrace.tui.list.painter import Brush, Canvas, RowPainter
from asgitrace.tui.list.search import SearchedTable
from asgitrace.views.axis import Window
from asgitrace.views.columns.layout import Layout, Placed
from asgitrace.views.columns.registry import WATERFALL
from asgitrace.views.look import Look

if TYPE_CHECKING:
    from asgitrace.store.store import Store
    from asgitrace.tui.notice import NoticeLine


class ExchangeTable(SearchedTable, can_focus=True):
    """Shows rows by number; what they look like is asked for when a line is drawn."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        bind("open"),
        bind("cell-left"),
        bind("cell-right"),
    ]

    class Moved(Message):
        """Another exchange or cell is selected, or following was switched."""

    @dataclass
    class CellPicked(Message):
        """A cell was clicked to filter by what is in it, or to exclude that."""

        number: int
        column: str | None
        exclude: bool

    def __init__(
        self,
        store: "Store",
        look: Callable[[], Look],
        arrangement: Arrangement,
        clock: Callable[[], int],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._moment = 0
        self._canvas: Canvas | None = None
        self._painter = RowPainter(store, look, self.finish)
        self._order = Order(store)
        self._store = store
        self._notice: Sequence[NoticeLine] = ()
        self._announced: int | None = None
        self._dragged_from: int | None = None
        self._dragged = False
        """The click that follows ends a drag."""
        self.arrangement = arrangement
        self.axis = AxisView(store)
        self.cursor = ListCursor(follow=not arrangement.sorted)
        self._order.by(arrangement.sort, descending=arrangement.descending)

    # What is in view

    def take(self, numbers: Numbers, moment: int, *, paint: bool = True) -> None:
        """Show these rows, which are ascending, as they are at ``moment``, at once or with the next
        repaint."""
        self._moment = moment
        now = self._clock()
        before = self._announced
        if self.arrangement.axis:
            self.axis.update(numbers, now, moment)
        ascending = not self.arrangement.sorted
        if not ascending:
            numbers = self._order.arrange(numbers, now, moment)
        top = self.cursor.replace(numbers, self.page_height, ascending=ascending)
        self.set_lines(len(self.cursor))
        # Not noted anew where it is held: what a filter hides is to be back on its line after it.
        show = super().set_top if self.cursor.held else self.set_top
        show(top, paint=paint)
        self._announced = self.cursor.current
        if self._announced != before:
            self.post_message(self.Moved())

    def due(self, now_ns: int, *, paused: bool) -> bool:
        """Whether the rows should be taken anew though none came, as their order is another."""
        return self.arrangement.sorted and self._order.due(now_ns, still=paused)

    def repaint(self, moment: int, *, everything: bool = False) -> None:
        """Draw the rows in view again: all of them, or if some of them are open and grow."""
        self._moment = moment
        if self.arrangement.axis and moment and self.cursor.ascending:
            everything |= self.axis.update(self.cursor.numbers, self._clock(), moment)
        if self._painter.growing or everything:
            self._painter.growing = False
            self.refresh_changed()

    @property
    def noticed(self) -> bool:
        """Whether something is said where there are no rows."""
        return bool(self._notice)

    def set_notice(self, lines: Sequence["NoticeLine"]) -> None:
        """What is said where there are no rows."""
        if self._notice != lines:
            self._notice = lines
            self.refresh()

    def arrangement_changed(self) -> None:
        """Other columns, another order or another waterfall; the rows are to be taken anew."""
        arrangement = self.arrangement
        self._order.by(arrangement.sort, descending=arrangement.descending)
        self.axis.forget()
        if arrangement.sorted:
            self.cursor.follow = False
        if self.cursor.column is not None and self.plan.of(self.cursor.column) is None:
            self.cursor.column = None
        self.look_changed()

    def rows_replaced(self) -> None:
        """Other rows are to be in view, by a filter; they are to be taken anew."""
        self._order.forget()
        self.axis.forget()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh_changed()

    def look_changed(self) -> None:
        self._painter.clear()
        self.refresh()

    def on_unmount(self) -> None:
        self._order.close()

    @property
    def plan(self) -> Layout:
        """The columns at the width that there is."""
        return self.arrangement.layout(self.width)

    @property
    def window(self) -> Window | None:
        """What the time axis shows, if there is one."""
        return self.axis.window if self.arrangement.axis else None

    @property
    def face(self) -> Face:
        """What the header is to show."""
        arrangement = self.arrangement
        return Face(
            self.plan, arrangement.sort, arrangement.descending, self.cursor.column, self.window
        )

    def set_top(self, top: int, *, paint: bool = True) -> None:
        super().set_top(top, paint=paint)
        self.cursor.note(top, self.page_height)

    def on_resize(self, event: events.Resize) -> None:
        self._painter.clear()
        top = self.cursor.top_showing(self.top, self.page_height)
        if self.cursor.follow:
            top = max(0, len(self.cursor) - self.page_height)
        self.set_lines(len(self.cursor))
        self.set_top(top)

    # Drawing

    def draw(self) -> list[Strip]:
        self._canvas = self._stretched()
        strips = super().draw()
        self._canvas = None
        return strips

    def render_line(self, y: int) -> Strip:
        canvas = self._canvas or self._stretched()
        width = canvas.plain.plan.width
        index = canvas.top + y
        if index >= canvas.count:
            # In the middle of what the rows leave free.
            used = max(0, canvas.count - canvas.top)
            first = used + max(0, (self.size.height - used - len(self._notice)) // 2)
            return self._painter.notice(self._notice, y - first, width)
        brush = canvas.cursor if index == canvas.selected else canvas.plain
        return self._painter.strip(int(self.cursor.numbers[index]), self._moment, brush)

    def _stretched(self) -> Canvas:
        plan, window, cursor = self.plan, self.window, self.cursor
        return Canvas(
            self.top,
            len(cursor),
            cursor.index,
            Brush(plan, False, False, None, window, self.needle),
            Brush(plan, True, self.has_focus, cursor.column, window, self.needle),
        )

    # Moving

    def select(self, number: int) -> None:
        """Select an exchange by number and stop following."""
        self.cursor.follow = False
        self.cursor.selected = number
        self._moved()

    def set_follow(self, follow: bool) -> None:
        """Go to the last row; follow the newest from there, unless the list is sorted."""
        self.cursor.follow = follow and self.cursor.ascending
        if follow:
            self.cursor.select(len(self.cursor) - 1)
        self._moved()

    def _moved(self) -> None:
        self._announced = self.cursor.current
        if self.arrangement.axis and not self.cursor.follow:
            row = self.selected_row()
            if row is not None:
                self.axis.reveal(row)
        self.set_top(self.cursor.top_showing(self.top, self.page_height))
        self.post_message(self.Moved())

    def selected_row(self) -> Row | None:
        """The selected row as it is; None where there is none."""
        number = self.cursor.current
        try:
            return None if number is None else self._store.row(number, self._moment)
        except KeyError:
            return None

    def action_move(self, distance: int) -> None:
        self.cursor.move(distance)
        self._moved()
        self.paint_now()

    def action_page(self, pages: int) -> None:
        distance = pages * max(1, self.page_height - 1)
        self.set_top(self._within(self.top + distance))
        self.action_move(distance)

    def action_first(self) -> None:
        self.action_move(-len(self.cursor))

    def action_last(self) -> None:
        self.set_follow(True)

    async def action_open(self) -> None:
        # Not by a message: keys that were typed with it are for what it opens.
        await self.run_action("screen.open")

    def action_cell(self, distance: int) -> None:
        names = [placed.column.name for placed in self.plan.columns]
        self.cursor.move_cell(distance, names)
        self._moved()

    def leave_cell(self) -> bool:
        """Let go of the column that is chosen; whether there was one."""
        chosen, self.cursor.column = self.cursor.column, None
        if chosen is not None:
            self._moved()
        return chosen is not None

    # Mouse

    def scroll_by(self, lines: int) -> None:
        """Move the window over the rows; the selected row stays the selected one."""
        top = self._within(self.top + lines)
        if lines < 0 or top != self.top:
            self._let_go()
        self.set_top(top)

    def _within(self, top: int) -> int:
        return max(0, min(top, len(self.cursor) - self.page_height))

    def _let_go(self) -> None:
        if self.cursor.follow:
            self.cursor.follow = False
            self.post_message(self.Moved())

    def _axis_at(self, x: int) -> Placed | None:
        """The waterfall where it is an axis and at that cell."""
        placed = self.plan.under(x) if self.arrangement.axis else None
        return placed if placed is not None and placed.column.name == WATERFALL else None

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        if not self._zoomed(event, -1):
            super()._on_mouse_scroll_down(event)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        if not self._zoomed(event, 1):
            super()._on_mouse_scroll_up(event)

    def _zoomed(self, event: events.MouseEvent, steps: int) -> bool:
        axis = self._axis_at(event.x)
        if axis is None or not event.ctrl:
            return False
        event.stop()
        event.prevent_default()
        self.post_message(ListHeader.Zoomed(steps, event.x - axis.at, axis.width))
        return True

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragged = False
        if event.button == 1 and self._axis_at(event.x) is not None:
            self._dragged_from = event.screen_x
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged_from is None or event.screen_x == self._dragged_from:
            return
        axis = self.plan.of(WATERFALL)
        if axis is not None:
            self.post_message(ListHeader.Panned(event.screen_x - self._dragged_from, axis.width))
        self._dragged_from, self._dragged = event.screen_x, True

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()

    async def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        dragged, self._dragged = self._dragged, False
        if event.button == 2 or dragged or not 0 <= index < len(self.cursor):
            return
        again = index == self.cursor.index and not self.cursor.follow
        placed = self.plan.under(event.x)
        column = placed.column.name if placed is not None else None
        if event.button == 3 or event.ctrl:
            self.post_message(self.CellPicked(int(self.cursor.numbers[index]), column, event.meta))
            return
        if again and column in (self.cursor.column, None):
            await self.action_open()
            return
        self.cursor.column = column
        self.select(int(self.cursor.numbers[index]))
