"""The records of one process: immutable stretches of them, as they came out of its ring.

A segment is an array of headers and the payloads, one behind the other. A record whose exchange was
evicted is marked dead, by the exchange number 0, and its bytes are given back when the segment is
written anew without it.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import HEADER, Header, Kind, Phase, Record
from asgitrace.ring import Batch

HEADER_TYPE: Final = np.dtype(
    [
        ("sequence", "<u8"),
        ("called", "<i8"),
        ("returned", "<i8"),
        ("size", "<u8"),
        ("position", "<u8"),
        ("exchange", "<u4"),
        ("call", "<u4"),
        ("length", "<u4"),
        ("number", "<u2"),
        ("flags", "<u2"),
        ("kind", "u1"),
        ("phase", "u1"),
        ("outcome", "u1"),
        ("message", "u1"),
        ("checksum", "<u4"),
    ]
)

_RECORDS: Final = 4096
_BYTES: Final = 1024 * 1024
_OVERHEAD: Final = 512
"""Bytes of a segment's own objects."""

Headers = npt.NDArray[Any]


class Segment:
    """A stretch of records."""

    __slots__ = ("dead", "first", "headers", "highest", "last", "lowest", "payload")

    def __init__(self, headers: Headers, payload: bytes) -> None:
        self.headers = headers
        self.payload = payload
        self.first = int(headers["sequence"][0])
        self.last = int(headers["sequence"][-1])
        self.dead = 0
        """Bytes of the dead records."""
        # Which exchanges can be in here, so that most segments need not be looked through for one.
        self.lowest = int(headers["exchange"].min())
        self.highest = int(headers["exchange"].max())

    @property
    def bytes_used(self) -> int:
        return self.headers.nbytes + len(self.payload) + _OVERHEAD

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

    def records(self, exchange: int | None, after: int) -> Iterator[Record]:
        """The living records, or those of one exchange, with a sequence greater than ``after``."""
        ours = self.headers["exchange"]
        mask = ours != 0 if exchange is None else ours == exchange
        if after >= self.first:
            mask &= self.headers["sequence"] > after
        headers, pieces = self.select(np.flatnonzero(mask))
        for fields, piece in zip(HEADER.iter_unpack(headers.tobytes()), pieces, strict=True):
            yield Record(Header._make(fields), piece)

    def kill(self, mask: npt.NDArray[np.bool_]) -> None:
        """Mark records as dead."""
        self.dead += int(self.headers["length"][mask].sum(dtype=np.int64))
        self.dead += int(np.count_nonzero(mask)) * HEADER.size
        self.headers["exchange"][mask] = 0

    def without_dead(self) -> "Segment | None":
        """The same without the dead records; None if nothing lives."""
        living = np.flatnonzero(self.headers["exchange"])
        if not len(living):
            return None
        headers, pieces = self.select(living)
        return Segment(headers, b"".join(pieces))


