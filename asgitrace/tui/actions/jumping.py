"""Jumps: to an exchange and into it, to a time, and along a connection."""

from typing import TYPE_CHECKING

import numpy as np

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.time_prompt import TimePrompt
from asgitrace.views.units import format_clock

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing
    from asgitrace.tui.list.cursor import Numbers
    from asgitrace.views.needle import Needle


class JumpActions(ActionBase):
    """What goes to a row that is not beside the selected one."""

    def go_to(
        self,
        number: int,
        *,
        tab: str = "",
        event: int | None = None,
        text: "Needle | None" = None,
    ) -> bool:
        """Select an exchange and show it in detail, whatever hides it from the list."""
        if number not in self.feed.store:
            self.hints.say(f"#{number} is no longer kept")
            return False
        self._let_see(number)
        self.table.select(number)
        self.open_detail(number)
        self.detail.go_to(tab, event, text)
        return True

    def _let_see(self, number: int) -> None:
        """Take away what hides a row from the list, and say so."""
        if self.feed.filtered and not self._in_view(number):
            self.action_toggle_filter()
        if self.feed.paused and not self._in_view(number):
            self.action_pause()
            self.hints.say(f"#{number} came after the pause, which is over")

    def _in_view(self, number: int) -> bool:
        numbers = self.feed.numbers()
        place = int(numbers.searchsorted(number))
        return place < len(numbers) and int(numbers[place]) == number

    def action_time(self) -> None:
        """Go to the row in view that began nearest to a time that is asked for."""
        self.run_worker(self._time(), group="time", exclusive=True)

    async def _time(self) -> None:
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            self.hints.say("There is no row to go to")
            return
        base = self.feed.store.row(number, self.moment).started_ns
        at = await self.app.push_screen_wait(TimePrompt(base))
        if at is None:
            return
        found = nearest(self.feed.store, self.feed.numbers(), at)
        if found is None:
            self.hints.say("There is no row to go to")
            return
        self.table.select(found)
        began = self.feed.store.row(found, self.moment).started_ns
        self.hints.say(f"#{found} began at {format_clock(began)}")

    def action_same_connection(self, direction: int) -> None:
        """Go to the next exchange in view on the connection of the selected one, or the one
        before."""
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            self.hints.say("Nothing is selected")
            return
        connection = self.feed.store.row(number, self.moment).connection
        if not connection:
            self.hints.say("Its connection is not known: only asgitrace's own server tells of it")
            return
        found = on_connection(self.feed.store, self.feed.numbers(), number, direction)
        if found is None:
            where = "after" if direction > 0 else "before"
            self.hints.say(f"No exchange in view {where} this one on connection {connection}")
        else:
            self.table.select(found)


def _places(listing: "Listing", numbers: "Numbers") -> "Numbers":
    """Where the rows of these ascending numbers lie, those that are still there."""
    there = listing.numbers
    if len(there) == len(numbers) and np.array_equal(there, numbers):
        return np.arange(len(there))
    places = there.searchsorted(numbers)
    places = places[places < len(there)]
    found: Numbers = places[there[places] == numbers[: len(places)]]
    return found


def nearest(listing: "Listing", numbers: "Numbers", at_ns: int) -> int | None:
    """The row in view that began nearest to a wall time."""
    places = _places(listing, numbers)
    if not len(places):
        return None
    distance = np.abs(listing.started[places] - at_ns)
    return int(listing.numbers[places[distance.argmin()]])


def on_connection(
    listing: "Listing", numbers: "Numbers", number: int, direction: int
) -> int | None:
    """The nearest row in view before or behind one, on the same connection."""
    others = same_connection(listing, number)
    seen = others[np.isin(others, numbers, assume_unique=True)]
    if direction > 0:
        after = seen[seen > number]
        return int(after[0]) if len(after) else None
    before = seen[seen < number]
    return int(before[-1]) if len(before) else None


def same_connection(listing: "Listing", number: int) -> "Numbers":
    """All rows on the connection of one, itself among them, ascending."""
    at = int(listing.numbers.searchsorted(number))
    same = (listing.connection == listing.connection[at]) & (listing.source == listing.source[at])
    found: Numbers = listing.numbers[same]
    return found
