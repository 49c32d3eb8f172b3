"""Readers of a ring: any number, in any process, none of which the writer knows of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import adler32

from asgitrace.events import HEADER, HEADER_PACKED, Header, Kind, Record
from asgitrace.ring import layout
from asgitrace.ring.about import About
from asgitrace.ring.layout import Layout
from asgitrace.ring.memory import RingMemory

_BATCH_RECORDS: Final = 65_536
_BATCH_BYTES: Final = 16 * 1024 * 1024
_HEADER_SIZE = HEADER.size
# A header by parts: every record is looked at, and all its fields would take twice as long.
_PLACE: Final = Struct("<Q24xQ8xI12x")
"""Sequence, position and length."""
_EXCHANGE: Final = Struct("<40xI12xB7x")
"""Exchange and kind."""
_LATEST: Final = 16_384
"""Records that are looked at for exchanges that are open."""
_STEPS: Final = frozenset({Kind.SCOPE, Kind.RECEIVE, Kind.SEND})
_ENDS: Final = frozenset({Kind.RETURN, Kind.RAISE})
_SEALED: Final = Struct(f"<{HEADER_PACKED.size}sI")
"""What the checksum is of besides the payload, and the checksum."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive whole records, copied out of the ring."""

    headers: bytes
    """``count`` headers of 64 bytes, fit for one array."""
    payload: bytes
    origin: int
    """Position of the first byte of ``payload``; a record's lies at ``header.position - origin``.
    """
    missed: int
    """Records overwritten before this batch was read."""

    @property
    def count(self) -> int:
        return len(self.headers) // _HEADER_SIZE

    def __bool__(self) -> bool:
        """Whether it tells anything. One whose records were all overwritten while they were copied
        still tells how many they were."""
        return bool(self.headers) or self.missed > 0

    def records(self) -> Iterator[Record]:
        """The records one by one, for who needs no columns."""
        for fields in HEADER.iter_unpack(self.headers):
            header = Header._make(fields)
            start = header.position - self.origin
            yield Record(header, self.payload[start : start + header.length])


@dataclass(frozen=True, slots=True)
class RingState:
    """The ring's counters at one moment."""

    written: int
    """Records written since the ring was made."""
    fill: float
    """Share of the ring in use by records that are still whole, 0 to 1."""
    refused: int
    faults: int
    closed: bool
    """The writer ended in good order."""
    latest: int = 0
    """Monotonic ns of the newest record; 0 where there is none."""
    sampled: int = 0
    """Exchanges that sampling chose; 0 where all are recorded."""
    unsampled: int = 0
    """Exchanges that it left out."""


