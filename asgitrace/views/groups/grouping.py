"""Exchanges in groups, with what each group comes to.

One pass over the rows in slices of about a millisecond, between which the store may change. Memory
is bounded: the largest groups are kept, the rest is summed. Percentiles are of the exchanges that
have ended; they differ from the exact ones by less than one in a hundred.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.model import State
from asgitrace.views.groups.keys import Keys
from asgitrace.views.statistics.durations import BUCKETS, Array, buckets, percentiles
from asgitrace.views.statistics.slices import Places, Shown, Steps, Walk

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

MOST: Final = 5000
"""Groups that are kept."""

RECENT_NS: Final = 60 * 1_000_000_000
"""The rate is that of the last minute."""

SHARES: Final = (0.5, 0.95, 0.99)

_GROUPS_AT_A_TIME: Final = 128
_CLEARED: Final = 1 << 18
"""Counts that are made zero at a time."""

_SECOND: Final = 1e9

Failed = Callable[["Listing", Places], npt.NDArray[np.bool_]]
"""Which of the rows at these places count as errors."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups as columns: one place for each, in no particular order."""

    values: Sequence[str]
    """What the exchanges of a group have in common, as the filter knows it."""
    words: Sequence[str]
    """The same as it is shown."""
    rest: int
    """How many groups were too many: all they have is summed in the last place. 0: none."""
    count: npt.NDArray[np.int64]
    """Exchanges."""
    first: npt.NDArray[np.int64]
    """Number of the first one."""
    last: npt.NDArray[np.int64]
    open: npt.NDArray[np.int64]
    failed: npt.NDArray[np.int64]
    rate: npt.NDArray[np.float64]
    """Exchanges begun a second in the last minute, or since the first one."""
    p50: npt.NDArray[np.int64]
    """Of the durations, in ns; -1 where none has ended."""
    p95: npt.NDArray[np.int64]
    p99: npt.NDArray[np.int64]
    received: npt.NDArray[np.int64]
    """Bytes."""
    sent: npt.NDArray[np.int64]
    begun: npt.NDArray[np.int64]
    """Exchanges begun in each step of time: one row for each group."""
    steps: Steps

    def __len__(self) -> int:
        return len(self.count)

    @property
    def total(self) -> int:
        """Exchanges in all of them."""
        return int(self.count.sum())

    def is_rest(self, index: int) -> bool:
        """Whether this is no group, but what is summed of those that were too many."""
        return bool(self.rest) and index == len(self) - 1


class Tally:
    """One pass: counts by group, made in slices."""

    def __init__(
        self,
        listing: "Listing",
        keys: Keys,
        failed: Failed,
        *,
        shown: Shown = lambda: None,
        since_ns: int | None = None,
    ) -> None:
        """``since_ns`` leaves out exchanges that began before that wall time."""
        self._listing = listing
        self._keys = keys
        self._failed = failed
        self._shown = shown
        self._since = since_ns

    def run(self, steps: Steps) -> Generator[None, None, Groups | None]:
        """Go on with each ``next``; returns None where numbers changed their meaning meanwhile, so
        that one has to begin anew."""
        keys = self._keys
        yield from keys.prepare()
        epoch, size = keys.epoch, keys.size
        kept, group_of, rest = yield from self._chosen(size)
        sums = _Sums(len(kept), steps)
        yield from sums.clear()
        walk = Walk(self._listing, self._shown)
        while keys.epoch == epoch and (places := walk.next()) is not None:
            places = self._of_interest(places)
            group = np.minimum(keys.of(places), size)
            if group_of is not None:
                group = group_of[group]
            sums.take(self._listing, places, group, self._failed(self._listing, places))
            yield
        quantiles = yield from sums.quantiles()
        if keys.epoch != epoch:
            return None
        return sums.groups(keys, kept, quantiles, rest)

    def _chosen(self, size: int) -> Generator[None, None, tuple[Array, Array | None, int]]:
        """The keys that get a group, the group of each key where it is not the key itself, and how
        many more there are."""
        if size <= MOST:
            return np.arange(size), None, 0
        counts = np.zeros(size + 1, np.int64)
        walk = Walk(self._listing, self._shown)
        while (places := walk.next()) is not None:
            keys = self._keys.of(self._of_interest(places))
            np.add.at(counts, np.minimum(keys, size), np.int64(1))
            yield
        kept = np.sort(np.argpartition(counts[:size], size - MOST)[-MOST:])
        kept = kept[counts[kept] > 0]
        group_of = np.full(size + 1, len(kept), np.int32)
        group_of[kept] = np.arange(len(kept))
        return kept, group_of, int(np.count_nonzero(counts)) - len(kept)

    def _of_interest(self, places: Places) -> Places:
        if self._since is None:
            return places
        return places[self._listing.started[places] >= self._since]


