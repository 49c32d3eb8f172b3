"""Fixtures for the demo: an application call driven by hand, and a real server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any, Self, TypeAlias

import pytest
import uvicorn

from asgitrace.asgi import App, Message, Scope

PATIENCE = 30.0


class Call:
    """One application call: messages are put in and taken out one by one."""

    def __init__(self, app: App, scope: Scope) -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.send_error: OSError | None = None
        self._app = app
        self._scope = scope

    async def __aenter__(self) -> Self:
        self.task = asyncio.ensure_future(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})

    async def _run(self) -> None:
        await self._app(self._scope, self.inbox.get, self._send)

    async def _send(self, message: Message) -> None:
        if self.send_error is not None:
            raise self.send_error
        await self.outbox.put(message)

    def put(self, kind: str, **fields: object) -> None:
        """What the app is to receive next."""
        self.inbox.put_nowait({"type": kind, **fields})

    async def sent(self) -> Message:
        """The next message the app has sent."""
        async with asyncio.timeout(PATIENCE):
            return await self.outbox.get()

    async def returned(self) -> None:
        """Wait until the app has returned, or raise what it raised."""
        async with asyncio.timeout(PATIENCE):
            await self.task


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def _serving(app: App, port: int = 0) -> AsyncIterator[int]:
    settings: dict[str, Any] = {"ws": "wsproto", "log_config": None, "log_level": "critical"}
    server = _Server(uvicorn.Config(app, port=port, **settings))
    task = asyncio.ensure_future(server.serve())
    try:
        async with asyncio.timeout(PATIENCE):
            await server.ready.wait()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


Serving: TypeAlias = Callable[..., contextlib.AbstractAsyncContextManager[int]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def call() -> type[Call]:
    return Call


@pytest.fixture
def serving() -> Serving:
    """Serve an app on a port of this machine; gives the port."""
    return _serving


@pytest.fixture
def http_scope() -> Callable[..., Scope]:
    def make(method: str, target: str, **fields: object) -> Scope:
        path, _, query = target.partition("?")
        return {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [],
            **fields,
        }

    return make
