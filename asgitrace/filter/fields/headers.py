"""Fields of headers: of the request as the app got it, of the response as the app gave it.

Where the app was not called, or gave no response, they are those of the wire.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.events import MESSAGE_CODES, Kind
from asgitrace.filter.fields.model import NAME, Bound, ExchangeField, Field, Narrowed, exchanges
from asgitrace.filter.fields.payloads import content_of, messages
from asgitrace.filter.model import Mask
from asgitrace.filter.sieve import Sieve, naming
from asgitrace.filter.subject import Subject, text_of
from asgitrace.filter.values import Condition, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.pieces import Pieces, what
from asgitrace.wire import Wire

_STARTS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)
_START_BITS: Final = sum(1 << MESSAGE_CODES[name] for name in _STARTS)
_USUAL: Final = (
    "accept", "authorization", "cache-control", "content-encoding", "content-length",
    "content-type", "cookie", "host", "origin", "referer", "user-agent", "x-forwarded-for",
    "x-request-id",
)  # fmt: skip
_ANSWERS: Final = (
    "access-control-allow-origin", "cache-control", "content-encoding", "content-length",
    "content-type", "etag", "location", "server", "set-cookie", "vary", "x-request-id",
)  # fmt: skip


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:
    """Names, in lower case, and values of what should be pairs of bytes."""
    for pair in headers if isinstance(headers, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            name, value = text_of(pair[0]), text_of(pair[1])
            if name is not None and value is not None:
                yield name.strip().lower(), value.strip(" \t")


def _head(subject: Subject, wire: Wire) -> Iterator[tuple[str, str]]:
    """The fields of a head as it went over the wire."""
    for item in subject.wires:
        if item.wire is not None and item.wire.wire is wire:
            head = text_of(item.content.get("head")) or ""
            for line in head.split("\r\n")[1:]:
                name, colon, value = line.partition(":")
                if colon:
                    yield name.strip().lower(), value.strip(" \t")


def _request(subject: Subject) -> Iterator[tuple[str, str]]:
    if subject.scope:
        return _pairs(subject.scope.get("headers"))
    return _head(subject, Wire.REQUEST)


def _response(subject: Subject) -> Iterator[tuple[str, str]]:
    given = False
    for item in subject.events:
        if item.event is not None and item.event.type in _STARTS:
            given = True
            yield from _pairs(item.content.get("headers"))
    if not given:
        yield from _head(subject, Wire.RESPONSE)


_SCOPE: Final = what(Kind.SCOPE, 0)
_REQUEST_HEAD: Final = what(Kind.WIRE, Wire.REQUEST)
_RESPONSE_HEAD: Final = what(Kind.WIRE, Wire.RESPONSE)
_OF_REQUEST: Final = frozenset((_SCOPE, _REQUEST_HEAD))
_OF_RESPONSE: Final = messages(*_STARTS) | {_RESPONSE_HEAD}

Pairs = Iterable[tuple[str, str]]


def _request_pieces(pieces: Pieces, sieve: Sieve) -> Pairs | None:
    """As `_request`, as far as the sieve lets pass what there is; None where it takes the events to
    tell."""
    scope, head = None, False
    for piece in pieces.of(_OF_REQUEST):
        if piece.what == _REQUEST_HEAD:
            head = head or sieve(piece.payload)
        elif scope is None:
            scope = piece.payload
    if scope is None or not sieve(scope):
        return None if head else ()
    content = content_of(scope)
    return _pairs(content.get("headers")) if content else None


def _response_pieces(pieces: Pieces, sieve: Sieve) -> Pairs | None:
    """As `_response`, likewise."""
    given = doubt = False
    found: list[tuple[str, str]] = []
    for piece in pieces.of(_OF_RESPONSE):
        if piece.what == _RESPONSE_HEAD:
            doubt = doubt or sieve(piece.payload)
        elif not piece.second:
            given = True
            if sieve(piece.payload):
                found += _pairs(content_of(piece.payload).get("headers"))
        elif piece.payload:
            return None
        else:
            # Mostly the first one is there as well.
            doubt = True
    return None if doubt and not given else found


@dataclass(frozen=True, slots=True)
class _Side:
    """The request or the response."""

    read: Callable[[Subject], Iterator[tuple[str, str]]]
    pieces: Callable[[Pieces, Sieve], Pairs | None]
    """The same from payloads."""


_BY_REQUEST: Final = _Side(_request, _request_pieces)
_BY_RESPONSE: Final = _Side(_response, _response_pieces)


@dataclass(frozen=True, slots=True)
class _Named:
    """The headers of one name."""

    name: str
    """In lower case."""
    sides: Sequence[_Side]
    possible: Callable[[View], Mask]
    sieve: Sieve
    decides: bool = False

    def read(self, subject: Subject) -> Iterable[str]:
        return (
            value for side in self.sides for name, value in side.read(subject) if name == self.name
        )

    def masks(self, view: View, condition: Condition) -> Masks:
        return view.look(self.possible(view), lambda pieces: self._holds(pieces, condition))

    def _holds(self, pieces: Pieces, condition: Condition) -> bool | None:
        found: list[str] = []
        for side in self.sides:
            pairs = side.pieces(pieces, self.sieve)
            if pairs is None:
                return None
            found += (value for name, value in pairs if name == self.name)
        return condition.holds(found)


def _named(possible: Callable[[View], Mask], *sides: _Side) -> Callable[[str], Bound]:
    def bind(name: str) -> Bound:
        lower = name.lower()
        named = _Named(lower, sides, possible, naming(lower))
        return named.read, named

    return bind


def _answered(view: View) -> Mask:
    begun: Mask = (view.column("seen") & _START_BITS) > 0
    return begun | (view.column("connection") > 0)


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name=f"req.header.{NAME}", type=Type.TEXT, help="a header of the request",
        example="req.header.authorization -path:/health", columns=Narrowed(exchanges),
        bind=_named(exchanges, _BY_REQUEST), names=_USUAL,
    ),
    ExchangeField(
        name=f"resp.header.{NAME}", type=Type.TEXT,
        help="a header of the response, as the app gave it",
        example="resp.header.cache-control:no-store", columns=Narrowed(_answered),
        bind=_named(_answered, _BY_RESPONSE), names=_ANSWERS,
    ),
    ExchangeField(
        name=f"header.{NAME}", type=Type.TEXT, help="a header of the request or the response",
        example="header.content-type:json", columns=Narrowed(exchanges),
        bind=_named(exchanges, _BY_REQUEST, _BY_RESPONSE), names=_USUAL,
    ),
)  # fmt: skip
