"""Running a server: lifespan, listening sockets, signals, and going down in order."""

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from asgitrace.asgi import App
from asgitrace.server.config import ServerConfig
from asgitrace.server.connection import Door
from asgitrace.server.lifespan import Lifespan
from asgitrace.server.service import Service
from asgitrace.server.tls import HANDSHAKE_TIMEOUT, SHUTDOWN_TIMEOUT, TlsFacts, load_tls
from asgitrace.wire import WireLog

logger = logging.getLogger("asgitrace.server")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_CANCEL_TIMEOUT: Final = 2.0
"""Seconds a cancelled app has to end; one that swallows its cancellation is left behind."""


async def serve(
    app: App,
    config: ServerConfig,
    sockets: Sequence[socket.socket],
    *,
    wire: WireLog | None = None,
    on_ready: Callable[[], None] | None = None,
    handle_signals: bool = True,
) -> None:
    """Serve `app` on bound sockets until a signal ends it. The sockets are closed at the end.

    `wire` is told what happens on the connections.
    """
    server = Server(
        app, config, sockets, wire=wire, on_ready=on_ready, handle_signals=handle_signals
    )
    await server.serve()


class Server:
    """One run of a server."""

    def __init__(
        self,
        app: App,
        config: ServerConfig,
        sockets: Sequence[socket.socket],
        *,
        wire: WireLog | None = None,
        on_ready: Callable[[], None] | None = None,
        handle_signals: bool = True,
    ) -> None:
        self._app = app
        self._wire = wire
        self._config = config
        self._sockets = sockets
        self._on_ready = on_ready
        self._handle_signals = handle_signals
        self._asked = asyncio.Event()
        self._forced = asyncio.Event()

    def shutdown(self) -> None:
        """Ask for a graceful end; asked a second time, end at once."""
        if self._asked.is_set():
            self._forced.set()
        self._asked.set()

    async def serve(self) -> None:
        """Run until asked to stop. Raises `StartupFailed` if the app cannot start."""
        lifespan = Lifespan(self._app, self._config.lifespan)
        try:
            tls = load_tls(self._config)
            with self._signals():
                if await _unless(self._asked, lifespan.startup()):
                    await self._run(lifespan.state, tls)
                    await self._shut_down(lifespan)
        finally:
            for sock in self._sockets:
                sock.close()
            await lifespan.stop()

    async def _run(self, state: dict[str, Any] | None, tls: ssl.SSLContext | None) -> None:
        config, loop = self._config, asyncio.get_running_loop()
        facts = None
        if tls is not None and config.ssl_certfile is not None:
            facts = TlsFacts(tls, config.ssl_certfile)
        service = Service(self._app, config, state, loop, self._wire, facts)
        listeners: list[asyncio.Server] = []
        try:
            listeners.extend([await _listen(service, sock, tls) for sock in self._sockets])
            if self._on_ready is not None:
                self._on_ready()
            await self._asked.wait()
            _close(listeners)
            await self._finish(service)
        finally:
            _close(listeners)
            await _cancel(service)

    async def _finish(self, service: Service) -> None:
        """Let what is in flight finish within the limit."""
        service.close()
        limit = self._config.timeout_graceful_shutdown
        try:
            async with asyncio.timeout(limit):
                await _unless(self._forced, service.emptied())
        except TimeoutError:
            logger.warning(
                "%d exchanges were not over after %g seconds and are cancelled",
                len(service.exchanges),
                limit,
            )

    async def _shut_down(self, lifespan: Lifespan) -> None:
        """Let the app clean up, for as long as exchanges had to finish."""
        limit = self._config.timeout_graceful_shutdown
        try:
            async with asyncio.timeout(limit):
                await _unless(self._forced, lifespan.shutdown())
        except TimeoutError:
            logger.error("The app's shutdown was not over after %g seconds", limit)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        if not self._handle_signals or threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        previous = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.shutdown)
        try:
            yield
        finally:
            for number, handler in previous.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)


async def _listen(
    service: Service, sock: socket.socket, tls: ssl.SSLContext | None
) -> asyncio.Server:
    loop, backlog = service.loop, service.config.backlog

    def door() -> Door:
        return Door(service)

    options: dict[str, Any] = {}
    if tls is not None:
        options["ssl_handshake_timeout"] = HANDSHAKE_TIMEOUT
        options["ssl_shutdown_timeout"] = SHUTDOWN_TIMEOUT
    if sock.family != socket.AF_UNIX:
        return await loop.create_server(door, sock=sock, ssl=tls, backlog=backlog, **options)
    if sys.version_info >= (3, 13) and isinstance(loop, asyncio.BaseEventLoop):
        # The file belongs to whoever bound the socket, who may serve it again.
        options["cleanup_socket"] = False
    return await loop.create_unix_server(door, sock=sock, ssl=tls, backlog=backlog, **options)


def _close(listeners: Sequence[asyncio.Server]) -> None:
    for listener in listeners:
        listener.close()


async def _cancel(service: Service) -> None:
    service.abort()
    try:
        async with asyncio.timeout(_CANCEL_TIMEOUT):
            await service.emptied()
    except TimeoutError:
        logger.error("%d exchanges ignore their cancellation", len(service.exchanges))


async def _unless(event: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do `work` unless or until `event` is set; whether it was done."""
    if event.is_set():
        work.close()
        return False
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        stop.cancel()
        task.cancel()
        await asyncio.wait((task, stop))
