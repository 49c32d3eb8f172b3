"""Django with Channels: views, an upload, a stream, consumers in a group; no lifespan."""

# Django and Channels have no types of their own.
# mypy: disable-error-code="import-untyped, misc"

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()

# Behind the configuration, which importing them reads.
import json  # noqa: E402

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import (  # noqa: E402
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import path  # noqa: E402


async def items(request: HttpRequest) -> HttpResponse:
    """A list; POST adds to it, 422 where it has no name."""
    if request.method == "GET":
        return JsonResponse({"items": ["teapot", "kettle"]})
    item = json.loads(request.body)
    if not item.get("name"):
        return JsonResponse({"error": "name is missing"}, status=422)
    return JsonResponse(item, status=201)


def in_thread(request: HttpRequest) -> HttpResponse:
    """A synchronous view, which Django runs in a thread."""
    return HttpResponse("from a thread\n", content_type="text/plain")


async def upload(request: HttpRequest) -> HttpResponse:
    """Name, size and SHA-256 of an uploaded file."""
    file = request.FILES["file"]
    digest, size = hashlib.sha256(), 0
    for chunk in file.chunks():
        digest.update(chunk)
        size += len(chunk)
    return JsonResponse({"name": file.name, "size": size, "sha256": digest.hexdigest()})


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """``?n=`` lines, one at a time."""

    async def lines() -> AsyncIterator[bytes]:
        for number in range(int(request.GET.get("n", "5"))):
            yield b"line %d\n" % number

    return StreamingHttpResponse(lines(), content_type="text/plain")


async def raise_error(request: HttpRequest) -> HttpResponse:
    """A view that raises: Django makes it a response of 500."""
    raise RuntimeError("the view raised")


class Echo(AsyncWebsocketConsumer):
    """Gives back text as text and bytes as bytes."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send what was received."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


class Room(AsyncWebsocketConsumer):
    """What one says is sent to all; ``raise`` raises."""

    async def connect(self) -> None:
        """Join the group."""
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Tell all."""
        if text_data == "raise":
            raise RuntimeError("the consumer raised")
        await self.channel_layer.group_send("room", {"type": "said", "text": text_data})

    async def said(self, event: dict[str, Any]) -> None:
        """Somebody said something."""
        await self.send(text_data=event["text"])


urlpatterns = [
    path("items", items),
    path("thread", in_thread),
    path("upload", upload),
    path("stream", stream),
    path("raise", raise_error),
]

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/room", Room.as_asgi()), path("ws/echo", Echo.as_asgi())]),
    }
)
