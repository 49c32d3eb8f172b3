"""What the exchanges of a span of time come to, as a whole and over time.

One pass over the rows in slices of about a millisecond, as for groups. Bytes and failures count at
the time at which their exchange began: the columns do not know better.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.model import Lag, Process, RowKind, State
from asgitrace.views.groups.grouping import SHARES, Failed
from asgitrace.views.statistics.durations import BUCKETS, buckets, percentiles
from asgitrace.views.statistics.slices import Array, Places, Shown, Steps, Walk
from asgitrace.wire import CALM_CLOSE_CODES

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

_SECOND: Final = 1_000_000_000
_CALM: Final = tuple(sorted(CALM_CLOSE_CODES))

CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx", "closed", "broken", "none", "open")
"""Classes of what an exchange came to: of its HTTP status, a WebSocket session that closed well or
not, nothing at all, and still open."""

_CLOSED, _BROKEN, _NONE, _OPEN = range(5, 9)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures: of each step of time, and of all of them."""

    steps: Steps
    begun: npt.NDArray[np.int64]
    """Exchanges that began."""
    failed: npt.NDArray[np.int64]
    """Those of them that failed."""
    received: npt.NDArray[np.int64]
    """Their bytes."""
    sent: npt.NDArray[np.int64]
    open: npt.NDArray[np.float64]
    """How many exchanges were open at once, on average."""
    durations: npt.NDArray[np.int64]
    """Of those that ended, counted by bucket."""
    classes: npt.NDArray[np.int64]
    """How many there are of each of CLASSES."""
    late: npt.NDArray[np.float64]
    """The most, in ns, that an event loop was late; nan where nobody measured."""

    @property
    def percentiles(self) -> tuple[int, ...]:
        """See groups.SHARES; -1 where nothing ended."""
        return tuple(percentiles(self.durations, SHARES).tolist())

    @property
    def measured(self) -> bool:
        """Whether anybody told how late a loop was."""
        return bool(np.isfinite(self.late).any())


class Survey:
    """One pass over the rows in view."""

    def __init__(
        self, listing: "Listing", failed: Failed, steps: Steps, *, shown: Shown = lambda: None
    ) -> None:
        self._listing = listing
        self._failed = failed
        self._steps = steps
        self._shown = shown
        count = steps.count
        self._counts = {
            name: np.zeros(count, np.int64) for name in ("begun", "failed", "received", "sent")
        }
        self._level = np.zeros(count + 1)
        self._part = np.zeros(count + 1)
        self._durations = np.zeros(BUCKETS, np.int64)
        self._classes = np.zeros(len(CLASSES), np.int64)

    def run(self, lags: Iterable[Lag]) -> Generator[None, None, Statistics]:
        """Go on with each ``next``; ``lags`` oldest first."""
        walk = Walk(self._listing, self._shown)
        while (places := walk.next()) is not None:
            self._take(places)
            yield
        count = self._steps.count
        opened = np.cumsum(self._level)[:count] + self._part[:count]
        return Statistics(
            self._steps,
            **self._counts,
            # What is left of fractions that cancel out is nothing.
            open=np.maximum(np.round(opened * self._filled(), 9), 0),
            durations=self._durations,
            classes=self._classes,
            late=latest(lags, self._steps),
        )

    def _filled(self) -> Array:
        """Averages over the last step are of what is over of it."""
        return self._steps.step_ns / _SECOND / self._steps.seconds()

    def _take(self, places: Places) -> None:
        listing, steps = self._listing, self._steps
        started = listing.started[places]
        ended = started + listing.durations(0, places)
        opened = listing.state[places] == State.OPEN
        ended[opened] = max(steps.now_ns, steps.start_ns)
        self._take_open(started, ended)
        inside = (started >= steps.start_ns) & (started < steps.end_ns)
        if not inside.any():
            return
        places, opened = places[inside], opened[inside]
        step = steps.of(started[inside])
        self._take_begun(places, step)
        over = ~opened
        took = ended[inside][over] - started[inside][over]
        np.add.at(self._durations, buckets(took), np.int64(1))
        self._classes += np.bincount(
            classes_of(listing.kind[places], listing.status[places], opened),
            minlength=len(CLASSES),
        )

    def _take_begun(self, places: Places, step: Array) -> None:
        listing = self._listing
        np.add.at(self._counts["begun"], step, np.int64(1))
        np.add.at(self._counts["failed"], step[self._failed(listing, places)], np.int64(1))
        for name in ("received", "sent"):
            np.add.at(self._counts[name], step, getattr(listing, name)[places].astype(np.int64))

    def _take_open(self, started: Array, ended: Array) -> None:
        """Each exchange raises the level from the step of its beginning to that of its end, and is
        there for a part of these two."""
        steps = self._steps
        there = (ended > steps.start_ns) & (started < steps.end_ns)
        last = min(steps.end_ns, max(steps.now_ns, steps.start_ns))
        for times, sign in ((started[there], 1), (ended[there], -1)):
            at = (np.clip(times, steps.start_ns, last) - steps.start_ns) / steps.step_ns
            step = at.astype(np.int64)
            np.add.at(self._level, step, float(sign))
            np.add.at(self._part, step, sign * (step - at))


def classes_of(kind: Array, status: Array, opened: Array) -> Array:
    """The class of each exchange, as its place in CLASSES."""
    hundreds = status // 100
    found = np.where((hundreds >= 1) & (hundreds <= 5), hundreds - 1, _NONE)
    calm = np.isin(status, _CALM)
    session = (kind == RowKind.WEBSOCKET) & (status >= 1000)
    found = np.where(session, np.where(calm, _CLOSED, _BROKEN), found)
    return np.where(opened, _OPEN, found)


def worst(lags: Iterable[Lag], processes: Sequence[Process], steps: Steps) -> dict[str, int]:
    """The most, in ns, that the loop of each worker was late in all steps, by its number; of those
    of which anybody measured it."""
    found: dict[str, int] = {}
    for lag in lags:
        if steps.start_ns <= lag.time_ns < steps.end_ns:
            worker = str(processes[lag.source].worker)
            found[worker] = max(found.get(worker, 0), lag.late_ns)
    return found


def latest(lags: Iterable[Lag], steps: Steps) -> npt.NDArray[np.float64]:
    """The most that a loop was late in each step; nan where nobody measured."""
    told = np.array([(lag.time_ns, lag.late_ns) for lag in lags], np.int64).reshape(-1, 2)
    told = told[(told[:, 0] >= steps.start_ns) & (told[:, 0] < steps.end_ns)]
    late = np.full(steps.count, -1.0)
    np.maximum.at(late, steps.of(told[:, 0]), told[:, 1].astype(np.float64))
    return np.where(late < 0, np.nan, late)
