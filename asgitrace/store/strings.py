"""Interned strings: each distinct one is kept once, as long as a row uses it."""

import sys
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_OVERHEAD: Final = 136
"""Bytes of a string's places in the table, the dictionary and the counts, with their room to
grow."""

_LEAST: Final = 256


class Strings:
    """Strings by number, with a count of their users.

    The table only grows at its end while ``epoch`` is the same, so that what was found out about a
    string's number stays true. When most of the table has lost its users it is made anew, with new
    numbers and the next ``epoch``.
    """

    def __init__(self) -> None:
        self.table: list[str] = []
        """The strings by number; empty where one has no user any more."""
        self.epoch = 0
        self._numbers: dict[str, int] = {}
        self._users: list[int] = []
        self._live_bytes = 0

    @property
    def bytes_used(self) -> int:
        return self._live_bytes + 16 * len(self.table)

    def intern(self, text: str) -> int:
        """The string's number; counts one user more."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.table)
            self.table.append(text)
            self._users.append(1)
            self._live_bytes += sys.getsizeof(text) + _OVERHEAD
        else:
            self._users[number] += 1
        return number

    def release(self, numbers: npt.NDArray[Any]) -> None:
        """Count one user less for each of the numbers, and forget strings that have none left."""
        distinct, counts = np.unique(numbers, return_counts=True)
        for number, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            self._users[number] -= count
            if self._users[number]:
                continue
            text = self.table[number]
            del self._numbers[text]
            self.table[number] = ""
            self._live_bytes -= sys.getsizeof(text) + _OVERHEAD

    def renumber(self) -> npt.NDArray[np.int64] | None:
        """Make the table anew if most of it is unused: the new number of each old one; None if it
        stays."""
        if len(self.table) < max(2 * len(self._numbers), _LEAST):
            return None
        renumbered: npt.NDArray[np.int64] = np.cumsum(np.array(self._users) > 0) - 1
        self.table = list(self._numbers)
        self._numbers = {text: number for number, text in enumerate(self.table)}
        self._users = [users for users in self._users if users]
        self.epoch += 1
        return renumbered
