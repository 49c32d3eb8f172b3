"""Django's own ASGI application: views, a stream, a form with a file; it has neither WebSocket nor
lifespan."""

# Django has no types of its own.
# mypy: disable-error-code="import-untyped, misc"

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()

# Behind the configuration, which importing them reads.
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

_TEXT = "text/plain"
_finished: list[str] = []
_tasks: set[asyncio.Task[None]] = set()


async def hello(request: HttpRequest) -> HttpResponse:
    """A greeting."""
    return HttpResponse(f"hello {request.GET['name']}\n", content_type=_TEXT)


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Five pieces."""

    async def lines() -> AsyncIterator[bytes]:
        for number in range(5):
            yield b"line %d\n" % number
            await asyncio.sleep(0)

    return StreamingHttpResponse(lines(), content_type=_TEXT)


async def background(request: HttpRequest) -> HttpResponse:
    """Work after the response, in a task: Django has no means of its own for it."""

    async def work() -> None:
        await asyncio.sleep(0.02)
        _finished.append("work")

    task = asyncio.create_task(work())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return HttpResponse("accepted\n", content_type=_TEXT, status=202)


def finished(request: HttpRequest) -> HttpResponse:
    """Whether work was done; a synchronous view, which runs in a thread."""
    return HttpResponse("yes\n" if _finished else "no\n", content_type=_TEXT)


async def upload(request: HttpRequest) -> HttpResponse:
    """Size and hash, piece by piece."""
    file: Any = request.FILES["file"]
    digest, size = hashlib.sha256(), 0
    for piece in file.chunks():
        digest.update(piece)
        size += len(piece)
    return HttpResponse(f"{size} {digest.hexdigest()}", content_type=_TEXT)


async def raise_error(request: HttpRequest) -> HttpResponse:
    """A view that raises."""
    raise RuntimeError("the handler raised")


urlpatterns = [
    path("hello", hello),
    path("stream", stream),
    path("background", background),
    path("finished", finished),
    path("upload", upload),
    path("raise", raise_error),
]

app = get_asgi_application()
