"""Starlette, with what the matrix asks for."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket


class State(TypedDict):
    """What the lifespan gives to the requests."""

    finished: list[str]


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[State]:
    """The list of works that are done is there from start-up on."""
    yield State(finished=[])


async def hello(request: Request) -> Response:
    """A greeting."""
    return PlainTextResponse(f"hello {request.query_params['name']}\n")


async def stream(request: Request) -> Response:
    """Five pieces."""

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            yield f"line {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


async def started(request: Request) -> Response:
    """Whether start-up ran."""
    return PlainTextResponse("yes\n" if hasattr(request.state, "finished") else "no\n")


async def background(request: Request) -> Response:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        request.state.finished.append("work")

    return PlainTextResponse("accepted\n", 202, background=BackgroundTask(work))


async def finished(request: Request) -> Response:
    """Whether work was done."""
    return PlainTextResponse("yes\n" if request.state.finished else "no\n")


async def upload(request: Request) -> Response:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        size += len(piece)
    return PlainTextResponse(f"{size} {digest.hexdigest()}")


async def raise_error(request: Request) -> Response:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


async def session(websocket: WebSocket) -> None:
    """Give back what comes."""
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text == "close":
            await websocket.close(4002, "as you wish")
            return
        if text == "raise":
            raise RuntimeError("the session raised")
        if text is not None:
            await websocket.send_text(text)
        else:
            await websocket.send_bytes(message["bytes"])


app = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/stream", stream),
        Route("/started", started),
        Route("/background", background, methods=["POST"]),
        Route("/finished", finished),
        Route("/upload", upload, methods=["POST"]),
        Route("/raise", raise_error),
        WebSocketRoute("/ws", session),
    ],
    lifespan=lifespan,
)
