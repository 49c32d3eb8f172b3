"""The apps and messages that are measured."""

from typing import Any, Final

from asgitrace.asgi import Message, Receive, Scope, Send

_BODY: Final = b"0123456789abcdef" * 32
"""512 bytes."""
WS_PAYLOAD: Final = b"0123456789abcdef" * 4
"""64 bytes."""

HTTP_SCOPE: Final[dict[str, Any]] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/items/42",
    "raw_path": b"/items/42",
    "query_string": b"page=1&size=20",
    "root_path": "",
    "headers": [
        (b"host", b"127.0.0.1:8000"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
        (b"accept", b"application/json"),
        (b"accept-encoding", b"gzip, deflate, br, zstd"),
        (b"content-type", b"application/octet-stream"),
        (b"content-length", b"512"),
    ],
    "client": ("127.0.0.1", 51234),
    "server": ("127.0.0.1", 8000),
    "state": {},
}
WS_SCOPE: Final[dict[str, Any]] = {
    **{key: HTTP_SCOPE[key] for key in HTTP_SCOPE if key != "method"},
    "type": "websocket",
    "scheme": "ws",
    "subprotocols": [],
}

HTTP_REQUEST: Final[Message] = {"type": "http.request", "body": _BODY, "more_body": False}
_START: Final[Message] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"date", b"Thu, 01 Jan 2026 00:00:00 GMT"),
        (b"server", b"benchmark"),
        (b"content-type", b"application/octet-stream"),
        (b"content-length", b"512"),
        (b"cache-control", b"no-store"),
        (b"x-request-id", b"9f1c2e4ab7d84c55"),
    ],
}
_RESPONSE: Final[Message] = {"type": "http.response.body", "body": _BODY, "more_body": False}


async def exchange(scope: Scope, receive: Receive, send: Send) -> None:
    """One HTTP exchange with ready-made messages: nothing but the calls is measured."""
    await receive()
    await send(_START)
    await send(_RESPONSE)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A WebSocket echo of bytes."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"]})


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """The tiniest HTTP app, with a WebSocket echo beside it."""
    if scope["type"] == "websocket":
        await echo(scope, receive, send)
        return
    if scope["type"] != "http":
        raise ValueError(f"scope type {scope['type']!r} is not supported")
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, world!"})
