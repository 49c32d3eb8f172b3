"""What was said in an exchange, as JSON lines: WebSocket messages and chunks of bodies."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final

from msgspec import json

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.export.lines import escape_awkward
from asgitrace.store.model import Event, Exchange

_SAID: Final = frozenset(
    {
        "http.request", "http.response.body", "websocket.http.response.body", "websocket.accept",
        "websocket.receive", "websocket.send", "websocket.close", "websocket.disconnect",
    }
)  # fmt: skip
_OUTCOMES: Final = {Outcome.RAISED: "raised", Outcome.CANCELLED: "cancelled"}


def message_lines(exchange: Exchange) -> Iterator[bytes]:
    """A line for each message, in the order in which they crossed."""
    start = min((event.called for event in exchange.events), default=0)
    for event in messages_of(exchange):
        yield escape_awkward(json.encode(_message(event, start))) + b"\n"


def messages_of(exchange: Exchange) -> list[Event]:
    """The events that carry messages: what is received at the return of its call, what is sent at
    the call."""
    found = (event for event in exchange.events if event.type in _SAID)
    return sorted(found, key=lambda event: (_moment(event), event.index))


def _moment(event: Event) -> int:
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called


def _message(event: Event, start: int) -> dict[str, Any]:
    """``from`` who, ``at_ms`` since the exchange began, and what it carries: ``text``, or ``body``
    or ``bytes`` where they are UTF-8, otherwise ``base64``."""
    made: dict[str, Any] = {
        "at_ms": (_moment(event) - start) / 1_000_000,
        "from": "client" if event.kind is Kind.RECEIVE else "app",
        "type": event.type,
        "size": event.size,
    }
    content = event.content()
    if isinstance(content, dict):
        made |= _carried(content)
    else:
        made["lost"] = True
    if event.flags & Flag.TRUNCATED:
        made["truncated"] = True
    if event.flags & Flag.MORE:
        made["more"] = True
    if event.outcome in _OUTCOMES:
        made["outcome"] = _OUTCOMES[event.outcome]
    return made


def _carried(content: dict[Any, Any]) -> dict[str, Any]:
    """What a message holds, in JSON's words."""
    made: dict[str, Any] = {}
    for key in ("text", "body", "bytes"):
        held = content.get(key)
        if isinstance(held, bytes):
            try:
                made[key] = held.decode()
            except UnicodeDecodeError:
                made["base64"] = b64encode(held).decode("ascii")
        elif isinstance(held, str):
            made[key] = held
    for key in ("code", "reason", "subprotocol"):
        held = content.get(key)
        if isinstance(held, str | int):
            made[key] = held
    return made
