"""Connections from their opening to their end, and what the log is told of it."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import trustme

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Connection
from asgitrace.server.service import Service
from asgitrace.wire import Wire
from tests.wire_log import KeptLog

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
START: Message = {"type": "http.response.start", "status": 200}
END: Message = {"type": "http.response.body"}
DISCONNECT: Message = {"type": "http.disconnect"}


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5")]
    await send({**START, "headers": headers})
    await send({**END, "body": b"hello"})


class Waiting:
    """An app that starts its response, waits in `receive` and goes on when it is let."""

    def __init__(self, *, start: bool = False) -> None:
        self.start = start
        self.received: list[Message] = []
        self.waits, self.told, self.go = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.error: BaseException | None = None
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self.start:
                await send(START)
            self.waits.set()
            while not self.received or self.received[-1]["type"] != "http.disconnect":
                self.received.append(await receive())
            self.told.set()
            await self.go.wait()
            if not self.start:
                await send(START)
            await send({**END, "body": b"late"})
        except OSError as exc:
            self.error = exc
        finally:
            self.done.set()


@contextlib.asynccontextmanager
async def limit() -> AsyncIterator[None]:
    async with asyncio.timeout(20):
        yield


# Half-closed and gone


@pytest.mark.parametrize("start", [False, True])
async def test_a_client_that_shut_down_its_side_is_answered(serving: Any, start: bool) -> None:
    app, log = Waiting(start=start), KeptLog()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.waits.wait()
        peer.writer.write_eof()
        await app.told.wait()
        app.go.set()
        reply = await peer.reply()

        assert reply.body == b"late"
        assert await peer.rest() == b""
        notes = await log.closed()
    assert app.received[-1] == DISCONNECT
    assert app.error is None
    assert "HALF_CLOSED" in notes.kinds(1)
    content = notes.find(Wire.CLOSED).content
    assert (content["by"], content["how"]) == ("client", "eof")


async def test_all_requests_of_a_half_closed_client_are_answered(serving: Any) -> None:
    async with limit(), serving(hello) as server:
        peer = await server.connect()
        await peer.send(GET + GET)
        peer.writer.write_eof()

        assert [(await peer.reply()).body for _ in range(2)] == [b"hello"] * 2
        assert await peer.rest() == b""


@pytest.mark.parametrize("second", [b"GET / HTTP/1.1\r\n", b"nonsense\r\n\r\n", POST + b"a"])
async def test_what_a_half_closed_client_left_unfinished(serving: Any, second: bytes) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        await hello(scope, receive, send)

    log = KeptLog()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET + second)
        peer.writer.write_eof()
        await log.connections[0].until(Wire.HALF_CLOSED)
        go.set()

        assert (await peer.reply()).status == 200
        assert (await peer.reply()).status == 400
        assert await peer.rest() == b""


async def test_a_client_that_aborts(serving: Any) -> None:
    app, log = Waiting(start=True), KeptLog()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await app.waits.wait()
        peer.writer.transport.abort()
        await app.told.wait()
        app.go.set()
        await app.done.wait()
        await log.closed()
    assert app.received[-1] == DISCONNECT


async def test_a_reset(serving: Any) -> None:
    app, log = Waiting(start=True), KeptLog()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.head()
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.writer.transport.abort()
        await app.told.wait()
        app.go.set()
        await app.done.wait()
        notes = await log.closed()
    assert app.error is not None
    content = notes.find(Wire.CLOSED).content
    assert (content["by"], content["how"]) == ("client", "reset")
    assert content["text"]


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (b"GET / HTTP/1.1\r\nHo", "head"),
        (POST + b"ab", "content"),
        (CHUNKED + b"2\r\nab", "content"),
    ],
)
async def test_a_client_that_ends_within_a_request(serving: Any, start: bytes, text: str) -> None:
    log, app = KeptLog(), Waiting()
    app.go.set()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(start)
        peer.writer.write_eof()
        reply = await peer.reply()

        assert reply.status == 400
        assert await peer.rest() == b""
        notes = await log.closed()
    told = Wire.ERROR if text == "content" else Wire.REFUSED
    assert text in notes.find(told).content["text"]
    if text == "content":
        await asyncio.wait_for(app.done.wait(), 20)
        assert app.received[-1] == DISCONNECT
        assert app.error is not None


async def test_an_idle_client_that_ends(serving: Any) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()
        peer.writer.write_eof()

        assert await peer.rest() == b""
        notes = await log.closed()
    assert notes.kinds(0) == ["OPENED", "HALF_CLOSED", "CLOSED"]


async def test_a_client_that_goes_while_the_next_request_waits(serving: Any) -> None:
    app = Waiting()
    async with limit(), serving(app) as server:
        peer = await server.connect()
        await peer.send(GET + GET)
        await app.waits.wait()
        await peer.close()

        await app.told.wait()
        app.go.set()


async def test_an_app_that_returns_with_the_disconnect(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        waits.set()
        await receive()

    waits = asyncio.Event()
    async with limit(), serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await waits.wait()
        peer.writer.write_eof()

        assert await peer.rest() == b""
    assert caplog.text == ""


# Time limits


@pytest.mark.parametrize(("sent", "status"), [(b"", None), (b"GET / HTTP/1.1\r\nHost:", 408)])
async def test_a_head_that_does_not_come(serving: Any, sent: bytes, status: int | None) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log, timeout_request_head=0.2) as server:
        peer = await server.connect()
        if sent:
            await peer.send(sent)
            assert (await peer.reply()).status == status
        assert await peer.rest() == b""
        await peer.close()
        notes = await log.closed()
    assert notes.find(Wire.TIMEOUT).content == {"what": "request head", "seconds": 0.2}
    if status:
        assert notes.kinds(1)[:4] == ["REQUEST", "REFUSED", "RESPONSE", "RESPONSE_BODY"]
        assert notes.find(Wire.REQUEST).content == {"head": sent}


async def test_a_second_head_that_does_not_come(serving: Any) -> None:
    async with limit(), serving(hello, timeout_request_head=0.2) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()
        await peer.send(b"\r\nG")

        assert (await peer.reply()).status == 408
        assert await peer.rest() == b""


@pytest.mark.parametrize("start", [False, True])
async def test_content_that_does_not_come(serving: Any, start: bool) -> None:
    app, log = Waiting(start=start), KeptLog()
    async with limit(), serving(app, wire=log, timeout_request_body=0.1) as server:
        peer = await server.connect()
        await peer.send(POST + b"ab")
        reply = await peer.head()

        assert reply.status == (200 if start else 408)
        await peer.rest()
        app.go.set()
        await app.done.wait()
        await peer.close()
        notes = await log.closed()
    assert app.received[-1] == DISCONNECT
    assert app.error is not None
    assert notes.find(Wire.TIMEOUT).content == {"what": "request body", "seconds": 0.1}


async def test_a_client_that_waits_for_leave_to_send_has_time(serving: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.1)
        await receive()
        await hello(scope, receive, send)

    async with limit(), serving(app, timeout_request_body=0.03) as server:
        peer = await server.connect()
        await peer.send(POST[:-2] + b"Expect: 100-continue\r\n\r\n")

        assert (await peer.head()).status == 100
        # From now on it has none.
        assert (await peer.reply()).status == 408


async def test_content_that_the_app_does_not_take_has_time(serving: Any) -> None:
    size = 4_000_000

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.8)
        left = size
        while left:
            left -= len((await receive())["body"])
        await hello(scope, receive, send)

    async with limit(), serving(app, timeout_request_body=0.6) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        await peer.send(b"x" * size)

        assert (await peer.reply()).body == b"hello"


async def test_unread_content_that_does_not_come(serving: Any) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log, timeout_keep_alive=0.2) as server:
        peer = await server.connect()
        await peer.send(POST + b"a")
        assert (await peer.reply()).body == b"hello"
        await peer.send(b"b")

        assert await peer.rest() == b""
        await peer.close()
        notes = await log.closed()
    assert notes.find(Wire.TIMEOUT).content["what"] == "request body"


async def test_an_idle_connection(serving: Any) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log, timeout_keep_alive=0.02) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()

        assert await peer.rest() == b""
        notes = await log.closed()
    assert notes.kinds(0) == ["OPENED", "TIMEOUT", "CLOSED"] or "HALF_CLOSED" in notes.kinds(0)
    assert notes.find(Wire.TIMEOUT).content == {"what": "next request", "seconds": 0.02}
    assert notes.find(Wire.CLOSED).content["by"] == "server"


# What the log is told


async def test_a_request_and_its_content(serving: Any) -> None:
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        await hello(scope, receive, send)

    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(CHUNKED + b"2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n")
        await peer.reply()
        await peer.send(GET)
        await peer.reply()
        client, here = (peer.writer.get_extra_info(f"{name}name") for name in ("sock", "peer"))
        await peer.close()
        notes = await log.closed()

    assert notes.events[0].facts == (
        Wire.OPENED,
        0,
        0,
        {"peer": f"127.0.0.1:{client[1]}", "local": f"127.0.0.1:{here[1]}"},
        False,
    )
    assert notes.events[0].exchange == 0
    assert [told.facts for told in notes.within(1)][:3] == [
        (Wire.REQUEST, len(CHUNKED), 1, {"head": CHUNKED}, True),
        (Wire.REQUEST_BODY, 2, 0, {}, False),
        (Wire.REQUEST_END, 0, 0, {"trailers": [(b"x-sum", b"1")]}, False),
    ]
    assert [told.facts for told in notes.within(2)][:1] == [
        (Wire.REQUEST, len(GET), 2, {"head": GET}, False)
    ]
    assert notes.called == [1, 2]
    closed = notes.find(Wire.CLOSED).content
    assert closed["requests"] == 2
    assert closed["received"] == len(CHUNKED) + len(GET) + len(b"2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert closed["sent"] > 10


async def test_pipelined_requests_are_called_as_themselves(serving: Any) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET * 3)
        for _ in range(3):
            await peer.reply()
        await peer.close()
        notes = await log.closed()
    assert notes.called == [1, 2, 3]
    for number in (1, 2, 3):
        assert notes.kinds(number)[:3] == ["REQUEST", "RESPONSE", "RESPONSE_BODY"]


@pytest.mark.parametrize(
    ("sent", "status", "kinds"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, ["REQUEST", "REFUSED"]),
        (b"G\0", 400, ["REQUEST", "REFUSED"]),
        (POST[:-2] + b"Content-Length: 5\r\n\r\n", 400, ["REQUEST", "REFUSED"]),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, ["REQUEST", "REFUSED"]),
    ],
)
async def test_a_refused_request(serving: Any, sent: bytes, status: int, kinds: list[str]) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log) as server:
        peer = await server.connect()
        await peer.send(sent)
        assert (await peer.reply()).status == status
        assert await peer.rest() == b""
        await peer.close()
        notes = await log.closed()
    assert notes.kinds(1)[: len(kinds) + 1] == [*kinds, "RESPONSE"]
    assert notes.find(Wire.REQUEST).content == {"head": sent}
    assert notes.find(Wire.REFUSED).number == status
    assert notes.find(Wire.REFUSED).content["text"]
    assert notes.called == []
    assert notes.find(Wire.CLOSED).content["by"] == "server"


async def test_a_breach_within_the_content(serving: Any) -> None:
    log, app = KeptLog(), Waiting()
    app.go.set()
    async with limit(), serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(CHUNKED)
        await app.waits.wait()
        await peer.send(b"5;\r\nhello")
        assert (await peer.reply()).status == 400
        await peer.close()
        await app.done.wait()
        notes = await log.closed()
    assert notes.called == [1]
    assert notes.kinds(1)[:4] == ["REQUEST", "ERROR", "RESPONSE", "RESPONSE_BODY"]
    assert app.received == [DISCONNECT]


async def test_raw_bytes(serving: Any) -> None:
    log = KeptLog(raw=True)
    async with limit(), serving(hello, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()
        await peer.close()
        notes = await log.closed()
    assert notes.find(Wire.BYTES_IN).facts == (Wire.BYTES_IN, len(GET), 0, {"data": GET}, False)
    assert notes.kinds(1)[:2] == ["BYTES_IN", "REQUEST"]


async def test_raw_bytes_between_requests_belong_to_none() -> None:
    log = KeptLog(raw=True)
    service = Service(hello, ServerConfig(), None, asyncio.get_running_loop(), log)
    connection = Connection(Mock(spec=asyncio.Transport), service)

    connection.data_received(b"\r\n")
    connection.data_received(b"G")
    connection.connection_lost(None)

    kinds = [(told.exchange, told.what.name) for told in log.only.events]
    assert kinds == [(0, "OPENED"), (0, "BYTES_IN"), (1, "BYTES_IN"), (1, "CLOSED")]


async def test_tls_is_told(serving: Any, tmp_path: Path) -> None:
    log = KeptLog()
    authority = trustme.CA()
    pem = tmp_path / "all.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(pem)
    client = ssl.create_default_context()
    client.set_alpn_protocols(["h2", "http/1.1"])
    authority.configure_trust(client)
    async with limit(), serving(hello, wire=log, ssl_certfile=str(pem)) as server:
        peer = await server.connect(client)
        await peer.send(GET)
        await peer.reply()
        await peer.close()
        notes = await log.closed()
    tls = notes.find(Wire.OPENED).content["tls"]
    assert tls["version"].startswith("TLSv1")
    assert tls["cipher"]
    assert tls["alpn"] == "http/1.1"


async def test_a_shutdown_aborts_what_is_left(serving: Any) -> None:
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        waits.set()
        await asyncio.Event().wait()

    waits = asyncio.Event()
    async with limit(), serving(app, wire=log, timeout_graceful_shutdown=0.02) as server:
        peer = await server.connect()
        await peer.send(GET)
        await waits.wait()
        await server.stop()
        notes = await log.closed()
    assert notes.find(Wire.CLOSED).content["by"] == "server"


async def test_more_requests_than_are_read_ahead(serving: Any) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await hello(scope, receive, send)

    async with limit(), serving(app) as server:
        peer = await server.connect()
        await peer.send(GET * 2600)
        await asyncio.sleep(0.05)
        await peer.send(GET)
        await asyncio.sleep(0.05)
        go.set()

        for _ in range(2601):
            assert (await peer.reply()).body == b"hello"


async def test_a_tls_client_that_goes(serving: Any, tmp_path: Path) -> None:
    app, log = Waiting(start=True), KeptLog()
    authority = trustme.CA()
    pem = tmp_path / "all.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(pem)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with limit(), serving(app, wire=log, ssl_certfile=str(pem)) as server:
        peer = await server.connect(client)
        await peer.send(GET)
        await app.waits.wait()
        await peer.close()
        await app.told.wait()
        app.go.set()
        await app.done.wait()
        await log.closed()
    assert app.received[-1] == DISCONNECT
    assert app.error is not None


async def test_a_shutdown_while_a_refused_client_still_sends(serving: Any) -> None:
    log = KeptLog()
    async with limit(), serving(hello, wire=log) as server:
        peer = await server.connect()
        await peer.send(b"nonsense\r\n\r\n")
        assert (await peer.reply()).status == 400
        server.server.shutdown()
        await asyncio.sleep(0.01)
        await peer.send(b"more of it")
        await peer.close()
        await server.stop()
        notes = await log.closed()
    content = notes.find(Wire.CLOSED).content
    assert (content["by"], content["how"]) == ("server", "closed")
