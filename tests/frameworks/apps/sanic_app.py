"""Sanic's ASGI side, with what the matrix asks for: listeners, tasks, responses that are sent in
pieces."""

import asyncio
import hashlib
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

app: Any = Sanic("matrix", configure_logging=False)
_TEXT = "text/plain; charset=utf-8"
_started: list[str] = []
_finished: list[str] = []


@app.before_server_start
async def start(_: Any) -> None:
    """Note that the app was started."""
    _started.append("started")


@app.get("/hello")
async def hello(request: Request) -> HTTPResponse:
    """A greeting."""
    return text(f"hello {request.args.get('name')}\n")


@app.get("/stream")
async def stream(request: Request) -> None:
    """Five pieces."""
    response: Any = await request.respond(content_type=_TEXT)
    for number in range(5):
        await response.send(f"line {number}\n")
        await asyncio.sleep(0)
    await response.eof()


@app.get("/started")
async def started(request: Request) -> HTTPResponse:
    """Whether start-up ran."""
    return text("yes\n" if _started else "no\n")


@app.post("/background")
async def background(request: Request) -> HTTPResponse:
    """Work after the response, in a task of the app's."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    app.add_task(work())
    return text("accepted\n", 202)


@app.get("/finished")
async def finished(request: Request) -> HTTPResponse:
    """Whether work was done."""
    return text("yes\n" if _finished else "no\n")


@app.post("/upload", stream=True)
async def upload(request: Any) -> HTTPResponse:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream:
        digest.update(piece)
        size += len(piece)
    return text(f"{size} {digest.hexdigest()}")


@app.get("/raise")
async def raise_error(request: Request) -> HTTPResponse:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@app.websocket("/ws")
async def session(request: Request, websocket: Any) -> None:
    """Give back what comes."""
    while (message := await websocket.recv()) is not None:
        await websocket.send(message)
