"""Connexion, with what the matrix asks for: an OpenAPI document, of which the paths are served by
functions of this module."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connexion import AsyncApp, ConnexionMiddleware, request
from connexion.resolver import Resolver
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse

_started: list[str] = []
_finished: list[str] = []


@asynccontextmanager
async def lifespan(_: ConnexionMiddleware) -> AsyncIterator[None]:
    """Note that the app was started."""
    _started.append("started")
    yield


async def hello(name: str) -> Response:
    """A greeting."""
    return PlainTextResponse(f"hello {name}\n")


async def stream() -> Response:
    """Five pieces."""

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            yield f"line {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


async def started() -> Response:
    """Whether start-up ran."""
    return PlainTextResponse("yes\n" if _started else "no\n")


async def background() -> Response:
    """Work after the response."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    return PlainTextResponse("accepted\n", 202, background=BackgroundTask(work))


async def finished() -> Response:
    """Whether work was done."""
    return PlainTextResponse("yes\n" if _finished else "no\n")


async def upload() -> Response:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        size += len(piece)
    return PlainTextResponse(f"{size} {digest.hexdigest()}")


async def raise_error() -> Response:
    """A handler that raises."""
    raise RuntimeError("the handler raised")


def _operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "responses": {"default": {"description": "text"}}, **more}


_NAME = {"name": "name", "in": "query", "required": True, "schema": {"type": "string"}}
_FILE = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
}
_DOCUMENT = {
    "openapi": "3.0.0",
    "info": {"title": "matrix", "version": "1"},
    "paths": {
        "/hello": {"get": _operation("hello", parameters=[_NAME])},
        "/stream": {"get": _operation("stream")},
        "/started": {"get": _operation("started")},
        "/background": {"post": _operation("background")},
        "/finished": {"get": _operation("finished")},
        "/upload": {"post": _operation("upload", requestBody=_FILE)},
        "/raise": {"get": _operation("raise_error")},
    },
}

app = AsyncApp(__name__, lifespan=lifespan)
app.add_api(_DOCUMENT, resolver=Resolver(lambda name: getattr(sys.modules[__name__], name)))
