"""The detail: opened, closed, and the way between it and the list."""

from textual import on

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.detail.log_tab import LogTab
from asgitrace.tui.filter.keys import KEYS as FILTER_KEYS
from asgitrace.tui.search.bar import KEYS as SEARCH_KEYS


class DetailActions(ActionBase):
    """What opens and closes the detail."""

    def action_open(self) -> None:
        """Show the selected exchange in detail; it stays the selected one."""
        number = self.table.cursor.current
        if number is None:
            return
        if self.table.cursor.follow:
            self.table.select(number)
        self.open_detail(number)

    def action_log(self) -> None:
        self.open_detail(self.table.cursor.current)
        self.detail.show_log()
        self.detail.focus_inside()

    def action_open_tab(self, name: str) -> None:
        """A tab of the detail by its key, also while the keys go to the list."""
        if self.detail_open:
            self.detail.open_tab(name)

    async def action_in_tab(self, action: str) -> None:
        """Do what a tab of the detail does."""
        await self.app.run_action(action, self.detail.event_tab())
        self.show_keys()

    async def action_in_log(self, action: str) -> None:
        """Do what the log does."""
        await self.app.run_action(action, self.detail.log_tab)
        self.show_keys()

    @on(LogTab.Jump)
    def _jump_from_log(self, message: LogTab.Jump) -> None:
        if message.number:
            self.go_to(message.number, tab="timeline")
        else:
            self.hints.say("It is not known to which exchange this line belongs")

    def open_detail(self, number: int | None) -> None:
        self.detail_open = True
        self.lay_out()
        self.detail.show(number)
        self.detail.tick(self.moment)
        self.detail.focus_inside()
        self.show_keys()

    def show_keys(self) -> None:
        """Show in the line of hints what the keys do now."""
        if self.filter_bar.typing:
            self.hints.show_keys(FILTER_KEYS)
        elif self.search_bar.typing:
            self.hints.show_keys(SEARCH_KEYS)
        elif self.detail_open:
            self.hints.for_detail(self.detail.keys)
        else:
            self.hints.for_list()

    def action_leave_content(self) -> None:
        self.detail.leave_content()

    def close_detail(self) -> None:
        self.detail_open = False
        self.lay_out()
        self.table.focus()
        self.show_keys()

    def action_other_pane(self) -> None:
        if not self.detail_open:
            return
        if not self.detail.has_focus_within:
            self.detail.focus_inside()
        elif self.has_class("-alone"):
            # The list is not seen: from the last list of the tab to its first.
            self.detail.focus_first()
        else:
            self.table.focus()

    def action_back(self) -> None:
        if self.detail_open:
            self.close_detail()
        elif self.table.leave_cell():
            pass
        elif self.feed.filtered:
            self.clear_filter()

    def action_quit_hint(self) -> None:
        if self.detail_open:
            self.close_detail()
        else:
            self.hints.say("Q or ctrl+q quits")
