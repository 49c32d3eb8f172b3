"""Fields of headers: of the request as the app got it, of the response as the app gave it.

Where the app was not called, or gave no response, they are those of the wire.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from asgitrace.events import MESSAGE_CODES
from asgitrace.filter.fields.model import NAME, ExchangeField, Field, Narrowed, exchanges
from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Subject, text_of
from asgitrace.filter.values import Type
from asgitrace.filter.view import View
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

Read = Callable[[Subject], Iterable[str]]


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


def _values(*sides: Callable[[Subject], Iterator[tuple[str, str]]]) -> Callable[[str], Read]:
    def bind(name: str) -> Read:
        wanted = name.lower()
        return lambda subject: (
            value for side in sides for given, value in side(subject) if given == wanted
        )

    return bind


def _answered(view: View) -> Mask:
    begun: Mask = (view.column("seen") & _START_BITS) > 0
    return begun | (view.column("connection") > 0)


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name=f"req.header.{NAME}", type=Type.TEXT, help="a header of the request",
        example="req.header.authorization -path:/health", columns=Narrowed(exchanges),
        bind=_values(_request), names=_USUAL,
    ),
    ExchangeField(
        name=f"resp.header.{NAME}", type=Type.TEXT,
        help="a header of the response, as the app gave it",
        example="resp.header.cache-control:no-store", columns=Narrowed(_answered),
        bind=_values(_response), names=_ANSWERS,
    ),
    ExchangeField(
        name=f"header.{NAME}", type=Type.TEXT, help="a header of the request or the response",
        example="header.content-type:json", columns=Narrowed(exchanges),
        bind=_values(_request, _response), names=_USUAL,
    ),
)  # fmt: skip
