"""Litestar, with what the matrix asks for: typed handlers, state, a stream, background tasks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Request, Response, WebSocket, get, post, websocket
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.response import Stream


async def start(app: Litestar) -> None:
    """The list of works that are done is there from start-up on."""
    app.state.finished = []


@get("/hello", media_type=MediaType.TEXT, sync_to_thread=False)
def hello(request: Request[Any, Any, Any]) -> str:
    """A greeting."""
    return f"hello {request.query_params['name']}\n"


@get("/stream")
async def stream() -> Stream:
    """Five pieces."""

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            yield f"line {number}\n"
            await asyncio.sleep(0)

    return Stream(lines(), media_type=MediaType.TEXT)


@get("/started", media_type=MediaType.TEXT)
async def started(state: State) -> str:
    """Whether start-up ran."""
    return "yes\n" if "finished" in state else "no\n"


@post("/background", status_code=202)
async def background(state: State) -> Response[str]:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        state.finished.append("work")

    return Response("accepted\n", media_type=MediaType.TEXT, background=BackgroundTask(work))


@get("/finished", media_type=MediaType.TEXT)
async def finished(state: State) -> str:
    """Whether work was done."""
    return "yes\n" if state.finished else "no\n"


@post("/upload", status_code=200, media_type=MediaType.TEXT)
async def upload(request: Request[Any, Any, Any]) -> str:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        size += len(piece)
    return f"{size} {digest.hexdigest()}"


@get("/raise")
async def raise_error() -> None:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@websocket("/ws")
async def session(socket: WebSocket[Any, Any, Any]) -> None:
    """Give back what comes."""
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text == "close":
            await socket.close(4002, "as you wish")
            return
        if text == "raise":
            raise RuntimeError("the session raised")
        if text is not None:
            await socket.send_text(text)
        else:
            await socket.send_bytes(message["bytes"] or b"")


app = Litestar(
    [hello, stream, started, background, finished, upload, raise_error, session],
    on_startup=[start],
    request_max_body_size=None,
    openapi_config=None,
)
