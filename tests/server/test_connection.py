import asyncio
import logging
import ssl
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Connection
from asgitrace.server.service import Service
from tests.server.transport import Recorded

pytestmark = pytest.mark.anyio

HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        if not message["more_body"]:
            return bytes(body)


async def answer(send: Send, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, scope["path"].encode() + b":" + await read_body(receive))


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"hello")


async def test_one_connection_many_requests(serving: Any) -> None:
    async with serving(echo) as server, httpx.AsyncClient() as client:
        for number in range(3):
            url = f"http://{server.netloc}/n%20{number}?q"
            reply = await client.post(url, content=b"x" * number)

            assert reply.text == f"/n {number}:" + "x" * number
            assert reply.headers["server"] == "asgitrace"
            assert reply.headers["date"].endswith("GMT")


async def test_pipelined_requests_are_answered_in_order(serving: Any) -> None:
    async with serving(echo) as server:
        peer = await server.connect()
        await peer.send(
            b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
            b"\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )

        assert [(await peer.reply()).body for _ in range(3)] == [b"/1:one", b"/2:", b"/3:"]
        assert await peer.rest() == b""


async def test_requests_that_come_while_one_is_answered(serving: Any) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        await go.wait()
        await answer(send, scope["path"].encode())

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await started.wait()
        await peer.send(b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        await peer.send(b"GET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
        go.set()

        assert [(await peer.reply()).body for _ in range(3)] == [b"/", b"/2", b"/3"]


async def test_blank_lines_before_a_request(serving: Any) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(b"\r\n")
        await peer.send(b"\r\n" + GET)

        assert (await peer.reply()).body == b"hello"


async def test_chunked_both_ways(serving: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await send({"type": "http.response.body", "body": b"!"})

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab"
        )
        await peer.send(b"\r\n1\r\nc\r\n0\r\nTrailer: 1\r\n\r\n")
        reply = await peer.reply()

        assert reply.headers["transfer-encoding"] == "chunked"
        assert reply.body == b"abc!"


async def test_the_head_goes_out_while_the_app_prepares_the_body(serving: Any) -> None:
    seen = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await seen.wait()
        await send({"type": "http.response.body", "body": b"later"})

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        head = await peer.head()
        seen.set()

        assert head.status == 200
        assert await peer.until(b"0\r\n\r\n") == b"5\r\nlater\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, b"hello"),
        (GET, 204, b"hello"),
        (GET, 304, b"hello"),
    ],
)
async def test_responses_without_a_body(
    serving: Any, request_: bytes, status: int, body: bytes
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, body, status)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(request_)
        reply = await peer.reply(bodiless=True)
        await peer.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        again = await peer.reply(bodiless=True)

        assert reply.status == again.status == status
        assert ("content-length" in reply.headers) is (status != 204)


async def test_http_1_0(serving: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["http_version"] == "1.0"
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"hello"})

    async with serving(app) as server:
        reply = await server.get(b"GET / HTTP/1.0\r\n\r\n")

        assert reply.headers["connection"] == "close"
        assert "transfer-encoding" not in reply.headers
        assert reply.body == b"hello"


async def test_continue_is_sent_when_the_app_reads(serving: Any) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        go.set()
        assert (await peer.head()).status == 100
        await peer.send(b"hi")

        assert (await peer.reply()).body == b"/:hi"


async def test_no_continue_when_the_app_does_not_read(serving: Any) -> None:
    async with serving(hello) as server:
        reply = await server.get(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )

        assert reply.status == 200
        assert reply.headers["connection"] == "close"


async def test_an_unread_body_is_dropped(serving: Any) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        first = await peer.reply()
        await peer.send(b"cd" + GET)

        assert first.body == (await peer.reply()).body == b"hello"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nBad : 1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000, 431),
    ],
)
async def test_malformed_requests(
    serving: Any, caplog: pytest.LogCaptureFixture, request_: bytes, status: int
) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(request_)
        reply = await peer.reply()

        assert reply.status == status
        assert reply.headers["connection"] == "close"
        assert await peer.rest() == b""
    assert "Request refused (" in caplog.text


