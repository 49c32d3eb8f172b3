"""Which rows of a store pass a filter, kept up to date in slices.

Each row is judged by its columns first, in blocks from the latest to the oldest. What these leave
open is judged by the payloads of its records as they lie, and what these leave open by its events,
a few exchanges at a time, the latest first; until then a row stays as it was. Of rows that did not
change only those are asked again whose answer time, a note of the user's or a line of the log may
have changed.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from asgitrace.errors import FilterError
from asgitrace.filter.compile import Filter, is_decided
from asgitrace.filter.ledger import BY_COLUMNS, BY_EVENTS, BY_PAYLOADS, SETTLED, Ledger, Positions
from asgitrace.filter.model import Numbers, Predicate
from asgitrace.filter.subject import Subject
from asgitrace.filter.verdicts import Verdicts
from asgitrace.filter.view import Interrupted, View

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_LEAST: Final = 1024
_FIRST: Final = 4096
_MOST: Final = 131_072
"""Rows judged by their columns at once: few at first, and where there was no time for more."""

_PAYLOADS: Final = 64
_EXCHANGES: Final = 16
_EVENTS: Final = 256
"""Exchanges judged by their payloads, by their events, and events of them, between two looks at the
clock."""

_MANY: Final = 131_072
_EVERY: Final = 8
"""Of more rows than so many those that are over are asked for their age only each so many times."""

_LATE: Final = 65_536
"""A line of the log may still concern so many of the latest rows, besides the open ones."""


def match(predicate: Predicate, store: "Store") -> "RowMatcher":
    """Which rows of a store pass; the predicate is one that `compile_filter` made."""
    assert isinstance(predicate, Filter)
    return RowMatcher(predicate, store)


class RowMatcher:
    """A `Matcher`."""

    def __init__(self, predicate: Filter, store: "Store") -> None:
        self._judge = predicate.judge
        self._store = store
        self._ledger = Ledger()
        self._memory: dict[Hashable, Any] = {}
        self._decided = is_decided(predicate.judge)
        self._timed = any(field.timed for field in predicate.fields)
        self._aging = any(field.aging for field in predicate.fields)
        self._noting = any(field.noted for field in predicate.fields)
        self._logging = any(field.logged for field in predicate.fields)
        self._verdicts = Verdicts(predicate.judge)
        self._seen: tuple[int, int] | None = None
        self._noted: Numbers = np.zeros(0, np.int64)
        self._notes = 0
        self._lines = 0
        self._turn = 0
        self._block = _FIRST
        self._failure = ""

    @property
    def failure(self) -> str:
        """See `Matcher`."""
        return self._failure

    @property
    def done(self) -> bool:
        """See `Matcher`."""
        begun = self._seen is not None and not self._failure
        return begun and not self._ledger.left

    @property
    def progress(self) -> float:
        """See `Matcher`."""
        if self._seen is None:
            return 0.0
        count = len(self._ledger)
        return 1 - self._ledger.left / count if count else 1.0

    @property
    def numbers(self) -> Numbers:
        """See `Matcher`."""
        return self._ledger.hits

    def advance(self, now: int, go_on: Callable[[], bool]) -> bool:
        """See `Matcher`."""
        if self._failure:
            return False
        ledger, store = self._ledger, self._store
        ledger.changed = False
        if self._seen is None or self._seen[0] != store.version:
            ledger.follow(store)
        self._demand(now)
        self._seen = store.version, now
        try:
            if self._by_columns(now, go_on):
                self._by_records(now, go_on)
        except FilterError as error:
            self._failure = str(error)
        return ledger.changed

    # What is to be asked again

    def _demand(self, now: int) -> None:
        ledger = self._ledger
        if self._timed and (self._seen is None or self._seen[1] != now):
            self._turn = (self._turn + 1) % _EVERY
            if self._aging and (len(ledger) <= _MANY or self._turn == 0):
                ledger.demand(slice(0, len(ledger)))
            else:
                ledger.demand(ledger.open())
        if self._noting:
            self._follow_notes()
        if self._logging:
            self._follow_log(now)

    def _follow_notes(self) -> None:
        annotations = self._store.annotations
        if annotations.version == self._notes:
            return
        self._notes = annotations.version
        noted = annotations.numbers()
        self._ledger.demand(self._ledger.find(np.union1d(self._noted, noted)))
        self._noted = noted

    def _follow_log(self, now: int) -> None:
        lines = self._store.logs_since(self._lines)
        self._lines = self._store.log_total
        if not lines:
            return
        ledger = self._ledger
        ledger.demand(ledger.open())
        own = np.unique(np.array([line.exchange for line in lines if line.exchange], np.int64))
        ledger.demand(ledger.find(own))
        start = max(0, len(ledger) - _LATE)
        late = View(self._store, now, slice(start, len(ledger)))
        ended = late.column("started") + late.durations()
        ledger.demand(np.flatnonzero(ended >= min(line.time_ns for line in lines)) + start)

    # Judging

    def _by_columns(self, now: int, go_on: Callable[[], bool]) -> bool:
        """Judge what is due by its columns; whether there is time for more."""
        ledger = self._ledger
        places = np.flatnonzero(ledger.column("due")[ledger.unmet :] == BY_COLUMNS) + ledger.unmet
        while len(places) or ledger.unmet:
            if len(places):
                chosen = _slice_of(places[-self._block :])
                places = places[: -self._block]
            else:
                chosen = ledger.meet(self._store, self._block)
            view = View(self._store, now, chosen, self._memory, go_on)
            try:
                sure, possible = self._judge.masks(view)
            except Interrupted:
                self._block = max(self._block // 2, _LEAST)
                return False
            self._block = min(self._block * 2, _MOST)
            ledger.settle(chosen, sure, np.where(sure == possible, SETTLED, BY_PAYLOADS))
            if (len(places) or ledger.unmet) and not go_on():
                return False
        return True

    def _by_records(self, now: int, go_on: Callable[[], bool]) -> None:
        """Judge what the columns left open, as long as there is time."""
        if self._decided:
            return
        ledger = self._ledger
        for end in range(len(ledger), 0, -_MOST):
            places = ledger.due(max(0, end - _MOST), end, BY_PAYLOADS)
            hard = places[:0]
            while len(places) or len(hard):
                if not go_on():
                    return
                try:
                    if not len(hard):
                        few = self._few(places)
                        places = places[: len(places) - len(few)]
                        looked = self._by_payloads(few, now, go_on)
                        hard = few[ledger.column("due")[few] == BY_EVENTS]
                        if looked:
                            continue
                    self._by_events(hard[-_EXCHANGES:], now, go_on)
                except Interrupted:
                    return
                hard = hard[:-_EXCHANGES]

    def _few(self, places: Positions) -> Positions:
        """The latest of them, as many as can be looked at without a break."""
        few = places[-_PAYLOADS:]
        events = np.cumsum(self._store.events[few][::-1])
        return few[len(few) - max(1, int(np.count_nonzero(events <= _EVENTS))) :]

    def _by_payloads(self, few: Positions, now: int, go_on: Callable[[], bool]) -> bool:
        """Judge those that are due by their payloads; whether there were any."""
        ledger = self._ledger
        places = few[ledger.column("due")[few] == BY_PAYLOADS]
        if not len(places):
            return False
        view = View(self._store, now, places, self._memory, go_on)
        known = self._verdicts.recall(view)
        if known:
            ledger.settle(places[list(known)], list(known.values()), SETTLED)
            places = np.delete(places, list(known))
            view = View(self._store, now, places, self._memory, go_on)
        if len(places):
            deep = View(self._store, now, places, self._memory, go_on, deep=True)
            sure, possible = self._judge.masks(deep)
            ledger.settle(places, sure, np.where(sure == possible, SETTLED, BY_EVENTS))
            self._verdicts.keep(view, np.flatnonzero(sure == possible), sure)
        return True

    def _by_events(self, places: Positions, now: int, go_on: Callable[[], bool]) -> None:
        view = View(self._store, now, places, self._memory, go_on)
        found = np.array([self._exactly(view, place) for place in range(len(places))], np.bool_)
        self._verdicts.keep(view, np.arange(len(places)), found)
        self._ledger.settle(places, found, SETTLED)

    def _exactly(self, view: View, place: int) -> bool:
        store, now = self._store, view.now
        number = int(view.column("numbers")[place])
        exchange = store.peek(number, now)
        row = store.row(number, now) if exchange is None else exchange.row
        note = store.annotations.of(number)
        return self._judge.holds(Subject(row, exchange, now, note, view, place))


def _slice_of(places: Positions) -> Positions | slice:
    """Positions as a slice, where they are consecutive."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == len(places) else places
