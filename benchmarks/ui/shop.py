"""The app whose traffic the screen is shown: what an API with a few streams and sockets does."""

import asyncio
import json
from typing import Any, Final

from asgitrace.asgi import Message, Receive, Scope, Send

REASONS: Final = {"/api/orders": 201, "/old": 307, "/missing": 404, "/broken": 503}
"""The statuses of what is not answered with 200."""
CLOSED_BADLY: Final = 1011
_PAUSE: Final = 0.001
"""Seconds that an answer takes: there is something to see in the waterfall."""
_PIECES: Final = 8
_BODY: Final = json.dumps({"items": [{"id": n, "name": f"thing {n}"} for n in range(8)]}).encode()


async def shop(scope: Scope, receive: Receive, send: Send) -> None:
    """WebSocket: an echo, closed with 1011 on ``fail``. HTTP: by path."""
    if scope["type"] == "websocket":
        await _talk(receive, send)
        return
    path = str(scope["path"])
    if path == "/api/fail":
        raise RuntimeError("the database is on holiday")
    await _read(receive)
    await asyncio.sleep(_PAUSE)
    if path == "/api/events":
        await _stream(send)
        return
    await send(_start(REASONS.get(path, 200), b"application/json"))
    await send({"type": "http.response.body", "body": _BODY})


async def _read(receive: Receive) -> None:
    while (message := await receive()).get("more_body"):
        assert message["type"] == "http.request"


async def _stream(send: Send) -> None:
    await send(_start(200, b"text/event-stream"))
    for number in range(_PIECES):
        piece = b"id: %d\ndata: tick\n\n" % number
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(_PAUSE)
    await send({"type": "http.response.body", "body": b""})


async def _talk(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        text: Any = message.get("text") or ""
        if text == "fail":
            await send({"type": "websocket.close", "code": CLOSED_BADLY, "reason": "no more"})
            return
        await send({"type": "websocket.send", "text": text})


def _start(status: int, kind: bytes) -> Message:
    headers = [
        (b"content-type", kind),
        (b"cache-control", b"no-store"),
        (b"x-request-id", b"0b0f6d5e4f1c4a0e"),
    ]
    return {"type": "http.response.start", "status": status, "headers": headers}
