"""BlackSheep, with what the matrix asks for: handlers called by their annotations, streamed
content, sessions."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from blacksheep import (
    Application,
    Request,
    Response,
    StreamedContent,
    WebSocket,
    WebSocketDisconnectError,
    text,
)
from blacksheep.server.routing import Router

_finished: list[str] = []
_tasks: set[asyncio.Task[None]] = set()

app = Application(router=Router())
_started: list[str] = []
get, post, ws = app.router.get, app.router.post, app.router.ws


@app.on_start
async def start(application: Application) -> None:
    """Note that the app was started."""
    _started.append("started")


@get("/hello")
async def hello(name: str) -> Response:
    """A greeting."""
    return text(f"hello {name}\n")


@get("/stream")
async def stream() -> Response:
    """Five pieces."""

    async def lines() -> AsyncIterator[bytes]:
        for number in range(5):
            yield b"line %d\n" % number
            await asyncio.sleep(0)

    return Response(200, content=StreamedContent(b"text/plain", lines))


@get("/started")
async def started() -> Response:
    """Whether start-up ran."""
    return text("yes\n" if _started else "no\n")


@post("/background")
async def background() -> Response:
    """Work after the response, in a task: BlackSheep has no means of its own for it."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    task = asyncio.create_task(work())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return text("accepted\n", 202)


@get("/finished")
async def finished() -> Response:
    """Whether work was done."""
    return text("yes\n" if _finished else "no\n")


@post("/upload")
async def upload(request: Request) -> Response:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        size += len(piece)
    return text(f"{size} {digest.hexdigest()}")


@get("/raise")
async def raise_error() -> Response:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@ws("/ws")
async def session(websocket: WebSocket) -> None:
    """Give back what comes."""
    await websocket.accept()
    try:
        while True:
            message = await websocket.receive()
            if message.get("text") == "close":
                await websocket.close(4002, "as you wish")
                return
            if message.get("text") == "raise":
                raise RuntimeError("the session raised")
            if message.get("text") is not None:
                await websocket.send_text(message["text"])
            else:
                await websocket.send_bytes(message["bytes"])
    except WebSocketDisconnectError:
        return
