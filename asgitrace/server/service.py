"""What all connections of one server share."""

import asyncio
import contextvars
from typing import Any, Protocol

from asgitrace.asgi import App
from asgitrace.server.config import ServerConfig
from asgitrace.server.defaults import DefaultHeaders
from asgitrace.server.flow import Waiters
from asgitrace.server.forwarded import TrustedPeers
from asgitrace.server.heads import ResponseHeads
from asgitrace.server.refusals import RefusalLog
from asgitrace.server.scope import Mount
from asgitrace.server.tls import TlsFacts
from asgitrace.wire import WireLog


class Exchange(Protocol):
    """One call of the app."""

    async def run(self, app: App) -> None:
        """Call the app."""


class Closable(Protocol):
    """One connection, as the server sees it when it goes down."""

    def shutdown(self) -> None:
        """Close as soon as nothing is in flight."""

    def abort(self) -> None:
        """Close at once."""


class Service:
    """The app, the options, and everything that is alive."""

    __slots__ = (
        "_changed",
        "_context",
        "app",
        "closing",
        "config",
        "connections",
        "exchanges",
        "heads",
        "loop",
        "mount",
        "refusals",
        "state",
        "tls",
        "trusted",
        "wire",
    )

    def __init__(
        self,
        app: App,
        config: ServerConfig,
        state: dict[str, Any] | None,
        loop: asyncio.AbstractEventLoop,
        wire: WireLog | None = None,
        tls: TlsFacts | None = None,
    ) -> None:
        self.app = app
        self.wire = wire
        self.tls = tls
        self.config = config
        self.state = state
        self.loop = loop
        self.mount = Mount.at(config.root_path)
        self.trusted = (
            TrustedPeers.parse(config.forwarded_allow_ips) if config.proxy_headers else None
        )
        self.heads = ResponseHeads(DefaultHeaders())
        self.refusals = RefusalLog(loop.time)
        self.connections: set[Closable] = set()
        self.exchanges: dict[Exchange, asyncio.Task[None]] = {}
        self.closing = False
        # Every request starts from this one: a task made in a transport's callback would otherwise
        # see the context variables of whichever app last resumed reading from that transport.
        self._context = contextvars.copy_context()
        self._changed = Waiters()

    def start(self, exchange: Exchange) -> None:
        """Run the app for an exchange, in a task of its own."""
        self.exchanges[exchange] = self.loop.create_task(
            exchange.run(self.app), context=self._context.copy()
        )

    def ended(self, exchange: Exchange) -> None:
        """An exchange is over."""
        del self.exchanges[exchange]
        self._changed.wake()

    def opened(self, connection: Closable) -> None:
        """A connection was accepted."""
        self.connections.add(connection)
        if self.closing:
            connection.shutdown()

    def lost(self, connection: Closable) -> None:
        """A connection is closed."""
        self.connections.discard(connection)
        self._changed.wake()

    def close(self) -> None:
        """Begin to go down: idle connections close, the others when their exchange is over."""
        self.closing = True
        self.refusals.flush()
        for connection in list(self.connections):
            connection.shutdown()

    async def emptied(self) -> None:
        """Wait until nothing is alive any more."""
        # A task that is cancelled before its first step never gets to say that it is over.
        while self.connections or not all(task.done() for task in self.exchanges.values()):
            await self._changed.wait()

    def abort(self) -> None:
        """End at once what is alive."""
        for task in self.exchanges.values():
            task.cancel()
        for connection in list(self.connections):
            connection.abort()
