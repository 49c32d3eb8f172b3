"""The lines of the ladder: events of both sides in the order of time, those that are one joined."""

from bisect import bisect_left
from enum import Enum
from typing import Final

from msgspec import Struct

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.pairing import Pairing
from asgitrace.views.timeline import started
from asgitrace.wire import OUTBOUND, Wire

_WIRE, _APP = 0, 1
_ENDS: Final = {Wire.REQUEST_END: Wire.REQUEST_BODY, Wire.RESPONSE_END: Wire.RESPONSE_BODY}
"""Ends that are shown with the piece of content they follow."""

_Item = tuple[int, int, int, int]
"""Moment, what comes first at the same moment (see `_wire_item`), side, index."""


class Sides(Enum):
    """Which side of the boundary is shown."""

    BOTH = "wire and app"
    WIRE = "wire"
    APP = "app"


class Step(Struct, frozen=True, gc=False):
    """One line: a wire event, an ASGI event, or both where they are one."""

    at: int
    """Monotonic ns."""
    wire: int | None
    event: int | None
    last: bool
    """The wire event was the last piece, and its end is this line's too."""
    held: int
    """How many links are open after this line: something waits in the server."""


class Steps:
    """The steps of one exchange. What grows is done anew from where it changed."""

    def __init__(self, exchange: Exchange, sides: Sides = Sides.BOTH) -> None:
        self.pairing = Pairing()
        self._sides = sides
        self._restart()
        self.update(exchange)

    def _restart(self) -> None:
        self.changed = 0
        """The first step that the last update made anew."""
        self._items: list[_Item] = []
        self._steps: list[Step] = []
        self._starts: list[int] = []
        """Index of the first item of each step."""
        self._seen = [0, 0]
        self._waiting: list[int] = []

    @property
    def sides(self) -> Sides:
        """What is shown."""
        return self._sides

    def update(self, exchange: Exchange) -> None:
        """The same exchange, later."""
        self.exchange = exchange
        self.start = _start(exchange)
        self.changed = len(self._steps)
        links = self.pairing.update(exchange)
        if links is None:
            self._restart()
            links = []
        earliest = [
            at
            for event, wire in links
            for at in (exchange.wire[wire].at, moment(exchange.events[event]))
        ]
        self._build(min(earliest, default=None))

    def __len__(self) -> int:
        return len(self._steps) + len(self._waiting)

    def __getitem__(self, index: int) -> Step:
        if index < len(self._steps):
            return self._steps[index]
        event = self._waiting[index - len(self._steps)]
        held = self._steps[-1].held if self._steps else 0
        return Step(self.exchange.events[event].called, None, event, False, held)

    @property
    def waiting(self) -> int:
        """How many calls of `receive` have not returned; their lines are the last ones."""
        return len(self._waiting)

    def event(self, index: int) -> Event | None:
        """The ASGI event of a line."""
        event = self[index].event
        return None if event is None else self.exchange.events[event]

    def wire(self, index: int) -> WireEvent | None:
        """The wire event of a line."""
        wire = self[index].wire
        return None if wire is None else self.exchange.wire[wire]

    def _build(self, earliest: int | None = None) -> None:
        new = self._new_items()
        moments = [item[0] for item in new]
        if earliest is not None:
            moments.append(earliest)
        self._merge(new)
        if moments:
            self._join(bisect_left(self._items, (min(moments), 0, 0, 0)))

    def _merge(self, new: list[_Item]) -> None:
        """Put new items where they belong: nearly always behind those that are there."""
        new.sort()
        items = self._items
        if new and items and new[0] < items[-1]:
            place = bisect_left(items, new[0])
            new += items[place:]
            new.sort()
            del items[place:]
        items += new

    def _new_items(self) -> list[_Item]:
        exchange, items = self.exchange, []
        if self._sides is not Sides.APP:
            items += [
                _wire_item(exchange, index)
                for index in range(self._seen[_WIRE], len(exchange.wire))
            ]
            self._seen[_WIRE] = len(exchange.wire)
        if self._sides is not Sides.WIRE:
            waiting, self._waiting = self._waiting, []
            for index in (*waiting, *range(self._seen[_APP], len(exchange.events))):
                event = exchange.events[index]
                if event.kind is Kind.RECEIVE and event.pending:
                    self._waiting.append(index)
                else:
                    items.append(_app_item(exchange, index))
            self._seen[_APP] = len(exchange.events)
        return items

    def _join(self, first: int) -> None:
        """Make the steps anew from an item on, and from the two steps before it."""
        keep = max(0, bisect_left(self._starts, first) - 2)
        place = self._starts[keep] if self._starts else 0
        self.changed = min(self.changed, keep)
        del self._steps[keep:], self._starts[keep:]
        held = self._steps[-1].held if self._steps else 0
        items = self._items
        while place < len(items):
            group = self._group(place)
            step = self._step(items[place : place + group], held)
            held = step.held
            self._starts.append(place)
            self._steps.append(step)
            place += group

    def _group(self, place: int) -> int:
        """How many items from there on are one line."""
        items, pairing = self._items, self.pairing
        length, side, index = 1, items[place][2], items[place][3]
        wire = index if side == _WIRE else None
        if wire is None and place + 1 < len(items) and items[place + 1][2] == _WIRE:
            # the app sent, and this is what it became
            if items[place + 1][3] in pairing.wires.get(index, ()):
                wire, length = items[place + 1][3], 2
            else:
                return 1
        if wire is None:
            return 1
        if place + length < len(items):
            _, _, side, index = items[place + length]
            if side == _WIRE and self._ends(wire, index):
                length += 1
        if items[place][2] == _WIRE and place + length < len(items):
            # it came, and this is how the app got it
            _, _, side, index = items[place + length]
            if side == _APP and index in pairing.events.get(wire, ()):
                length += 1
        return length

    def _ends(self, wire: int, end: int) -> bool:
        event = self.exchange.wire[end]
        before = self.exchange.wire[wire].wire
        return end == wire + 1 and _ENDS.get(event.wire) is before and not event.payload

    def _step(self, items: list[_Item], held: int) -> Step:
        wires = [index for _, _, side, index in items if side == _WIRE]
        events = [index for _, _, side, index in items if side == _APP]
        if self._sides is Sides.BOTH:
            held += self._opened(items, wires, events)
        return Step(
            items[0][0],
            wires[0] if wires else None,
            events[0] if events else None,
            len(wires) > 1,
            max(0, held),
        )

    def _opened(self, items: list[_Item], wires: list[int], events: list[int]) -> int:
        """Links that begin here, less those that end here."""
        exchange, pairing = self.exchange, self.pairing
        last, count = items[-1], 0
        for wire in wires:
            for event in pairing.events.get(wire, ()):
                if event not in events:
                    count += 1 if _app_item(exchange, event) > last else -1
        for event in events:
            for wire in pairing.wires.get(event, ()):
                if wire not in wires:
                    count += 1 if _wire_item(exchange, wire) > last else -1
        return count


def _wire_item(exchange: Exchange, index: int) -> _Item:
    """At the same moment: first what came, then what the app did, then what that became."""
    event = exchange.wire[index]
    return event.at, 2 if event.wire in OUTBOUND else 0, _WIRE, index


def _app_item(exchange: Exchange, index: int) -> _Item:
    return moment(exchange.events[index]), 1, _APP, index


def moment(event: Event) -> int:
    """When an event crossed the boundary: what is received at the call's return, what is sent when
    it was called."""
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called


def _start(exchange: Exchange) -> int:
    """Where the ladder's time begins: with the app's call, as elsewhere; what came on the wire
    before that is before it."""
    if exchange.wire and exchange.row.state is State.REFUSED:
        return exchange.wire[0].at
    return started(exchange)
