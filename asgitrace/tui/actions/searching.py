"""Search: in the pane that has the keys, and in all exchanges."""

from typing import TYPE_CHECKING

from textual import on

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.search.pane import SearchPane

if TYPE_CHECKING:
    from asgitrace.tui.search.inquiry import Inquiry


class SearchActions(ActionBase):
    """What searches."""

    @property
    def _searched(self) -> SearchPane:
        """The pane that has the keys."""
        focused = self.focused
        return focused if isinstance(focused, SearchPane) else self.table

    def action_search(self) -> None:
        """Type what is to be searched for in the pane that has the keys."""
        self.search_bar.open(self._searched)

    def action_search_key(self, name: str) -> None:
        """Do what a key does while one types what is searched for."""
        self.search_bar.key(name)

    @on(SearchBar.FocusChanged)
    def _search_focus_changed(self) -> None:
        if self.search_bar.typing:
            self.hints.be_quiet()
        self.show_keys()

    # In all exchanges

    _inquiry: "Inquiry | None" = None
    """What was searched for last, with what was found."""

    def action_everywhere(self) -> None:
        """Search in all exchanges, or go on with what was found."""
        self.run_worker(self._everywhere(), group="everywhere", exclusive=True)

    async def _everywhere(self) -> None:
        # Late, as it is not needed for the first paint.
        from asgitrace.tui.search.everywhere import EverywhereScreen
        from asgitrace.tui.search.inquiry import Inquiry

        app = self.trace_app
        if self._inquiry is None:
            self._inquiry = Inquiry(self.feed.store)
        screen = EverywhereScreen(self._inquiry, lambda: self.moment, app.current_look)
        target = await app.push_screen_wait(screen)
        if target is None:
            return
        if target.number:
            self.go_to(target.number, tab=target.tab, event=target.event, text=target.text)
        else:
            self.open_detail(self.table.cursor.current)
            self.detail.go_to(target.tab, target.event, target.text)
