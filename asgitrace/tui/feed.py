"""What happens thirty times a second: the trace moves on, and the screen learns what is new."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter.failures import failures
from asgitrace.filter.model import Mask, Matcher, Numbers, Predicate
from asgitrace.store.model import State
from asgitrace.tui.filter.target import Told
from asgitrace.tui.status import RATE_WINDOW_NS, Rate, StatusLine

if TYPE_CHECKING:
    from asgitrace.store.session import Session
    from asgitrace.store.store import Store

_BUDGET_NS: Final = 6_000_000
"""How long rows are judged at a time."""
_BLOCK: Final = 65_536
"""Rows that are looked through at a time for one that failed."""
_MANY: Final = 100_000
_EVERY: Final = 4


class Feed:
    """The rows to be shown: those of the store, filtered, or as they were at the pause."""

    def __init__(
        self,
        session: "Session",
        store: "Store",
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self.session = session
        self.store = store
        self.held = False
        """Nothing is moved into the store, because somebody is reading all of it."""
        self.now_ns = 0
        """Up to when open exchanges last, as of the last poll."""
        self._clock = clock
        self._typed = ""
        self._predicate: Predicate | None = None
        self._matcher: Matcher | None = None
        self._frozen: Numbers | None = None
        self._settled: Numbers | None = None
        """The filtered rows as they were at the pause, once they were judged."""
        self._judged = False
        """Rows were judged since the last poll."""
        self._newest = 0
        """The highest number that any row had so far."""
        self._last_before_pause = 0
        self._seen: int | None = None
        self._polls = 0
        self._rate = Rate()

    def poll(self, now_ns: int = 0) -> bool:
        """Take in what is new up to a moment; whether anything to be shown changed."""
        self.now_ns = self.moment(now_ns)
        if not self.held:
            self.session.poll(self.store)
        judged, self._judged = self._judged or self._judge(), False
        if self._seen is not None and self.paused:
            return judged
        changed = self._seen != self.store.version
        self._seen = self.store.version
        return changed or judged

    def changed(self) -> None:
        """The next poll is to report a change."""
        self._seen = None

    def moment(self, clock_ns: int) -> int:
        """Up to when open exchanges last: now, but nothing grows in a trace from a file."""
        return clock_ns if self.session.live else 0

    # Filter

    what = "exchanges"

    @property
    def filtered(self) -> bool:
        return self._predicate is not None

    @property
    def predicate(self) -> Predicate | None:
        """The filter in force."""
        return self._predicate

    @property
    def filter_text(self) -> str:
        """The filter in force, with the saved ones in it in full; empty where there is none."""
        return "" if self._predicate is None else self._predicate.text

    @property
    def filter_typed(self) -> str:
        """The filter in force as it was typed; empty where there is none."""
        return self._typed

    def use(self, typed: str, predicate: Predicate | None) -> None:
        """Show only the rows that pass; with None all of them."""
        self._typed = typed
        if predicate is None and self._predicate is None:
            return
        self._predicate = predicate
        self._matcher = None if predicate is None else self._match(predicate)
        self._settled = None
        self._judge()
        self._judged = self._matcher is not None
        self.changed()

    def _match(self, predicate: Predicate) -> Matcher:
        # Late, as the language is not needed before somebody filters.
        from asgitrace.filter import match

        return match(predicate, self.store)

    def told(self) -> Told | None:
        """What came of the filter; None where there is none."""
        matcher = self._matcher
        if matcher is None:
            return None
        judged = matcher.done or self._settled is not None
        progress = None if judged else matcher.progress
        total = self.store.numbers if self._frozen is None else self._frozen
        return Told(len(self.numbers()), len(total), progress, matcher.failure)

    def _judge(self) -> bool:
        """Go on judging rows for a few milliseconds; whether others pass now."""
        matcher = self._matcher
        if matcher is None or self.held or self._settled is not None or self._too_soon(matcher):
            return False
        end = self._clock() + _BUDGET_NS
        changed = matcher.advance(self.now_ns, lambda: self._clock() < end)
        if self.paused and matcher.done:
            self._settled = self._before_pause(matcher.numbers).copy()
        return changed

    def _too_soon(self, matcher: Matcher) -> bool:
        """Many rows are not judged anew at every poll: that takes milliseconds."""
        if self._seen is None or not matcher.done or len(self.store.numbers) <= _MANY:
            return False
        self._polls += 1
        return self._polls % _EVERY != 0

    # Pause

    @property
    def paused(self) -> bool:
        return self._frozen is not None

    def pause(self, on: bool) -> None:
        """Leave the rows as they are; the store goes on."""
        self._last_before_pause = self._last_number()
        # a copy, as the store's own arrays change beneath their views
        self._frozen = self.store.numbers.copy() if on else None
        self._settled = None
        if on and self._matcher is not None and self._matcher.done:
            self._settled = self._matcher.numbers.copy()
        self.changed()

    def numbers(self) -> Numbers:
        """The rows in view, ascending; valid until the next poll."""
        if self._matcher is None:
            return self.store.numbers if self._frozen is None else self._frozen
        if self._settled is not None:
            return self._settled
        passed = self._matcher.numbers
        return passed if self._frozen is None else self._before_pause(passed)

    def _before_pause(self, numbers: Numbers) -> Numbers:
        return numbers[: np.searchsorted(numbers, self._last_before_pause, side="right")]

    def _last_number(self) -> int:
        """The highest number of a row, be it kept or not."""
        numbers = self.store.numbers
        if len(numbers):
            self._newest = max(self._newest, int(numbers[-1]))
        return self._newest

    def next_error(self, rows: Numbers, index: int, direction: int) -> int | None:
        """The nearest of these rows behind a position, or before it, that failed."""
        return self._nearest(rows, index, direction, self._failed)

    def next_raised(self, rows: Numbers, index: int, direction: int) -> int | None:
        """The same, in which the app raised."""
        return self._nearest(rows, index, direction, self._raised)

    def _nearest(
        self, rows: Numbers, index: int, direction: int, found: Callable[[Numbers], Mask]
    ) -> int | None:
        step = _BLOCK * direction
        start = index + direction
        while 0 <= start < len(rows):
            block = rows[start : start + step] if step > 0 else rows[: start + 1][step:]
            numbers, places = self._kept(block)
            hits = np.flatnonzero(found(places))
            if len(hits):
                return int(numbers[hits[0 if step > 0 else -1]])
            start += step
        return None

    def _kept(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Those of these that are still kept, and their places in the store."""
        own = self.store.numbers
        places = own.searchsorted(numbers)
        places = np.minimum(places, max(0, len(own) - 1))
        kept = own[places] == numbers if len(own) else np.zeros(len(numbers), np.bool_)
        return numbers[kept], places[kept]

    def _failed(self, places: Numbers) -> Mask:
        store = self.store
        return failures(store.kind[places], store.state[places], store.status[places])

    def _raised(self, places: Numbers) -> Mask:
        raised: Mask = self.store.state[places] == State.RAISED
        return raised

    def _rate_of(self, now_ns: int, last: int) -> float:
        """Arrivals a second. What was recorded before it was looked at is none of them."""
        started = self.store.started
        if len(started) and now_ns - int(started[-1]) > RATE_WINDOW_NS:
            self._rate = Rate()
        return self._rate.sample(now_ns, last)

    def status(self, now_ns: int, *, follow: bool) -> StatusLine:
        """What the status bar shows."""
        store, session = self.store, self.session.status()
        last = self._last_number()
        return StatusLine(
            session=session,
            title=self.session.title,
            live=self.session.live,
            rate=self._rate_of(now_ns, last),
            events=store.event_total,
            open=int(np.count_nonzero(store.state == State.OPEN)),
            dropped=max(store.missed_total, session.missed) + session.refused + store.dropped_total,
            evicted=store.evicted_total,
            forgotten=store.connections_forgotten,
            follow=follow,
            paused=self.paused,
            arrived=max(0, last - self._last_before_pause) if self.paused else 0,
            total=len(store.numbers),
        )
