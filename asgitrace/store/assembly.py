"""The events of an exchange, decoded from its records as they come, those of the wire apart."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from asgitrace.events import Flag, Kind, Outcome, Phase, Record, message_name
from asgitrace.ring import encode
from asgitrace.store.model import Event, Stop, flags_of
from asgitrace.store.wire_assembly import WireAssembly

_EVENT_BYTES: Final = 512
"""Bytes of an event apart from its payload, with its places in the list and the tuple."""

_KINDS: Final = {int(kind): kind for kind in Kind if kind is not Kind.LOOP}
_OUTCOMES: Final = {int(outcome): outcome for outcome in Outcome}
_CALLS: Final = (Kind.RECEIVE, Kind.SEND)
_BEHIND: Final = 0.5

Key = tuple[int, float]


class Assembly:
    """The events of one exchange, in the order of the calls, and how far its records were read."""

    def __init__(self) -> None:
        self.cursor = -1
        """Sequence of the last record that was read."""
        self.whole = True
        """Whether there were no more records when they were read last."""
        self.wire = WireAssembly()
        self.hidden = 0
        """Events given up because there were too many to hold at once."""
        self._bytes_used = 0
        self._events: list[Event] = []
        self._keys: list[Key] = []
        self._waiting: dict[int, int] = {}
        """Position of the event of a pending call, or of a return whose call was not seen."""
        self._highest = 0
        self._held: set[int] = set()
        """Numbers of the stops in other exchanges that are among the events."""
        self._disordered = False
        self._tuple: tuple[Event, ...] | None = None

    @property
    def bytes_used(self) -> int:
        return self._bytes_used + self.wire.bytes_used

    def take(self, records: Iterator[Record], most: int | None = None) -> None:
        """Read further records of the exchange, ``most`` of them at most."""
        for record in islice(records, most):
            self.cursor = record.header.sequence
            kind = _KINDS.get(record.header.kind)
            if kind is Kind.WIRE:
                self.wire.take(record)
            elif kind is not None:
                self._take(kind, record)
                self._tuple = None
        self.whole = next(records, None) is None
        if self._disordered:
            self._sort()

    def hold(self, stops: Iterable[Stop]) -> None:
        """A debugger in other exchanges held this one up: each time is an event of it, too."""
        for stop in stops:
            if stop.number in self._held:
                continue
            self._held.add(stop.number)
            calls = (
                event.call
                for event in self._events
                if event.kind in _CALLS and event.called <= stop.called
            )
            call = max(calls, default=0)
            event = Event(
                len(self._events), Kind.DEBUGGER, None, stop.number, stop.called, stop.returned,
                Outcome.OK, 1, Flag(0), 0, encode({"place": stop.place, "of": stop.row}), b"",
            )  # fmt: skip
            self._add((1, call + _BEHIND), event)
            self._tuple = None
        if self._disordered:
            self._sort()

    def events(self) -> tuple[Event, ...]:
        """All events that are there."""
        if self._tuple is None:
            self._tuple = tuple(self._events)
        return self._tuple

    def trim(self, limit: int) -> None:
        """Give up the oldest events, but the first, until a quarter less than ``limit`` bytes are
        in use."""
        if self.bytes_used <= limit:
            return
        # Half of it for each side, and what the wire does not need for the other.
        self.wire.trim(max(limit // 2, limit - self._bytes_used))
        room = limit - self.wire.bytes_used
        if self._bytes_used <= room:
            return
        events, count = self._events, 1
        while count < len(events) and self._bytes_used > room * 3 // 4:
            self._bytes_used -= _weight(events[count])
            count += 1
        self.hidden += count - 1
        del events[1:count], self._keys[1:count]
        self._waiting = {
            call: position - count + 1
            for call, position in self._waiting.items()
            if position >= count
        }
        self._number()

    def _take(self, kind: Kind, record: Record) -> None:
        header = record.header
        if kind not in _CALLS:
            key = (0, 0.0) if kind is Kind.SCOPE else (1, self._highest + _BEHIND)
            self._add(key, _event(len(self._events), kind, record))
            return
        call, phase = header.call, header.phase
        event = _event(len(self._events), kind, record)
        if phase in (Phase.CALLED, Phase.RETURNED):
            returns = phase == Phase.RETURNED
            position = self._waiting.get(call)
            if position is not None and self._events[position].pending == returns:
                del self._waiting[call]
                known = self._events[position]
                self._set(position, _completed(known, event, called_first=returns))
                return
            if position is None or returns:
                self._waiting[call] = len(self._events)
        self._highest = max(self._highest, call)
        self._add((1, float(call)), event)

    def _add(self, key: Key, event: Event) -> None:
        # A late call comes behind the return, though its number is greater than that of the calls
        # before.
        if self._keys and key < self._keys[-1]:
            self._disordered = True
        self._keys.append(key)
        self._events.append(event)
        self._bytes_used += _weight(event)

    def _set(self, position: int, event: Event) -> None:
        self._bytes_used += _weight(event) - _weight(self._events[position])
        self._events[position] = event

    def _sort(self) -> None:
        """Bring the events into the order of the calls, when records of several threads overtook
        each other."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        places = {old: new for new, old in enumerate(order)}
        self._events = [self._events[old] for old in order]
        self._keys = [self._keys[old] for old in order]
        self._waiting = {call: places[old] for call, old in self._waiting.items()}
        self._disordered = False
        self._number()

    def _number(self) -> None:
        self._tuple = None
        for index, event in enumerate(self._events):
            if event.index != index:
                self._events[index] = event.numbered(index)


