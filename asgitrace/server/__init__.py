"""The embedded server: HTTP/1.1 and WebSocket on asyncio, spoken by h11 and wsproto.

It runs any ASGI app and knows nothing of who watches it. From bytes to the app and back:

    serve, service     a run: listening, signals, going down; what its connections share
    sockets, tls       what is listened on, and TLS
    lifespan           the app's lifespan
    connection         one connection, as asyncio tells of it: a `ReadSide`, which is a `WriteSide`
    reading            bytes to requests, their exchanges, refusals, time limits (`timeouts`)
      reader             the requests in the stream, by h11 and what it leaves out:
                         `head`, `framing`, `chunks`
      admission          requests that the app must not see; `refusals` logs them
      scope, forwarded   the scope, also behind proxies
    http               an HTTP exchange, `receive` and `send`; `http_link`: what it asks for
    websocket          a WebSocket's; `handshake` and `extensions` open it
      session            frames, Close and pings (`closing`, `keepalive`) of an open one
      frames, inbound    bytes to messages, by wsproto where it is not simple
      outbound, deflate  messages to frames; permessage-deflate
    call, messages     calling the app, and reading what it sends; `errors`: what it is told
    writing            what exchanges send, and how a connection closes
      responder, heads   responses to bytes, framed and checked; `defaults`: Date and Server
      files, pieces      large bodies and files, a piece at a time
      flow               the transport's write side: backpressure, and when what was accepted
    opening            what the log is told of a connection's opening and end
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
