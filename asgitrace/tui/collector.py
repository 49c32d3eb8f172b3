"""When Python's collector of cycles runs, so that it does not hold the screen up.

A collection goes through all objects it knows, and a store has millions: a full one takes longer
than a tenth of a second. But what is in the store, and what is drawn, has no cycles and goes as its
references go. So only the youngest objects are collected while something happens; what outlives
that is set aside (``gc.freeze``), and looked at in a quiet moment: a closed screen is a cycle.
"""

import gc
from typing import Final

_THRESHOLDS: Final = (2_000, 1_000, 1_000)
"""Objects made before the youngest are collected, which takes a millisecond or two; the others are
for when nobody ticks."""
_SURVIVED: Final = 8
"""Collections of the youngest after which what they left is set aside."""
_QUIET_NS: Final = 30_000_000_000


class Collector:
    """Is told of the time, and of whether anything happens."""

    def __init__(self) -> None:
        self._version = -1
        self._changed_ns = 0
        self._set_aside = False

    def begin(self) -> None:
        """All that is there now stays."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)

    def tick(self, now_ns: int, version: int) -> None:
        """``version`` changes with all that arrives."""
        if version != self._version:
            self._version, self._changed_ns = version, now_ns
        if gc.get_count()[1] >= _SURVIVED:
            gc.freeze()
            self._set_aside = True
        elif self._set_aside and now_ns - self._changed_ns > _QUIET_NS:
            self._set_aside = False
            gc.unfreeze()
            gc.collect()
            gc.freeze()