class Assemblies:
    """The assemblies of the exchanges looked at lately, bounded by bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[int, Assembly] = OrderedDict()
        self.bytes_used = 0

    def of(self, number: int) -> Assembly:
        """The assembly of a row, which is to be given back with ``keep``."""
        assembly = self._kept.pop(number, None)
        if assembly is None:
            return Assembly()
        self.bytes_used -= assembly.bytes_used
        return assembly

    def keep(self, number: int, assembly: Assembly) -> None:
        """Keep an assembly, and as many of the others as there is room for."""
        assembly.trim(self._limit)
        self._kept[number] = assembly
        self.bytes_used += assembly.bytes_used
        while self.bytes_used > self._limit:
            self.drop(next(iter(self._kept)))

    def numbers(self) -> list[int]:
        """The rows whose assemblies are kept."""
        return list(self._kept)

    def drop(self, number: int) -> None:
        """Forget the assembly of a row, if there is one."""
        assembly = self._kept.pop(number, None)
        if assembly is not None:
            self.bytes_used -= assembly.bytes_used


def _weight(event: Event) -> int:
    return _EVENT_BYTES + len(event.payload) + len(event.error)


def _event(index: int, kind: Kind, record: Record) -> Event:
    """The event of one record on its own."""
    header, payload = record.header, record.payload
    failed = header.outcome != Outcome.OK and kind in (Kind.RECEIVE, Kind.SEND)
    pending = header.phase == Phase.CALLED and kind in (Kind.RECEIVE, Kind.SEND)
    return Event(
        index,
        kind,
        message_name(header.message),
        header.call,
        header.called,
        None if pending else max(header.returned, header.called),
        _OUTCOMES.get(header.outcome, Outcome.RAISED),
        header.number,
        flags_of(header.flags),
        header.size,
        b"" if failed else payload,
        payload if failed else b"",
    )


def _completed(known: Event, other: Event, *, called_first: bool) -> Event:
    """One event of a call's two records."""
    call, end = (known, other) if called_first else (other, known)
    told = call if call.kind is Kind.SEND else end
    return Event(
        known.index,
        call.kind,
        told.type,
        call.call,
        call.called,
        max(end.returned or 0, call.called),
        end.outcome,
        told.number,
        told.flags,
        told.size,
        told.payload,
        end.error,
    )
