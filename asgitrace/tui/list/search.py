"""Search in the list of exchanges: what its cells show of each is looked at, for a million rows in
blocks, each distinct text once."""

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from asgitrace.tui.list.steady import SteadyScroll
from asgitrace.tui.search.pane import SearchPane, Way
from asgitrace.views.needle import Needle

if TYPE_CHECKING:
    from asgitrace.filter.model import Mask, Numbers
    from asgitrace.filter.view import View
    from asgitrace.store.store import Store
    from asgitrace.tui.list.cursor import ListCursor
    from asgitrace.views.columns.layout import Layout

_BLOCK: Final = 2_048
_AGAIN_NS: Final = 2_000_000_000
_PATIENCE: Final = 10
"""Rows may change after they were counted, so all are counted again while any do: so often, but not
before ten times as long as it took has gone by."""
_KNOWN: Final = 10_000
"""Verdicts on numbers below are remembered."""
_TABLES: Final = {
    "method": "methods",
    "path": "paths",
    "mime": "mimes",
    "client": "clients",
}
"""Columns of texts, and the tables in which these are."""
_NUMERIC: Final = {"status": "status", "connection": "connection", "number": "numbers"}
_NOTED: Final = ("tags", "comment")
SEARCHED: Final = frozenset((*_TABLES, *_NUMERIC, *_NOTED))
"""Names of the columns that are searched where they are shown."""


class RowFinder:
    """Tells which rows show something."""

    def __init__(self, store: "Store", needle: Needle, shown: Collection[str]) -> None:
        # Late: with it comes the language of filters.
        from asgitrace.filter.fields.model import StringMemo
        from asgitrace.filter.values import Condition

        self._store = store
        self._needle = needle
        self.block = _BLOCK // 8 if needle.expression else _BLOCK
        """Rows that are judged at a time."""
        self._shown = frozenset(shown) & SEARCHED
        if needle.expression or not needle.text.isdecimal():
            # There are as many numbers as rows; who means one types it.
            self._shown -= {"number"}
        condition = Condition(needle.found_in, pattern=needle.expression)
        self._memos = {name: StringMemo(str, condition) for name in _TABLES if name in self._shown}
        self._numbers: dict[int, bool] = {}
        """Of what is known of numbers that come often, such as a status."""

    def mask(self, numbers: "Numbers") -> "Mask":
        """Which of these rows match; those that are no longer kept do not. Raises NeedleError."""
        from asgitrace.filter.view import View

        store = self._store
        own = store.numbers
        found = np.zeros(len(numbers), np.bool_)
        if not len(own):
            return found
        places = np.minimum(own.searchsorted(numbers), len(own) - 1)
        kept = np.flatnonzero(own[places] == numbers)
        view = View(store, 0, places[kept])
        matched = view.nowhere()
        for name, memo in self._memos.items():
            matched |= memo.mask(view, view.column(name), _TABLES[name])
        for name in self._shown & _NUMERIC.keys():
            matched |= self._written(view, _NUMERIC[name])
        found[kept] = matched
        if self._shown & set(_NOTED) and len(store.annotations):
            found |= self._noted(numbers)
        return found

    def _written(self, view: "View", name: str) -> "Mask":
        """Those in which a number matches as it is written; 0 is none."""
        column = view.column(name)
        if name == "numbers":
            wanted = self._needle.text
            return np.array([wanted in str(number) for number in column.tolist()], np.bool_)
        values, where = np.unique(column, return_inverse=True)
        verdicts = [bool(value) and self._knows(value) for value in values.tolist()]
        found: Mask = np.array(verdicts, np.bool_)[where]
        return found

    def _knows(self, value: int) -> bool:
        known = self._numbers.get(value)
        if known is None:
            known = self._needle.found_in(str(value))
            if value < _KNOWN:
                self._numbers[value] = known
        return known

    def _noted(self, numbers: "Numbers") -> "Mask":
        """Those of which tags or comment match."""
        annotations, needle = self._store.annotations, self._needle
        noted = annotations.numbers()
        found = np.isin(numbers, noted)
        for at in np.flatnonzero(found).tolist():
            note = annotations.of(int(numbers[at]))
            texts = (*note.tags, note.comment)
            found[at] = any(map(needle.found_in, texts))
        return found


