"""Where the visitors of the demo go, and the bytes on the way there."""

import asyncio
import contextlib
import ipaddress
import socket
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from asgitrace.errors import AddressError

PATIENCE = 30.0
"""Seconds to wait for a connection, or for the next bytes of a response."""

READ_SIZE = 65_536


class ServerGone(ConnectionError):
    """The server closed the connection, or spoke no HTTP, before the response was complete."""


@dataclass(frozen=True, slots=True)
class Target:
    """The server to visit."""

    host: str
    port: int

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read ``http://host:port``; only loopback hosts are let through."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 80
        except ValueError as error:
            raise AddressError(f"{url!r} cannot be read: {error}") from None
        if parts.scheme != "http" or not host:
            raise AddressError(f"{url!r} is no http URL: give one like http://127.0.0.1:8000")
        if not _is_loopback(host):
            raise AddressError(f"{host!r} is not this machine: give a loopback host, 127.0.0.1")
        return cls(host, port)

    @property
    def authority(self) -> str:
        """``host:port`` as the Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(slots=True)
class Stream:
    """A TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, target: Target, receive_buffer: int | None = None) -> Self:
        """Connect; a small ``receive_buffer`` lets a slow reader be felt by the server."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(
                target.host, target.port, limit=receive_buffer or READ_SIZE
            )
        if receive_buffer is not None:
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer
            )
        return cls(reader, writer)

    async def write(self, data: bytes) -> None:
        """Send, and wait while the transport's buffer is full."""
        self.writer.write(data)
        await self.writer.drain()

    async def close(self) -> None:
        """Close in order."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def abort(self) -> None:
        """Hang up."""
        self.writer.transport.abort()
