"""The app that every server serves: a few routes, each for one thing that is measured."""

import asyncio
import json
import os
from typing import Any, Final

from asgitrace.asgi import Message, Receive, Scope, Send
from benchmarks.apps import echo

CHUNK: Final = bytes(range(256)) * 256
"""64 KiB, the pieces of a download."""
SIZE: Final = "BENCHMARK_SIZE"
"""The environment variable with the bytes of a download."""
FILE: Final = "BENCHMARK_FILE"
"""The environment variable with the path of the file to send."""
OFFERED: Final = {
    "/pathsend": "http.response.pathsend",
    "/zerocopysend": "http.response.zerocopysend",
}
"""Routes that need an extension of the server."""

_PAUSES: Final = 16
_PAUSE: Final = 0.2
"""Seconds, for a body of `_FULL` bytes; less for less."""
_FULL: Final = 1 << 30
_FOUND: Final = {"path": "/json", "items": [1, 2, 3], "name": "Hello, world!", "ok": True}
JSON_BODY: Final = json.dumps(_FOUND).encode()
"""What ``/json`` answers."""


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    """WebSocket: an echo. HTTP: by path."""
    if scope["type"] == "websocket":
        await echo(scope, receive, send)
        return
    if scope["type"] != "http":
        raise ValueError(f"scope type {scope['type']!r} is not supported")
    match scope["path"]:
        case "/json":
            body = json.dumps({**_FOUND, "path": scope["path"]}).encode()
            await _answer(send, body, b"application/json")
        case "/echo":
            await _answer(send, await _content(receive))
        case "/upload":
            await _answer(send, b"%d" % await _discard(receive, slowly=False))
        case "/slow":
            await _answer(send, b"%d" % await _discard(receive, slowly=True))
        case "/download":
            await _download(send)
        case "/pathsend" | "/zerocopysend" as path:
            await _file(scope, send, OFFERED[path])
        case _:
            await _answer(send, b"Hello, world!", b"text/plain")


async def _answer(
    send: Send, body: bytes, kind: bytes = b"application/octet-stream", status: int = 200
) -> None:
    await send(_start(len(body), kind, status))
    await send({"type": "http.response.body", "body": body})


def _start(length: int, kind: bytes, status: int = 200) -> Message:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % length)]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _content(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _discard(receive: Receive, *, slowly: bool) -> int:
    """Read and forget; slowly: with a number of pauses evenly over the whole."""
    size = int(os.environ.get(SIZE, "0"))
    stride, pause = size // _PAUSES or 1, _PAUSE * size / _FULL
    total, rest, more = 0, 0, True
    while more:
        if slowly and total >= rest:
            rest += stride
            await asyncio.sleep(pause)
        message: Any = await receive()
        if message["type"] != "http.request":
            break
        total += len(message.get("body", b""))
        more = message.get("more_body", False)
    return total


async def _download(send: Send) -> None:
    left = int(os.environ.get(SIZE, "0"))
    await send(_start(left, b"application/octet-stream"))
    while left > 0:
        piece = CHUNK[: min(left, len(CHUNK))]
        left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})


async def _file(scope: Scope, send: Send, extension: str) -> None:
    path = os.environ.get(FILE, "")
    if extension not in (scope.get("extensions") or {}) or not path:
        await _answer(send, b"", b"text/plain", 501)
        return
    await send(_start(int(os.environ[SIZE]), b"application/octet-stream"))
    if extension == "http.response.pathsend":
        await send({"type": extension, "path": path})
        return
    with open(path, "rb") as file:  # noqa: ASYNC230
        await send({"type": extension, "file": file, "more_body": False})
