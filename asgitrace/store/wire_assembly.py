"""The events of the wire, decoded from their records as they come."""

from collections import deque
from typing import Final

from msgspec.structs import replace

from asgitrace.events import Phase, Record
from asgitrace.store.model import WireEvent, flags_of
from asgitrace.wire import Wire

_EVENT_BYTES: Final = 360
"""Bytes of an event apart from its payload, with its places in the list and the tuple."""

_WIRES: Final = {int(wire): wire for wire in Wire}
_CALLED, _RETURNED = int(Phase.CALLED), int(Phase.RETURNED)

Key = tuple[int, int, int]


class WireAssembly:
    """The events of one exchange or connection, in the order of their making.

    What was sent and waited has two records: they are paired by connection, code and time of
    making, and where several have the same, in their order.
    """

    def __init__(self) -> None:
        self.bytes_used = 0
        self.hidden = 0
        """Events given up because there were too many to hold at once."""
        self._events: list[WireEvent] = []
        self._waiting: dict[Key, deque[int]] = {}
        """Positions of what the socket has not accepted yet, as far as was seen."""
        self._disordered = False
        self._tuple: tuple[WireEvent, ...] | None = None

    def take(self, record: Record) -> None:
        """Read a further record."""
        header = record.header
        wire = _WIRES.get(header.message)
        if wire is None:
            return
        self._tuple = None
        phase, called = header.phase, header.called
        key = header.call, header.message, called
        if phase == _RETURNED and key in self._waiting:
            self._accept(key, max(header.returned, called))
            return
        events = self._events
        if phase == _CALLED:
            self._waiting.setdefault(key, deque()).append(len(events))
        if events and called < events[-1].at:
            self._disordered = True
        events.append(
            WireEvent(
                len(events),
                wire,
                called,
                None if phase == _CALLED else max(header.returned, called),
                header.number,
                flags_of(header.flags),
                header.size,
                record.payload,
            )
        )
        self.bytes_used += _EVENT_BYTES + len(record.payload)

    def events(self) -> tuple[WireEvent, ...]:
        """All events that are there."""
        if self._disordered:
            self._sort()
        if self._tuple is None:
            self._tuple = tuple(self._events)
        return self._tuple

    def trim(self, limit: int) -> None:
        """Give up the oldest events, but the first, until a quarter less than ``limit`` bytes are
        in use."""
        if self.bytes_used <= limit:
            return
        events, count = self._events, 1
        while count < len(events) and self.bytes_used > limit * 3 // 4:
            self.bytes_used -= _EVENT_BYTES + len(events[count].payload)
            count += 1
        self.hidden += count - 1
        del events[1:count]
        left = {0: 0} | {place + count - 1: place for place in range(1, len(events))}
        self._move(left)

    def _accept(self, key: Key, accepted: int) -> None:
        """What was made then has left."""
        waiting = self._waiting[key]
        position = waiting.popleft()
        if not waiting:
            del self._waiting[key]
        self._events[position] = replace(self._events[position], accepted=accepted)

    def _sort(self) -> None:
        """Bring the events into the order of their making, where they were told later."""
        stamps = [event.at for event in self._events]
        order = sorted(range(len(stamps)), key=stamps.__getitem__)
        self._events = [self._events[old] for old in order]
        self._disordered = False
        self._move({old: new for new, old in enumerate(order)})

    def _move(self, places: dict[int, int]) -> None:
        """The events have other positions now."""
        self._tuple = None
        moved = {
            key: deque(places[old] for old in olds if old in places)
            for key, olds in self._waiting.items()
        }
        self._waiting = {key: positions for key, positions in moved.items() if positions}
        for index, event in enumerate(self._events):
            if event.index != index:
                self._events[index] = event.numbered(index)
