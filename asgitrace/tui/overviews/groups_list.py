"""The list of the groups, and the titles of its columns."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.views.groups.columns import SORTABLE, layout
from asgitrace.views.groups.lines import GroupLines
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look


class SteadyList(LineList):
    """Lines that are replaced as time goes on. The cursor stays on its group, and the group on its
    line of the screen."""

    def replace(self, lines: Lines, index: int | None = None) -> None:
        """Show other lines, the cursor on one of them, or on the group that it is on."""
        beside = self.cursor - self._top
        index = self._place(lines) if index is None else index
        self.lines = lines
        self.change += 1
        self.cursor = max(0, min(index, len(lines) - 1))
        self._resize_content()
        self._scroll_top(self.cursor - beside)

    def _place(self, lines: Lines) -> int:
        before, found = self.lines, None
        if isinstance(before, GroupLines) and isinstance(lines, GroupLines) and len(before):
            found = lines.find(before.name(self.cursor))
        return self.cursor if found is None else found


class GroupList(SteadyList):
    """The groups, sorted by keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.sort_beside(-1)", "Sort by the column before", show=False),
        Binding("right", "screen.sort_beside(1)", "Sort by the next column", show=False),
    ]


class GroupHead(ColumnHead):
    """The titles; a click sorts."""

    class Clicked(Message):
        """The groups are to be sorted by a column."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, draw: Callable[[int, Look], Cells], below: LineList) -> None:
        super().__init__(draw, below)

    def on_click(self, event: events.Click) -> None:
        column = layout(max(1, self._below.width)).at(event.x)
        if column is not None and column.name in SORTABLE:
            self.post_message(self.Clicked(column.name))
