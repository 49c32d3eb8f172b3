"""Falcon's ASGI app, with what the matrix asks for: resources, scheduled work, media of its own for
sessions."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import falcon
from falcon import asgi, media

_TEXT = falcon.MEDIA_TEXT
_started: list[str] = []
_finished: list[str] = []


class Start:
    """Middleware that takes part in the lifespan."""

    async def process_startup(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Note that the app was started."""
        _started.append("started")


class Hello:
    """A greeting."""

    async def on_get(self, request: asgi.Request, response: asgi.Response) -> None:
        """In plain text."""
        response.content_type = _TEXT
        response.text = f"hello {request.get_param('name')}\n"


class Stream:
    """Five pieces."""

    async def on_get(self, request: asgi.Request, response: asgi.Response) -> None:
        """From an asynchronous generator."""

        async def lines() -> AsyncIterator[bytes]:
            for number in range(5):
                yield b"line %d\n" % number
                await asyncio.sleep(0)

        response.content_type = _TEXT
        response.stream = lines()


class Told:
    """Whether something has happened."""

    def __init__(self, happened: list[str]) -> None:
        self._happened = happened

    async def on_get(self, request: asgi.Request, response: asgi.Response) -> None:
        """Yes or no."""
        response.content_type = _TEXT
        response.text = "yes\n" if self._happened else "no\n"


class Background:
    """Work after the response."""

    async def on_post(self, request: asgi.Request, response: asgi.Response) -> None:
        """Schedule it."""

        async def work() -> None:
            await asyncio.sleep(0.02)
            _finished.append("work")

        response.schedule(work)
        response.status = falcon.HTTP_202
        response.content_type = _TEXT
        response.text = "accepted\n"


class Upload:
    """What was uploaded."""

    async def on_post(self, request: asgi.Request, response: asgi.Response) -> None:
        """Size and hash, piece by piece."""
        digest, size = hashlib.sha256(), 0
        async for piece in request.stream:
            digest.update(piece)
            size += len(piece)
        response.content_type = _TEXT
        response.text = f"{size} {digest.hexdigest()}"


class Raise:
    """A responder that raises."""

    async def on_get(self, request: asgi.Request, response: asgi.Response) -> None:
        """Raise."""
        raise RuntimeError("the handler raised")


class Session:
    """A WebSocket."""

    async def on_websocket(self, request: asgi.Request, websocket: asgi.WebSocket) -> None:
        """Give back what comes."""
        await websocket.accept()
        while True:
            try:
                message: Any = await websocket.receive_media()
            except falcon.WebSocketDisconnected:
                return
            if message == "close":
                await websocket.close(4002, "as you wish")
                return
            if message == "raise":
                raise RuntimeError("the session raised")
            if isinstance(message, str):
                await websocket.send_text(message)
            else:
                await websocket.send_data(message)


class Text(media.TextBaseHandlerWS):
    """Text as it is."""

    def serialize(self, media: object) -> str:
        """As it is."""
        return str(media)

    def deserialize(self, payload: str) -> object:
        """As it is."""
        return payload


class Data(media.BinaryBaseHandlerWS):
    """Bytes as they are."""

    def serialize(self, media: object) -> bytes:
        """As they are."""
        return bytes(media)  # type: ignore[call-overload, no-any-return]

    def deserialize(self, payload: bytes) -> object:
        """As they are."""
        return payload


_middleware: Any = [Start()]
app = asgi.App(middleware=_middleware)
app.ws_options.media_handlers[falcon.WebSocketPayloadType.TEXT] = Text()
app.ws_options.media_handlers[falcon.WebSocketPayloadType.BINARY] = Data()
for path, resource in {
    "/hello": Hello(),
    "/stream": Stream(),
    "/started": Told(_started),
    "/background": Background(),
    "/finished": Told(_finished),
    "/upload": Upload(),
    "/raise": Raise(),
    "/ws": Session(),
}.items():
    app.add_route(path, resource)
