"""What the screens have in common that count the exchanges in view, anew and anew."""

from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on
from textual.screen import Screen

from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.tui.overviews.statistics_top import TopLine
from asgitrace.tui.overviews.statistics_work import Passes, wall_now
from asgitrace.tui.taking import TakesKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from asgitrace.tui.feed import Feed
    from asgitrace.views.look import Look

T = TypeVar("T")


class OverviewScreen(TakesKeys, Screen[str | None], Generic[T]):
    """Returns the filter term of the exchanges that are to be shown, or None."""

    def __init__(
        self,
        feed: "Feed",
        clock: "Callable[[], int]",
        look: "Callable[[], Look]",
        title: str,
        choices: "Sequence[str]",
    ) -> None:
        super().__init__()
        self._feed = feed
        self._clock = clock
        self._passes: Passes[T] = Passes(self._begin_pass)
        self._counted: object = None
        """What was there when the last pass began."""
        self._bar = TopLine(look, title, choices)
        self._hints = HintBar(look)

    def _count(self) -> "Generator[None, None, T | None]":
        """One pass over the exchanges in view; None if it has to begin anew."""
        raise NotImplementedError

    def _take(self, found: T) -> None:
        """Show what a pass came to."""
        raise NotImplementedError

    def action_show(self) -> None:
        """Show the exchanges of the line under the cursor."""
        raise NotImplementedError

    def tick(self) -> None:
        """Go on counting; show what it came to."""
        found = self._passes.work(changed=self._there != self._counted)
        if found is not None:
            self._take(found)
        elif self._passes.waiting:
            self._bar.say("counting \u2026")

    def _begin_pass(self) -> "Generator[None, None, T | None]":
        self._counted = self._there
        return self._count()

    @property
    def _there(self) -> object:
        feed = self._feed
        return feed.store.version, feed.filter_typed, feed.paused

    @property
    def _now(self) -> int:
        """The wall time up to which there is anything."""
        return wall_now(self._feed, self._feed.moment(self._clock()))

    def _with_filter(self, note: str) -> str:
        """A note, with the filter that it is about."""
        typed = self._feed.filter_typed
        return f"{note} of {typed}" if typed else note

    # What the keys do

    @on(LineList.Chosen)
    def _line_chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        self.action_show()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        focused = self.focused
        text = focused.copy_text() if isinstance(focused, LineList) else None
        if text is None:
            self._hints.say("Nothing is selected")
            return
        self.app.copy_to_clipboard(text)
        self._hints.say("Copied")
