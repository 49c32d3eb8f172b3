"""FastAPI: validation, upload, streaming, background tasks, WebSocket, lifespan state."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import (
    BackgroundTasks,
    FastAPI,
    HTTPException,
    Request,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field


class State(TypedDict):
    """What the lifespan gives to the requests."""

    items: dict[int, str]
    finished: list[str]
    room: set[WebSocket]


class Item(BaseModel):
    """The body of a POST."""

    name: str = Field(min_length=1)
    price: float = Field(ge=0)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Fill the state at start-up, empty it at shutdown."""
    state = State(items={1: "teapot", 2: "kettle"}, finished=[], room=set())
    yield state
    state["items"].clear()


app = FastAPI(lifespan=lifespan)


@app.get("/items/{item_id}")
async def read_item(item_id: int, request: Request) -> dict[str, object]:
    """One item, or 404; 422 where the number is none."""
    items: dict[int, str] = request.state.items
    if item_id not in items:
        raise HTTPException(404, "no such item")
    return {"id": item_id, "name": items[item_id]}


@app.post("/items", status_code=201)
async def create_item(item: Item, request: Request) -> dict[str, object]:
    """Add an item; 422 where it is not valid."""
    number = max(request.state.items, default=0) + 1
    request.state.items[number] = item.name
    return {"id": number, **item.model_dump()}


@app.post("/upload")
async def upload(file: UploadFile) -> dict[str, object]:
    """Name, size and SHA-256 of an uploaded file."""
    body = await file.read()
    return {
        "name": file.filename,
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


@app.get("/stream")
async def stream(n: int = 5) -> StreamingResponse:
    """``n`` lines, one at a time."""

    async def lines() -> AsyncIterator[bytes]:
        for number in range(n):
            yield b"line %d\n" % number
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


@app.post("/background", status_code=202)
async def background(name: str, tasks: BackgroundTasks, request: Request) -> dict[str, str]:
    """Work that goes on after the response; ``/finished`` shows when it is done."""
    finished: list[str] = request.state.finished

    async def work() -> None:
        await asyncio.sleep(0.02)
        finished.append(name)

    tasks.add_task(work)
    return {"status": "accepted"}


@app.get("/finished")
async def finished(request: Request) -> list[str]:
    """The names of the background tasks that are done."""
    names: list[str] = request.state.finished
    return names


@app.get("/sync")
def in_thread() -> dict[str, str]:
    """A handler that runs in a thread."""
    return {"ran": "in a thread"}


@app.get("/raise")
async def raise_error() -> None:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


@app.websocket("/ws/echo")
async def echo(websocket: WebSocket) -> None:
    """Give back every text message."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


@app.websocket("/ws/room")
async def room(websocket: WebSocket) -> None:
    """What one says is sent to all."""
    await websocket.accept()
    members: set[WebSocket] = websocket.state.room
    members.add(websocket)
    try:
        async for text in websocket.iter_text():
            for member in list(members):
                await member.send_text(text)
    finally:
        members.discard(websocket)


@app.websocket("/ws/raise")
async def raise_in_session(websocket: WebSocket) -> None:
    """Raises at the first message."""
    await websocket.accept()
    raise RuntimeError(await websocket.receive_text())
