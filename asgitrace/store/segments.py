"""The records of one process, as segments in the order of their sequences: the newest as they came
out of its ring, the others packed."""

from bisect import bisect_left
from collections.abc import Container, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import HEADER, Header, Kind, Phase, Record
from asgitrace.store.headers import Headers
from asgitrace.store.pieces import Piece
from asgitrace.store.segment import Segment
from asgitrace.store.unpacked import Unpacked

_RECORDS: Final = 4096
_BYTES: Final = 1024 * 1024
_HOT: Final = 4
"""So many of the newest segments are not packed, since what is looked at most is new."""

_LEAST: Final = 16 * 1024
"""A segment smaller than that is not worth packing."""


class Segments:
    """All segments of one process, in the order of their records.

    Args:
        unpacked: where packed ones are kept that were read.
    """

    def __init__(self, unpacked: Unpacked) -> None:
        self._all: list[Segment] = []
        self._unpacked = unpacked
        self._cold = 0
        """So many of the oldest need not be looked at to find one to pack."""
        self.bytes_used = 0
        self.raw_bytes = 0
        """What it would be if none were packed."""
        self.count = 0
        """Records, with those that are dead."""

    def append(self, headers: Headers, payload: bytes) -> None:
        """Add records with payloads that lie one behind the other; ``headers`` becomes the
        segments' own."""
        ends = np.cumsum(headers["length"], dtype=np.int64)
        at = start = 0
        while start < len(headers):
            # As large as what is quickly read, but one record at least.
            full = int(ends.searchsorted(at + _BYTES, "right"))
            stop = min(max(full, start + 1), start + _RECORDS)
            piece = headers[start:stop]
            end = int(ends[start + len(piece) - 1])
            start = stop
            self._add(
                Segment(piece if len(piece) == len(headers) else piece.copy(), payload[at:end])
            )
            at = end
            self._settle()

    def exchange(self, number: int, first: int, last: int, after: int = -1) -> Iterator[Record]:
        """The records of one exchange that lies between two sequences, from behind ``after`` on."""
        found = [
            segment
            for segment in self._between(max(first, after + 1), last)
            if segment.lowest <= number <= segment.highest
        ]
        return (
            record
            for segment in found
            for record in self._unpacked.index(segment).records(number, after)
        )

    def pieces(self, number: int, first: int, last: int, wanted: Container[int]) -> Iterator[Piece]:
        """The payloads of one exchange that lies between two sequences, see `Pieces`."""
        for segment in self._between(first, last):
            if segment.lowest <= number <= segment.highest:
                yield from self._unpacked.index(segment).pieces(number, wanted)

    def headers(self, number: int, first: int, last: int) -> list[Header]:
        """The headers of one exchange that lies between two sequences."""
        found: list[Header] = []
        for segment in self._between(first, last):
            if segment.lowest <= number <= segment.highest:
                headers = self._unpacked.read(segment).headers
                ours = headers[headers["exchange"] == number]
                found.extend(map(Header._make, HEADER.iter_unpack(ours.tobytes())))
        return found

    def newest_first(self) -> list[Segment]:
        """All segments as they are now."""
        return self._all[::-1]

    def all(self) -> Iterator[Record]:
        """All records that are there at the time of the call."""
        return (record for segment in tuple(self._all) for record in segment.read().records())

    def kill(self, exchanges: npt.NDArray[np.uint32], first: int, last: int) -> None:
        """Mark the records of these exchanges (sorted, distinct) as dead, between two sequences."""
        for segment in self._between(first, last):
            before = segment.bytes_used
            if segment.kill(exchanges):
                self.bytes_used += segment.bytes_used - before
                self._unpacked.forget(segment)

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
            if not segment.lowest <= number <= segment.highest:
                continue
            headers = self._unpacked.read(segment).headers
            ours = np.flatnonzero((headers["exchange"] == number) & (headers["kind"] != spared))
            weights = np.cumsum(headers["length"][ours] + np.int64(HEADER.size))
            chosen = ours[: int(np.searchsorted(weights, need - freed)) + 1]
            if not len(chosen):
                continue
            told = headers["phase"][chosen] != Phase.RETURNED
            count += int(np.count_nonzero(told))
            wires += int(np.count_nonzero(told & (headers["kind"][chosen] == Kind.WIRE)))
            freed += int(weights[len(chosen) - 1])
            before = segment.bytes_used
            segment.kill_at(chosen)
            self.bytes_used += segment.bytes_used - before
            self._unpacked.forget(segment)
            if freed >= need:
                break
        return count, wires, freed

    def reclaim(self, need: int, share: int, packs: int) -> int:
        """Let go of segments that are dead, and write those anew in which at least one ``share``-th
        is, ``packs`` packed ones at most, until ``need`` bytes are free again.

        Returns the bytes freed.
        """
        freed = 0
        kept: list[Segment] = []
        for position, segment in enumerate(self._all):
            if freed >= need:
                kept += self._all[position:]
                break
            if not segment.dead:
                kept.append(segment)
                continue
            whole = segment.dead == segment.count
            spared = segment.wasted * share < segment.bytes_used or (segment.packed and not packs)
            if spared and not whole:
                kept.append(segment)
                continue
            packs -= segment.packed and not whole
            fresh = segment.without_dead()
            freed += segment.bytes_used
            self._leave(segment)
            if fresh is not None:
                if segment.packed and fresh.raw_bytes > _LEAST:
                    fresh.settle()
                freed -= fresh.bytes_used
                self._enter(fresh)
                kept.append(fresh)
        if freed:
            self._all = kept
            self._cold = 0
            if len(kept) > 32 + 4 * self.raw_bytes // _BYTES + self.count // (_RECORDS // 4):
                self._coalesce()
        return freed

    def _settle(self) -> None:
        """Pack the oldest one that is not packed, if it is not among the newest; with its
        neighbours, where they are small."""
        segments = self._all
        end = len(segments) - _HOT
        while self._cold < end:
            segment = segments[self._cold]
            if segment.settled:
                self._cold += 1
                continue
            stop = self._cold + 1
            while stop < end and not segments[stop].settled and _fits(segment, segments[stop]):
                segment = self._joined(segment, segments[stop])
                stop += 1
            if stop > self._cold + 1:
                for old in segments[self._cold : stop]:
                    self._leave(old)
                self._enter(segment)
                segments[self._cold : stop] = [segment]
            self._cold += 1
            if segment.raw_bytes < _LEAST:
                end = len(segments) - _HOT
                continue
            self._leave(segment)
            segment.settle()
            self._enter(segment)
            return

    def _coalesce(self) -> None:
        """Join the small ones, so that their number stays in proportion to what they hold."""
        olds, self._all = self._all, []
        self.bytes_used = self.raw_bytes = self.count = 0
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
            self._leave(before)
            segment = self._joined(before, segment)
        self._cold = min(self._cold, len(segments))
        segments.append(segment)
        self._enter(segment)

    def _enter(self, segment: Segment) -> None:
        self.bytes_used += segment.bytes_used
        self.raw_bytes += segment.raw_bytes
        self.count += segment.count

    def _leave(self, segment: Segment) -> None:
        self._unpacked.forget(segment)
        self.bytes_used -= segment.bytes_used
        self.raw_bytes -= segment.raw_bytes
        self.count -= segment.count

    @staticmethod
    def _joined(before: Segment, after: Segment) -> Segment:
        older, newer = before.read(), after.read()
        joined = Segment(
            np.concatenate((older.headers, newer.headers)), older.payload + newer.payload
        )
        joined.dead = before.dead + after.dead
        joined.dead_bytes = before.dead_bytes + after.dead_bytes
        return joined


def _fits(before: Segment, after: Segment) -> bool:
    return before.raw_bytes + after.raw_bytes <= _BYTES and before.count + after.count <= _RECORDS


def _joinable(before: Segment, after: Segment) -> bool:
    # Joining equals only copies each byte as often as the logarithm of the number of batches.
    return (
        not (before.packed or after.packed)
        and before.raw_bytes <= 2 * after.raw_bytes
        and _fits(before, after)
    )