class Segments:
    """All segments of one process, in the order of their records."""

    def __init__(self) -> None:
        self._all: list[Segment] = []
        self.bytes_used = 0

    def append(self, headers: Headers, payload: bytes) -> None:
        """Add records with payloads that lie one behind the other; ``headers`` becomes the
        segments' own."""
        ends = np.cumsum(headers["length"], dtype=np.int64)
        at = 0
        for start in range(0, len(headers), _RECORDS):
            piece = headers[start : start + _RECORDS]
            end = int(ends[start + len(piece) - 1])
            self._add(
                Segment(piece if len(piece) == len(headers) else piece.copy(), payload[at:end])
            )
            at = end

    def exchange(self, number: int, first: int, last: int, after: int = -1) -> Iterator[Record]:
        """The records of one exchange that lies between two sequences, from behind ``after`` on."""
        found = [
            segment
            for segment in self._between(max(first, after + 1), last)
            if segment.lowest <= number <= segment.highest
        ]
        return (record for segment in found for record in segment.records(number, after))

    def headers(self, number: int, first: int, last: int) -> list[Header]:
        """The headers of one exchange that lies between two sequences."""
        found: list[Header] = []
        for segment in self._between(first, last):
            ours = segment.headers[segment.headers["exchange"] == number]
            found.extend(map(Header._make, HEADER.iter_unpack(ours.tobytes())))
        return found

    def all(self) -> Iterator[Record]:
        """All records that are there at the time of the call."""
        return (record for segment in tuple(self._all) for record in segment.records(None, -1))

    def kill(self, exchanges: npt.NDArray[Any], first: int, last: int) -> None:
        """Mark the records of these exchanges (sorted) as dead, between two sequences."""
        lowest, highest = int(exchanges[0]), int(exchanges[-1])
        for segment in self._between(first, last):
            if segment.lowest <= highest and lowest <= segment.highest:
                segment.kill(np.isin(segment.headers["exchange"], exchanges))

    def kill_oldest(
        self, number: int, first: int, last: int, need: int, spared: int
    ) -> tuple[int, int, int]:
        """Mark the oldest records of one exchange as dead, ``need`` bytes or more of them, but none
        of kind ``spared``.

        Returns how many records that were, those that only complete a call not counted, how many of
        them of the wire, and their bytes.
        """
        count = wires = freed = 0
        for segment in self._between(first, last):
            headers = segment.headers
            ours = np.flatnonzero((headers["exchange"] == number) & (headers["kind"] != spared))
            weights = np.cumsum(headers["length"][ours] + np.int64(HEADER.size))
            chosen = ours[: int(np.searchsorted(weights, need - freed)) + 1]
            if not len(chosen):
                continue
            mask = np.zeros(len(headers), np.bool_)
            mask[chosen] = True
            told = headers["phase"][chosen] != Phase.RETURNED
            count += int(np.count_nonzero(told))
            wires += int(np.count_nonzero(told & (headers["kind"][chosen] == Kind.WIRE)))
            freed += int(weights[len(chosen) - 1])
            segment.kill(mask)
            if freed >= need:
                break
        return count, wires, freed

    def reclaim(self, need: int, share: int) -> int:
        """Write segments anew in which at least one ``share``-th is dead, until ``need`` bytes are
        free again.

        Returns the bytes freed.
        """
        freed = 0
        kept: list[Segment] = []
        for segment in self._all:
            if freed >= need or not segment.dead or segment.dead * share < segment.bytes_used:
                kept.append(segment)
                continue
            fresh = segment.without_dead()
            freed += segment.bytes_used
            if fresh is not None:
                freed -= fresh.bytes_used
                kept.append(fresh)
        self._all = kept
        self.bytes_used -= freed
        if len(kept) > 32 + 4 * self.bytes_used // _BYTES + self._count() // (_RECORDS // 4):
            self._coalesce()
        return freed

    def _count(self) -> int:
        return sum(len(segment.headers) for segment in self._all)

    def _coalesce(self) -> None:
        """Join the small ones, so that their number stays in proportion to what they hold."""
        olds, self._all, self.bytes_used = self._all, [], 0
        for segment in olds:
            self._add(segment)

    def _between(self, first: int, last: int) -> Iterator[Segment]:
        segments = self._all
        for position in range(
            bisect_left(segments, first, key=lambda segment: segment.last), len(segments)
        ):
            segment = segments[position]
            if segment.first > last:
                return
            yield segment

    def _add(self, segment: Segment) -> None:
        """Add at the end, joined with its neighbours while these are not much larger, as the
        batches are small."""
        segments = self._all
        while segments and _joinable(segments[-1], segment):
            before = segments.pop()
            self.bytes_used -= before.bytes_used
            segment = _joined(before, segment)
        segments.append(segment)
        self.bytes_used += segment.bytes_used


def _joinable(before: Segment, after: Segment) -> bool:
    # Joining equals only copies each byte as often as the logarithm of the number of batches.
    size = before.bytes_used
    return (
        size <= 2 * after.bytes_used
        and size + after.bytes_used <= _BYTES
        and len(before.headers) + len(after.headers) <= _RECORDS
    )


def _joined(before: Segment, after: Segment) -> Segment:
    joined = Segment(
        np.concatenate((before.headers, after.headers)), before.payload + after.payload
    )
    joined.dead = before.dead + after.dead
    return joined


def unpack(batch: Batch) -> tuple[Headers, bytes]:
    """Headers of a batch and its payloads one behind the other.

    They lie so already, but where the ring began anew. A record whose payload is not in the batch
    gets none.
    """
    headers = np.frombuffer(batch.headers, HEADER_TYPE).copy()
    lengths = headers["length"].astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    whole = int(lengths.sum()) == len(batch.payload)
    if whole and np.array_equal(
        headers["position"], starts.astype(np.uint64) + np.uint64(batch.origin)
    ):
        return headers, batch.payload
    pieces = [record.payload for record in batch.records()]
    headers["length"] = [len(piece) for piece in pieces]
    return headers, b"".join(pieces)


def select(
    headers: Headers, payload: bytes, chosen: npt.NDArray[np.bool_]
) -> tuple[Headers, bytes]:
    """Some of the records whose payloads lie one behind the other."""
    # By whole stretches, since there are few of them.
    edges = np.flatnonzero(chosen[1:] != chosen[:-1]) + 1
    bounds = np.concatenate(([0], edges, [len(chosen)]))[int(not chosen[0]) :]
    offsets = np.concatenate(([0], np.cumsum(headers["length"], dtype=np.int64)))[bounds]
    stretches = offsets[: len(offsets) // 2 * 2].reshape(-1, 2).tolist()
    return headers[chosen], b"".join([payload[start:end] for start, end in stretches])