async def test_a_malformed_request_after_a_head(serving: Any) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        await peer.reply(bodiless=True)
        await peer.send(b"nonsense\r\n\r\n")

        assert (await peer.reply()).body == b"Bad Request"


@pytest.mark.parametrize("started", [False, True])
async def test_a_malformed_body(serving: Any, started: bool) -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if started:
            await send({"type": "http.response.start", "status": 200})
        ready.set()
        seen.append(await receive())
        with pytest.raises(OSError, match="disconnected"):
            await send({"type": "http.response.body" if started else "http.response.start"})

    ready = asyncio.Event()
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await ready.wait()
        await peer.send(b"nonsense\r\n")
        status = (await peer.head()).status

        assert status == (200 if started else 400)
        await peer.rest()
    assert seen == [{"type": "http.disconnect"}]


async def test_a_malformed_body_that_nobody_reads(serving: Any) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await peer.reply()).body == b"hello"
        await peer.send(b"nonsense\r\n")

        assert await peer.rest() == b""


async def test_a_refused_upload_gets_its_answer(serving: Any) -> None:
    """The rest of the request is read, so that no reset overtakes the response."""
    async with serving(hello) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/2.0\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        await peer.send(b"x" * 1_000_000)

        assert (await peer.reply()).status == 505


async def test_an_idle_connection_is_closed(serving: Any) -> None:
    async with serving(hello, timeout_keep_alive=0.01) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()

        assert await peer.rest() == b""


async def test_a_slow_app_stops_the_reading(serving: Any) -> None:
    size = 20_000_000
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        first = await receive()
        await go.wait()
        rest = await read_body(receive)
        await answer(send, b"%d" % (len(first["body"]) + len(rest)))

    async with serving(app) as server:
        peer = await server.connect()
        peer.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        peer.writer.write(b"x" * size)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.writer.drain(), 0.2)
        go.set()

        assert (await peer.reply()).body == b"%d" % size


async def test_a_slow_client_makes_send_wait(serving: Any) -> None:
    sent = 0
    blocked = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send({"type": "http.response.start", "status": 200})
        loop = asyncio.get_running_loop()
        for _ in range(300):
            timer = loop.call_later(0.2, blocked.set)
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            timer.cancel()
            sent += 1
        await send({"type": "http.response.body"})

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await blocked.wait()
        assert sent < 300

        assert len((await peer.reply()).body) == 30_000_000


async def test_the_client_goes_while_send_waits(serving: Any) -> None:
    raised = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 99_999, "more_body": True})
        except OSError as exc:
            raised.set_result(exc)
            raise

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.read(100)
        await peer.close()

        assert "disconnected" in str(await raised)


async def test_tls(serving: Any, tmp_path: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, scope["scheme"].encode())

    authority = trustme.CA()
    cert = authority.issue_cert("localhost")
    pem = tmp_path / "all.pem"
    cert.private_key_and_cert_chain_pem.write_to_path(pem)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with serving(app, ssl_certfile=str(pem)) as server:
        peer = await server.connect(client)
        await peer.send(GET)
        assert (await peer.reply()).body == b"https"
        await peer.send(b"nonsense\r\n\r\n")
        assert (await peer.reply()).status == 400


async def test_a_unix_socket(serving: Any, tmp_path: Path) -> None:
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await answer(send, b"ok")

    path = str(tmp_path / "s")
    async with serving(app, uds=path) as server:
        assert (await server.get(GET)).body == b"ok"

    assert scopes[0]["server"] == (path, None)
    assert scopes[0]["client"] is None


async def test_addresses_and_root_path(serving: Any) -> None:
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await answer(send, b"ok")

    async with serving(app, root_path="/api") as server:
        peer = await server.connect()
        await peer.send(b"GET http://x/users?a=b HTTP/1.1\r\nHost: a\r\n\r\n")
        await peer.reply()

        assert scopes[0]["client"] == peer.writer.get_extra_info("sockname")
        assert scopes[0]["server"] == peer.writer.get_extra_info("peername")
    assert scopes[0]["path"] == "/api/users"
    assert scopes[0]["raw_path"] == b"/api/users"
    assert scopes[0]["query_string"] == b"a=b"


