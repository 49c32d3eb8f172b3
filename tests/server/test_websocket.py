import asyncio
import logging
import struct
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError

pytestmark = pytest.mark.anyio

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n"
)
ACCEPT: Message = {"type": "websocket.accept"}
CLOSE: Message = {"type": "websocket.close"}
DENY: Message = {"type": "websocket.http.response.start", "status": 418}


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A masked frame; the mask is zero, so the payload stays readable."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes([fin << 7 | opcode]) + length + b"\0\0\0\0" + payload


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


class Script:
    """An app that sends what it is given, then keeps what it receives until the disconnect."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.scope: Scope = {}
        self.received: list[Message] = []
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        try:
            self.received.append(await receive())
            for message in self.messages:
                await send(message)
            while self.received[-1]["type"] != "websocket.disconnect":
                self.received.append(await receive())
        finally:
            self.done.set()

    async def disconnect(self) -> tuple[int, str]:
        await asyncio.wait_for(self.done.wait(), 20)
        return self.received[-1]["code"], self.received[-1]["reason"]


def dial(server: Any, **options: Any) -> connect:
    return connect(f"ws://{server.netloc}/chat?x=1", **{"proxy": None, **options})


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_echo(serving: Any, compression: str | None) -> None:
    async with serving(echo) as server, dial(server, compression=compression) as client:
        messages: list[str | bytes] = ["häl" * 1000, "", b"\x00\xff", b"x" * 200_000]
        for message in messages:
            await client.send(message)
            assert await client.recv() == message
        await client.send(["frag", "ment", "ed"])
        assert await client.recv() == "fragmented"
        await client.send([b"frag", b"ment"])
        assert await client.recv() == b"fragment"


async def test_scope_subprotocol_and_headers(serving: Any) -> None:
    app = Script({**ACCEPT, "subprotocol": "b", "headers": [(b"x-mine", b"1")]}, CLOSE)
    async with serving(app) as server, dial(server, subprotocols=["a", "b"]) as client:
        assert client.subprotocol == "b"
        assert client.response is not None
        assert client.response.headers["x-mine"] == "1"
        with pytest.raises(websockets.ConnectionClosedOK):
            await client.recv()

    assert app.scope["type"] == "websocket"
    assert app.scope["scheme"] == "ws"
    assert app.scope["path"] == "/chat"
    assert app.scope["query_string"] == b"x=1"
    assert app.scope["subprotocols"] == ["a", "b"]
    assert app.received[0] == {"type": "websocket.connect"}


async def test_the_peer_closes(serving: Any) -> None:
    app = Script(ACCEPT)
    async with serving(app) as server:
        async with dial(server) as client:
            await client.close(4001, "enough")

        assert await app.disconnect() == (4001, "enough")
        assert client.close_code == 4001


async def test_the_peer_closes_without_a_code(serving: Any) -> None:
    app = Script(ACCEPT)
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(8, b""))
        await peer.head()

        assert await app.disconnect() == (1005, "")
        assert await peer.rest() == b"\x88\x00"


async def test_the_app_closes(serving: Any) -> None:
    app = Script(ACCEPT, {**CLOSE, "code": 3999, "reason": "done"})
    async with serving(app) as server:
        async with dial(server) as client:
            with pytest.raises(websockets.ConnectionClosedError):
                await client.recv()

        assert (client.close_code, client.close_reason) == (3999, "done")
        assert await app.disconnect() == (3999, "done")


async def test_what_comes_after_the_apps_close_is_dropped(serving: Any) -> None:
    app = Script(ACCEPT, CLOSE)
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        assert await peer.read(4) == b"\x88\x02\x03\xe8"
        await peer.send(frame(1, b"late") + frame(9, b"?") + frame(8, struct.pack("!H", 1000)))

        assert await peer.rest() == b""
    assert [message["type"] for message in app.received] == [
        "websocket.connect",
        "websocket.disconnect",
    ]


async def test_the_connection_is_lost(serving: Any) -> None:
    app = Script(ACCEPT)
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        await peer.close()

        assert await app.disconnect() == (1006, "")


async def test_the_connection_is_lost_before_accept(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    entered, done = asyncio.Event(), asyncio.Event()
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        entered.set()
        seen.append(await receive())
        done.set()
        await send(ACCEPT)

    caplog.set_level(logging.DEBUG, "asgitrace.server")
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await entered.wait()
        await peer.close()
        await done.wait()
        await server.stop()

    assert seen[1] == {"type": "websocket.disconnect", "code": 1006, "reason": ""}
    assert "ended with the client's disconnect" in caplog.text
    assert "ERROR" not in caplog.text


async def test_rejected(serving: Any) -> None:
    app = Script({**CLOSE, "code": 4000})
    async with serving(app) as server:
        peer = await server.connect()
        for _ in range(2):  # The connection is fit for more.
            await peer.send(UPGRADE + b"\r\n")
            assert (await peer.reply()).status == 403

    assert await app.disconnect() == (1006, "")


async def test_denied(serving: Any) -> None:
    body: Message = {"type": "websocket.http.response.body", "body": b"tea", "more_body": True}
    app = Script(DENY, body, {**body, "body": b"pot", "more_body": False})
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        reply = await peer.reply()

    assert reply.status == 418
    assert reply.body == b"teapot"
    assert app.scope["extensions"] == {"websocket.http.response": {}}
    assert await app.disconnect() == (1006, "")


async def test_a_denial_larger_than_the_buffers(serving: Any) -> None:
    end: Message = {"type": "websocket.http.response.body"}
    body = {**end, "body": bytes(20_000_000), "more_body": True}
    app = Script({**DENY, "headers": [(b"content-length", b"20000000")]}, body, end)
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")

        assert len((await peer.reply()).body) == 20_000_000
    assert await app.disconnect() == (1006, "")


async def test_frames_before_accept_wait(serving: Any) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(1, b"a"))
        await entered.wait()
        await peer.send(frame(1, b"b"))
        go.set()
        await peer.head()

        assert await peer.read(6) == b"\x81\x01a\x81\x01b"


@pytest.mark.parametrize("size", [10, 70_000])
async def test_a_message_is_answered_before_the_close_behind_it(serving: Any, size: int) -> None:
    message = b"\x82\xff" + struct.pack("!Q", size) + bytes(4) + bytes(size)
    async with serving(echo) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        if size < 126:
            message = frame(2, bytes(size))
        await peer.send(message + frame(8, b"\x03\xe8"))

        got = await peer.rest()
    assert got[0] == 0x82
    assert len(got) > size
    assert got[-4:] == b"\x88\x02\x03\xe8"


async def test_ping_is_answered(serving: Any) -> None:
    async with serving(echo) as server, dial(server) as client:
        await (await client.ping(b"?"))


async def test_a_control_frame_between_compressed_fragments(serving: Any) -> None:
    import zlib

    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(b"hello " * 50) + deflate.flush(zlib.Z_SYNC_FLUSH)[:-4]
    async with serving(echo) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
        reply = await peer.head()
        assert reply.headers["sec-websocket-extensions"] == "permessage-deflate"
        await peer.send(frame(0x41, packed[:5], fin=False) + frame(9, b"?") + frame(0, packed[5:]))
        assert await peer.read(3) == b"\x8a\x01?"
        first, length = await peer.read(2)

        assert first == 0xC1
        inflate = zlib.decompressobj(wbits=-15)
        assert inflate.decompress(await peer.read(length) + b"\0\0\xff\xff") == b"hello " * 50


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x81\x01a", 1002),
        (frame(0, b"x"), 1002),
        (frame(1, b"\xff"), 1007),
        (frame(1, b"x" * 50, fin=False) + frame(0, b"x" * 51), 1009),
        (frame(2, b"x" * 101), 1009),
        (frame(1, b"\xc3\xa4" * 51), 1009),
    ],
)
async def test_breaches(serving: Any, sent: bytes, code: int) -> None:
    app = Script(ACCEPT)
    async with serving(app, ws_max_size=100) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + sent)
        await peer.head()
        opcode, _, *told = await peer.read(4)

        assert opcode == 0x88
        assert int.from_bytes(bytes(told)) == code
        assert (await app.disconnect())[0] == code


async def test_a_fast_sender_waits_for_a_slow_app(serving: Any) -> None:
    go = asyncio.Event()
    count = 3000

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await go.wait()
        for number in range(count):
            assert (await receive())["bytes"][:4] == number.to_bytes(4)
        await send({"type": "websocket.send", "text": "all"})
        await receive()

    async with serving(app) as server, dial(server, compression=None) as client:

        async def pump() -> None:
            for number in range(count):
                await client.send(number.to_bytes(4) + bytes(10_000))

        task = asyncio.create_task(pump())
        _, pending = await asyncio.wait([task], timeout=0.3)
        assert pending
        go.set()

        assert await client.recv() == "all"
        await task


async def test_a_client_that_pings_and_reads_nothing(serving: Any) -> None:
    entered = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        entered.set()
        await send({"type": "websocket.send", "bytes": bytes(20_000_000)})
        await receive()

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await entered.wait()
        await peer.send(frame(9, b"1") + frame(9, b"2"))
        await peer.head()
        await peer.read(10 + 20_000_000)

        # Which pings were seen before the way was free is up to the kernel's buffers.
        while await peer.read(3) != b"\x8a\x012":
            pass


async def test_a_slow_client_makes_send_wait(serving: Any) -> None:
    sent = 0
    blocked = asyncio.Event()
    raised = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await receive()
        await send(ACCEPT)
        loop = asyncio.get_running_loop()
        try:
            while True:
                timer = loop.call_later(0.2, blocked.set)
                await send({"type": "websocket.send", "bytes": bytes(100_000)})
                timer.cancel()
                sent += 1
        except OSError as exc:
            raised.set_result(exc)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await blocked.wait()
        before = sent
        await peer.read(20_000_000)
        assert sent > before
        await peer.close()
        await raised


async def test_pings_keep_the_connection(serving: Any) -> None:
    async with serving(echo, ws_ping_interval=0.01, ws_ping_timeout=10) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        for number in (b"1", b"2"):
            assert await peer.read(3) == b"\x89\x01" + number
            await peer.send(frame(10, b"unasked") + frame(10, number))


async def test_nobody_answers_the_ping(serving: Any) -> None:
    app = Script(ACCEPT)
    async with serving(app, ws_ping_interval=0.01, ws_ping_timeout=0.01) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()

        assert await app.disconnect() == (1006, "keepalive ping timeout")
        assert struct.pack("!H", 1011) + b"keepalive ping timeout" in await peer.rest()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"GET", b"POST"), 400),
        ((b"Version: 13", b"Version: 8"), 426),
        ((KEY, b"c2hvcnQ="), 400),
        ((KEY, b"!"), 400),
        ((b"Host: a", b"Host: a\r\nContent-Length: 2"), 400),
    ],
)
async def test_bad_handshakes(serving: Any, change: tuple[bytes, bytes], status: int) -> None:
    async with serving(echo) as server:
        reply = await server.get(UPGRADE.replace(*change) + b"\r\n")

        assert reply.status == status
        assert reply.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize(
    ("before", "message", "expected"),
    [
        ([], {"type": "websocket.send", "text": "x"}, "'websocket.accept' or 'websocket.close' or"),
        ([], {**ACCEPT, "subprotocol": "c"}, r"accepted subprotocol 'c'; the client offered \['a'"),
        ([], {**ACCEPT, "headers": [("a", "b")]}, "pairs of bytes"),
        ([], {**ACCEPT, "headers": [(b"Sec-WebSocket-Protocol", b"a")]}, "must not set the header"),
        ([], {"type": "websocket.http.response.start"}, "has no 'status'"),
        ([ACCEPT], ACCEPT, "'websocket.send' or 'websocket.close' was expected"),
        ([ACCEPT], {"type": "websocket.send"}, "exactly one of"),
        ([ACCEPT], {"type": "websocket.send", "text": "a", "bytes": b"b"}, "exactly one of"),
        ([ACCEPT], {"type": "websocket.send", "text": b"a"}, "'text' as str"),
        ([ACCEPT], {**CLOSE, "code": 1005}, "has the code 1005"),
        ([ACCEPT], {**CLOSE, "code": "1000"}, "has the code '1000'"),
        ([ACCEPT], {**CLOSE, "reason": "x" * 124}, "124 bytes of UTF-8; up to 123"),
        ([ACCEPT, CLOSE], {"type": "websocket.send", "text": "x"}, "after the response was"),
        ([DENY], CLOSE, "'websocket.http.response.body' was expected"),
        (
            [{**DENY, "headers": [(b"content-length", b"1")]}],
            {"type": "websocket.http.response.body"},
            "short of its Content-Length",
        ),
    ],
)
async def test_illegal_messages(
    serving: Any, before: list[Message], message: Any, expected: str
) -> None:
    raised = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for legal in before:
            await send(legal)
        with pytest.raises(AsgiProtocolError, match=expected):
            await send(message)
        raised.set_result(True)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"Sec-WebSocket-Protocol: a\r\n\r\n")
        assert await raised


async def test_send_after_the_disconnect(serving: Any) -> None:
    raised = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        for message in ({"type": "websocket.send", "text": "x"}, CLOSE):
            with pytest.raises(OSError, match="disconnected"):
                await send(message)
        with pytest.raises(AsgiProtocolError):
            await send({"type": "http.response.start", "status": 200})
        with pytest.raises(AsgiProtocolError, match=r"after 'websocket\.disconnect'"):
            await receive()
        raised.set_result(True)

    async with serving(app) as server:
        async with dial(server):
            pass
        assert await raised


@pytest.mark.parametrize(
    ("messages", "status", "log"),
    [
        ([], 500, "without accepting or closing"),
        ([DENY], 418, "without completing its denial"),
    ],
)
async def test_the_app_returns_early(
    serving: Any, caplog: pytest.LogCaptureFixture, messages: list[Message], status: int, log: str
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")

        assert (await peer.head()).status == status
    assert log in caplog.text


@pytest.mark.parametrize(("error", "code"), [(False, 1000), (True, 1011)])
async def test_the_app_ends_while_it_is_open(
    serving: Any, caplog: pytest.LogCaptureFixture, error: bool, code: int
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(ACCEPT)
        if error:
            raise ValueError("mine")

    async with serving(app) as server, dial(server) as client:
        with pytest.raises(websockets.ConnectionClosed):
            await client.recv()

        assert client.close_code == code
    assert ("ValueError: mine" in caplog.text) is error


async def test_http_goes_on_beside_it(serving: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await echo(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

    async with serving(app) as server, dial(server) as ws, httpx.AsyncClient() as client:
        assert (await client.get(f"http://{server.netloc}/")).status_code == 204
        await ws.send("x")
        assert await ws.recv() == "x"


async def test_shutdown_closes_with_1012(serving: Any) -> None:
    app = Script(ACCEPT)
    async with serving(app) as server:
        client: ClientConnection
        async with dial(server) as client:
            stopping = asyncio.create_task(server.stop())
            with pytest.raises(websockets.ConnectionClosed):
                await client.recv()
            await stopping

        assert client.close_code == 1012
        assert (await app.disconnect())[0] == 1012


async def test_an_open_session_is_cancelled_at_the_limit(serving: Any) -> None:
    entered = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        entered.set()
        await asyncio.Event().wait()

    async with serving(app, timeout_graceful_shutdown=0.01) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await entered.wait()
        await server.stop()

        assert b"\x88\x11\x03\xf4service restart" in await peer.rest()


async def test_shutdown_before_accept(serving: Any) -> None:
    entered = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        entered.set()
        assert (await receive())["code"] == 1006

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await entered.wait()
        stopping = asyncio.create_task(server.stop())

        assert (await peer.reply()).status == 503
        await stopping


async def test_shutdown_in_a_denial(serving: Any) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(DENY)
        entered.set()
        await go.wait()
        await send({"type": "websocket.http.response.body", "body": b"x"})

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await entered.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        go.set()

        assert (await peer.reply()).body == b"x"
        await stopping
