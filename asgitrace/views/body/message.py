"""The body of one event by itself: a WebSocket message, or a chunk."""

from typing import Any, Final

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Event, Exchange
from asgitrace.views.body.bodies import Body
from asgitrace.views.summary import header_value, message_body

_CHUNKS: Final = frozenset({"http.request", "http.response.body", "websocket.http.response.body"})
_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
_NEAR: Final = 100
"""Events among which the start of a response is looked for."""


def body_of(event: Event, exchange: Exchange) -> Body | None:
    """What an event carries, to be shown by itself; None where it carries nothing."""
    data, text = message_body(event.content())
    if not data or event.flags & Flag.REPR:
        return None
    return Body.of(
        data,
        kind=event.kind,
        size=event.size,
        text=text,
        content_type=_content_type(event, exchange) if event.type in _CHUNKS else "",
        target=exchange.row.path,
    )


def _content_type(event: Event, exchange: Exchange) -> str:
    """The type of the body that a chunk is of; empty where it is encoded, as a chunk cannot be
    decoded by itself."""
    events = exchange.events
    if event.kind is Kind.RECEIVE:
        head = events[0] if events and events[0].kind is Kind.SCOPE else None
    else:
        head = next((found for found in events[:_NEAR] if found.type in _STARTS), None)
    content: Any = None if head is None else head.content()
    headers = content.get("headers") if isinstance(content, dict) else None
    encoded = header_value(headers, b"content-encoding") not in ("", "identity")
    return "" if encoded else header_value(headers, b"content-type")
