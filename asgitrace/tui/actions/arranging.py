"""The list as the user wants it: sorted, with other columns, on an axis of time."""

from textual import on

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.list.header import ListHeader


class ArrangeActions(ActionBase):
    """What changes how the list is shown, not what is in it."""

    def arranged(self) -> None:
        """Show at once what was changed of columns, order or waterfall."""
        self.table.arrangement_changed()
        self.rows_changed()

    # Order

    def action_sort(self) -> None:
        """Sort by the column of the cell cursor."""
        column = self.table.cursor.column
        if column is None:
            self.hints.say("Choose a column with the left and right keys, then sort by it")
        else:
            self.sort_by(column)

    def sort_by(self, column: str) -> None:
        """Sort by a column: ascending, then descending, then by arrival again."""
        self.table.arrangement.cycle_sort(column)
        self._sorted()

    def action_reverse(self) -> None:
        self.table.arrangement.reverse()
        self._sorted()

    def _sorted(self) -> None:
        self.arranged()
        words = self.table.arrangement.order_words()
        self.hints.say(f"Sorted {words}" if words else "In the order of arrival")

    @on(ListHeader.Sorted)
    def _title_clicked(self, message: ListHeader.Sorted) -> None:
        self.sort_by(message.column)

    # Columns

    def action_columns(self) -> None:
        """Choose the columns."""
        # Late, as it is rarely needed.
        from asgitrace.tui.list.columns_dialog import ColumnsDialog

        table = self.table
        dialog = ColumnsDialog(
            table.arrangement, self.trace_app.current_look, table.width, self.arranged
        )
        self.app.push_screen(dialog)

    @on(ListHeader.Resized)
    def _border_dragged(self, message: ListHeader.Resized) -> None:
        table = self.table
        table.arrangement.resize(message.column, message.width, table.width)
        self.arranged()

    # The axis of time

    def action_axis(self) -> None:
        self.table.arrangement.toggle_axis()
        self.arranged()

    def action_zoom(self, steps: int) -> None:
        if not self._needs_axis():
            return
        following = self.table.cursor.follow and self.table.axis.follows
        row = None if following else self.table.selected_row()
        self.table.axis.zoom(steps, None if row is None else row.started_ns)
        self._axis_moved()

    def action_pan(self, quarters: int) -> None:
        if self._needs_axis():
            self.table.axis.pan(quarters)
            self._axis_moved()

    def action_whole(self) -> None:
        if self._needs_axis():
            self.table.axis.show_whole()
            self._axis_moved()

    def _needs_axis(self) -> bool:
        if not self.table.arrangement.axis:
            self.hints.say("Only the time axis zooms and moves: a shows it")
        return self.table.arrangement.axis

    @on(ListHeader.Panned)
    def _axis_dragged(self, message: ListHeader.Panned) -> None:
        self.table.axis.drag(message.cells, message.width)
        self._axis_moved()

    @on(ListHeader.Zoomed)
    def _axis_zoomed(self, message: ListHeader.Zoomed) -> None:
        axis = self.table.axis
        axis.zoom(message.steps, axis.instant(message.cell, message.width))
        self._axis_moved()

    def _axis_moved(self) -> None:
        self.table.repaint(self.moment, everything=True)
        self.header.show(self.table.face)
