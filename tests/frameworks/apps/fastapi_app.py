"""FastAPI, with what the matrix asks for: a dependency, a form with a file, background tasks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Request, UploadFile, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, list[str]]]:
    """The list of works that are done is there from start-up on."""
    yield {"finished": []}


app = FastAPI(lifespan=lifespan)


async def works(request: Request) -> list[str]:
    """A dependency: the works that are done."""
    finished: list[str] = request.state.finished
    return finished


Works = Annotated[list[str], Depends(works)]


@app.get("/hello", response_class=PlainTextResponse)
async def hello(name: str) -> str:
    """A greeting, with a parameter that is validated."""
    return f"hello {name}\n"


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Five pieces."""

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            yield f"line {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/started", response_class=PlainTextResponse)
async def started(finished: Works) -> str:
    """Whether start-up ran."""
    return "yes\n"


@app.post("/background", status_code=202, response_class=PlainTextResponse)
async def background(finished: Works, tasks: BackgroundTasks) -> str:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        finished.append("work")

    tasks.add_task(work)
    return "accepted\n"


@app.get("/finished", response_class=PlainTextResponse)
def show_finished(finished: Works) -> str:
    """Whether work was done; not a coroutine, so it runs in a thread."""
    return "yes\n" if finished else "no\n"


@app.post("/upload", response_class=PlainTextResponse)
async def upload(file: UploadFile) -> str:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    while piece := await file.read(65536):
        digest.update(piece)
        size += len(piece)
    return f"{size} {digest.hexdigest()}"


@app.get("/raise")
async def raise_error() -> None:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@app.websocket("/ws")
async def session(websocket: WebSocket) -> None:
    """Give back what comes."""
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        match message.get("text"):
            case "close":
                return await websocket.close(4002, "as you wish")
            case "raise":
                raise RuntimeError("the session raised")
            case None:
                await websocket.send_bytes(message["bytes"])
            case text:
                await websocket.send_text(text)
    return None
