"""The whole server on socket pairs in the test's own loop, with a look at what is left behind."""

import asyncio
import contextlib
import contextvars
import socket
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVarTuple

from asgitrace.asgi import App
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Door
from asgitrace.server.service import Service

Arguments = TypeVarTuple("Arguments")
LIMIT = 20.0
"""Seconds after which a wait has failed."""


class Loop(asyncio.SelectorEventLoop):
    """Remembers its timers."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []
        self.surprises: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.surprises.append(context))

    def call_at(
        self,
        when: float,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """As always."""
        handle = super().call_at(when, callback, *args, context=context)
        if len(self.timers) > 1000:
            self.timers = self.pending()
        self.timers.append(handle)
        return handle

    def pending(self) -> list[asyncio.TimerHandle]:
        """Timers that have still to go off."""
        now = self.time()
        return [timer for timer in self.timers if not timer.cancelled() and timer.when() > now]


class Inside:
    """A server without listening sockets."""

    def __init__(self, app: App, **options: Any) -> None:
        self.loop = Loop()
        config = ServerConfig(**{"lifespan": "off", **options})
        self.service = Service(app, config, None, self.loop)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do this in the loop; then nothing may be left."""
        self.loop.timers.clear()
        result = self.loop.run_until_complete(self._watched(work))
        assert self.loop.surprises == []
        return result

    async def _watched(self, work: Coroutine[Any, Any, Any]) -> Any:
        result = await work
        await asyncio.wait_for(self.service.emptied(), LIMIT)
        # An exchange that is over takes its leave in its task's last step.
        await asyncio.sleep(0)
        assert self.service.connections == set()
        assert self.service.exchanges == {}
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert self.loop.pending() == []
        return result

    async def connect(self) -> socket.socket:
        """A connection: the client's end."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        await self.loop.connect_accepted_socket(lambda: Door(self.service), ours)
        return theirs

    async def talk(self, pieces: Sequence[bytes], *, eof: bool = True) -> bytes:
        """Send these pieces, and that no more comes; returns all until the server's end."""
        client = await self.connect()
        try:
            reader = self.loop.create_task(self._drain(client))
            with contextlib.suppress(OSError):
                for piece in pieces:
                    await self.loop.sock_sendall(client, piece)
                    await asyncio.sleep(0)
                if eof:
                    client.shutdown(socket.SHUT_WR)
            return await asyncio.wait_for(reader, LIMIT)
        finally:
            client.close()

    async def _drain(self, client: socket.socket) -> bytes:
        data = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while piece := await self.loop.sock_recv(client, 65536):
                data += piece
        return bytes(data)

    def close(self) -> None:
        """The end of the loop."""
        self.loop.close()
