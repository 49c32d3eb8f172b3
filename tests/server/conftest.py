"""A server on a loopback port inside the test's own loop, and a client that speaks raw bytes."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from asgitrace.asgi import App
from asgitrace.server import Server, ServerConfig, bind
from asgitrace.wire import WireLog

LIMIT = 20.0
"""Seconds after which a wait in a test has failed."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Peer:
    """A client that sends what it is told to, byte for byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def read(self, count: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(count), LIMIT)

    async def until(self, end: bytes) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(end), LIMIT)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        return await asyncio.wait_for(self.reader.read(), LIMIT)

    async def head(self) -> Reply:
        lines = (await self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:-2])
        return Reply(int(lines[0].split(" ")[1]), headers, b"")

    async def reply(self, *, bodiless: bool = False) -> Reply:
        reply = await self.head()
        if bodiless:
            return reply
        if reply.headers.get("transfer-encoding") == "chunked":
            while size := int(await self.until(b"\r\n"), 16):
                reply.body += (await self.read(size + 2))[:-2]
            await self.read(2)
        elif "content-length" in reply.headers:
            reply.body = await self.read(int(reply.headers["content-length"]))
        else:
            reply.body = await self.rest()
        return reply

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@dataclass(slots=True)
class Running:
    server: Server
    task: asyncio.Task[None]
    address: Any
    peers: list[Peer] = field(default_factory=list)

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.address[1]}"

    async def connect(self, tls: ssl.SSLContext | None = None) -> Peer:
        if isinstance(self.address, str):
            streams = await asyncio.open_unix_connection(self.address)
        else:
            host, port = self.address[:2]
            name = "localhost" if tls else None
            streams = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name)
        self.peers.append(Peer(*streams))
        return self.peers[-1]

    async def get(self, request: bytes) -> Reply:
        """The reply to one request on a connection of its own."""
        peer = await self.connect()
        await peer.send(request)
        return await peer.reply(bodiless=request.startswith(b"HEAD"))

    async def stop(self) -> None:
        self.server.shutdown()
        await asyncio.wait_for(asyncio.shield(self.task), LIMIT)


@contextlib.asynccontextmanager
async def _serving(app: App, wire: WireLog | None = None, **options: Any) -> AsyncIterator[Running]:
    config = ServerConfig(**{"port": 0, "lifespan": "off", **options})
    sock = bind(config)
    address = sock.getsockname()
    loop = asyncio.get_running_loop()
    surprises: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: surprises.append(context))
    ready = asyncio.Event()
    server = Server(app, config, [sock], wire=wire, on_ready=ready.set, handle_signals=False)
    task = asyncio.create_task(server.serve())
    waiter = asyncio.create_task(ready.wait())
    await asyncio.wait((task, waiter), timeout=LIMIT, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    if task.done():
        task.result()
    running = Running(server, task, address)
    try:
        yield running
    finally:
        for peer in running.peers:
            await peer.close()
        if not task.done():
            await running.stop()
    assert surprises == []


@pytest.fixture
def serving() -> Callable[..., contextlib.AbstractAsyncContextManager[Running]]:
    """``async with serving(app, wire=…, **options) as running``."""
    return _serving
