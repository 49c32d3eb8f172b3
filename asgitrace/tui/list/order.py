"""The order of a sorted list, kept up to date while rows come, change and go.

Up to some tens of thousands of rows it is made at once. Beyond, a thread makes it from copies of
the columns while the list shows the order it had: numpy sorts without holding the interpreter, so
the screen goes on. It is made anew a few times a second at most, and no more often than a tenth of
the time is spent on it.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from asgitrace.store.model import State
from asgitrace.tui.list.cursor import Numbers, no_numbers
from asgitrace.tui.list.ranks import Ranks
from asgitrace.views.columns.keys import Values
from asgitrace.views.columns.registry import COLUMNS, NUMBER

if TYPE_CHECKING:
    from collections.abc import Hashable

    from asgitrace.store.store import Store

AT_ONCE: Final = 20_000
"""So many rows are sorted in the time of a repaint."""
_WORDS_AT_ONCE: Final = 4_000
_LEAST_NS: Final = 250_000_000
_SHARE: Final = 10
"""The time between two sorts in units of what the last one took."""
_SPARSE: Final = 8
"""Up to this share of gaps between numbers a table of all of them is the fastest."""
_COMPOSITE_BITS: Final = 62


def sorted_numbers(numbers: Numbers, keys: Values, *, descending: bool) -> Numbers:
    """The numbers, given ascending, in the order of their keys, and of arrival where these are
    alike; descending turns all of that round.

    Key and position in one integer are sorted twice as fast as positions by keys; where both do
    not fit, a stable sort gives the same.
    """
    if not len(numbers):
        return numbers
    keys = keys.astype(np.int64)
    low = int(keys.min())
    bits = len(numbers).bit_length()
    if (int(keys.max()) - low).bit_length() + bits <= _COMPOSITE_BITS:
        keys -= low
        keys <<= bits
        keys |= np.arange(len(numbers))
        keys.sort()
        keys &= (1 << bits) - 1
        places = keys
    else:
        places = np.argsort(keys, kind="stable")
    return numbers[places[::-1]] if descending else numbers[places]


def members(rows: Numbers, numbers: Numbers) -> Values:
    """Which of the rows, in any order, are among the numbers, which are ascending; as a mask."""
    if not len(rows) or not len(numbers):
        return np.zeros(len(rows), np.bool_)
    first, span = int(numbers[0]), int(numbers[-1]) - int(numbers[0]) + 1
    if span > _SPARSE * len(numbers) + AT_ONCE:
        mask: Values = np.isin(rows, numbers, assume_unique=True)
        return mask
    # one more place, which is empty, for what lies outside
    there = np.zeros(span + 1, np.bool_)
    there[numbers - first] = True
    places = rows - first
    places[(places < 0) | (places > span)] = span
    return there[places]


_Sorted = tuple[Numbers, int, int]
"""The rows in order, the highest number among them, and the ns that it took."""


class _Rows(NamedTuple):
    """Rows of the store, which of them are in view, and what they are sorted by."""

    rows: Numbers
    numbers: Numbers | None
    """None: all of them."""
    values: Values
    words: Sequence[str] | None
    ranks: Ranks


class Order:
    """The rows in view in the order of one column."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._ranks = Ranks()
        self._epoch: Hashable = None
        self._table: Sequence[str] | None = None
        """What the ranks are of, and as of when."""
        self._column = NUMBER
        self._descending = False
        self._numbers = no_numbers()
        self._last = 0
        """The highest number in that order."""
        self._pool: ThreadPoolExecutor | None = None
        self._job: Future[_Sorted] | None = None
        self._begun_ns: int | None = None
        self._cost_ns = 0
        self._stale = True
        """There are rows that the order does not know as they are."""
        self._replaced = False
        """The order is of other rows than those in view."""

    def by(self, column: str, *, descending: bool) -> None:
        """Sort by this column from now on, without delay."""
        self._column, self._descending = column or NUMBER, descending
        self._ranks = Ranks()  # a job that is given up may still be at work on the old ones
        self._job = self._begun_ns = None
        self._stale = True

    def forget(self) -> None:
        """Other rows are in view than before: sort them without delay."""
        if self._job is not None and not self._job.cancel():
            self._ranks = Ranks()
        self._job = self._begun_ns = None
        self._stale = self._replaced = True

    def due(self, now_ns: int, *, still: bool) -> bool:
        """Whether ``arrange`` would give another order though no row was taken in; ``still``: time
        does not pass in the open ones."""
        column = COLUMNS[self._column]
        if self._job is not None:
            return self._job.done()
        if column.key is None or not self._may_sort(now_ns):
            return False
        if self._stale:
            return True
        return column.grows and not still and bool((self._store.state == State.OPEN).any())

    def arrange(self, numbers: Numbers, now_ns: int, moment: int) -> Numbers:
        """These rows, which are ascending, in order. New and changed ones find their place once
        ``due`` says so; those that are gone are not shown. ``moment`` is up to when open exchanges
        last."""
        if COLUMNS[self._column].key is None:
            return numbers[::-1] if self._descending else numbers
        self._collect()
        if self._job is not None or not self._may_sort(now_ns):
            self._stale = True
        else:
            self._begin(numbers, now_ns, moment)
        found = self._still_there(numbers)
        return found if len(found) else numbers

    def close(self) -> None:
        """End the thread."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _may_sort(self, now_ns: int) -> bool:
        pause = max(_LEAST_NS, self._cost_ns * _SHARE)
        return self._begun_ns is None or now_ns - self._begun_ns >= pause

    def _begin(self, numbers: Numbers, now_ns: int, moment: int) -> None:
        self._begun_ns = now_ns
        self._stale = False
        work = partial(_sort, self._copies(numbers, moment), descending=self._descending)
        words = self._table
        if len(numbers) <= AT_ONCE and (words is None or len(words) <= _WORDS_AT_ONCE):
            self._accept(work())
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="sort")
        self._job = self._pool.submit(work)

    def _collect(self) -> None:
        if self._job is not None and self._job.done():
            self._accept(self._job.result())
            self._job = None

    def _accept(self, found: "_Sorted") -> None:
        self._numbers, self._last, self._cost_ns = found
        self._replaced = False

    def _copies(self, numbers: Numbers, moment: int) -> _Rows:
        """What is to be sorted, in arrays of our own."""
        store = self._store
        make = COLUMNS[self._column].key
        assert make is not None
        key = make(store, moment)
        if store.string_epoch != self._epoch or key.words is not self._table:
            self._epoch, self._table = store.string_epoch, key.words
            self._ranks = Ranks()
        rows = store.numbers
        # All that the store has of what was in view is in it still, up to the same last one.
        whole = len(rows) == len(numbers) and (not len(rows) or rows[-1] == numbers[-1])
        return _Rows(
            rows.copy(),
            None if whole else numbers.copy(),
            key.values.copy(),
            None if key.words is None else tuple(key.words),
            self._ranks,
        )

    def _still_there(self, numbers: Numbers) -> Numbers:
        """The order without the rows that have left the view since it was made."""
        known = int(np.searchsorted(numbers, self._last, side="right"))
        if self._replaced or known < len(self._numbers):
            self._numbers = self._numbers[members(self._numbers, numbers)]
        return self._numbers


def _sort(given: _Rows, *, descending: bool) -> _Sorted:
    began = perf_counter_ns()
    rows, values = given.rows, given.values
    if given.numbers is not None:
        mask = members(rows, given.numbers)
        rows, values = rows[mask], values[mask]
    if given.words is not None:
        values = given.ranks.of(given.words)[values]
    found = sorted_numbers(rows, values, descending=descending)
    return found, int(rows[-1]) if len(rows) else 0, perf_counter_ns() - began
