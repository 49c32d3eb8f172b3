"""Ravyn, which was Esmerald, with what the matrix asks for: gateways, typed parameters, background
tasks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

from lilya.responses import PlainText, StreamingResponse
from ravyn import File, Gateway, Ravyn, UploadFile, WebSocketGateway, get, post, websocket
from ravyn.background import BackgroundTask
from ravyn.websockets import WebSocket

_started: list[str] = []
_finished: list[str] = []


async def start() -> None:
    """Note that the app was started."""
    _started.append("started")


@get("/hello")
async def hello(name: str) -> Any:
    """A greeting."""
    return PlainText(f"hello {name}\n")


@get("/stream")
async def stream() -> Any:
    """Five pieces."""

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            yield f"line {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


@get("/started")
async def started() -> Any:
    """Whether start-up ran."""
    return PlainText("yes\n" if _started else "no\n")


@post("/background")
async def background() -> Any:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    return PlainText("accepted\n", 202, background=BackgroundTask(work))


@get("/finished")
async def finished() -> Any:
    """Whether work was done."""
    return PlainText("yes\n" if _finished else "no\n")


@post("/upload")
async def upload(data: UploadFile = File()) -> Any:  # noqa: B008
    """Size and hash of a form's file."""
    content = await data.read()
    return PlainText(f"{len(content)} {hashlib.sha256(content).hexdigest()}")


@get("/raise")
async def raise_error() -> Any:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@websocket("/ws")
async def session(socket: WebSocket) -> None:
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
            await socket.send_bytes(message["bytes"])


_HANDLERS = (hello, stream, started, background, finished, upload, raise_error)

app = Ravyn(
    routes=[*(Gateway(handler=each) for each in _HANDLERS), WebSocketGateway(handler=session)],
    on_startup=[start],
)
