"""The filter: typed, taken from a cell, put off and on, saved, and its reference."""

from typing import TYPE_CHECKING

from textual import on

from asgitrace.errors import SettingsError
from asgitrace.filter.model import Predicate
from asgitrace.store.model import Row
from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.actions.jumping import same_connection
from asgitrace.tui.filter.bar import FilterBar
from asgitrace.tui.filter.cells import both, cell_term, excluding
from asgitrace.tui.filter.history import History
from asgitrace.tui.filter.list_target import ListTarget
from asgitrace.tui.filter.name_prompt import NamePrompt
from asgitrace.tui.filter.seen import Suggestions
from asgitrace.tui.list.table import ExchangeTable
from asgitrace.tui.terms import connection_term

if TYPE_CHECKING:
    from asgitrace.tui.filter.target import Target


class FilterActions(ActionBase):
    """What filters the list, or the events of the exchange that is shown."""

    _put_off = ""
    """The filter that was in force last."""

    # The bar

    def make_filter_bar(self) -> FilterBar:
        """The bar, for the list at first."""
        app = self.trace_app
        target = ListTarget(self.feed, self._give_keys_to_list, self._filtered)
        return FilterBar(
            app.current_look,
            target,
            History(app.state.history),
            lambda: app.settings.filters,
            Suggestions(self.feed.store),
        )

    def _give_keys_to_list(self) -> None:
        # At once: what was typed behind the enter is for the list as it is now.
        self.rows_changed()
        self.set_focus(self.table)

    def _filtered(self, predicate: Predicate | None) -> None:
        """The list shows other rows; the timeline shows why an exchange passes the filter."""
        self.table.rows_replaced()
        self.detail.mark_events(predicate)

    def action_filter(self) -> None:
        """Type a filter for what has the keys."""
        target: Target | None = None
        if self.detail_open and self.detail.has_focus_within:
            target = self.detail.filter_target
        self.filter_bar.open(target)

    def action_filter_key(self, name: str) -> None:
        """Do what a key does while one types a filter."""
        self.filter_bar.key(name)

    @on(FilterBar.FocusChanged)
    def _filter_focus_changed(self) -> None:
        if self.filter_bar.typing:
            self.hints.be_quiet()
        self.show_keys()

    # The filter in force

    def apply_filter(self, text: str) -> None:
        """Show only what passes this filter, as if it had been typed; one that cannot be read
        opens the bar, which says why."""
        self.filter_bar.apply(text)
        self.rows_changed()

    def clear_filter(self) -> None:
        """Show everything."""
        self.apply_filter("")

    def narrow_filter(self, term: str, *, exclude: bool = False) -> None:
        """Show only those of the rows in view that pass a term too, or that do not."""
        self.apply_filter(both(self.feed.filter_typed, excluding(term) if exclude else term))

    def action_toggle_filter(self) -> None:
        """Put the filter off, or on again."""
        typed = self.feed.filter_typed
        if typed:
            self._put_off = typed
            self.clear_filter()
            self.hints.say(f"Filter off: {typed}")
        elif wanted := self._put_off or self.filter_bar.history.newest:
            self.apply_filter(wanted)
            self.hints.say(f"Filter on: {wanted}")
        else:
            self.hints.say("There was no filter yet: f begins one")

    # Cells

    def action_filter_cell(self) -> None:
        """Show only exchanges like the selected one in the chosen cell."""
        self._narrow_by_cell(self.table.cursor.current, self.table.cursor.column)

    def action_exclude_cell(self) -> None:
        """Leave out exchanges like the selected one in the chosen cell."""
        self._narrow_by_cell(self.table.cursor.current, self.table.cursor.column, exclude=True)

    @on(ExchangeTable.CellPicked)
    def _cell_picked(self, message: ExchangeTable.CellPicked) -> None:
        self._narrow_by_cell(message.number, message.column, exclude=message.exclude)

    def _narrow_by_cell(
        self, number: int | None, column: str | None, *, exclude: bool = False
    ) -> None:
        if number is None or number not in self.feed.store:
            self.hints.say("Nothing is selected")
            return
        row = self.feed.store.row(number, self.moment)
        term = self._term(row, column or "path")
        if term is None:
            self.hints.say(f"There is nothing to filter by in the column {column!r}")
        else:
            self.narrow_filter(term, exclude=exclude)

    def _term(self, row: Row, column: str) -> str | None:
        store = self.feed.store
        if column == "connection" and row.connection:
            rows = same_connection(store, row.number)
            return connection_term(store, row.connection, int(rows[0]), int(rows[-1]))
        return cell_term(row, store.annotations.of(row.number), column)

    # Saved filters

    @on(FilterBar.Save)
    def _save_filter(self, message: FilterBar.Save) -> None:
        self.run_worker(self._name_filter(message.text), group="filter", exclusive=True)

    async def _name_filter(self, text: str) -> None:
        name = await self.app.push_screen_wait(NamePrompt(text, self.trace_app.settings.filters))
        if name is None:
            return
        try:
            self.trace_app.save_filter(name, text)
        except SettingsError as error:
            self.hints.say(str(error), wrong=True)
        else:
            self.hints.say(f"Saved: @{name} stands for {text}")

    # Reference

    @on(FilterBar.ReferenceWanted)
    def _reference_wanted(self) -> None:
        self.action_reference()

    def action_reference(self) -> None:
        """Show the fields and operators."""
        self.run_worker(self._reference(), group="reference", exclusive=True)

    async def _reference(self) -> None:
        # Late: it shows all fields, which nobody needs before.
        from asgitrace.tui.filter.reference import ReferenceScreen

        example = await self.app.push_screen_wait(ReferenceScreen())
        if example is not None:
            if not self.filter_bar.typing:
                self.filter_bar.open()
            self.filter_bar.put(example)
