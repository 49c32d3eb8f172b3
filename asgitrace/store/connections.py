"""What is known of connections: a few facts of each, and the events that belong to no exchange.

Bounded by bytes: the closed ones are forgotten in the order in which they were closed. When there
are none left the open ones lose their events, but for the opening, and at the very last the oldest
of them are forgotten too."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

import msgspec

from asgitrace.events import HEADER, Header, Record
from asgitrace.store.columns import MOST
from asgitrace.store.model import WireEvent
from asgitrace.store.scope import cut
from asgitrace.store.wire_assembly import WireAssembly

EVENTS: Final = 64
"""Events of a connection that belong to no exchange and are kept, at most."""

_EVENT_BYTES: Final = 64 * 1024
"""Bytes of them, but for one that is larger by itself."""

_KNOWN_BYTES: Final = 1000
_PIECE_BYTES: Final = 400
"""Bytes of a connection, with its texts' and totals' own objects, and of an event apart from its
record, decoded or not."""

_TEXT_LIMIT: Final = 256
_SLACK: Final = 16
_NEVER: Final = -(2**63)
_PROCESS_ENDED: Final = "process ended"


class _Opened(msgspec.Struct):
    peer: Any = None
    local: Any = None
    tls: Any = None


class _Closed(msgspec.Struct):
    by: Any = None
    how: Any = None
    text: Any = None
    received: Any = None
    sent: Any = None
    requests: Any = None


_decode_opened: Final = msgspec.msgpack.Decoder(_Opened).decode
_decode_closed: Final = msgspec.msgpack.Decoder(_Closed).decode
_ERRORS: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class Known:
    """One connection, as far as it is known."""

    __slots__ = (
        "at", "closed", "dropped", "end", "exact", "local", "number", "opened", "peer", "pieces",
        "pieces_bytes", "reading", "received", "requests", "sent", "source", "tls", "told",
        "within",
    )  # fmt: skip

    def __init__(self, source: int, number: int) -> None:
        self.source = source
        self.number = number
        """Its number; 0 once it is forgotten."""
        self.opened: int | None = None
        self.closed: int | None = None
        self.at = _NEVER
        """Of its latest event."""
        self.peer = self.local = self.tls = self.end = ""
        self.received = self.sent = self.requests = 0
        self.exact: tuple[int, int, int] | None = None
        """The totals of bytes received and sent and of requests, as its end has told them."""
        self.pieces: list[bytes] = []
        """Header and payload of its events that belong to no exchange."""
        self.told: tuple[WireEvent, ...] | None = None
        """The same decoded, once they were looked at."""
        self.pieces_bytes = 0
        self.dropped = 0
        """Older ones of them that were given up."""
        self.within: tuple[int, int] | None = None
        """Exchange and sequence of the record of its end, where that belongs to one."""
        self.reading = 0
        """The exchange whose request it brought last and whose scope was not seen then."""

    def tell_opened(self, at: int, payload: bytes) -> None:
        """It was opened."""
        self.opened = self.at = at
        try:
            found = _decode_opened(payload)
        except _ERRORS:
            return
        self.peer, self.local = _text(found.peer), _text(found.local)
        if isinstance(found.tls, dict):
            words = (_text(found.tls.get(name)) for name in ("version", "cipher", "alpn"))
            self.tls = ", ".join(word for word in words if word)

    def tell_closed(self, at: int, payload: bytes) -> None:
        """It was closed; only the first end counts, unless that was its process's."""
        self.closed = at
        self.end = "closed"
        try:
            found = _decode_closed(payload)
        except _ERRORS:
            return
        words = ": ".join(filter(None, (_text(found.by), _text(found.how)))) or self.end
        self.end = f"{words} ({_text(found.text)})" if found.text else words
        totals = found.received, found.sent, found.requests
        if all(type(total) is int and 0 <= total <= MOST for total in totals):
            self.exact = totals

    def keep(self, piece: bytes) -> int:
        """Keep an event that belongs to no exchange; the oldest but the first goes for it. Returns
        how many bytes it grew."""
        pieces = self.pieces
        pieces.append(piece)
        self.told = None
        grown = len(piece) + _PIECE_BYTES
        self.pieces_bytes += grown
        while len(pieces) > EVENTS or (len(pieces) > 2 and self.pieces_bytes > _EVENT_BYTES):
            grown -= self._drop(1)
        return grown

    def strip(self) -> int:
        """Give up all of its events but the first; returns how many bytes that were."""
        freed = 0
        while len(self.pieces) > 1:
            freed += self._drop(1)
        return freed

    @property
    def bytes_used(self) -> int:
        texts = len(self.peer) + len(self.local) + len(self.tls) + len(self.end)
        return _KNOWN_BYTES + self.pieces_bytes + texts

    def _drop(self, position: int) -> int:
        freed = len(self.pieces.pop(position)) + _PIECE_BYTES
        self.pieces_bytes -= freed
        self.dropped += 1
        self.told = None
        return freed

    def events(self) -> tuple[WireEvent, ...]:
        """Its events that belong to no exchange."""
        if self.told is None:
            wire = WireAssembly()
            for record in self.records():
                wire.take(record)
            self.told = wire.events()
        return self.told

    def records(self) -> Iterator[Record]:
        """The records of these events."""
        for piece in self.pieces:
            yield Record(Header._make(HEADER.unpack_from(piece)), piece[HEADER.size :])


