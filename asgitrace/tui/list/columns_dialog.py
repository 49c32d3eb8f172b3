"""The dialog of the list's columns; the list shows at once what comes of it."""

from collections.abc import Callable
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from asgitrace.tui.commands import bind
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.tui.list.arrangement import Arrangement
from asgitrace.views.columns.chooser import BOX, ColumnLines
from asgitrace.views.look import Look

_HINTS: Final = (
    ("space", "show", "switch"),
    ("K J", "move", "shift(1)"),
    ("+ -", "width", "widen(1)"),
    ("enter", "sort", "sort"),
    ("r", "usual ones", "reset"),
    ("esc", "close", "dismiss"),
)


_FRAME: Final = 3
"""The border, and the line of hints."""


class _ColumnList(LineList):
    """A click on the box shows or hides, one elsewhere selects."""

    class Ticked(LineList._About):
        """The box of the line under the cursor was clicked."""

    def on_click(self, event: events.Click) -> None:
        event.prevent_default().stop()
        index = round(self.scroll_offset.y) + event.y
        if event.button != 1 or index >= len(self.lines):
            return
        self.select(index)
        if event.x < BOX:
            self.post_message(self.Ticked(self))


class ColumnsDialog(ModalScreen[None]):
    """Show and hide, order, widen and sort the columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(bind(name, "dismiss") for name in ("back", "close", "columns")),
        Binding("space", "switch", "Show or hide", show=False),
        Binding("shift+up,K", "shift(-1)", "Move up", show=False),
        Binding("shift+down,J", "shift(1)", "Move down", show=False),
        Binding("plus,right", "widen(1)", "Wider", show=False),
        Binding("minus,left", "widen(-1)", "Narrower", show=False),
        bind("sort"),
        Binding("r", "reset", "The usual ones", show=False),
        bind("quit", "app.quit"),
    ]

    def __init__(
        self,
        arrangement: Arrangement,
        look: Callable[[], Look],
        width: int,
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._arrangement = arrangement
        self._width = width
        self._changed = changed
        self._lines = ColumnLines(arrangement.columns(width))
        self._list = _ColumnList()
        self._hints = HintBar(look)

    def compose(self) -> ComposeResult:
        with Vertical(id="columns-box") as box:
            box.border_title = "Columns"
            box.styles.height = len(self._lines) + _FRAME
            yield self._list
            yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys(_HINTS)
        self._list.show_lines(self._lines)
        self._show_plan()
        self._list.focus()

    def _show_plan(self) -> None:
        lines, arrangement = self._lines, self._arrangement
        lines.sort, lines.descending = arrangement.sort, arrangement.descending
        lines.plan = arrangement.layout(self._width)
        self._list.repaint()

    def _apply(self) -> None:
        self._changed()
        self._show_plan()

    def _choose(self) -> None:
        self._arrangement.choose(self._lines.wanted)
        self._apply()

    @on(_ColumnList.Ticked)
    def action_switch(self) -> None:
        """Show or hide the column under the cursor."""
        if self._lines.switch(self._list.cursor):
            self._choose()
        else:
            self._hints.say("One column has to stay")

    def action_shift(self, distance: int) -> None:
        """Move the column under the cursor."""
        index = self._lines.move(self._list.cursor, distance)
        self._list.select(index)
        self._choose()

    def action_widen(self, cells: int) -> None:
        """Make the column under the cursor wider or narrower."""
        if self._lines.widen(self._list.cursor, cells):
            self._choose()
        else:
            self._hints.say("The path takes the width that the others leave")

    @on(LineList.Chosen)
    def action_sort(self) -> None:
        """Sort by the column under the cursor: ascending, descending, by arrival."""
        self._arrangement.cycle_sort(self._lines.name(self._list.cursor))
        self._apply()

    def action_reset(self) -> None:
        """The usual columns, by the width of the screen."""
        self._arrangement.choose(())
        self._lines.set(self._arrangement.columns(self._width))
        self._list.select(0)
        self._apply()