class RingReader:
    """Follows one ring, remembering how far it has read."""

    def __init__(self, memory: RingMemory) -> None:
        self._memory = memory
        self._cursor = 0
        self._suspicion: str | None = None
        self.damage: str | None = None
        """Why reading stopped for good; None while all is well."""

    @classmethod
    def open(cls, path: Path) -> "RingReader":
        """Open a ring file; raises RingError."""
        return cls(RingMemory.open(path))

    @property
    def layout(self) -> Layout:
        return self._memory.layout

    @property
    def about(self) -> About:
        """What is traced, as the writer described it."""
        return self._memory.about

    @property
    def path(self) -> Path:
        return self._memory.path

    def state(self) -> RingState:
        """Read the counters; cheap enough for every frame."""
        counters = self._memory.counters
        first, written = counters[layout.FIRST], counters[layout.NEXT]
        # The slots fill up or the payloads do: the fuller of the two is what limits the history.
        slots = max(written - first, 0) / self.layout.slots
        newest = self._header(written - 1) if written else None
        used = min((newest.position + newest.length) / self.layout.capacity, 1.0) if newest else 0.0
        return RingState(
            written,
            min(max(slots, used), 1.0),
            counters[layout.REFUSED],
            counters[layout.FAULTS],
            counters[layout.STATE] == layout.CLOSED,
            latest=max(newest.called, newest.returned) if newest else 0,
            sampled=counters[layout.SAMPLED],
            unsampled=counters[layout.UNSAMPLED],
        )

    def skip_overwritten(self) -> int:
        """Go on at the oldest record that is still there; returns how many are passed over.

        Before the first poll they are those that nobody could have read any more."""
        first, following = self._memory.counters[layout.FIRST], self._memory.counters[layout.NEXT]
        skipped = max(min(first, following) - self._cursor, 0)
        self._cursor += skipped
        return skipped

    @property
    def behind(self) -> float:
        """Share of the ring's slots that hold what is not read yet; from 1 on records are lost."""
        unread = self._memory.counters[layout.NEXT] - self._cursor
        return unread / self.layout.slots

    def poll(self, most: int | None = None, room: int | None = None) -> Batch:
        """Copy the next records, at most ``most`` of them or 65,536, and ``room`` bytes of payload
        or 16 MiB (or one record that alone is larger); empty when there is nothing new.

        Never raises for what is in the ring: damage ends the reading and is told by ``damage``.
        """
        if self.damage is not None:
            return _NOTHING
        counters = self._memory.counters
        # FIRST on both sides of NEXT: the writer may lap us between any two readings, and only what
        # no order of readings explains is a contradiction.
        oldest, following, first = (
            counters[layout.FIRST],
            counters[layout.NEXT],
            counters[layout.FIRST],
        )
        contradict = following < max(oldest, self._cursor) or first < oldest
        if contradict or following - first > self.layout.slots:
            self._doubt("its counters contradict each other")
            return _NOTHING
        cursor = max(self._cursor, first)
        headers = self._copy_headers(
            cursor, min(max(following - cursor, 0), most or _BATCH_RECORDS)
        )
        # What the writer gave up while we copied may be torn; what is left is whole.
        start = max(cursor, counters[layout.FIRST])
        headers = headers[(start - cursor) * _HEADER_SIZE :]
        count, origin, end = self._measure(headers, start, room or _BATCH_BYTES)
        payload = self._copy(self.layout.payload_offset, self.layout.capacity, origin, end - origin)
        cursor = max(start, counters[layout.FIRST])
        whole = headers[(cursor - start) * _HEADER_SIZE : count * _HEADER_SIZE]
        sound = _count_sound(whole, payload, origin)
        if cursor == start and sound == 0 < len(headers):
            self._doubt(f"record {cursor} is damaged; what came before it was read")
            return _NOTHING
        missed = cursor - self._cursor
        self._cursor = cursor + sound
        return Batch(whole[: sound * _HEADER_SIZE], payload, origin, missed)

    def has_open_exchanges(self) -> bool:
        """Whether the app was called and has not returned yet, by the latest records alone: an
        exchange in which nothing has happened for long may be open, too."""
        counters = self._memory.counters
        following = counters[layout.NEXT]
        count = min(max(following - counters[layout.FIRST], 0), self.layout.slots, _LATEST)
        begun, over = set(), set()
        headers = self._copy_headers(following - count, count)
        for exchange, kind in _EXCHANGE.iter_unpack(headers):
            if kind in _STEPS:
                begun.add(exchange)
            elif kind in _ENDS:
                over.add(exchange)
        return not begun <= over

    def close(self) -> None:
        """Give up the mapping."""
        self._memory.close()

    def _doubt(self, suspicion: str) -> None:
        """Something is unsound: believe it the second time only, since on processors that reorder
        stores its bytes may still be on their way."""
        if self._suspicion == suspicion:
            self.damage = suspicion
        self._suspicion = suspicion

    def _copy_headers(self, sequence: int, count: int) -> bytes:
        return self._copy(
            layout.SLOTS_OFFSET,
            self.layout.slots * _HEADER_SIZE,
            sequence * _HEADER_SIZE,
            count * _HEADER_SIZE,
        )

    def _header(self, sequence: int) -> Header:
        slot = layout.SLOTS_OFFSET + sequence % self.layout.slots * _HEADER_SIZE
        return Header._make(HEADER.unpack(self._memory.bytes[slot : slot + _HEADER_SIZE]))

    def _copy(self, base: int, size: int, start: int, length: int) -> bytes:
        """Copy ``length`` bytes from ``start`` of the circle of ``size`` bytes that lies at
        ``base``."""
        at = start % size
        head = self._memory.bytes[base + at : base + min(at + length, size)]
        rest = length - len(head)
        return head + self._memory.bytes[base : base + rest] if rest > 0 else head

    def _measure(self, headers: bytes, sequence: int, room: int) -> tuple[int, int, int]:
        """How many headers are plausible and fit a batch, and the stretch of payload they cover."""
        capacity = self.layout.capacity
        origin = end = -1
        count = 0
        for number, position, length in _PLACE.iter_unpack(headers):
            if origin < 0:
                origin = end = position
            limit = min(capacity, room) if count else capacity
            if number != sequence + count or position < end or position + length - origin > limit:
                break
            end = position + length
            count += 1
        return (count, origin, end) if count else (0, 0, 0)


def _count_sound(headers: bytes, payload: bytes, origin: int) -> int:
    """How many of the records, from the first on, have the checksum they say."""
    count = 0
    both = zip(_SEALED.iter_unpack(headers), _PLACE.iter_unpack(headers), strict=True)
    for (header, checksum), (_, position, length) in both:
        at = position - origin
        if adler32(payload[at : at + length], adler32(header)) != checksum:
            break
        count += 1
    return count


_NOTHING: Final = Batch(b"", b"", 0, 0)
