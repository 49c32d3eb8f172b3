"""The only writer of a ring: it never waits for a reader, a lock or the system."""

import itertools
import os
import struct
from collections import deque
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary, ref
from zlib import adler32

from asgitrace.events import HEADER, HEADER_PACKED, Flag, pack_marks
from asgitrace.ring import layout
from asgitrace.ring.memory import RingMemory

_STRIDES: Final = 64
"""Room is made in steps of 1/64 of the ring, so that a write seldom has to think about it."""

_DEFERRED_LIMIT: Final = 2**18
"""Records that wait for another thread's write to end; only where that one is held up for long do
they become so many."""

_SLOT: Final = HEADER.size
_SEALED: Final = struct.Struct(f"<{HEADER_PACKED.size}sI")
"""A header with its checksum behind it."""

_LENGTH_LIMIT: Final = 2**32 - 1
_OVERSIZE: Final = pack_marks(0, Flag.OVERSIZE)

Write = Callable[[int, int, int, int, int, int, bytes], None]
"""``write(what, marks, identity, called, returned, size, payload)``: see ``pack_what``,
``pack_marks``, ``pack_identity``; times in monotonic ns, size in bytes."""

Fields = tuple[int, int, int, int, int, int, bytes]


class RingWriter:
    """Appends records to a ring, overwriting the oldest.

    ``write`` appends one record. A payload larger than the ring is refused: counted, and the record
    written without it, marked OVERSIZE. Raises struct.error for a field that does not fit its
    place.

    Any thread may write. A thread that finds another one writing (or that was itself interrupted in
    a write, by a finaliser) leaves its record to be written by that one: nobody waits, and the
    records of one thread stay in order. In a child forked after the ring was made, nothing is
    written: the ring has one writer."""

    __slots__ = ("_counters", "_sampled", "_unsampled", "memory", "write")

    def __init__(self, memory: RingMemory) -> None:
        self.memory = memory
        self._counters = memory.counters
        # Counted so that no two threads get the same number: += would lose some.
        self._sampled = itertools.count(1)
        self._unsampled = itertools.count(1)
        self.write: Write = _make_write(memory)

    def count_sampled(self) -> None:
        """Count an exchange that sampling chose."""
        self._counters[layout.SAMPLED] = next(self._sampled)

    def count_unsampled(self) -> None:
        """Count an exchange that sampling left out."""
        self._counters[layout.UNSAMPLED] = next(self._unsampled)

    def count_refused(self, count: int) -> None:
        """Count records that were given up before they could be written."""
        if self.belongs_to_this_process:
            self._counters[layout.REFUSED] += count

    def count_fault(self) -> None:
        """Count an error inside the recorder; readers show it."""
        if self.belongs_to_this_process:
            self._counters[layout.FAULTS] += 1

    def close(self, *, unlink: bool) -> None:
        """Mark the ring as ended in good order, and remove its file if asked to.

        The mapping stays: an app's task may outlive its server by a moment and must not fail on it.
        """
        if not self.belongs_to_this_process:
            return
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
        # A mark of this very sequence is of a write that failed after it had been given room.
        while marks and marks[-1][0] >= sequence:
            marks.pop()
        while marks and (sequence - marks[0][0] >= slots or end - marks[0][1] > capacity):
            marks.popleft()
        slot_stride = max(slots // _STRIDES, 1)
        byte_stride = max(capacity // _STRIDES, 1)
        if not marks or sequence - marks[-1][0] >= slot_stride or end - marks[-1][1] >= byte_stride:
            marks.append((sequence, position))
        # Each time, since a signal handler's exception may have ended the last call before it got
        # here.
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
    mapped, counters = memory.bytes, memory.counters
    slots, capacity = memory.layout.slots, memory.layout.capacity
    pack, seal, checksum_of = HEADER_PACKED.pack, _SEALED.pack_into, adler32
    next_counter = layout.NEXT
    room = _Room(memory)
    sequence = position = limit_sequence = limit_position = 0
    # Where in the file the next header lies, and what to add to a payload's position for the same.
    slot = layout.SLOTS_OFFSET
    offset = memory.layout.payload_offset
    abandoned = False
    # A lock whose taking cannot wait, made of list.pop and list.append, which are atomic. A
    # threading.Lock would cost 200 ns a write: its atomic instructions wait for the stores that are
    # on their way to memory.
    token = [True]
    take, give = token.pop, token.append
    deferred: deque[Fields] = deque()

    def write(
        what: int,
        marks: int,
        identity: int,
        called: int,
        returned: int,
        size: int,
        payload: bytes,
        holding: bool = False,
    ) -> None:
        # With the token in hand where it is drain that calls. Two functions would be clearer, and
        # each write 5 % slower.
        nonlocal sequence, position, limit_sequence, limit_position, slot, offset
        if not holding:
            # What was left by others, or by this thread, comes first.
            if deferred:
                leave((what, marks, identity, called, returned, size, payload))
                return
            try:
                take()
            except IndexError:
                leave((what, marks, identity, called, returned, size, payload))
                return
            except BaseException:
                # A signal handler's, which runs only after the call: the token is ours.
                give(True)
                raise
        try:
            end = position + len(payload)
            if end > limit_position or sequence >= limit_sequence:
                if abandoned:
                    return
                if len(payload) > capacity or len(payload) > _LENGTH_LIMIT:
                    counters[layout.REFUSED] += 1
                    payload = b""
                    marks |= _OVERSIZE
                # Should a signal handler's exception end this, the next write has to ask again.
                limit_position = -1
                position = room.make(sequence, position, len(payload))
                end = position + len(payload)
                limit_sequence, limit_position = room.limit_sequence, room.limit_position
                slot = layout.SLOTS_OFFSET + sequence % slots * _SLOT
                offset = memory.layout.payload_offset - (position - position % capacity)
            header = pack(
                sequence, called, returned, size, position, identity, end - position, marks, what
            )
            checksum = checksum_of(header)
            if payload:
                mapped[offset + position : offset + end] = payload
                checksum = checksum_of(payload, checksum)
                position = end
            seal(mapped, slot, header, checksum)
            slot += _SLOT
            sequence += 1
            counters[next_counter] = sequence
        finally:
            if not holding:
                give(True)
        if deferred and not holding:
            drain()

    def leave(fields: Fields) -> None:
        """Leave a record to who is writing."""
        if len(deferred) < _DEFERRED_LIMIT:
            deferred.append(fields)
        else:
            counters[layout.REFUSED] += 1
        drain()

    def drain() -> None:
        """Write what was left. Whoever holds the token looks here again after giving it back."""
        write = itself()
        assert write is not None, "it is what calls this"
        while deferred and token:
            try:
                take()
            except IndexError:
                return
            except BaseException:
                give(True)
                raise
            try:
                while deferred:
                    try:
                        write(*deferred.popleft(), True)
                    except struct.error:
                        # Nobody is left to be told.
                        counters[layout.FAULTS] += 1
            finally:
                give(True)

    def abandon() -> None:
        nonlocal abandoned, limit_position
        # With this limit every write takes the way on which it looks whether it is abandoned.
        abandoned, limit_position = True, -1
        deferred.clear()
        token[:] = [True]

    _abandons[write] = abandon
    # Not by its name: in a circle of references the memory of a ring that is over would stay until
    # Python looks for such.
    itself = ref(write)
    return write


_abandons: Final[WeakKeyDictionary[Write, Callable[[], None]]] = WeakKeyDictionary()


def _abandon_all() -> None:
    for abandon in list(_abandons.values()):
        abandon()


os.register_at_fork(after_in_child=_abandon_all)
