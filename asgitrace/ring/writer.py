"""The only writer of a ring: it never waits for a reader, a lock or the system."""

import os
import threading
from collections import deque
from typing import Final
from zlib import adler32

from asgitrace.events import HEADER, HEADER_PACKED, Flag, pack_marks
from asgitrace.ring import layout
from asgitrace.ring.memory import RingMemory

_STRIDES: Final = 64
"""Room is made in steps of 1/64 of the ring, so that a write seldom has to think about it."""

_pack = HEADER_PACKED.pack
_SIZE: Final = HEADER.size
_BODY: Final = HEADER_PACKED.size
_CHECKSUM_WORD: Final = _BODY // 4
_OVERSIZE: Final = pack_marks(0, Flag.OVERSIZE)

Fields = tuple[int, int, int, int, int, int, int, bytes]


class RingWriter:
    """Appends records to a ring, overwriting the oldest.

    Any thread may write. A thread that finds another one writing (or that was itself interrupted in a write by a
    finaliser) leaves its record to be written by that one: nobody waits.
    """

    __slots__ = (
        "_acquire",
        "_bytes",
        "_capacity",
        "_counters",
        "_deferred",
        "_limit_position",
        "_limit_sequence",
        "_locked",
        "_marks",
        "_offset",
        "_position",
        "_release",
        "_sequence",
        "_slot",
        "_slots",
        "_words",
        "memory",
    )

    def __init__(self, memory: RingMemory) -> None:
        self.memory = memory
        self._bytes = memory.bytes
        self._words = memory.words
        self._counters = memory.counters
        self._slots = memory.layout.slots
        self._capacity = memory.layout.capacity
        self._sequence = 0
        self._position = 0
        # Where in the file the next header lies, and what to add to a payload's position for the same.
        self._slot = layout.SLOTS_OFFSET
        self._offset = memory.layout.payload_offset
        # What can be given up to, oldest first: (sequence, payload position). The first is the oldest whole record.
        self._marks: deque[tuple[int, int]] = deque()
        # A write that reaches one of these has to set a mark, to make room or to start over at the beginning.
        self._limit_sequence = 0
        self._limit_position = 0
        self._deferred: deque[Fields] = deque()
        lock = threading.Lock()
        self._acquire = lock.acquire
        self._locked = lock.locked
        self._release = lock.release

    def write(
        self,
        what: int,
        marks: int,
        exchange: int,
        call: int,
        called: int,
        returned: int,
        size: int,
        payload: bytes,
    ) -> None:
        """Append one record: the fields of events.Header, with ``pack_what`` and ``pack_marks`` for the small ones.

        A payload larger than the ring is refused: counted, and the record written without it, marked OVERSIZE.
        Raises struct.error for a field that does not fit its place.
        """
        if not self._acquire(False):
            self._deferred.append((what, marks, exchange, call, called, returned, size, payload))
            self._drain()
            return
        try:
            position = self._position
            end = position + len(payload)
            sequence = self._sequence
            if end > self._limit_position or sequence >= self._limit_sequence:
                if end - position > self._capacity:
                    self._counters[layout.REFUSED] += 1
                    payload = b""
                    marks |= _OVERSIZE
                position = self._make_room(sequence, position, len(payload))
                end = position + len(payload)
            header = _pack(
                sequence, called, returned, size, position, exchange, call, end - position, marks, what
            )
            checksum = adler32(header)
            if payload:
                offset = self._offset
                self._bytes[offset + position : offset + end] = payload
                checksum = adler32(payload, checksum)
            slot = self._slot
            self._bytes[slot : slot + _BODY] = header
            self._words[(slot >> 2) + _CHECKSUM_WORD] = checksum
            self._slot = slot + _SIZE
            self._position = end
            self._sequence = self._counters[layout.NEXT] = sequence + 1
        finally:
            self._release()
        if self._deferred:
            self._drain()

    def _make_room(self, sequence: int, position: int, length: int) -> int:
        """Give up as many old records as the next one needs; returns the position of its payload."""
        slots, capacity, marks = self._slots, self._capacity, self._marks
        if position % capacity + length > capacity:
            position += capacity - position % capacity
        end = position + length
        evicted = False
        while marks and (sequence - marks[0][0] >= slots or end - marks[0][1] > capacity):
            marks.popleft()
            evicted = True
        slot_stride = max(slots // _STRIDES, 1)
        byte_stride = max(capacity // _STRIDES, 1)
        if not marks or sequence - marks[-1][0] >= slot_stride or end - marks[-1][1] >= byte_stride:
            marks.append((sequence, position))
        if evicted:
            self._counters[layout.FIRST] = marks[0][0]
        round_start = position - position % capacity
        self._offset = self.memory.layout.payload_offset - round_start
        self._slot = layout.SLOTS_OFFSET + sequence % slots * _SIZE
        self._limit_sequence = min(
            marks[-1][0] + slot_stride, marks[0][0] + slots, sequence - sequence % slots + slots
        )
        self._limit_position = min(
            marks[-1][1] + byte_stride, marks[0][1] + capacity, round_start + capacity
        )
        return position

    def _drain(self) -> None:
        """Write what was left by others. Whoever holds the lock looks here again after letting go."""
        while self._deferred and not self._locked():
            try:
                fields = self._deferred.popleft()
            except IndexError:
                return
            self.write(*fields)

    def count_fault(self) -> None:
        """Count an error inside the recorder; readers show it."""
        self._counters[layout.FAULTS] += 1

    def close(self, *, unlink: bool) -> None:
        """Mark the ring as ended in good order, and remove its file if asked to.

        The mapping stays: an app's task may outlive its server by a moment and must not fail on it.
        """
        self._counters[layout.STATE] = layout.CLOSED
        if unlink:
            self.memory.path.unlink(missing_ok=True)

    @property
    def belongs_to_this_process(self) -> bool:
        """False in a child that was forked after the ring was made."""
        return self.memory.layout.pid == os.getpid()
