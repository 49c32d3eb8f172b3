"""Quart, with what the matrix asks for: decorators, a global request, background tasks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from quart import Quart, Response, request, websocket

app = Quart(__name__)
app.config["PROPAGATE_EXCEPTIONS"] = False
_TEXT = {"content-type": "text/plain"}
_finished: list[str] = []
_started: list[str] = []


@app.before_serving
async def start() -> None:
    """Start-up."""
    _started.append("yes")


@app.get("/hello")
async def hello() -> tuple[str, dict[str, str]]:
    """A greeting."""
    return f"hello {request.args['name']}\n", _TEXT


@app.get("/stream")
async def stream() -> Response:
    """Five pieces."""

    async def lines() -> AsyncIterator[bytes]:
        for number in range(5):
            yield f"line {number}\n".encode()
            await asyncio.sleep(0)

    return Response(lines(), content_type="text/plain")


@app.get("/started")
async def started() -> tuple[str, dict[str, str]]:
    """Whether start-up ran."""
    return "yes\n" if _started else "no\n", _TEXT


@app.post("/background")
async def background() -> tuple[str, int, dict[str, str]]:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    app.add_background_task(work)
    return "accepted\n", 202, _TEXT


@app.get("/finished")
async def finished() -> tuple[str, dict[str, str]]:
    """Whether work was done."""
    return "yes\n" if _finished else "no\n", _TEXT


@app.post("/upload")
async def upload() -> tuple[str, dict[str, str]]:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.body:
        digest.update(piece)
        size += len(piece)
    return f"{size} {digest.hexdigest()}", _TEXT


@app.get("/raise")
async def raise_error() -> str:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@app.websocket("/ws")
async def session() -> None:
    """Give back what comes."""
    while True:
        message = await websocket.receive()
        if message == "close":
            await websocket.close(4002, "as you wish")
            return
        if message == "raise":
            raise RuntimeError("the session raised")
        await websocket.send(message)
