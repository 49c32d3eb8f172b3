"""Which rows of a store pass a filter, kept up to date in slices.

Each row is judged by its columns first, at once for all that are new or changed. What these leave
open is judged by its events, a few exchanges at a time, the latest first; until then a row stays
as it was. Of rows that did not change only those are asked again whose answer time, a note of the
user's or a line of the log may have changed.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from asgitrace.errors import FilterError
from asgitrace.filter.compile import Filter, is_decided
from asgitrace.filter.judges import ExchangeTerm, walk
from asgitrace.filter.ledger import BY_COLUMNS, BY_EVENTS, SETTLED, Ledger, Positions
from asgitrace.filter.model import Numbers, Predicate
from asgitrace.filter.subject import Subject
from asgitrace.filter.view import Interrupted, View
from asgitrace.store.model import State

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_NOTHING: Final = 2**62
"""No row is as far behind."""

_LEAST: Final = 8192
_MOST: Final = 131_072
"""Rows judged by their columns at once: fewer where there was no time for more."""

_EXCHANGES: Final = 16
_EVENTS: Final = 256
"""Exchanges, and events of them, that are looked at between two looks at the clock."""

_MANY: Final = 131_072
_EVERY: Final = 8
"""Of more rows than so many those that are over are asked for their age only each so many times."""

_LATE: Final = 65_536
"""A line of the log may still concern so many of the latest rows, besides the open ones."""

_OPEN: Final = 65_536
"""Open rows of which it is kept how they were judged by their events."""

_Verdict = tuple[tuple[int, ...], bool]


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
        self._deciding = [
            judge
            for judge in walk(predicate.judge)
            if isinstance(judge, ExchangeTerm) and judge.field.columns.decides
        ]
        self._timed = any(field.timed for field in predicate.fields)
        self._aging = any(field.aging for field in predicate.fields)
        self._noting = any(field.noted for field in predicate.fields)
        self._logging = any(field.logged for field in predicate.fields)
        self._open: dict[int, _Verdict] = {}
        """How open rows were judged by their events, and when: not again until something
        changes."""
        self._seen: tuple[int, int] | None = None
        self._noted: Numbers = np.zeros(0, np.int64)
        self._notes = 0
        self._lines = 0
        self._turn = 0
        self._block = _MOST
        self._failure = ""
        self._hits: Numbers = np.zeros(0, np.int64)

    @property
    def failure(self) -> str:
        """See `Matcher`."""
        return self._failure

    @property
    def done(self) -> bool:
        """See `Matcher`."""
        begun = self._seen is not None and not self._failure
        return begun and not self._ledger.column("due").any()

    @property
    def progress(self) -> float:
        """See `Matcher`."""
        due = self._ledger.column("due")
        if self._seen is None:
            return 0.0
        return 1.0 if not len(due) else 1 - np.count_nonzero(due) / len(due)

    @property
    def numbers(self) -> Numbers:
        """See `Matcher`."""
        ledger = self._ledger
        start, own = ledger.changed_from, ledger.column("number")
        if start <= len(own):
            kept = self._hits
            if start < len(own):
                kept = kept[: int(kept.searchsorted(own[start]))]
            found = own[start:][ledger.column("shown")[start:]]
            self._hits = np.concatenate((kept if start else kept[:0], found))
            ledger.changed_from = _NOTHING
        return self._hits

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
                self._by_events(now, go_on)
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
        start = max(0, len(ledger) - _LATE)
        late = View(self._store, now, slice(start, len(ledger)))
        ended = late.column("started") + late.durations()
        ledger.demand(np.flatnonzero(ended >= min(line.time_ns for line in lines)) + start)

    # Judging

    def _by_columns(self, now: int, go_on: Callable[[], bool]) -> bool:
        """Judge what is due by its columns; whether there is time for more."""
        ledger = self._ledger
        places = np.flatnonzero(ledger.column("due") == BY_COLUMNS)
        end = len(places)
        while end:
            start = max(0, end - self._block)
            block = places[start:end]
            chosen = _slice_of(block)
            view = View(self._store, now, chosen, self._memory, go_on)
            try:
                sure, possible = self._judge.masks(view)
            except Interrupted:
                self._block = max(self._block // 2, _LEAST)
                return False
            self._block = min(self._block * 2, _MOST)
            ledger.settle(chosen, sure, np.where(sure == possible, SETTLED, BY_EVENTS))
            end = start
            if end and not go_on():
                return False
        return True

    def _by_events(self, now: int, go_on: Callable[[], bool]) -> None:
        """Judge what is due by its events, as long as there is time."""
        if self._decided:
            return
        ledger = self._ledger
        places = np.flatnonzero(ledger.column("due") == BY_EVENTS)
        while len(places) and go_on():
            few = self._few(places)
            places = places[: len(places) - len(few)]
            view = View(self._store, now, few, self._memory, go_on)
            try:
                found = [self._exactly(view, place) for place in range(len(few))]
            except Interrupted:
                return
            ledger.settle(few, np.array(found, np.bool_), SETTLED)

    def _few(self, places: Positions) -> Positions:
        """The latest of them, as many as can be looked at without a break."""
        few = places[-_EXCHANGES:]
        events = np.cumsum(self._store.events[few][::-1])
        return few[len(few) - max(1, int(np.count_nonzero(events <= _EVENTS))) :]

    def _exactly(self, view: View, place: int) -> bool:
        number = int(view.column("numbers")[place])
        opened = view.column("state")[place] == State.OPEN
        if opened:
            told = [int(judge.masks(view).sure[place]) for judge in self._deciding]
            key = (int(view.column("weight")[place]), int(view.column("missed")[place]), *told)
            known = self._open.get(number)
            if known is not None and known[0] == key:
                return known[1]
        store, now = self._store, view.now
        exchange = store.peek(number, now)
        row = store.row(number, now) if exchange is None else exchange.row
        note = store.annotations.of(number)
        found = self._judge.holds(Subject(row, exchange, now, note, view, place))
        if opened:
            if len(self._open) >= _OPEN:
                self._open.clear()
            self._open[number] = key, found
        else:
            self._open.pop(number, None)
        return found


def _slice_of(places: Positions) -> Positions | slice:
    """Positions as a slice, where they are consecutive."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == len(places) else places
