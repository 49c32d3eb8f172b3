"""Which event of the wire became which ASGI event, and which ping got which pong.

Bytes of a request's content are matched by their place in it, WebSocket messages by their number,
and what was sent by the `send` in which it was made. A disconnect belongs to what ended the
session before it was told: nothing has its cause in what comes later. Everything is taken in once,
in its order; an exchange that grows costs what is new of it.
"""

from bisect import bisect_right
from collections import deque
from typing import Final

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Event, Exchange, WireEvent
from asgitrace.views.marks import Progress
from asgitrace.wire import CLOSE, OUTBOUND, PING, PONG, Frame, Wire

Link = tuple[int, int]
"""Index of an ASGI event, index of a wire event."""

DISCONNECTS: Final = frozenset({"http.disconnect", "websocket.disconnect"})

_STARTS: Final = frozenset(
    {"http.response.start", "websocket.http.response.start", "websocket.accept", "websocket.close"}
)
_BODIES: Final = frozenset(
    {
        "http.response.body",
        "http.response.pathsend",
        "http.response.zerocopysend",
        "websocket.http.response.body",
        "websocket.close",
    }
)
_SENT_AS: Final = {
    Wire.INFORMATIONAL: frozenset({"http.response.early_hint", "websocket.accept"}),
    Wire.RESPONSE: _STARTS,
    Wire.RESPONSE_BODY: _BODIES,
    Wire.RESPONSE_END: _BODIES | {"http.response.trailers"},
}
_MESSAGE: Final = frozenset({"websocket.send"})
_CLOSING: Final = frozenset({"websocket.close"})
_NOTHING: Final[frozenset[str]] = frozenset()
_ENDS: Final = frozenset({Wire.CLOSED, Wire.HALF_CLOSED, Wire.ERROR, Wire.TIMEOUT})
_MOST_ENDS: Final = 64
_OVERLAPPING: Final = 16
"""So many calls of `send` at a time are looked through for the one that made something."""


