"""Search: in the pane that has the keys, and in all exchanges."""

from textual import on

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.search.pane import SearchPane


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
