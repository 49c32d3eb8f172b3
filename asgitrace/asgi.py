"""Types and names of the ASGI specification 3.0 (HTTP and WebSocket 2.5, lifespan 2.0)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[Any]]
LegacyApp: TypeAlias = Callable[[Scope], Callable[[Receive, Send], Awaitable[Any]]]
"""An ASGI 2 "double callable"."""

SPEC_VERSION: Final = "2.5"
LIFESPAN_SPEC_VERSION: Final = "2.0"

MESSAGE_TYPES: Final = (
    "http.request",
    "http.disconnect",
    "http.response.start",
    "http.response.body",
    "http.response.trailers",
    "http.response.push",
    "http.response.zerocopysend",
    "http.response.pathsend",
    "http.response.early_hint",
    "http.response.debug",
    "websocket.connect",
    "websocket.accept",
    "websocket.receive",
    "websocket.send",
    "websocket.disconnect",
    "websocket.close",
    "websocket.http.response.start",
    "websocket.http.response.body",
    "lifespan.startup",
    "lifespan.startup.complete",
    "lifespan.startup.failed",
    "lifespan.shutdown",
    "lifespan.shutdown.complete",
    "lifespan.shutdown.failed",
)
"""Every message type of the specification and its extensions. The order is part of the ring's
format."""
