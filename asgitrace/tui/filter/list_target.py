"""The list of exchanges as something that is filtered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from asgitrace.filter.model import Predicate
from asgitrace.tui.filter.target import Told

if TYPE_CHECKING:
    from asgitrace.tui.feed import Feed


class ListTarget:
    """Filters the rows of a feed, and says so to those who want to know."""

    what = "exchanges"

    def __init__(
        self,
        feed: "Feed",
        take_keys: Callable[[], None],
        used: Callable[[Predicate | None], None],
    ) -> None:
        self._feed = feed
        self._take_keys = take_keys
        self._used = used

    @property
    def filter_typed(self) -> str:
        return self._feed.filter_typed

    def use(self, typed: str, predicate: Predicate | None) -> None:
        self._feed.use(typed, predicate)
        self._used(predicate)

    def told(self) -> Told | None:
        return self._feed.told()

    def take_keys(self) -> None:
        self._take_keys()
