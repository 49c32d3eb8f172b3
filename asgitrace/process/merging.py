"""The records of several rings, handed on in the order of time.

A record's time is that of its writing: the later of its two stamps, and never before what its ring
had before it, so that the records of one ring stay in their order. Records go on in runs: those of
one ring that are older than any other ring's next.

A record can be handed on only when every other ring has been read up to its time. So each round
reads the clock first and then the rings; what was written after that waits for the next round. Only
a record that was stamped before and became visible after is handed on late."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import accumulate
from struct import Struct
from typing import Final, Protocol

from asgitrace.events import HEADER
from asgitrace.ring import Batch

_SIZE: Final = HEADER.size
_STAMPS: Final = Struct("<8x2q40x")
_PLACE: Final = Struct("<32xQ24x")

FINEST_NS: Final = 1_000_000
COARSEST_NS: Final = 64_000_000
_LOOK: Final = 8
"""Runs between two looks at the clock."""

Deliver = Callable[[int, Batch], object]
"""Is told the source and its next records."""


class Readable(Protocol):
    """What the merge needs of a ring."""

    @property
    def behind(self) -> float: ...

    def poll(self, most: int | None = None, room: int | None = None) -> Batch: ...


class Inlet:
    """One ring in the merge: what was read of it and not handed on yet."""

    __slots__ = ("_at", "_batch", "_keys", "_reader", "_told", "source", "thirsty")

    def __init__(self, source: int, reader: Readable) -> None:
        self.source = source
        self._reader = reader
        self._batch = Batch(b"", b"", 0, 0)
        self._keys: list[int] = []
        self._at = 0
        self._told = 0
        self.thirsty = False
        """It is empty, and its ring has more."""

    @property
    def empty(self) -> bool:
        return self._at >= len(self._keys)

    @property
    def next(self) -> int:
        """The time of its next record."""
        return self._keys[self._at]

    def fill(self, clock: Callable[[], int], most: int, room: int) -> Batch:
        """Read what is new, and return it to be looked at."""
        batch = self._reader.poll(most, room)
        now = clock()
        # A stamp of the future, as a damaged ring may have, would keep its ring waiting.
        last = self._told
        stamps = _STAMPS.iter_unpack(batch.headers)
        latest = (min(max(called, returned), now) for called, returned in stamps)
        self._keys = list(accumulate(latest, max, initial=last))[1:]
        self._batch, self._at = batch, 0
        self._told = self._keys[-1] if self._keys else last
        self.thirsty = False
        return batch

    def take(self, until: int) -> Batch:
        """Its records up to a time, at least one."""
        start = self._at
        end = max(bisect_right(self._keys, until, start), start + 1)
        self._at = end
        batch = self._batch
        if end >= len(self._keys):
            # What is behind the last one in the ring counts, not what was when it was read.
            self.thirsty = self._reader.behind > 0
        if start == 0 and end >= len(self._keys):
            return batch
        headers = batch.headers[start * _SIZE : end * _SIZE]
        position = _position(batch, start)
        stop = _position(batch, end) if end < len(self._keys) else None
        payload = batch.payload[position - batch.origin : stop and stop - batch.origin]
        return Batch(headers, payload, position, 0 if start else batch.missed)


def _position(batch: Batch, index: int) -> int:
    found: int = _PLACE.unpack_from(batch.headers, index * _SIZE)[0]
    return found


def next_grain(grain: int, *, more: bool) -> int:
    """How far apart, in ns, stamps of several rings may next be handed on out of order.

    A run costs a sink more than the records in it. So the order is exact where there is time for
    that, and where a merge ended with ``more`` to do it becomes that of milliseconds."""
    if more:
        return min(max(grain * 2, FINEST_NS), COARSEST_NS)
    return grain // 2 if grain > FINEST_NS else 0


class Merge:
    """One merge: hands on what there is in some rings, in rounds, for a while.

    Args:
        inlets: the rings.
        deliver: is told what comes.
        clock: monotonic ns, as the records are stamped with.
        until: when it is to end, in these.
        most: records that are read of a ring at a time.
        room: bytes of payload that are read of a ring at a time.
        grain: ns by which stamps of several rings may be out of order.
    """

    def __init__(
        self,
        inlets: Iterable[Inlet],
        deliver: Deliver,
        *,
        clock: Callable[[], int],
        until: int,
        most: int,
        room: int,
        grain: int = 0,
    ) -> None:
        self._inlets = list(inlets)
        self._deliver = deliver
        self._clock = clock
        self._until = until
        self._most = most
        self._room = room
        self._grain = grain

    def run(self) -> bool:
        """Go on until there is nothing new, or the time is over: then there is more, and it is
        True."""
        while True:
            horizon = self._clock()
            self._fill()
            if not self._round(horizon):
                return False
            if self._clock() >= self._until:
                return True

    def _fill(self) -> None:
        for inlet in self._inlets:
            if inlet.empty:
                batch = inlet.fill(self._clock, self._most, self._room)
                if batch.missed and not batch.count:
                    self._deliver(inlet.source, batch)

    def _round(self, horizon: int) -> bool:
        """Hand on records that are as old as ``horizon``, or until a ring has to be read again;
        whether one has to be, or the time is over."""
        heap = [
            (inlet.next, number)
            for number, inlet in enumerate(self._inlets)
            if not inlet.empty and inlet.next <= horizon
        ]
        heapify(heap)
        runs = 0
        while heap:
            _, number = heappop(heap)
            inlet = self._inlets[number]
            reach = min(heap[0][0] + self._grain, horizon) if heap else horizon
            self._deliver(inlet.source, inlet.take(reach))
            runs += 1
            if inlet.empty:
                if inlet.thirsty:
                    return True
            elif inlet.next <= horizon:
                heappush(heap, (inlet.next, number))
            if runs % _LOOK == 0 and self._clock() >= self._until:
                return bool(heap)
        return False
