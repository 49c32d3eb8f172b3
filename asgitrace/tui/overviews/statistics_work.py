"""Passes over all rows, some milliseconds at a time, one after the other."""

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np

from asgitrace.filter.failures import failures
from asgitrace.views.statistics.slices import Numbers, Places, Steps, steps

if TYPE_CHECKING:
    from asgitrace.filter.model import Mask
    from asgitrace.store.listing import Listing
    from asgitrace.tui.feed import Feed

T = TypeVar("T")

TICK: Final = 1 / 30
_BUDGET: Final = 0.006
"""Seconds of work in a tick."""

_FIRST_BUDGET: Final = 0.05
"""The first part of what is asked for anew: few rows are there at once."""

_WAITING_BUDGET: Final = 0.012
"""While somebody waits for the first result."""

_PAUSE: Final = 0.5
_SHARE: Final = 15
"""Seconds between two passes at least, and how often longer than the work of one."""

_STILL: Final = 8
"""So many times longer it is where nothing changed but the time."""


class Passes(Generic[T]):
    """Makes a result anew and anew, from generators that are gone on with as long as there is time.

    A pass that comes to None is begun anew.
    """

    def __init__(
        self,
        begin: Callable[[], Generator[None, None, T | None]],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._run: Generator[None, None, T | None] | None = None
        self._worked = 0.0
        self._due = 0.0
        self._slow_due = 0.0
        self._budget = _FIRST_BUDGET
        self.waiting = True
        """There is no result yet of what was asked for."""

    def restart(self) -> None:
        """Something else is wanted, at once."""
        self._run = None
        self._due = self._slow_due = 0.0
        self._budget = _FIRST_BUDGET
        self.waiting = True

    def work(self, *, changed: bool) -> T | None:
        """Go on for some milliseconds; the result, when a pass is at its end. Without a change
        passes are few."""
        start = self._clock()
        if self._run is None:
            if start < (self._due if changed else self._slow_due):
                return None
            self._run = self._begin()
            self._worked = 0.0
        end = start + self._budget
        self._budget = _WAITING_BUDGET if self.waiting else _BUDGET
        result = None
        try:
            while self._clock() < end:
                next(self._run)
        except StopIteration as stop:
            result = stop.value
            self._run = None
        now = self._clock()
        self._worked += now - start
        if result is not None:
            self.waiting = False
            self._budget = _BUDGET
            pause = max(_PAUSE, _SHARE * self._worked)
            self._due, self._slow_due = now + pause, now + _STILL * pause
        return result


def failed_at(listing: "Listing", places: Places) -> "Mask":
    """Which of these rows count as errors."""
    return failures(listing.kind[places], listing.state[places], listing.status[places])


def in_view(feed: "Feed") -> Numbers | None:
    """The rows in view; None where that is all of them."""
    return feed.numbers() if feed.filtered or feed.paused else None


def wall_now(feed: "Feed", moment: int) -> int:
    """The wall time up to which there is anything: now, or where a trace from a file ends."""
    processes = feed.store.processes
    if moment and processes:
        return processes[-1].anchor.wall(moment)
    return int(feed.store.started.max(initial=0)) + 1


def all_steps(feed: "Feed", now_ns: int, count: int) -> Steps:
    """So many steps over all the time that there are rows of."""
    started = feed.store.started
    return steps(
        int(started.min(initial=np.iinfo(np.int64).max)) if len(started) else now_ns,
        now_ns,
        count,
        ended=not feed.session.live,
    )
