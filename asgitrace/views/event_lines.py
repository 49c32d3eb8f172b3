"""Lines that stand for events of one exchange, which may be long, and grow."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from asgitrace.store.model import Event, Exchange, WireEvent
from asgitrace.views.lines import Lines
from asgitrace.views.marks import Progress

PORTION: Final = 600
"""Events of a side that are taken in at a time: a few milliseconds."""

Members = tuple[Event | None, Sequence[WireEvent]]
"""The ASGI event and the wire events that a line stands for."""


class EventLines(Lines):
    """What a filter can be asked of. The number of the first line that changed is told once."""

    _changed = 0

    @property
    def whole(self) -> bool:
        """Whether there are lines for all that is known of the exchange."""
        return True

    def members(self, index: int) -> Members:
        """What a line stands for; nothing where it stands for what is gone."""
        raise NotImplementedError

    def at(self, index: int) -> int | None:
        """When that was, in monotonic ns of its process; None where it stands for what is gone."""
        raise NotImplementedError

    def near(self, at: int, event: int | None = None) -> int:
        """A line of about that time, or of an ASGI event by its index."""
        return bisect_left(range(len(self)), at, key=lambda index: self.at(index) or 0)

    def update(self, exchange: Exchange) -> bool:
        """The same exchange, later; True if its lines may be others than before."""
        raise NotImplementedError

    def _change(self, index: int) -> None:
        self._changed = min(self._changed, index)

    def take_changed(self) -> int:
        """The first line that is another than when this was asked last, or new. Lines that are
        `live` may have changed, too."""
        changed, self._changed = self._changed, len(self)
        return min(changed, self._changed)


class Portions:
    """An exchange that is handed out from its start on, as much more of it at a time as can be
    taken in without a break, the sides in step."""

    def __init__(self) -> None:
        self._events = self._wire = 0
        self._progress = Progress()

    def more(self, exchange: Exchange) -> bool:
        """Whether there is more than was handed out."""
        return self._events < len(exchange.events) or self._wire < len(exchange.wire)

    def next(self, exchange: Exchange) -> Exchange:
        """The exchange as far as it is to be known now."""
        if self._progress.broken(exchange) or self._wire > len(exchange.wire):
            self._events = self._wire = 0
            self._progress = Progress()
        events, wire = exchange.events, exchange.wire
        end = min(len(events), self._events + PORTION)
        if end < len(events):
            # No event of the wire is known before the events that led to it.
            until = bisect_right(wire, events[end].called, self._wire, key=lambda event: event.at)
            self._wire = max(self._wire, min(until, self._wire + 2 * PORTION))
        else:
            self._wire = min(len(wire), self._wire + 2 * PORTION)
        self._events = end
        self._progress.advance(exchange, end)
        if not self.more(exchange):
            return exchange
        return replace(exchange, events=events[:end], wire=wire[: self._wire])


class GrowingLines(EventLines):
    """Lines that have to be worked out: a portion at each update, the rest while there is time."""

    def __init__(self, exchange: Exchange) -> None:
        self._portions = Portions()
        self.given = exchange
        """The exchange, also what is not taken in yet."""
        self.update(exchange)

    def update(self, exchange: Exchange) -> bool:
        self.given = exchange
        return self._take(self._portions.next(exchange))

    @property
    def whole(self) -> bool:
        return not self._portions.more(self.given)

    def work(self) -> bool:
        if not self._portions.more(self.given):
            return False
        self._take(self._portions.next(self.given))
        return True

    def _take(self, exchange: Exchange) -> bool:
        """Take in the exchange as far as it is handed out; True if the lines may be others."""
        raise NotImplementedError
