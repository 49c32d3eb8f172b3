"""Django with Channels: the views of Django's app, and consumers, one of which broadcasts through a
channel layer."""

# Channels has no types of its own.
# mypy: disable-error-code="import-untyped, misc"

from typing import Any

# First of all, since it configures Django.
from tests.frameworks.apps.django_app import app as django_application  # isort: skip

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class Session(AsyncWebsocketConsumer):
    """Gives back what comes."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send what was received, or end as it says."""
        if text_data == "close":
            await self.close(4002, "as you wish")
        elif text_data == "raise":
            raise RuntimeError("the session raised")
        else:
            await self.send(text_data=text_data, bytes_data=bytes_data)


class Chat(AsyncWebsocketConsumer):
    """What one says is sent to the group."""

    async def connect(self) -> None:
        """Join the group."""
        await self.accept()
        await self.channel_layer.group_add("chat", self.channel_name)
        await self.send("joined")

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard("chat", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Tell all."""
        await self.channel_layer.group_send("chat", {"type": "said", "text": text_data})

    async def said(self, event: dict[str, Any]) -> None:
        """Somebody said something."""
        await self.send(text_data=event["text"])


app = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter([path("ws", Session.as_asgi()), path("chat", Chat.as_asgi())]),
    }
)
