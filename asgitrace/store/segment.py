"""A stretch of records: an array of headers and the payloads, one behind the other, or both of them
packed.

A record whose exchange was evicted is marked dead, by the exchange number 0, or beside where it is
packed; its bytes are given back when the segment is written anew without it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import HEADER, Header, Record
from asgitrace.store.headers import Headers
from asgitrace.store.packing import Pack, pack, unpack_headers, unpack_index, unpack_payload

OVERHEAD: Final = 512
"""Bytes of a segment's own objects."""

_WORTH: Final = 3 / 4
"""Segments stay as they are that do not become smaller than this share of it."""

Mask = npt.NDArray[np.bool_]


class Stretch:
    """Records that can be read."""

    __slots__ = ("headers", "payload")

    def __init__(self, headers: Headers, payload: bytes) -> None:
        self.headers = headers
        self.payload = payload

    @property
    def bytes_used(self) -> int:
        return self.headers.nbytes + len(self.payload)

    def select(self, chosen: npt.NDArray[np.int64]) -> tuple[Headers, list[bytes]]:
        """Headers and payloads of the records at these positions."""
        lengths = self.headers["length"]
        ends = np.cumsum(lengths, dtype=np.int64)[chosen]
        starts = ends - lengths[chosen]
        payload = self.payload
        pieces = [
            payload[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        return self.headers[chosen], pieces

    def records(self) -> Iterator[Record]:
        """The records that are not dead."""
        headers, pieces = self.select(np.flatnonzero(self.headers["exchange"]))
        for fields, piece in zip(HEADER.iter_unpack(headers.tobytes()), pieces, strict=True):
            yield Record(Header._make(fields), piece)


class Segment:
    """A stretch of records, with what is to be known of them without looking at each."""

    __slots__ = (
        "_gone", "_pack", "_stretch", "count", "dead", "dead_bytes", "first", "highest", "last",
        "lowest", "raw_bytes", "settled",
    )  # fmt: skip

    def __init__(self, headers: Headers, payload: bytes) -> None:
        self._stretch: Stretch | None = Stretch(headers, payload)
        self._pack: Pack | None = None
        self._gone: npt.NDArray[np.uint8] | None = None
        """The dead ones of packed records, as bits."""
        self.count = len(headers)
        self.raw_bytes = headers.nbytes + len(payload)
        self.first = int(headers["sequence"][0])
        self.last = int(headers["sequence"][-1])
        self.dead = 0
        """How many of the records are dead."""
        self.dead_bytes = 0
        """Their bytes before they were packed."""
        self.settled = False
        """Whether it is packed, or not worth it."""
        # Which exchanges can be in here, so that most segments need not be looked through for one.
        ours = headers["exchange"]
        living = ours if ours.all() else ours[ours > 0]
        self.lowest = int(living.min(initial=2**32 - 1))
        self.highest = int(living.max(initial=0))

    @property
    def packed(self) -> bool:
        return self._pack is not None

    @property
    def bytes_used(self) -> int:
        if self._pack is None:
            return self.raw_bytes + OVERHEAD
        gone = 0 if self._gone is None else self._gone.nbytes
        return self._pack.bytes_used + gone + OVERHEAD

    @property
    def wasted(self) -> int:
        """What the dead take, as near as it can be told."""
        return (
            self.bytes_used * self.dead_bytes // self.raw_bytes if self.packed else self.dead_bytes
        )

    def settle(self) -> None:
        """Pack it, if that makes it smaller."""
        self.settled = True
        stretch = self._stretch
        if stretch is None:
            return
        found = pack(stretch.headers, stretch.payload)
        if found.bytes_used < self.raw_bytes * _WORTH:
            # The dead ones have their mark in the headers.
            self._pack, self._stretch = found, None

    def read(self) -> Stretch:
        """The records; a copy where they are packed. Safe in another thread."""
        stretch = self._stretch
        if stretch is not None:
            return stretch
        assert self._pack is not None
        headers = unpack_headers(self._pack)
        if self._gone is not None:
            headers["exchange"][self._marks(self._gone)] = 0
        return Stretch(headers, unpack_payload(self._pack))

    def kill(self, exchanges: npt.NDArray[np.uint32]) -> bool:
        """Mark the records of these exchanges (sorted, distinct) as dead; whether there were
        any."""
        start = exchanges.searchsorted(np.uint32(self.lowest))
        ours = exchanges[start : exchanges.searchsorted(np.uint32(self.highest), "right")]
        if not len(ours):
            return False
        if len(ours) == self.highest - self.lowest + 1:
            self.dead, self.dead_bytes = self.count, self.raw_bytes
            self._bury(np.ones(self.count, np.bool_))
            return True
        numbers, lengths = self._index()
        mask = np.isin(numbers, ours)
        if not mask.any():
            return False
        self._count(mask, lengths)
        self._bury(mask)
        return True

    def kill_at(self, chosen: npt.NDArray[np.int64]) -> None:
        """Mark the living records at these positions as dead."""
        mask = np.zeros(self.count, np.bool_)
        mask[chosen] = True
        self._count(mask, self._index()[1])
        self._bury(mask)

    def without_dead(self) -> "Segment | None":
        """The same without the dead records; None if nothing lives."""
        if self.dead == self.count:
            return None
        stretch = self.read()
        headers, pieces = stretch.select(np.flatnonzero(stretch.headers["exchange"]))
        return Segment(headers, b"".join(pieces))

    def _index(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """The exchanges, 0 of the dead, and the lengths."""
        if self._pack is None:
            assert self._stretch is not None
            return self._stretch.headers["exchange"], self._stretch.headers["length"]
        numbers, lengths = unpack_index(self._pack)
        if self._gone is not None:
            numbers[self._marks(self._gone)] = 0
        return numbers, lengths

    def _count(self, mask: Mask, lengths: npt.NDArray[np.uint32]) -> None:
        count = int(np.count_nonzero(mask))
        self.dead += count
        self.dead_bytes += int(lengths[mask].sum(dtype=np.int64)) + count * HEADER.size

    def _bury(self, mask: Mask) -> None:
        if self._stretch is not None:
            self._stretch.headers["exchange"][mask] = 0
            return
        marks = np.packbits(mask)
        self._gone = marks if self._gone is None else self._gone | marks

    def _marks(self, gone: npt.NDArray[np.uint8]) -> Mask:
        return np.unpackbits(gone, count=self.count).astype(np.bool_)
