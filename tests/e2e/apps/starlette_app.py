"""Starlette: both kinds of middleware, SSE, upload, background task, WebSocket, lifespan state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket


class State(TypedDict):
    """What the lifespan gives to the requests."""

    greeting: str
    finished: list[str]
    room: set[WebSocket]


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[State]:
    """Fill the state at start-up, empty it at shutdown."""
    state = State(greeting="hello", finished=[], room=set())
    yield state
    state["finished"].clear()


class HeaderMiddleware:
    """Pure ASGI: adds a header to each response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with one header more."""

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-pure", b"1")]
            await send(message)

        await self.app(scope, receive, send_with_header)


class DispatchMiddleware(BaseHTTPMiddleware):
    """Runs the app in another task, as BaseHTTPMiddleware does."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Add a header by way of the response object."""
        response = await call_next(request)
        response.headers["x-dispatch"] = "1"
        return response


async def hello(request: Request) -> Response:
    """A greeting out of the lifespan's state."""
    return PlainTextResponse(f"{request.state.greeting} {request.path_params['name']}\n")


async def upload(request: Request) -> Response:
    """Count the pieces of the body and its bytes."""
    sizes = [len(chunk) async for chunk in request.stream() if chunk]
    return JSONResponse({"size": sum(sizes), "pieces": len(sizes)})


async def events(request: Request) -> Response:
    """Server-sent events: ``?n=`` of them."""
    count = int(request.query_params.get("n", "3"))

    async def blocks() -> AsyncIterator[str]:
        for number in range(count):
            yield f"id: {number}\nevent: tick\ndata: {number}\n\n"
            await asyncio.sleep(0)

    return StreamingResponse(blocks(), media_type="text/event-stream")


async def background(request: Request) -> Response:
    """Work that goes on after the response; ``/finished`` shows when it is done."""
    finished: list[str] = request.state.finished

    async def work() -> None:
        await asyncio.sleep(0.02)
        finished.append(request.query_params.get("name", "work"))

    return JSONResponse({"status": "accepted"}, 202, background=BackgroundTask(work))


async def show_finished(request: Request) -> Response:
    """The names of the background tasks that are done."""
    return JSONResponse(request.state.finished)


async def raise_error(request: Request) -> Response:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


async def large(request: Request) -> Response:
    """A text that GZipMiddleware compresses."""
    return PlainTextResponse("asgi " * 1000)


async def echo(websocket: WebSocket) -> None:
    """Give back text as text and bytes as bytes."""
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])


async def chat(websocket: WebSocket) -> None:
    """What one says is sent to all; ``bye`` ends the session with a code of its own."""
    members: set[WebSocket] = websocket.state.room
    await websocket.accept("chat.v1")
    members.add(websocket)
    try:
        async for text in websocket.iter_text():
            if text == "bye":
                await websocket.close(4000, "as you wish")
                return
            for member in list(members):
                await member.send_text(text)
    finally:
        members.discard(websocket)


async def refuse(websocket: WebSocket) -> None:
    """Closed before it is accepted, with a response of its own."""
    await websocket.send_denial_response(PlainTextResponse("members only\n", 401))


app = Starlette(
    routes=[
        Route("/hello/{name}", hello),
        Route("/upload", upload, methods=["POST"]),
        Route("/events", events),
        Route("/background", background, methods=["POST"]),
        Route("/finished", show_finished),
        Route("/raise", raise_error),
        Route("/large", large),
        WebSocketRoute("/ws/echo", echo),
        WebSocketRoute("/ws/chat", chat),
        WebSocketRoute("/ws/refuse", refuse),
    ],
    middleware=[
        Middleware(HeaderMiddleware),
        Middleware(DispatchMiddleware),
        Middleware(GZipMiddleware, minimum_size=1000),
    ],
    lifespan=lifespan,
)