class Connections:
    """The connections of all processes, in the order in which they were first heard of."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: dict[int, Known] = {}
        self._closed: dict[int, None] = {}
        self.bytes_used = 0
        self.total = 0
        """Connections ever heard of."""
        self.forgotten = 0
        """Those of them that were forgotten for want of room."""

    def get(self, source: int, number: int) -> Known | None:
        """One connection, if it is known."""
        return self._known.get(source << 32 | number)

    def of(self, source: int, number: int) -> Known:
        """One connection, known from now on."""
        key = source << 32 | number
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Known(source, number)
            self.total += 1
            self.bytes_used += _KNOWN_BYTES
        return known

    def all(self) -> list[Known]:
        """All that are known."""
        return list(self._known.values())

    def opened(self, source: int, number: int, at: int, payload: bytes) -> Known:
        """A connection was opened: another one, where there was one of that number."""
        key = source << 32 | number
        known = self._known.get(key)
        if known is not None and (known.opened is not None or known.closed is not None):
            self._forget(key)
        known = self.of(source, number)
        known.tell_opened(at, payload)
        self.bytes_used += len(known.peer) + len(known.local) + len(known.tls)
        return known

    def closed(self, source: int, number: int, at: int, payload: bytes) -> Known:
        """A connection was closed."""
        known = self.of(source, number)
        before = len(known.end)
        known.tell_closed(at, payload)
        self._closed[source << 32 | number] = None
        self.bytes_used += len(known.end) - before
        return known

    def lose(self, source: int, now: int) -> None:
        """The process is gone, and its connections with it."""
        for key, known in self._known.items():
            if known.source == source and known.closed is None:
                known.closed = max(known.at, known.opened or now, now)
                known.end = _PROCESS_ENDED
                self._closed[key] = None
                self.bytes_used += len(_PROCESS_ENDED)

    def keep(self, known: Known, piece: bytes) -> None:
        """Keep an event that belongs to no exchange: header and payload of its record."""
        self.bytes_used += known.keep(piece)

    def bound(self) -> None:
        """Make room if there is too much."""
        if self.bytes_used <= self._limit:
            return
        target = self._limit - self._limit // _SLACK
        while self._closed and self.bytes_used > target:
            self._forget(next(iter(self._closed)))
            self.forgotten += 1
        for known in self.all() if self.bytes_used > target else ():
            self.bytes_used -= known.strip()
        while self._known and self.bytes_used > target:
            self._forget(next(iter(self._known)))
            self.forgotten += 1

    def forget_closed(self) -> None:
        """Forget all that are closed."""
        for key in list(self._closed):
            self._forget(key)

    def records(self, source: int) -> list[Record]:
        """The events of a process's connections that belong to no exchange, in the order of its
        ring."""
        found = [
            record
            for known in self._known.values()
            if known.source == source
            for record in known.records()
        ]
        return sorted(found, key=_SEQUENCE)

    def _forget(self, key: int) -> None:
        known = self._known.pop(key)
        self.bytes_used -= known.bytes_used
        known.number = 0
        self._closed.pop(key, None)


_SEQUENCE: Final = attrgetter("header.sequence")


def _text(value: object) -> str:
    """A text of the network's, bounded; empty where it is none."""
    if not isinstance(value, str):
        return ""
    return value if len(value) <= _TEXT_LIMIT else cut(value, _TEXT_LIMIT)
