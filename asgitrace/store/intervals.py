"""A set of numbers as intervals: small while the numbers lie together, and bounded when they do
not."""

from bisect import bisect_left, bisect_right
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_LIMIT: Final = 1024


class Intervals:
    """Numbers of exchanges: those that were evicted, or those that were seen at all.

    Beyond 1,024 intervals the two lowest become one, with what lay between them: an exchange that
    old is then taken for one of them.
    """

    def __init__(self) -> None:
        # Bounds by turns: first of an interval, then the number behind its last. Sorted, and none
        # equal.
        self._bounds: list[int] = [0, 1]

    def __contains__(self, number: int) -> bool:
        return bool(bisect_right(self._bounds, number) & 1)

    @property
    def bytes_used(self) -> int:
        return 40 * len(self._bounds)

    def add(self, numbers: npt.NDArray[Any]) -> None:
        """Add numbers, sorted and distinct."""
        breaks = np.flatnonzero(np.diff(numbers) != 1)
        firsts = numbers[np.concatenate(([0], breaks + 1))].tolist()
        lasts = numbers[np.concatenate((breaks, [len(numbers) - 1]))].tolist()
        for first, last in zip(firsts, lasts, strict=True):
            self._add(first, last + 1)

    def add_one(self, number: int) -> None:
        """Add a number."""
        if self._bounds[-1] == number:
            self._bounds[-1] = number + 1
        elif number not in self:
            self._add(number, number + 1)

    def _add(self, start: int, stop: int) -> None:
        bounds = self._bounds
        low, high = bisect_left(bounds, start), bisect_right(bounds, stop)
        # A bound that falls outside of every interval becomes one; within an interval it is
        # swallowed.
        bounds[low:high] = ([] if low & 1 else [start]) + ([] if high & 1 else [stop])
        if len(bounds) > 2 * _LIMIT:
            del bounds[1:3]
