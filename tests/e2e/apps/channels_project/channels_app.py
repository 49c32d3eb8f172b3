"""Django with Channels in one file: views of both kinds, an echo and a broadcast consumer."""

# Django and Channels have no types of their own.
# mypy: disable-error-code="import-untyped, misc"

from collections.abc import Awaitable, Callable
from typing import Any

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="for-tests-only",
    ALLOWED_HOSTS=["127.0.0.1", "localhost", "[::1]", "testserver"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["channels"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    USE_TZ=True,
)
django.setup()

# What follows needs the settings.
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

GROUP = "everyone"


async def async_view(request: HttpRequest, number: int) -> HttpResponse:
    """Runs in the event loop."""
    return JsonResponse({"view": "async", "number": number})


def sync_view(request: HttpRequest) -> HttpResponse:
    """Runs in a thread; gives the request's body back."""
    return HttpResponse(request.body, content_type="application/octet-stream")


def raising_view(request: HttpRequest) -> HttpResponse:
    """Raises; Django answers 500."""
    raise RuntimeError("the view raised")


class EchoConsumer(AsyncWebsocketConsumer):
    """Gives back text as text and bytes as bytes."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send what was received."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


class BroadcastConsumer(AsyncWebsocketConsumer):
    """Passes text on to everyone by way of the channel layer."""

    async def connect(self) -> None:
        """Join the group, then accept: who is accepted hears everything."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hand the text to the group."""
        await self.channel_layer.group_send(GROUP, {"type": "group.message", "text": text_data})

    async def group_message(self, event: dict[str, Any]) -> None:
        """A message of the group: send it to this member."""
        await self.send(text_data=event["text"])


urlpatterns = [
    path("async/<int:number>", async_view),
    path("sync", sync_view),
    path("raise", raising_view),
]

application: Callable[..., Awaitable[Any]] = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter(
            [
                path("ws/echo", EchoConsumer.as_asgi()),
                path("ws/broadcast", BroadcastConsumer.as_asgi()),
            ]
        ),
    }
)
