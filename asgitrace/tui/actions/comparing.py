"""Two exchanges beside one another."""

from functools import lru_cache
from typing import Final

from asgitrace.store.model import RowKind
from asgitrace.store.routes import route
from asgitrace.tui.actions.base import ActionBase

_MOST: Final = 50_000
"""Rows that are looked through for one of the same route."""


class CompareActions(ActionBase):
    """What chooses two exchanges and compares them."""

    _first: int | None = None
    """The one that was chosen to be compared, while there is no other."""

    def action_compare(self) -> None:
        """Compare the two that are marked, if it is two; otherwise the selected one is the first
        of them, or the second."""
        marked = self.feed.store.annotations.numbers(marked=True).tolist()
        kept = [number for number in marked if number in self.feed.store]
        if len(kept) == 2:
            self._first = None
            self._compare(min(kept), max(kept))
            return
        number = self._to_compare()
        if number is None:
            return
        if self._first is None or self._first not in self.feed.store:
            self._take_first(number)
        elif self._first == number:
            self._first = None
            self.hints.say(f"#{number} is not compared")
        else:
            first, self._first = self._first, None
            self._compare(first, number)

    def _to_compare(self) -> int | None:
        """The selected row, if it is an exchange."""
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            self.hints.say("Nothing is selected")
            return None
        if self.feed.store.row(number, self.moment).kind is RowKind.PROCESS:
            self.hints.say("A note on the process is no exchange to compare")
            return None
        return number

    def _take_first(self, number: int) -> None:
        self._first = number
        if self.table.cursor.follow:
            self.table.select(number)
        self.hints.say(f"#{number} is the first; press the key again on another to compare them")

    def action_compare_previous(self) -> None:
        """Compare the selected one with the one before it of the same method and route."""
        number = self._to_compare()
        found = None if number is None else self._previous(number)
        if number is None:
            return
        if found is None:
            self.hints.say(f"No exchange of the same route is kept from before #{number}")
        else:
            self._compare(found, number)

    def _previous(self, number: int) -> int | None:
        store = self.feed.store
        routes = lru_cache(maxsize=None)(route)
        at = int(store.numbers.searchsorted(number))
        method, wanted = store.method[at], routes(store.paths[store.path[at]])
        same = (store.method[:at] == method).nonzero()[0][-_MOST:][::-1]
        for place in same.tolist():
            if routes(store.paths[store.path[place]]) == wanted:
                return int(store.numbers[place])
        return None

    def _compare(self, left: int, right: int) -> None:
        self.run_worker(self._show_comparison(left, right), group="compare", exclusive=True)

    async def _show_comparison(self, left: int, right: int) -> None:
        # Late, as it is not needed for the first paint.
        from asgitrace.tui.compare.screen import CompareScreen

        app = self.trace_app
        screen = CompareScreen(self.feed, app.clock, app.current_look, (left, right))
        jump = await app.push_screen_wait(screen)
        if jump is not None:
            self.go_to(jump.number, tab=jump.tab, event=jump.event)
