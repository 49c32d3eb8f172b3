"""A WebSocket client that costs little: frames made once, replies counted by their bytes."""

import asyncio
from typing import Final

from benchmarks.apps import WS_PAYLOAD
from benchmarks.load import Load

_CONNECTIONS: Final = 8
_TIMEOUT: Final = 10.0
_MASK: Final = b"\x37\xfa\x21\x3d"
_FRAME: Final = (
    bytes([0x82, 0x80 | len(WS_PAYLOAD)])
    + _MASK
    + bytes(byte ^ _MASK[at % 4] for at, byte in enumerate(WS_PAYLOAD))
)
_REPLY: Final = bytes([0x82, len(WS_PAYLOAD)]) + WS_PAYLOAD
_HANDSHAKE: Final = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class EchoClient(asyncio.Protocol):
    """One connection: sends a batch, awaits all its echoes, sends the next."""

    def __init__(self, batch: int) -> None:
        self._frames = _FRAME * batch
        self._expected = len(_REPLY) * batch
        self._batch = batch
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._received = 0
        self._echoing = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failure: str | None = None
        self.echoes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Count, once the first echo was seen to be one."""
        if not self._echoing:
            self._begin(data)
            return
        self._received += len(data)
        if self._received >= self._expected:
            self.echoes += self._batch
            self._received -= self._expected
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server ended it, or we did."""
        self._fail("the server closed the connection")

    def send(self) -> None:
        """Send one batch."""
        if self._transport is not None:
            self._transport.write(self._frames)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _begin(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 101"):
            self._fail("the server refused the WebSocket")
        elif not self.opened.done():
            self.opened.set_result(None)
        if len(rest) >= self._expected:
            if rest != _REPLY * self._batch:
                self._fail("what came back is no echo")
                return
            self._echoing = True
            self.send()

    def _fail(self, reason: str) -> None:
        if self._transport is not None:
            self.failure = reason
        if not self.opened.done():
            self.opened.set_result(None)


def echo(batch: int, seconds: float, port: int) -> Load:
    """Echoes of 64 bytes on eight connections, ``batch`` at a time on each. Raises RuntimeError."""
    return asyncio.run(_echo(batch, seconds, port))


async def _echo(batch: int, seconds: float, port: int) -> Load:
    loop = asyncio.get_running_loop()
    clients: list[EchoClient] = []
    try:
        async with asyncio.timeout(_TIMEOUT + seconds):
            for _ in range(_CONNECTIONS):
                _, client = await loop.create_connection(
                    lambda: EchoClient(batch), "127.0.0.1", port
                )
                clients.append(client)
                await client.opened
            started = loop.time()
            for client in clients:
                client.send()
            await asyncio.sleep(seconds)
            done, elapsed = sum(client.echoes for client in clients), loop.time() - started
    finally:
        for client in clients:
            client.close()
    failures = [client.failure for client in clients if client.failure]
    if failures or not done:
        raise RuntimeError(f"the echo failed: {failures[0] if failures else 'nothing came back'}")
    return Load(done, done / elapsed)
