"""Interned values: each distinct one is kept once, as long as a row uses it."""

from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

_OVERHEAD: Final = 136
"""Bytes of a value's places in the table, the dictionary and the counts, with their room to
grow."""

_LEAST: Final = 256

T = TypeVar("T", bound=Hashable)


class Interned(Generic[T]):
    """Values by number, with a count of their users. Number 0 is the empty value's, always.

    The table only grows at its end while ``epoch`` is the same, so that what was found out about a
    value's number stays true. When most of the table has lost its users it is made anew, with new
    numbers and the next ``epoch``.

    Args:
        empty: stands for a value that is not there.
        weigh: bytes of a value.
        others: stands for values that come when there is no number left.
        limit: how many numbers there are.
    """

    def __init__(
        self, empty: T, weigh: Callable[[T], int], others: T | None = None, limit: int = 2**32
    ) -> None:
        self.table: list[T] = [empty]
        """The values by number; empty where one has no user any more."""
        self.epoch = 0
        self._empty = empty
        self._weigh = weigh
        self._others = empty if others is None else others
        self._limit = limit
        self._numbers: dict[T, int] = {empty: 0}
        self._users: list[int] = [1]
        self._live_bytes = 0

    @property
    def bytes_used(self) -> int:
        return self._live_bytes + 16 * len(self.table)

    def intern(self, value: T) -> int:
        """The value's number; counts one user more."""
        number = self._numbers.get(value)
        if number is None and len(self.table) >= self._limit - 1 and value != self._others:
            return self.intern(self._others)
        if number is None:
            number = self._numbers[value] = len(self.table)
            self.table.append(value)
            self._users.append(1)
            self._live_bytes += self._weigh(value) + _OVERHEAD
        else:
            self._users[number] += 1
        return number

    def drop(self, number: int) -> None:
        """Count one user less, and forget the value if it has none left."""
        self._lose(number, 1)

    def release(self, numbers: npt.NDArray[Any]) -> None:
        """Count one user less for each of the numbers, and forget values that have none left."""
        distinct, counts = np.unique(numbers, return_counts=True)
        for number, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            self._lose(number, count)

    def renumber(self) -> npt.NDArray[np.int64] | None:
        """Make the table anew if most of it is unused: the new number of each old one; None if it
        stays."""
        if len(self.table) < max(2 * len(self._numbers), _LEAST):
            return None
        renumbered: npt.NDArray[np.int64] = np.cumsum(np.array(self._users) > 0) - 1
        self.table = list(self._numbers)
        self._numbers = {value: number for number, value in enumerate(self.table)}
        self._users = [users for users in self._users if users]
        self.epoch += 1
        return renumbered

    def _lose(self, number: int, count: int) -> None:
        if not number:
            return
        self._users[number] -= count
        if self._users[number]:
            return
        value = self.table[number]
        del self._numbers[value]
        self.table[number] = self._empty
        self._live_bytes -= self._weigh(value) + _OVERHEAD
