"""The only writer of a ring: it never waits for a reader, a lock or the system."""

import os
from collections import deque
from collections.abc import Callable
from typing import Final
from zlib import adler32

from asgitrace.events import HEADER, HEADER_PACKED, Flag, pack_marks
from asgitrace.ring import layout
from asgitrace.ring.memory import RingMemory

_STRIDES: Final = 64
"""Room is made in steps of 1/64 of the ring, so that a write seldom has to think about it."""

_WORD: Final = 4
_SLOT_WORDS: Final = HEADER.size // _WORD
_PACKED: Final = HEADER_PACKED.size
_CHECKSUM_WORD: Final = _PACKED // _WORD
_OVERSIZE: Final = pack_marks(0, Flag.OVERSIZE)

Write = Callable[[int, int, int, int, int, int, bytes], None]
"""``write(what, marks, identity, called, returned, size, payload)``: see ``pack_what``,
``pack_marks``, ``pack_identity``; times in monotonic ns, size in bytes."""


class RingWriter:
    """Appends records to a ring, overwriting the oldest.

    ``write`` appends one record. A payload larger than the ring is refused: counted, and the record
    written without it, marked OVERSIZE. Raises struct.error for a field that does not fit its
    place.

    Any thread may write. A thread that finds another one writing (or that was itself interrupted in
    a write, by a finaliser) leaves its record to be written by that one: nobody waits."""

    __slots__ = ("_counters", "memory", "write")

    def __init__(self, memory: RingMemory) -> None:
        self.memory = memory
        self._counters = memory.counters
        self.write: Write = _make_write(memory)

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


class _Room:
    """Keeps account of what old records have to be given up for new ones."""

    __slots__ = ("_capacity", "_counters", "_marks", "_slots", "limit_position", "limit_sequence")

    def __init__(self, memory: RingMemory) -> None:
        self._counters = memory.counters
        self._slots = memory.layout.slots
        self._capacity = memory.layout.capacity
        # Up to where can be given up, oldest first: (sequence, payload position). The first is the
        # oldest record kept.
        self._marks: deque[tuple[int, int]] = deque()
        # A write that reaches one of these has to ask for room first.
        self.limit_sequence = 0
        self.limit_position = 0

    def make(self, sequence: int, position: int, length: int) -> int:
        """Give up what the next record needs; returns the position of its payload, which must not
        wrap."""
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
        # The ends of both circles are limits too: the writer's offsets are good for one round only.
        self.limit_sequence = min(
            marks[-1][0] + slot_stride, marks[0][0] + slots, sequence - sequence % slots + slots
        )
        self.limit_position = min(
            marks[-1][1] + byte_stride,
            marks[0][1] + capacity,
            position - position % capacity + capacity,
        )
        return position


def _make_write(memory: RingMemory) -> Write:
    """The write function. A closure: its cells are the fastest variables there are, and this is the
    hottest path."""
    mapped, words, counters = memory.bytes, memory.words, memory.counters
    slots, capacity = memory.layout.slots, memory.layout.capacity
    pack, checksum_of = HEADER_PACKED.pack, adler32
    room = _Room(memory)
    sequence = position = limit_sequence = limit_position = 0
    # The word in the file where the next header lies, and what to add to a payload's position for
    # the same.
    slot = layout.SLOTS_OFFSET // _WORD
    offset = memory.layout.payload_offset
    # A lock whose taking cannot wait, made of list.pop and list.append, which are atomic. A
    # threading.Lock would cost 200 ns a write: its atomic instructions wait for the stores that are
    # on their way to memory.
    token = [True]
    take, give = token.pop, token.append
    deferred: deque[tuple[int, int, int, int, int, int, bytes]] = deque()

    def write(
        what: int, marks: int, identity: int, called: int, returned: int, size: int, payload: bytes
    ) -> None:
        nonlocal sequence, position, limit_sequence, limit_position, slot, offset
        try:
            take()
        except IndexError:
            deferred.append((what, marks, identity, called, returned, size, payload))
            drain()
            return
        try:
            end = position + len(payload)
            if end > limit_position or sequence >= limit_sequence:
                if end - position > capacity:
                    counters[layout.REFUSED] += 1
                    payload = b""
                    marks |= _OVERSIZE
                position = room.make(sequence, position, len(payload))
                end = position + len(payload)
                limit_sequence, limit_position = room.limit_sequence, room.limit_position
                slot = layout.SLOTS_OFFSET // _WORD + sequence % slots * _SLOT_WORDS
                offset = memory.layout.payload_offset - (position - position % capacity)
            header = pack(
                sequence, called, returned, size, position, identity, end - position, marks, what
            )
            checksum = checksum_of(header)
            if payload:
                mapped[offset + position : offset + end] = payload
                checksum = checksum_of(payload, checksum)
                position = end
            words[slot + _CHECKSUM_WORD] = checksum
            start = slot * _WORD
            mapped[start : start + _PACKED] = header
            slot += _SLOT_WORDS
            sequence += 1
            counters[layout.NEXT] = sequence
        finally:
            give(True)
        if deferred:
            drain()

    def drain() -> None:
        """Write what was left by others. Whoever holds the token looks here again after giving it
        back."""
        while deferred and token:
            try:
                fields = deferred.popleft()
            except IndexError:
                return
            write(*fields)

    return write
