"""What the actions of the main screen work on."""

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

if TYPE_CHECKING:
    from asgitrace.tui.app import TraceApp
    from asgitrace.tui.detail import DetailPane
    from asgitrace.tui.feed import Feed
    from asgitrace.tui.filter.bar import FilterBar
    from asgitrace.tui.hints import HintBar
    from asgitrace.tui.list import ExchangeTable, ListHeader
    from asgitrace.tui.search.bar import SearchBar
    from asgitrace.views.needle import Needle


class ActionBase(Screen[None]):
    """The widgets that the main screen is made of."""

    feed: "Feed"
    table: "ExchangeTable"
    header: "ListHeader"
    detail: "DetailPane"
    filter_bar: "FilterBar"
    search_bar: "SearchBar"
    hints: "HintBar"

    @property
    def trace_app(self) -> "TraceApp":
        return cast("TraceApp", self.app)

    @property
    def moment(self) -> int:
        """Up to when open exchanges last, in monotonic ns."""
        return self.feed.moment(self.trace_app.clock())

    detail_open = False
    """Whether the detail is seen."""

    def lay_out(self) -> None:
        """Put list and detail where they belong."""
        raise NotImplementedError

    def clear_filter(self) -> None:
        """Show everything."""
        raise NotImplementedError

    def action_toggle_filter(self) -> None:
        """Put the filter off, or on again."""
        raise NotImplementedError

    def action_pause(self) -> None:
        """Leave the rows as they are, or go on."""
        raise NotImplementedError

    def rows_changed(self) -> None:
        """Show at once what a key changed."""
        raise NotImplementedError

    def apply_filter(self, text: str) -> None:
        """Show only what passes a filter."""
        raise NotImplementedError

    def narrow_filter(self, term: str, *, exclude: bool = False) -> None:
        """Show only those of the rows in view that pass a term too, or that do not."""
        raise NotImplementedError

    def show_keys(self) -> None:
        """Show in the line of hints what the keys do now."""
        raise NotImplementedError

    def close_detail(self) -> None:
        """Hide the detail; the list gets the keys."""
        raise NotImplementedError

    def open_detail(self, number: int | None) -> None:
        """Show an exchange in the detail, which gets the keys."""
        raise NotImplementedError

    def go_to(
        self,
        number: int,
        *,
        tab: str = "",
        event: int | None = None,
        text: "Needle | None" = None,
    ) -> bool:
        """Select an exchange and show it in detail, whatever hides it from the list.

        Args:
            number: of the exchange.
            tab: which tab of the detail; empty for the one that was seen last.
            event: index of the event to go to, where the tab has events.
            text: what to search for there; it stays marked.

        Returns:
            False where the exchange is no longer kept; that is said in the line of hints.
        """
        raise NotImplementedError
