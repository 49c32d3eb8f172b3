"""A pane that can be searched: what it answers, and what the keys of a search do in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from textual.actions import SkipAction
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from asgitrace.tui.commands import bind
from asgitrace.views.needle import Needle

if TYPE_CHECKING:
    from asgitrace.tui.search.bar import SearchBar

Way = Iterator[int | None]
"""Places with a match, and None where others are to have their turn."""


class Tally(Protocol):
    """Counts the places with a match."""

    @property
    def total(self) -> int:
        """How many were found so far."""
        ...

    @property
    def done(self) -> bool:
        """Whether all were."""
        ...

    def place_of(self, place: int) -> int:
        """Which of them a place is, from 1; 0 where it is none, or not found yet."""
        ...

    def work(self) -> bool:
        """Count on, for a moment; False where there is nothing to do. Raises NeedleError."""
        ...


def search_bar(screen: Screen[Any]) -> "SearchBar | None":
    """The line of a screen in which one types what is searched for; None where it has none yet."""
    from asgitrace.tui.search.bar import SearchBar

    return next(iter(screen.query(SearchBar)), None)


class SearchScope:
    """A container whose lists are marked together."""


class SearchPane(Widget):
    """What has places that can be gone to, from the first to the last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("search", "search"),
        bind("next-error", "match(1)"),
        bind("previous-error", "match(-1)"),
        bind("back", "end_search"),
    ]

    # What the pane answers

    def search_places(self) -> tuple[int, int] | None:
        """The first and the last place; None where there is none."""
        raise NotImplementedError

    def search_here(self) -> int | None:
        """The place with the cursor."""
        raise NotImplementedError

    def search_beside(self, place: int, step: int) -> int | None:
        """The place behind or before another; None at the ends."""
        raise NotImplementedError

    def search_from(self, needle: Needle, place: int, step: int) -> Way:
        """The way to the matches from a place on, that one included."""
        raise NotImplementedError

    def search_tally(self, needle: Needle) -> Tally:
        """What counts all matches."""
        raise NotImplementedError

    def search_go(self, place: int) -> None:
        """Put the cursor there."""
        raise NotImplementedError

    def search_keep(self) -> object:
        """Where the cursor and the window are."""
        raise NotImplementedError

    def search_restore(self, kept: object) -> None:
        """Put cursor and window back."""
        raise NotImplementedError

    def search_mark(self, needle: Needle | None) -> None:
        """Mark the matches in what is drawn, here and in what belongs to it; None: no more."""
        raise NotImplementedError

    # What the keys do

    def action_search(self) -> None:
        """Type what is to be searched for here."""
        from asgitrace.tui.search.bar import SearchBar

        SearchBar.open_on(self.screen, self)

    def action_match(self, step: int) -> None:
        """The next match, or the one before, while a search is on."""
        bar = search_bar(self.screen)
        if bar is None or not bar.on:
            raise SkipAction
        bar.go_on(self, step)

    def action_end_search(self) -> None:
        """Search no more."""
        bar = search_bar(self.screen)
        if bar is None or not bar.on:
            raise SkipAction
        bar.end()
