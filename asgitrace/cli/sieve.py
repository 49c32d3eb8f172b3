"""Letting exchanges through a filter when they are over, in bounded memory.

A store stands in between. An exchange is judged when it has ended, or when nothing more will come;
what was judged is given up at once, so only what is open takes room.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from asgitrace.errors import AsgitraceError
from asgitrace.filter import match
from asgitrace.store import RowKind, State, Store

if TYPE_CHECKING:
    from asgitrace.filter import Predicate

QUIET_NS: Final = 500_000_000
"""So long after its end an exchange is judged: some of what it sent may be accepted later."""

_NOT_COUNTED: Final = (int(RowKind.PROCESS), int(RowKind.LIFESPAN))

Numbers = npt.NDArray[np.int64]


class Sieve:
    """Judges the rows of a store of its own.

    Args:
        predicate: which pass.
        memory: bytes that the store may take.
    """

    def __init__(self, predicate: "Predicate", memory: int) -> None:
        self._predicate = predicate
        self.store = Store(memory)
        """Where the trace goes."""
        self.judged = 0
        """Exchanges, lifespan and notes not counted."""
        self.passed = 0

    @property
    def crowded(self) -> bool:
        """Whether it is time to judge, before the store gives up by itself what was not judged."""
        return self.store.bytes_used > self.store.limit_bytes // 2

    def latest(self) -> int:
        """The latest wall time at which anything is known to have happened, in ns."""
        ended = self._ended()
        return int(ended.max()) if len(ended) else 0

    def settle(self, until: int | None = None) -> tuple[Numbers, Numbers]:
        """Judge what ended a while before ``until``, a wall time in ns; None: everything.

        Returns the rows that were judged, to be given to ``discard``, and those of them that
        passed. Raises AsgitraceError where the filter takes too long.
        """
        store = self.store
        if until is None:
            due = np.ones(len(store), np.bool_)
        else:
            due = (store.state != State.OPEN) & (self._ended() <= until - QUIET_NS)
        numbers = store.numbers[due].copy()
        if not len(numbers):
            return numbers, numbers
        matcher = match(self._predicate, store)
        matcher.advance(0, lambda: True)
        if matcher.failure:
            raise AsgitraceError(matcher.failure)
        passed = np.intersect1d(numbers, matcher.numbers, assume_unique=True)
        self.judged += self._count(numbers)
        self.passed += self._count(passed)
        return numbers, passed

    def discard(self, judged: Numbers) -> None:
        """Give up rows that were judged."""
        self.store.discard(judged)

    def _ended(self) -> Numbers:
        store = self.store
        return store.started + store.durations(0)

    def _count(self, numbers: Numbers) -> int:
        store = self.store
        kinds = store.kind[store.numbers.searchsorted(numbers)]
        return int(np.count_nonzero(~np.isin(kinds, _NOT_COUNTED)))
