"""An app for tests under other servers: each path does one thing."""

import logging
import os

from asgitrace.asgi import Receive, Scope, Send

logger = logging.getLogger("site")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch by path."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await _echo(receive, send)
    else:
        await _answer(scope, receive, send)


async def _echo(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    body += message.get("body", b"")
    path, extensions = scope["path"], scope.get("extensions") or {}
    if path == "/raise":
        raise LookupError("the app raises")
    if path == "/crash":
        os._exit(7)
    if path == "/print":
        print(f"printed for {scope['query_string'].decode()}")
        logger.warning("logged for %s", scope["query_string"].decode())
    if path == "/debug":
        breakpoint()
    if "http.response.push" in extensions and path == "/push":
        await send({"type": "http.response.push", "path": "/pushed", "headers": []})
    trailers = "http.response.trailers" in extensions and path == "/trailers"
    headers = [(b"content-type", b"text/plain"), *([(b"trailer", b"x-sum")] if trailers else [])]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    await send({**start, "trailers": True} if trailers else start)
    await send({"type": "http.response.body", "body": str(os.getpid()).encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b" " + body})
    if trailers:
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"7")]})
