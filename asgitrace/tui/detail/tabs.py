"""The tabs of the detail pane. Each shows one exchange in its way; none is built before it is
looked at."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container

from asgitrace.store.model import Exchange
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.split import Split
from asgitrace.tui.hints import Hint
from asgitrace.tui.search.pane import SearchScope

NOTHING = "No exchange is chosen. Choose one in the list."


class Tab(SearchScope, Container):
    """What a tab can be told and asked."""

    DEFAULT_CSS = """
    Tab { height: 1fr; display: none; }
    """

    filter_target: EventFilter | None = None
    """What a filter is typed for in this tab; None where it has none."""

    def show(self, exchange: Exchange | None) -> None:
        """Show an exchange, another one than before."""

    def update_exchange(self, exchange: Exchange) -> None:
        """The same exchange, later."""

    def tick(self) -> None:
        """Time went on."""

    def leave(self) -> bool:
        """Close what is open inside; False if nothing is."""
        return False

    def go_to(self, event: int) -> bool:
        """Go to an event by its index; False where it is not there, or not yet."""
        return False

    @property
    def keys(self) -> Sequence[Hint]:
        """Keys of the list that has the focus, and what they do."""
        return ()

    @property
    def focused_list(self) -> LineList:
        """The list that has or would get the focus."""
        raise NotImplementedError

    @property
    def lists(self) -> list[LineList]:
        """The lists that are displayed, in the order in which the focus goes through them."""
        return [found for found in self.query(LineList) if found.display]

    def copy_text(self) -> str | None:
        """The text of what is under the cursor, as it came."""
        return self.focused_list.copy_text()


class SplitTab(Tab):
    """A tab with a list of events and the content of one of them."""

    what = "event"
    """What a line of the list is."""
    closes = True
    """Whether the content may be hidden."""
    split: Split

    def compose(self) -> ComposeResult:
        yield self.split

    @property
    def focused_list(self) -> LineList:
        return self.split.focused_list

    @property
    def lists(self) -> list[LineList]:
        return self.split.lists

    @property
    def keys(self) -> Sequence[Hint]:
        if self.split.is_inside:
            return (("back", f"back to the {self.what}s", "leave_content"),)
        if self.split.list.current is None:
            return ()
        if not self.split.is_open:
            return (("choose", f"open {self.what}", "focused.choose"),)
        into = ("other-pane", "into it", "focused.choose")
        close = ("back", f"close {self.what}", "leave_content")
        return (into, close) if self.closes else (into,)

    def leave(self) -> bool:
        if self.split.is_inside:
            self.split.list.focus()
            return True
        if self.closes and self.split.is_open:
            self.split.open(False)
            return True
        return False
