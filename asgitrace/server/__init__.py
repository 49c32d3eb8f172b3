"""The embedded server: HTTP/1.1 and WebSocket on asyncio, spoken by h11 and wsproto.

It runs any ASGI app and knows nothing of who watches it.
"""

from asgitrace.server.config import LifespanMode, ServerConfig, load_tls
from asgitrace.server.errors import AsgiProtocolError, ClientDisconnected
from asgitrace.server.serve import Server, serve
from asgitrace.server.sockets import bind, describe, release

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
    "serve",
]
