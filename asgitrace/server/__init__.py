"""The embedded server: HTTP/1.1 and WebSocket on asyncio, spoken by h11 and wsproto.

It runs any ASGI app and knows nothing of who watches it.
"""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy
from asgitrace.server.config import LifespanMode, ServerConfig
from asgitrace.server.errors import AsgiProtocolError, ClientDisconnected
from asgitrace.server.sockets import bind, describe, release
from asgitrace.server.tls import load_tls

if TYPE_CHECKING:
    from asgitrace.server.serve import Server

__all__ = [
    "AsgiProtocolError",
    "ClientDisconnected",
    "LifespanMode",
    "Server",
    "ServerConfig",
    "bind",
    "describe",
    "load_tls",
    "release",
]

# The parent binds the socket and never serves: it does without the protocol machines.
__getattr__ = lazy(__name__, {"Server": "serve"})
