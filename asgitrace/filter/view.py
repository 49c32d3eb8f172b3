"""Rows of a listing as columns, at one moment, for the terms of a filter."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from asgitrace.filter.model import Mask
from asgitrace.store.annotations import Annotations

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing
    from asgitrace.store.pieces import Pieces
    from asgitrace.store.store import Store

Chosen = slice | npt.NDArray[np.int64]
"""Rows by their positions."""

_ALL: Final = slice(None)

M = TypeVar("M")


class Interrupted(Exception):
    """There is no time to go on now; what was found out so far is kept."""


class Masks(NamedTuple):
    """What the columns know: the rows that pass for sure, and those that possibly do."""

    sure: Mask
    possible: Mask

    @classmethod
    def exact(cls, mask: Mask) -> "Masks":
        """Nothing is left open."""
        return cls(mask, mask)

    def both(self, other: "Masks") -> "Masks":
        """Those that pass here and there."""
        sure = self.sure & other.sure
        if self.sure is self.possible and other.sure is other.possible:
            return Masks(sure, sure)
        return Masks(sure, self.possible & other.possible)

    def either(self, other: "Masks") -> "Masks":
        """Those that pass here or there."""
        sure = self.sure | other.sure
        if self.sure is self.possible and other.sure is other.possible:
            return Masks(sure, sure)
        return Masks(sure, self.possible | other.possible)

    def opposite(self) -> "Masks":
        """Those that do not pass."""
        sure = ~self.possible
        return Masks(sure, sure if self.sure is self.possible else ~self.sure)

    @classmethod
    def perhaps(cls, possible: Mask) -> "Masks":
        """Nothing is sure but who does not."""
        return cls(np.zeros(len(possible), np.bool_), possible)


class View:
    """Some of the rows at one moment.

    Args:
        listing: the rows; its columns are read when they are asked for.
        now: monotonic ns.
        chosen: which of them.
        memory: what terms remember from one view of the same listing to the next.
        go_on: whether there is time for more.
        deep: whether the payloads of the rows, which are a store's, are looked at as well.
    """

    def __init__(
        self,
        listing: "Listing",
        now: int,
        chosen: Chosen = _ALL,
        memory: dict[Hashable, Any] | None = None,
        go_on: Callable[[], bool] = lambda: True,
        *,
        deep: bool = False,
    ) -> None:
        self.listing = listing
        self.now = now
        self.chosen = chosen
        self.deep = deep
        self._memory = {} if memory is None else memory
        self._go_on = go_on
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self._masks: dict[Hashable, Masks] = {}
        self._asked: Mask | None = None
        self._pieces: list[Pieces] | None = None
        self.count = len(self.column("kind"))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of the listing."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = getattr(self.listing, name)[self.chosen]
        return found

    def durations(self) -> npt.NDArray[np.int64]:
        return self.listing.durations(self.now, self.chosen)

    def parts(self, name: str) -> npt.NDArray[np.int64]:
        return self.listing.parts(name, self.now, self.chosen)

    def ages(self) -> npt.NDArray[np.int64]:
        return self.listing.ages(self.now, self.chosen)

    def idles(self) -> npt.NDArray[np.int64]:
        return self.listing.idles(self.now, self.chosen)

    @property
    def annotations(self) -> Annotations:
        """What is noted on rows; nothing, where the listing is no store."""
        found = getattr(self.listing, "annotations", None)
        return found if isinstance(found, Annotations) else Annotations()

    def annotated(self, numbers: npt.NDArray[np.int64]) -> Mask:
        """Which of the rows are among these, given by their ascending numbers."""
        ours = self.column("numbers")
        if not len(numbers):
            return self.nowhere()
        places = numbers.searchsorted(ours)
        places[places == len(numbers)] = 0
        found: Mask = numbers[places] == ours
        return found

    def everywhere(self) -> Mask:
        return np.ones(self.count, np.bool_)

    def nowhere(self) -> Mask:
        return np.zeros(self.count, np.bool_)

    def remembered(self, key: Hashable, make: Callable[[], M]) -> M:
        """What a term keeps from one view to the next, made at the first time."""
        found: M | None = self._memory.get(key)
        if found is None:
            found = self._memory[key] = make()
        return found

    def masks(self, key: Hashable, make: Callable[["View"], Masks]) -> Masks:
        """The masks of a term, worked out once."""
        found = self._masks.get(key)
        if found is None:
            found = self._masks[key] = make(self)
        return found

    @contextmanager
    def only(self, mask: Mask) -> Iterator[None]:
        """For a while only these rows are asked for: what is told of the others does not matter."""
        before = self._asked
        self._asked = self.asked(mask)
        try:
            yield
        finally:
            self._asked = before

    def asked(self, mask: Mask) -> Mask:
        """Those of these rows that are asked for."""
        return mask if self._asked is None else mask & self._asked

    def look(self, mask: Mask, ask: "Callable[[Pieces], bool | None]") -> Masks:
        """Ask the payloads of these rows whether it passes; None: they cannot tell. No other row
        passes; and where nothing is looked at, these possibly do."""
        if not self.deep:
            return Masks.perhaps(mask)
        if self._pieces is None:
            store: Store = self.listing  # type: ignore[assignment]
            assert not isinstance(self.chosen, slice)
            self._pieces = store.pieces(self.chosen)
        sure, possible = self.nowhere(), self.nowhere()
        for place in np.flatnonzero(self.asked(mask)).tolist():
            found = ask(self._pieces[place])
            sure[place], possible[place] = found is True, found is not False
        return Masks(sure, possible)

    def breathe(self) -> None:
        """Asked in the midst of long work: Interrupted where there is no time to go on."""
        if not self._go_on():
            raise Interrupted
