"""What a server can offer beside the specification's core, used as frameworks use it."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route


async def file(request: Request) -> FileResponse:
    return FileResponse(Path(__file__))


async def raw(scope: Any, receive: Any, send: Any) -> None:
    """Hints, a body in two parts, trailers."""
    await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    headers = [(b"trailer", b"digest")]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
    await send({"type": "http.response.body", "body": b"one ", "more_body": True})
    with Path(__file__).open("rb") as source:
        await send({"type": "http.response.zerocopysend", "file": source, "count": 3})
    await send({"type": "http.response.trailers", "headers": [(b"digest", b"none")]})


class Raw:
    """A class, so that Starlette takes it for an ASGI app."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await raw(scope, receive, send)


app = Starlette(routes=[Route("/file", file), Route("/raw", Raw())])