class RowTally:
    """Counts the rows in view that match, goes on with those that come, and now and then counts all
    of them again."""

    def __init__(
        self,
        table: "SearchedTable",
        finder: RowFinder,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._table = table
        self._finder = finder
        self._clock = clock
        self._hits = array("q")
        self._pause_ns = _AGAIN_NS
        self._begin()

    def _begin(self) -> None:
        self._fresh = array("q")
        self._begun_ns = self._clock()
        self._version = self._table.searched_version
        self._ascending = self._table.cursor.ascending
        self._left = self._table.cursor.numbers.copy()
        self._last = int(self._left[-1]) if len(self._left) else 0
        self._again = len(self._hits) > 0
        """What was counted before is shown until all are counted again."""

    @property
    def total(self) -> int:
        """How many were found so far."""
        return len(self._hits if self._again else self._fresh)

    @property
    def done(self) -> bool:
        """Whether all were."""
        return self._again or not len(self._left)

    def place_of(self, place: int) -> int:
        """Which of them a row is, from 1; 0 where it is none."""
        hits = self._hits if self._again else self._fresh
        if not self._ascending:
            return hits.index(place) + 1 if place in hits else 0
        at = bisect_left(hits, place)
        return at + 1 if at < len(hits) and hits[at] == place else 0

    def work(self) -> bool:
        """Count on, for a moment; False where there is nothing to do."""
        if len(self._left):
            size = self._finder.block
            block, self._left = self._left[:size], self._left[size:]
            self._fresh.frombytes(block[self._finder.mask(block)].tobytes())
            if not len(self._left):
                self._hits, self._again = self._fresh, False
                self._pause_ns = max(_AGAIN_NS, _PATIENCE * (self._clock() - self._begun_ns))
            return True
        if self._version == self._table.searched_version:
            return False
        if self._clock() - self._begun_ns > self._pause_ns:
            self._begin()
        elif not self._ascending:
            return False
        else:
            self._version = self._table.searched_version
            numbers = self._table.cursor.numbers
            self._left = numbers[numbers.searchsorted(self._last, "right") :].copy()
            self._last = max(self._last, int(numbers[-1]) if len(numbers) else 0)
        return len(self._left) > 0


class SearchedTable(SearchPane, SteadyScroll):
    """The list as a search sees it: its places are the numbers of exchanges."""

    cursor: "ListCursor"
    needle: Needle | None = None
    """What is marked."""

    _store: "Store"

    @property
    def searched_version(self) -> object:
        """Changes whenever what is to be found may."""
        return self._store.version, self._store.annotations.version, len(self.cursor)

    @property
    def plan(self) -> "Layout":
        """The columns that are shown."""
        raise NotImplementedError

    def select(self, number: int) -> None:
        """Select an exchange by number and stop following."""
        raise NotImplementedError

    def set_follow(self, follow: bool) -> None:
        """Go to the last row, and follow from there."""
        raise NotImplementedError

    def look_changed(self) -> None:
        """Draw everything anew."""
        raise NotImplementedError

    def _finder(self, needle: Needle) -> RowFinder:
        return RowFinder(self._store, needle, [each.column.name for each in self.plan.columns])

    def search_places(self) -> tuple[int, int] | None:
        numbers = self.cursor.numbers
        return (int(numbers[0]), int(numbers[-1])) if len(numbers) else None

    def search_here(self) -> int | None:
        return self.cursor.current

    def search_beside(self, place: int, step: int) -> int | None:
        at = self.cursor.position(place) + step
        return int(self.cursor.numbers[at]) if 0 <= at < len(self.cursor) else None

    def search_from(self, needle: Needle, place: int, step: int) -> Way:
        finder, cursor = self._finder(needle), self.cursor
        at = cursor.position(place)
        # A copy, as rows come and go meanwhile.
        numbers = cursor.numbers[at:].copy() if step > 0 else cursor.numbers[at::-1].copy()
        for start in range(0, len(numbers), finder.block):
            block = numbers[start : start + finder.block]
            yield from block[finder.mask(block)].tolist()
            yield None

    def search_tally(self, needle: Needle) -> RowTally:
        return RowTally(self, self._finder(needle))

    def search_go(self, place: int) -> None:
        self.select(place)

    def search_keep(self) -> object:
        return self.cursor.current, self.cursor.follow, self.top

    def search_restore(self, kept: object) -> None:
        number, follow, top = cast("tuple[int | None, bool, int]", kept)
        if follow:
            if not self.cursor.follow:
                self.set_follow(True)
        elif number is not None and number != self.cursor.current:
            self.set_top(max(0, min(top, len(self.cursor) - 1)))
            self.select(number)

    def search_mark(self, needle: Needle | None) -> None:
        if needle != self.needle:
            self.needle = needle
            self.look_changed()
