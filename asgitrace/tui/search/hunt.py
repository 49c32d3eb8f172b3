"""One search in one pane: where it stands, and how it goes on a little at a time."""

import time
from collections.abc import Callable
from typing import Final

from asgitrace.tui.search.pane import SearchPane, Tally, Way
from asgitrace.views.needle import Needle, NeedleError

_BUDGET_NS: Final = 8_000_000
"""How long matches are looked for at a time."""


class Hunt:
    """Goes to matches in a pane, and counts them."""

    def __init__(self, pane: SearchPane, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self.pane = pane
        self.needle: Needle | None = None
        self.note = ""
        """What is to be said of the last step."""
        self.failure = ""
        self._clock = clock
        self._origin = pane.search_keep()
        self._way: Way | None = None
        self._step = 1
        self._begun = False
        """The way is that from the cursor, while one types."""
        self._tally: Tally | None = None
        self._waiting = False
        """The first match is to be gone to, once there is one."""
        self._at_end: tuple[int, int | None] | None = None
        """In which direction, and from where, there was nothing more."""

    # What is searched for

    def look_for(self, needle: Needle | None, *, patient: bool = False) -> None:
        """Search for this from where the search began; with ``patient`` also in what the pane shows
        later, until there is a match."""
        self.pane.search_restore(self._origin)
        self.aim(needle)
        self._waiting = patient and needle is not None
        place = self.pane.search_here()
        if needle is not None and place is not None:
            self._begun = True
            self._set_out(place, 1)
        self.work()

    def aim(self, needle: Needle | None) -> None:
        """Mark and count this, and go nowhere."""
        self.needle = needle
        self.note = self.failure = ""
        self._way = self._at_end = None
        self._waiting = False
        self._tally = None if needle is None else self.pane.search_tally(needle)
        self.pane.search_mark(needle)

    def back(self) -> None:
        """Put the cursor back where it was when the search began."""
        self._way = None
        self.pane.search_restore(self._origin)

    # Going on

    def go(self, step: int) -> None:
        """To the next match, or the one before. At the last one that is said; the next time it
        begins at the other end."""
        pane, here, ends = self.pane, self.pane.search_here(), self.pane.search_places()
        self.note = ""
        self._waiting = False
        if self.needle is None or here is None or ends is None or self.failure:
            return
        wraps = self._at_end == (step, here)
        self._at_end = None
        start = ends[0 if step > 0 else 1] if wraps else pane.search_beside(here, step)
        if wraps:
            self.note = "from the first" if step > 0 else "from the last"
        if start is None:
            self._nothing_more(step)
        else:
            self._set_out(start, step)
            self.work()

    def _set_out(self, place: int, step: int) -> None:
        assert self.needle is not None
        self._step = step
        self._way = self.pane.search_from(self.needle, place, step)

    def work(self) -> bool:
        """Go on for a few milliseconds; whether there is more to do."""
        end = self._clock() + _BUDGET_NS
        ends = self.pane.search_places()
        if self._waiting and self._way is None and self._tally and self._tally.total and ends:
            self._set_out(ends[0], 1)
        try:
            while self._clock() < end:
                if not (self._walk() or (self._tally is not None and self._tally.work())):
                    return False
        except NeedleError as error:
            self.failure = str(error)
            self._way = self._tally = None
            return False
        return True

    def _walk(self) -> bool:
        """One step on the way; False where there is none."""
        way = self._way
        if way is None:
            return False
        try:
            place = next(way)
        except StopIteration:
            self._way = None
            self._turn_round()
        else:
            if place is not None:
                self._way, self._begun, self._waiting = None, False, False
                self.pane.search_go(place)
        return True

    def _turn_round(self) -> None:
        """Nothing was found; while one types, what is above the cursor will do as well."""
        here = self.pane.search_here()
        if self._begun and here is not None:
            self._begun = False
            above = self.pane.search_beside(here, -1)
            if above is not None:
                self.note = "above"
                self._set_out(above, -1)
        else:
            self._nothing_more(self._step)

    def _nothing_more(self, step: int) -> None:
        if self.note == "above":
            self.note = ""
            return
        if self._tally is not None and self._tally.done and not self._tally.total:
            self.note = ""
            return
        self._at_end = step, self.pane.search_here()
        self.note = "last match, again: first one" if step > 0 else "first match, again: last one"

    # What came of it

    @property
    def count(self) -> str:
        """How many matches there are, and which of them has the cursor."""
        tally = self._tally
        if self.failure:
            return self.failure
        if tally is None:
            return ""
        if not tally.total:
            return "no match" if tally.done else "searching …"
        here = self.pane.search_here()
        place = 0 if here is None else tally.place_of(here)
        total = f"{tally.total:,}" + ("" if tally.done else "+")
        if place:
            return f"{place:,} of {total}"
        return f"{total} match" + ("" if tally.done and tally.total == 1 else "es")
