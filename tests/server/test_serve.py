import asyncio
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from asgitrace.asgi import App, Receive, Scope, Send
from asgitrace.errors import OptionError
from asgitrace.server import Server, ServerConfig, bind
from asgitrace.server.serve import serve
from asgitrace.server.service import Service

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Slow:
    """An app whose response waits to be let go."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.entered = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = False
        self.stubborn = stubborn
        self.order: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.order.append("shutdown")
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.entered.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            if self.stubborn:
                await self.go.wait()
            raise
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"done"})
        self.order.append("response")


async def test_what_is_in_flight_is_finished(serving: Any) -> None:
    app = Slow()
    async with serving(app, lifespan="on") as server:
        idle, busy = await server.connect(), await server.connect()
        await busy.send(GET)
        await app.entered.wait()
        server.server.shutdown()
        assert await idle.rest() == b""
        with pytest.raises(OSError):  # noqa: PT011
            await server.connect()
        app.go.set()
        reply = await busy.reply()

        assert reply.body == b"done"
        assert reply.headers["connection"] == "close"
        assert await busy.rest() == b""
        await server.task
    assert app.order == ["response", "shutdown"]
    assert not app.cancelled


async def test_what_takes_too_long_is_cancelled(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = Slow()
    async with serving(app, lifespan="on", timeout_graceful_shutdown=0.01) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.entered.wait()
        await server.stop()

        assert await peer.rest() == b""
    assert app.cancelled
    assert app.order == ["shutdown"]
    assert "1 exchanges were not over after 0.01 seconds" in caplog.text


async def test_asked_twice_it_ends_at_once(serving: Any) -> None:
    app = Slow()
    async with serving(app, lifespan="on", timeout_graceful_shutdown=None) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.entered.wait()
        server.server.shutdown()
        server.server.shutdown()
        await server.task
    assert app.cancelled
    assert app.order == []


async def test_cancelled_before_its_first_step() -> None:
    class Never:
        async def run(self, app: App) -> None:
            raise AssertionError

    service = Service(Slow(), ServerConfig(), None, asyncio.get_running_loop())
    service.start(Never())
    service.opened(Late(service))
    service.abort()

    await service.emptied()


async def test_an_app_that_ignores_its_cancellation(
    serving: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["asgitrace.server.serve"], "_CANCEL_TIMEOUT", 0.01)
    app = Slow(stubborn=True)
    async with serving(app, timeout_graceful_shutdown=0.01) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.entered.wait()
        await server.stop()
        app.go.set()
    assert "1 exchanges ignore their cancellation" in caplog.text


class Late:
    """A connection that closes on the next turn of the loop."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.asked: list[str] = []

    def shutdown(self) -> None:
        self.asked.append("shutdown")

    def abort(self) -> None:
        asyncio.get_running_loop().call_soon(self.service.lost, self)


async def test_a_connection_made_while_it_goes_down() -> None:
    service = Service(Slow(), ServerConfig(), None, asyncio.get_running_loop())
    service.close()
    late = Late(service)
    service.opened(late)

    assert late.asked == ["shutdown"]


async def test_cancelled_it_cleans_up() -> None:
    app = Slow()
    sock = bind(ServerConfig(port=0))
    port = sock.getsockname()[1]
    ready = asyncio.Event()
    task = asyncio.create_task(serve(app, ServerConfig(), [sock], on_ready=ready.set))
    await ready.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    await app.entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert app.cancelled
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_bad_tls_closes_the_sockets() -> None:
    sock = bind(ServerConfig(port=0))

    with pytest.raises(OptionError):
        await serve(Slow(), ServerConfig(ssl_certfile="/missing"), [sock])

    assert sock.fileno() == -1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    sock = bind(ServerConfig(port=0))

    await serve(Slow(), ServerConfig(), [sock], on_ready=lambda: os.kill(os.getpid(), number))

    assert signal.getsignal(number) is before


def test_in_another_thread_it_leaves_the_signals_alone() -> None:
    result: list[object] = []

    async def main() -> None:
        sock = bind(ServerConfig(port=0))
        server = Server(Slow(), ServerConfig(), [sock], on_ready=lambda: server.shutdown())
        await server.serve()
        result.append(True)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join(20)

    assert result == [True]


async def test_without_on_ready() -> None:
    sock = bind(ServerConfig(port=0))
    address = sock.getsockname()
    server = Server(Slow(), ServerConfig(), [sock], handle_signals=False)
    task = asyncio.create_task(server.serve())
    peer = None
    while peer is None:
        with contextlib.suppress(ConnectionRefusedError):
            peer = await asyncio.open_connection(*address)
    server.shutdown()
    await task

    assert await peer[0].read() == b""
    peer[1].close()
    await peer[1].wait_closed()


async def test_a_shutdown_that_takes_too_long(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serving(app, lifespan="on", timeout_graceful_shutdown=0.05) as server:
        await server.stop()
    assert cancelled.is_set()
    assert "The app's shutdown was not over after 0.05 seconds" in caplog.text


async def test_asked_twice_it_does_not_wait_for_the_lifespan(serving: Any) -> None:
    stopping = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stopping.set()
        await asyncio.Event().wait()

    async with serving(app, lifespan="on", timeout_graceful_shutdown=None) as server:
        server.server.shutdown()
        await stopping.wait()
        server.server.shutdown()
        await asyncio.wait_for(asyncio.shield(server.task), 20)


async def test_a_handshake_that_never_ends_holds_nothing_up(serving: Any, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    app = Slow()
    options = {"ssl_certfile": str(tmp_path / "both.pem"), "timeout_graceful_shutdown": None}
    async with serving(app, **options) as server:
        await server.connect()
        half = await server.connect()
        await half.send(bytes.fromhex("16030100"))
        await server.stop()


async def test_the_response_of_the_last_request_says_so(serving: Any) -> None:
    app = Slow()
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.entered.wait()
        server.server.shutdown()
        await asyncio.sleep(0)
        app.go.set()
        assert (await peer.reply()).headers["connection"] == "close"