@pytest.mark.parametrize(("trust", "scheme"), [("127.0.0.1", b"https"), ("10.0.0.1", b"http")])
async def test_proxy_headers(serving: Any, trust: str, scheme: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, scope["scheme"].encode())

    request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n"
    async with serving(app, proxy_headers=True, forwarded_allow_ips=trust) as server:
        assert (await server.get(request)).body == scheme


async def test_another_upgrade_is_ignored(serving: Any) -> None:
    async with serving(hello) as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(
                b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
            )
            assert (await peer.reply()).body == b"hello"


async def test_the_app_runs_on_after_its_response(serving: Any) -> None:
    go, done = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"ok")
        if scope["path"] == "/":
            await go.wait()
            done.set()

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.reply()
        await peer.send(b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await peer.reply()).body == b"ok"
        go.set()
        await done.wait()


async def test_context_variables_do_not_leak_into_the_next_request(serving: Any) -> None:
    import contextvars

    var: contextvars.ContextVar[str] = contextvars.ContextVar("var", default="clean")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen = var.get()
        var.set("dirty")
        await read_body(receive)
        await answer(send, seen.encode())

    async with serving(app) as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
            await peer.send(b"x" * 200_000)
            assert (await peer.reply()).body == b"clean"


async def test_a_blank_line_alone_starts_nothing() -> None:
    service = Service(hello, ServerConfig(), None, asyncio.get_running_loop())
    connection = Connection(Recorded(), service)

    connection.data_received(b"\r\n")

    assert not service.exchanges


async def test_closed_between_accept_and_the_first_frame() -> None:
    service = Service(hello, ServerConfig(), None, asyncio.get_running_loop())
    transport = Recorded()
    connection = Connection(transport, service)
    fed: list[bytes] = []
    connection.data_received(
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nearly"
    )
    service.abort()
    connection.upgrade([], fed.append)
    connection.close()
    await asyncio.sleep(0)

    assert transport.closed
    assert fed == []


def requests() -> st.SearchStrategy[tuple[bytes, str, bytes]]:
    def build(path: str, body: bytes, chunk: int) -> tuple[bytes, str, bytes]:
        client = h11.Connection(h11.CLIENT)
        framing = ("Transfer-Encoding", "chunked") if chunk else ("Content-Length", str(len(body)))
        target = "/" + path
        raw = client.send(
            h11.Request(method="POST", target=target, headers=[("Host", "a"), framing])
        )
        for start in range(0, len(body), chunk or len(body) or 1):
            part = body[start : start + (chunk or len(body))]
            raw += client.send(h11.Data(data=part))
        return raw + client.send(h11.EndOfMessage()), target, body

    names = st.text("abc~-", max_size=9)
    return st.builds(build, names, st.binary(max_size=200), st.integers(0, 50))


@settings(max_examples=60, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3), st.data())
def test_however_requests_are_cut(
    sent: list[tuple[bytes, str, bytes]], data: st.DataObject
) -> None:
    """Any request, cut into any pieces, gives the same scope and body."""
    stream = b"".join(raw for raw, _, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if a < b]

    async def main() -> bytes:
        service = Service(echo, ServerConfig(), None, asyncio.get_running_loop())
        transport = Recorded()
        connection = Connection(transport, service)
        service.opened(connection)
        for piece in pieces:
            connection.data_received(piece)
            if data.draw(st.booleans()):
                await asyncio.sleep(0)
        for _ in range(10 * len(sent)):
            await asyncio.sleep(0)
        connection.connection_lost(None)
        await service.emptied()
        return transport.written

    client = h11.Connection(h11.CLIENT)
    client.receive_data(asyncio.run(main()))
    for raw, path, body in sent:
        client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        client.send(h11.EndOfMessage())
        assert isinstance(client.next_event(), h11.Response), raw
        reply = client.next_event()
        assert isinstance(reply, h11.Data)
        assert reply.data == path.encode() + b":" + body
        assert isinstance(client.next_event(), h11.EndOfMessage)
        client.start_next_cycle()


def test_the_logger_is_the_one_that_is_documented() -> None:
    from asgitrace.server import refusals

    assert refusals.logger is logging.getLogger("asgitrace.server")
