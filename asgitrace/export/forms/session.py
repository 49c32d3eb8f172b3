"""What the client of a WebSocket session said, and what it had heard before it said it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.export.forms.call import Headers, losses, pairs, payload, received
from asgitrace.export.forms.place import scope_of
from asgitrace.store.model import Event, Exchange
from asgitrace.words import counted

TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}\Z")
"""A method, the name of a header, a subprotocol (RFC 9110 section 5.6.2)."""
_NO_CODE: Final = frozenset({1005, 1006, 1015})
"""Codes that no close frame has: there was none (RFC 6455 section 7.4.1)."""
_DROPPED: Final = 1006
_CODES: Final = range(1000, 5000)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the client's."""

    after: int
    """How many messages the app had sent before."""
    data: str | bytes


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation as the client had it."""

    subprotocols: tuple[str, ...]
    compressed: bool
    """Whether the client offered compression."""
    said: tuple[Said, ...]
    heard: int
    """Messages that the app sent, in all."""
    left: bool
    """Whether the client closed it."""
    code: int
    """With which; 0 for none."""
    dropped: bool
    """Whether it went without a close frame."""
    reason: str
    notes: tuple[str, ...]


def session_of(exchange: Exchange) -> Session:
    """The conversation in a WebSocket exchange."""
    scope = scope_of(exchange)
    headers = tuple(pairs(scope.get("headers")))
    messages = [event for event in received(exchange) if event.type == "websocket.receive"]
    said = [
        Said(_heard(exchange, event.returned), data)
        for event in messages
        if (data := payload(event)) is not None
    ]
    end = next(
        (event for event in received(exchange) if event.type == "websocket.disconnect"), None
    )
    closed = any(event.type == "websocket.close" for event in _sent(exchange))
    code, reason = _close(end)
    dropped = end is not None and end.number == _DROPPED
    return Session(
        subprotocols=tuple(subprotocols(scope.get("subprotocols"))),
        compressed=_offers_deflate(headers),
        said=tuple(said),
        heard=_heard(exchange, None),
        left=end is not None and not closed,
        code=code,
        dropped=dropped,
        reason=reason,
        notes=tuple(_notes(exchange, messages, len(said))),
    )


def _notes(exchange: Exchange, messages: list[Event], sendable: int) -> Iterator[str]:
    yield from losses(exchange, messages)
    cut = sum(bool(event.flags & Flag.TRUNCATED) for event in messages)
    if cut:
        yield f"Cut, as they were recorded up to the limit only: {counted(cut, 'message')}."
    left_out = len(messages) - sendable
    if left_out and not any(event.flags & (Flag.OVERSIZE | Flag.REPR) for event in messages):
        yield f"Left out: {counted(left_out, 'message')} that no client can send."


def _sent(exchange: Exchange) -> Iterator[Event]:
    return (
        event
        for event in exchange.events
        if event.kind is Kind.SEND and event.outcome is Outcome.OK
    )


def _heard(exchange: Exchange, before: int | None) -> int:
    """Messages that the app sent, all of them or those before a moment."""
    return sum(
        event.type == "websocket.send" and (before is None or event.called < before)
        for event in _sent(exchange)
    )


def _close(event: Event | None) -> tuple[int, str]:
    content = None if event is None else event.content()
    if not isinstance(content, dict):
        return 0, ""
    code, reason = content.get("code"), content.get("reason")
    if not isinstance(code, int) or code not in _CODES or code in _NO_CODE:
        return 0, ""
    fits = isinstance(reason, str) and len(reason.encode()) <= 123
    return code, str(reason) if fits else ""


def subprotocols(given: object) -> Iterator[str]:
    """Those of a scope that a client can offer."""
    for name in given if isinstance(given, list) else ():
        if isinstance(name, str) and TOKEN.match(name):
            yield name


def _offers_deflate(headers: Headers) -> bool:
    return any(
        name.lower() == b"sec-websocket-extensions" and b"permessage-deflate" in value
        for name, value in headers
    )