class _Sums:
    """What is summed for each group, and for the rest in the last place."""

    def __init__(self, kept: int, steps: Steps) -> None:
        count = kept + 1
        self._steps = steps
        self._recent = steps.now_ns - RECENT_NS
        self._first = steps.now_ns
        self._integers = {
            name: np.zeros(count, np.int64)
            for name in ("count", "open", "failed", "recent", "received", "sent")
        }
        self._begun = np.zeros(count * steps.count, np.int64)
        self._ended = np.empty(count * BUCKETS, np.int32)
        self._first_number = np.full(count, np.iinfo(np.int64).max)
        self._last_number = np.zeros(count, np.int64)
        self._shortest = np.full(count, np.iinfo(np.int64).max)
        self._longest = np.full(count, -1, np.int64)

    def clear(self) -> Generator[None, None, None]:
        """Before all else: the largest of the arrays is made zero in parts, since memory that is
        touched for the first time takes a while to get."""
        for start in range(0, len(self._ended), _CLEARED):
            self._ended[start : start + _CLEARED] = 0
            yield

    def take(self, listing: "Listing", places: Places, group: Array, failed: Array) -> None:
        """Add the rows at these places to their groups."""
        if not len(places):
            return
        started, state = listing.started[places], listing.state[places]
        ended = state != State.OPEN
        self._first = min(self._first, int(started.min()))
        recent = (started > self._recent) & (started <= self._steps.now_ns)
        for name, chosen in (("open", ~ended), ("failed", failed), ("recent", recent)):
            self._add(name, group[chosen], 1)
        self._add("count", group, 1)
        numbers = listing.numbers[places]
        np.minimum.at(self._first_number, group, numbers)
        np.maximum.at(self._last_number, group, numbers)
        for name in ("received", "sent"):
            self._add(name, group, getattr(listing, name)[places])
        self._take_begun(group, self._steps.of(started))
        self._take_ended(group[ended], listing.durations(0, places[ended]))

    def _add(self, name: str, group: Array, amount: Any) -> None:
        np.add.at(self._integers[name], group, np.asarray(amount, np.int64))

    def _take_begun(self, group: Array, step: Array) -> None:
        inside = (step >= 0) & (step < self._steps.count)
        at = group[inside].astype(np.int64) * self._steps.count + step[inside]
        np.add.at(self._begun, at, np.int64(1))

    def _take_ended(self, group: Array, durations: Array) -> None:
        at = group.astype(np.int64) * BUCKETS + buckets(durations)
        np.add.at(self._ended, at, np.int32(1))
        np.minimum.at(self._shortest, group, durations)
        np.maximum.at(self._longest, group, durations)

    def quantiles(self) -> Generator[None, None, Array]:
        """The percentiles of those groups that have any rows."""
        rows = self._ended.reshape(-1, BUCKETS)
        there = np.flatnonzero(self._integers["count"])
        found = np.empty((len(there), len(SHARES)), np.int64)
        for start in range(0, len(there), _GROUPS_AT_A_TIME):
            some = slice(start, start + _GROUPS_AT_A_TIME)
            found[some] = percentiles(rows[there[some]], SHARES)
            yield
        # No estimate is beyond what there was; so that of a single duration is exact.
        longest = np.maximum(self._longest[there], 0)
        inside = np.clip(found, self._shortest[there, None], longest[:, None])
        return np.where(found < 0, -1, inside)

    def groups(self, keys: Keys, kept: Array, quantiles: Array, rest: int) -> Groups:
        """Those groups that have any rows."""
        sums = self._integers
        there = np.flatnonzero(sums["count"])
        # Rows whose key nobody foresaw are in the rest too.
        beyond = bool(len(there)) and there[-1] == len(kept)
        named = kept[there[:-1] if beyond else there].tolist()
        covered = min(max(self._steps.now_ns - self._first, _SECOND), RECENT_NS) / _SECOND
        return Groups(
            values=[keys.value(key) for key in named],
            words=[keys.words(key) for key in named],
            rest=max(rest, 1) if beyond else 0,
            count=sums["count"][there],
            first=self._first_number[there],
            last=self._last_number[there],
            open=sums["open"][there],
            failed=sums["failed"][there],
            rate=sums["recent"][there] / covered,
            p50=quantiles[:, 0],
            p95=quantiles[:, 1],
            p99=quantiles[:, 2],
            received=sums["received"][there],
            sent=sums["sent"][there],
            begun=self._begun.reshape(-1, self._steps.count)[there],
            steps=self._steps,
        )