class Pairing:
    """The links of one exchange; `update` takes in what is new of it."""

    def __init__(self) -> None:
        self._restart()

    def _restart(self) -> None:
        self.wires: dict[int, list[int]] = {}
        """Wire events by the index of their ASGI event."""
        self.events: dict[int, list[int]] = {}
        """ASGI events by the index of their wire event."""
        self.answers: dict[int, int] = {}
        """The pong of a ping and the ping of a pong, by the index of the other."""
        self.closed_by_peer: int | None = None
        """Index of the close frame that the peer sent."""
        self._new: list[Link] = []
        self._progress = Progress()
        self._seen = 0
        self._last: tuple[Wire, int] | None = None
        self._waiting: list[int] = []
        self._sends: list[int] = []
        self._called: list[int] = []
        self._loose: list[int] = []
        self._content = _Content()
        self._fragments: list[int] = []
        self._unread: deque[list[int]] = deque()
        self._untold: deque[int] = deque()
        self._scope: int | None = None
        self._request: int | None = None
        self._ends: list[int] = []
        self._gone: int | None = None
        self._app_closed: int | None = None
        self._pings: dict[tuple[Wire, bytes], int] = {}

    def update(self, exchange: Exchange) -> list[Link] | None:
        """Take in what is new; the new links, or None if all began anew because events went."""
        broken = self._progress.broken(exchange) or self._wire_broken(exchange)
        if broken:
            self._restart()
        for index in range(self._seen, len(exchange.wire)):
            self._take_wire(index, exchange.wire[index])
        waiting, self._waiting = self._waiting, []
        for index in (*waiting, *range(self._progress.seen, len(exchange.events))):
            self._take_event(index, exchange.events[index])
        self._link_end(exchange)
        self._take_sent(exchange)
        for event, wire in self._content.links():
            self._link(event, wire)
        self._progress.advance(exchange, len(exchange.events))
        self._seen = len(exchange.wire)
        self._last = (exchange.wire[-1].wire, exchange.wire[-1].at) if exchange.wire else None
        new, self._new = self._new, []
        return None if broken else new

    def _wire_broken(self, exchange: Exchange) -> bool:
        if not self._seen:
            return False
        if len(exchange.wire) < self._seen:
            return True
        last = exchange.wire[self._seen - 1]
        return (last.wire, last.at) != self._last

    def _link(self, event: int, wire: int) -> None:
        self.wires.setdefault(event, []).append(wire)
        self.events.setdefault(wire, []).append(event)
        self._new.append((event, wire))

    # The wire

    def _take_wire(self, index: int, event: WireEvent) -> None:
        what = event.wire
        if what is Wire.REQUEST:
            self._request = index
            if self._scope is not None:
                self._link(self._scope, index)
        elif what is Wire.REQUEST_BODY:
            self._content.came(index, event.size)
        elif what is Wire.REQUEST_END:
            self._content.ended(index)
        elif what is Wire.FRAME_IN:
            self._take_frame(index, event)
        elif what in OUTBOUND and what is not Wire.BYTES_OUT:
            frame = Frame.unpack(event.number)
            if what is Wire.FRAME_OUT and frame.opcode in (PING, PONG):
                self._take_ping(index, event, frame.opcode)
            else:
                self._loose.append(index)
                if what is Wire.FRAME_OUT and frame.opcode == CLOSE:
                    self._take_end(index)
        elif what in _ENDS:
            self._take_end(index)

    def _take_frame(self, index: int, event: WireEvent) -> None:
        frame = Frame.unpack(event.number)
        if frame.opcode in (PING, PONG):
            self._take_ping(index, event, frame.opcode)
        elif frame.opcode == CLOSE:
            if self.closed_by_peer is None:
                self.closed_by_peer = index
            self._take_end(index)
        elif not frame.is_control:
            self._fragments.append(index)
            if frame.fin:
                self._message(self._fragments)
                self._fragments = []

    def _message(self, frames: list[int]) -> None:
        if self._untold:
            event = self._untold.popleft()
            for wire in frames:
                self._link(event, wire)
        else:
            self._unread.append(frames)

    def _take_ping(self, index: int, event: WireEvent, opcode: int) -> None:
        data = event.content().get("data", b"")
        data = data if isinstance(data, bytes) else b""
        if opcode == PING:
            self._pings[event.wire, data] = index
            return
        other = Wire.FRAME_OUT if event.wire is Wire.FRAME_IN else Wire.FRAME_IN
        ping = self._pings.pop((other, data), None)
        if ping is not None:
            self.answers[ping] = index
            self.answers[index] = ping

    def _take_end(self, index: int) -> None:
        if len(self._ends) < _MOST_ENDS:
            self._ends.append(index)

    def _link_end(self, exchange: Exchange) -> None:
        """The first disconnect and what it tells of; later ones say no more than it."""
        gone = self._gone
        if gone is None or gone in self.wires:
            return
        told = exchange.events[gone].returned or 0
        causes = [
            (_rank(wire), index)
            for index in self._ends
            if (wire := exchange.wire[index]).at <= told and not self._by_app(wire)
        ]
        if causes:
            self._link(gone, min(causes)[1])

    def _by_app(self, wire: WireEvent) -> bool:
        """The app's own close is no news to it: the peer's answer is, or that there is none."""
        closed = self._app_closed
        return wire.wire is Wire.FRAME_OUT and closed is not None and closed <= wire.at

    # The app

    def _take_event(self, index: int, event: Event) -> None:
        if event.kind is Kind.SCOPE:
            self._scope = index
            if self._request is not None:
                self._link(index, self._request)
        elif event.kind is Kind.SEND:
            self._sends.append(index)
            self._called.append(event.called)
            if event.type in _CLOSING and self._app_closed is None:
                self._app_closed = event.called
        elif event.kind is Kind.RECEIVE:
            if event.pending:
                self._waiting.append(index)
            else:
                self._take_receive(index, event)

    def _take_receive(self, index: int, event: Event) -> None:
        if event.type == "http.request":
            self._content.read(index, event.size, last=not event.flags & Flag.MORE)
        elif event.type == "websocket.receive":
            if self._unread:
                for wire in self._unread.popleft():
                    self._link(index, wire)
            else:
                self._untold.append(index)
        elif event.type in DISCONNECTS and self._gone is None:
            self._gone = index

    # What was sent

    def _take_sent(self, exchange: Exchange) -> None:
        """A wire event is written before the `send` that made it has returned, so it may come to
        be known first: those that may still find theirs are kept."""
        loose, self._loose = self._loose, []
        latest = self._called[-1] if self._called else 0
        for index in loose:
            wire = exchange.wire[index]
            send = self._send_of(wire, exchange)
            if send is not None:
                self._link(send, index)
            elif wire.at >= latest:
                self._loose.append(index)

    def _send_of(self, wire: WireEvent, exchange: Exchange) -> int | None:
        fitting = _SENT_AS.get(wire.wire, _NOTHING)
        if wire.wire is Wire.FRAME_OUT:
            fitting = _CLOSING if Frame.unpack(wire.number).opcode == CLOSE else _MESSAGE
        place = bisect_right(self._called, wire.at) - 1
        for candidate in range(place, max(-1, place - _OVERLAPPING), -1):
            event = exchange.events[self._sends[candidate]]
            if event.type in fitting and (event.returned is None or event.returned >= wire.at):
                return self._sends[candidate]
        return None


def _rank(wire: WireEvent) -> int:
    """Which of several ends a disconnect tells of: of a close frame before all others."""
    if wire.wire is Wire.ERROR and wire.content().get("by") == "app":
        return 3
    return {Wire.FRAME_IN: 0, Wire.FRAME_OUT: 1}.get(wire.wire, 2)


class _Content:
    """A request's content: pieces that came beside pieces that were read, by their offsets."""

    def __init__(self) -> None:
        self._came: deque[Link] = deque()
        """Index of the piece, and where in the content it ends."""
        self._read: deque[Link] = deque()
        self._total_came = 0
        self._total_read = 0
        self._end: int | None = None
        self._last: int | None = None

    def came(self, wire: int, size: int) -> None:
        self._total_came += size
        if size:
            self._came.append((wire, self._total_came))

    def ended(self, wire: int) -> None:
        self._end = wire

    def read(self, event: int, size: int, *, last: bool) -> None:
        self._total_read += size
        if size:
            self._read.append((event, self._total_read))
        if last and self._last is None:
            self._last = event

    def links(self) -> list[Link]:
        """What can be said now that could not be said before."""
        found: list[Link] = []
        while self._came and self._read:
            (wire, came), (event, read) = self._came[0], self._read[0]
            found.append((event, wire))
            if came <= read:
                self._came.popleft()
            if read <= came:
                self._read.popleft()
        if self._end is not None and self._last is not None and self._last >= 0:
            found.append((self._last, self._end))
            self._last = -1
        return found
