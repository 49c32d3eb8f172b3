"""The places of strings in their order, so that rows can be sorted by integers."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

EXACT: Final = 20_000
"""So many strings are compared in full, beyond they are by their first bytes only."""
_BYTES: Final = 96
_SLICE: Final = 5_000


class Ranks:
    """The ranks of a table of strings that grows at its end, for one thread at a time."""

    def __init__(self) -> None:
        self._known: npt.NDArray[np.int64] | None = None
        self._heads: list[npt.NDArray[np.bytes_]] = []
        self._read = 0

    def of(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """For each string its place among all of them, alike for equal ones."""
        if self._known is None or len(self._known) != len(words):
            self._known = _exact(words) if len(words) <= EXACT else self._by_heads(words)
        return self._known

    def _by_heads(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """As UTF-8 keeps the order of code points, so do its first bytes. Made in slices, as the
        screen waits while numpy reads Python's strings; not while it sorts bytes."""
        for start in range(self._read, len(words), _SLICE):
            heads = [
                word[:_BYTES].encode("utf-8", "surrogatepass")
                for word in islice(words, start, start + _SLICE)
            ]
            self._heads.append(np.array(heads, f"S{_BYTES}"))
        self._read = len(words)
        self._heads = [np.concatenate(self._heads)]
        heads_of_all = self._heads[0]
        order = np.argsort(heads_of_all, kind="stable")
        ordered = heads_of_all[order]
        ranks = np.zeros(len(words), np.int64)
        ranks[order[1:]] = np.cumsum(ordered[1:] != ordered[:-1])
        return ranks


def _exact(words: Sequence[str]) -> npt.NDArray[np.int64]:
    place = {word: rank for rank, word in enumerate(sorted(set(words)))}
    return np.array([place[word] for word in words], np.int64)
