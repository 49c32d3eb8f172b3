"""The way through a store's rows in slices, between which the store may change, and spans of time
cut into steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.model import RowKind

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]
"""Positions in the columns."""
Shown = Callable[[], Numbers | None]
"""The rows in view, ascending, as they are at the moment; None: all rows of the store."""

SLICE: Final = 16_384
"""Rows at a time, which take less than a millisecond."""

_SECOND: Final = 1_000_000_000
_LEAST_STEP: Final = 1_000_000
_ROUND: Final = (100, 125, 160, 200, 250, 320, 400, 500, 640, 800)
"""Preferred numbers: each about a quarter larger than the one before it."""


class Walk:
    """Goes through the rows in view that are there when it begins; what is new meanwhile is left
    for the next one."""

    def __init__(self, listing: "Listing", shown: Shown) -> None:
        self._listing = listing
        self._shown = shown
        self._after = 0
        numbers = self._in_view()
        self._last = int(numbers[-1]) if len(numbers) else 0

    def next(self) -> Places | None:
        """The places of the next exchanges in the columns, valid until the store's next change;
        None where there are no more. Notes and lifespans are none."""
        numbers = self._in_view()
        start = int(numbers.searchsorted(self._after, "right"))
        chosen = numbers[start : start + SLICE]
        if not len(chosen) or chosen[0] > self._last:
            return None
        chosen = chosen[: int(chosen.searchsorted(self._last, "right"))]
        self._after = int(chosen[-1])
        return self._exchanges(self._places(chosen, start))

    def _in_view(self) -> Numbers:
        shown = self._shown()
        return self._listing.numbers if shown is None else shown

    def _places(self, chosen: Numbers, start: int) -> Places:
        there = self._listing.numbers
        if self._shown() is None:
            return np.arange(start, start + len(chosen))
        places = there.searchsorted(chosen)
        places = places[places < len(there)]
        found: Places = places[there[places] == chosen[: len(places)]]
        return found

    def _exchanges(self, places: Places) -> Places:
        kind = self._listing.kind[places]
        exchanges: Places = places[(kind != RowKind.PROCESS) & (kind != RowKind.LIFESPAN)]
        return exchanges


@dataclass(frozen=True, slots=True)
class Steps:
    """A span of time cut into steps of one length. The last one may not be over yet."""

    start_ns: int
    """Wall time."""
    step_ns: int
    count: int
    now_ns: int

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.count * self.step_ns

    def of(self, times: Array) -> Array:
        """The step of each wall time; negative before the first one, ``count`` or more behind the
        last one."""
        return (times - self.start_ns) // self.step_ns

    def seconds(self) -> npt.NDArray[np.float64]:
        """How long each step was until now."""
        ends = self.start_ns + self.step_ns * np.arange(1, self.count + 1)
        elapsed = np.minimum(ends, self.now_ns) - ends + self.step_ns
        return np.maximum(elapsed, 1) / _SECOND


def steps(first_ns: int, now_ns: int, count: int, *, ended: bool = False) -> Steps:
    """At least from ``first_ns`` to about ``now_ns``, in steps of a round length.

    They begin at multiples of that length, so that a curve moves by whole steps as time goes on.
    The last step is at least half over, so that a count in it says something. Where time has
    ``ended``, as that of a trace from a file, it is the one in which that was, and all over.
    """
    least = max((now_ns - first_ns) / (count - 1), _LEAST_STEP)
    decade = 10 ** (len(str(int(least))) - 1)
    step = next(n * decade // 100 for n in (*_ROUND, 1000) if n * decade // 100 >= least)
    return last_steps(step, count, now_ns, ended=ended)


def last_steps(step_ns: int, count: int, now_ns: int, *, ended: bool = False) -> Steps:
    """So many steps of this length up to now, as described at ``steps``."""
    if ended:
        now_ns = -(-now_ns // step_ns) * step_ns
    end = (now_ns + step_ns // 2) // step_ns * step_ns
    return Steps(end - count * step_ns, step_ns, count, now_ns)
