"""The least a Python server can do: an asyncio protocol that writes ready-made answers.

What it costs under load is sockets, system calls and event loop; what a real server costs more is
its own."""

import asyncio
import signal
import socket
from typing import Final, cast

from benchmarks.questions import ACCEPTED, ECHO_FRAME, FRAME
from benchmarks.site_app import JSON_BODY

_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\nserver: floor\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(JSON_BODY)
) + JSON_BODY
_UPGRADED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPTED + b"\r\n\r\n"
)


class Floor(asyncio.Protocol):
    """Answers every request, or every frame, without looking at it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._frames = False
        self._rest = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer."""
        assert self._transport is not None
        if self._frames:
            count, self._rest = divmod(self._rest + len(data), len(FRAME))
            self._transport.write(ECHO_FRAME * count)
        elif b"Upgrade: websocket" in data:
            self._frames = True
            self._transport.write(_UPGRADED)
        else:
            self._transport.write(_ANSWER)


async def serve_floor(listener: socket.socket) -> None:
    """Serve until a signal ends it."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(Floor, sock=listener)
    await ended.wait()
    server.close()
