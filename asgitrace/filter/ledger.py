"""What a matcher knows of each row, kept in step with the rows of a store."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.model import State

if TYPE_CHECKING:
    from asgitrace.store.store import Store

Positions = npt.NDArray[np.int64]

SETTLED, BY_COLUMNS, BY_PAYLOADS, BY_EVENTS = range(4)
"""How a row is to be judged next."""

_LEAST: Final = 1024
_LATE: Final = 65_536
"""So many of the latest rows are always looked through for changes."""

_EVERY: Final = 16
"""All the others only each so many times: what is over seldom changes."""

_TYPES: Final = {
    "number": np.int64,
    "weight": np.uint32,
    "missed": np.uint32,
    "state": np.uint8,
    "shown": np.bool_,
    "due": np.uint8,
}
_WATCHED: Final = ("weight", "missed", "state")


class Ledger:
    """Arrays with one place for each row, as `Listing` has them.

    Of rows that were never judged only the number is known, so that a new filter costs little more
    than its masks.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, npt.NDArray[Any]] = {
            name: np.zeros(_LEAST, kind) for name, kind in _TYPES.items()
        }
        self._head = self._tail = 0
        self._turn = 0
        self.unmet = 0
        """So many of the oldest rows were never judged."""
        self.changed = False
        """Whether what is shown changed since this was set back."""
        self._hits = np.zeros(0, np.int64)
        self._dirty: tuple[int, int] | None = None
        """From where to where what is shown has changed since the hits were made."""

    def __len__(self) -> int:
        return self._tail - self._head

    def column(self, name: str) -> npt.NDArray[Any]:
        """What is known: ``number``, ``shown``, ``due`` and the columns that are watched."""
        return self._arrays[name][self._head : self._tail]

    def follow(self, store: "Store") -> None:
        """Take up what came and what went, and what changed is due again."""
        self._forget(store.numbers)
        known = len(self)
        self._watch(store, known)
        count = len(store.numbers) - known
        if count:
            self._make_room(count)
            self._tail += count
            self.column("number")[known:] = store.numbers[known:]
            if known:
                self._meet(store, known, known + count)
            else:
                self.unmet = count

    def meet(self, store: "Store", count: int) -> slice:
        """Take up the latest of the rows that were never judged; where they are."""
        start = max(0, self.unmet - count)
        met = slice(start, self.unmet)
        self._meet(store, start, self.unmet)
        self.unmet = start
        return met

    def _meet(self, store: "Store", start: int, end: int) -> None:
        for name in _WATCHED:
            self.column(name)[start:end] = getattr(store, name)[start:end]
        self.column("shown")[start:end] = False
        self.column("due")[start:end] = BY_COLUMNS

    def due(self, start: int, end: int, how: int) -> Positions:
        """The rows between two places that are to be judged in this way, or a dearer one."""
        start = max(start, self.unmet)
        return np.flatnonzero(self.column("due")[start:end] >= how) + start

    @property
    def left(self) -> int:
        """How many rows are to be judged."""
        return self.unmet + int(np.count_nonzero(self.column("due")[self.unmet :]))

    @property
    def hits(self) -> npt.NDArray[np.int64]:
        """The numbers of the rows that are shown."""
        if self._dirty is not None:
            start, end = self._dirty
            own, hits = self.column("number"), self._hits
            found = own[start:end][self.column("shown")[start:end]]
            # What is before and behind has not changed.
            before = hits[: hits.searchsorted(own[start])] if start else hits[:0]
            behind = hits[hits.searchsorted(own[end]) :] if end < len(own) else hits[:0]
            self._hits = np.concatenate((before, found, behind))
            self._dirty = None
        return self._hits

    def open(self) -> Positions:
        """The rows that are open, of those that were ever judged."""
        return np.flatnonzero(self.column("state")[self.unmet :] == State.OPEN) + self.unmet

    def find(self, numbers: npt.NDArray[np.int64]) -> Positions:
        """Where rows are, those of them that are there."""
        own = self.column("number")
        places = own.searchsorted(numbers)
        places = places[places < len(own)]
        return places[np.isin(own[places], numbers)]

    def demand(self, places: "Positions | slice") -> None:
        """These are to be judged anew."""
        self.column("due")[places] = BY_COLUMNS

    def settle(self, places: "Positions | slice", shown: Any, due: Any) -> None:
        """These were judged: where nothing more is due, so they are shown."""
        own_due, own_shown = self.column("due"), self.column("shown")
        own_due[places] = due
        before = own_shown[places]
        after = np.where(np.equal(due, SETTLED), shown, before)
        differs = np.flatnonzero(before != after)
        if len(differs):
            own_shown[places] = after
            first, last = int(differs[0]), int(differs[-1])
            if isinstance(places, slice):
                self._soil(places.start + first, places.start + last + 1)
            else:
                self._soil(int(places[first]), int(places[last]) + 1)

    def _soil(self, start: int, end: int) -> None:
        self.changed = True
        if self._dirty is not None:
            start, end = min(start, self._dirty[0]), max(end, self._dirty[1])
        self._dirty = start, end

    def _forget(self, numbers: npt.NDArray[np.int64]) -> None:
        """Rows went: the oldest, but for some among them that moved up."""
        own = self.column("number")
        count = len(own)
        if not count or (len(numbers) >= count and numbers[count - 1] == own[-1]):
            return
        left = int(numbers.searchsorted(own[-1], side="right"))
        gone = count - left
        # Behind the last that went all lie where they lay, so many places further up front.
        low, high = 0, left
        while low < high:
            middle = (low + high) // 2
            if numbers[middle] == own[middle + gone]:
                high = middle
            else:
                low = middle + 1
        stayed = own.searchsorted(numbers[:low])
        for name in self._arrays:
            column = self.column(name)
            column[gone : gone + low] = column[stayed]
        # What never was judged comes first, among those that moved up as well.
        self.unmet = max(self.unmet - gone, int(np.count_nonzero(stayed < self.unmet)))
        self._head += gone
        self.changed = True
        self._dirty = 0, left

    def _watch(self, store: "Store", known: int) -> None:
        """Find the rows that changed."""
        self._turn = (self._turn + 1) % _EVERY
        least = self.unmet
        start = least if self._turn == 0 else max(least, known - _LATE)
        if start > least:
            opened = np.flatnonzero(self.column("state")[least:start] == State.OPEN)
            self._compare(store, opened + least)
        self._compare(store, slice(start, known))

    def _compare(self, store: "Store", places: "Positions | slice") -> None:
        changed: Any = False
        for name in _WATCHED:
            own, theirs = self.column(name), getattr(store, name)
            changed = changed | (own[places] != theirs[: len(own)][places])
        found = np.flatnonzero(changed)
        if not len(found):
            return
        where = found + (places.start or 0) if isinstance(places, slice) else places[found]
        for name in _WATCHED:
            self.column(name)[where] = getattr(store, name)[where]
        self.demand(where)

    def _make_room(self, count: int) -> None:
        if self._tail + count <= len(self._arrays["number"]):
            return
        known = len(self)
        capacity = max(_LEAST, (known + count) * 3 // 2)
        for name, array in self._arrays.items():
            moved = np.zeros(capacity, array.dtype)
            moved[:known] = array[self._head : self._tail]
            self._arrays[name] = moved
        self._head, self._tail = 0, known
