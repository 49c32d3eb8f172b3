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
    content_type, encoding = _head_of(event, exchange) if event.type in _CHUNKS else ("", "")
    if encoding and not _is_first(event, exchange):
        # The rest of an encoded body cannot be decoded without its beginning.
        content_type = encoding = ""
    return Body.of(
        data,
        kind=event.kind,
        size=event.size,
        text=text,
        content_type=content_type,
        encoding=encoding,
        target=exchange.row.path,
    )


def _head_of(event: Event, exchange: Exchange) -> tuple[str, str]:
    """Content type and content encoding of the body that a chunk is of."""
    events = exchange.events
    if event.kind is Kind.RECEIVE:
        head = events[0] if events and events[0].kind is Kind.SCOPE else None
    else:
        head = next((found for found in events[:_NEAR] if found.type in _STARTS), None)
    content: Any = None if head is None else head.content()
    headers = content.get("headers") if isinstance(content, dict) else None
    encoding = header_value(headers, b"content-encoding")
    content_type = header_value(headers, b"content-type")
    return content_type, "" if encoding.lower() == "identity" else encoding


def _is_first(event: Event, exchange: Exchange) -> bool:
    """Whether a chunk is the first of its body, and so what its encoding begins with."""
    chunks = (found.index for found in exchange.events[:_NEAR] if found.type == event.type)
    return next(chunks, None) == event.index
