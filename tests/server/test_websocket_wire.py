"""What is told of a WebSocket on the wire, and limits in both directions, over real sockets."""

import asyncio
import struct
import zlib
from typing import Any

import pytest

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError
from asgitrace.wire import Frame, Wire
from tests.wire_log import KeptLog

pytestmark = pytest.mark.anyio

UPGRADE = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
ACCEPT: Message = {"type": "websocket.accept"}
CLOSE: Message = {"type": "websocket.close"}


def frame(first: int, payload: bytes) -> bytes:
    """A masked frame; the mask is zero, so the payload stays readable."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes([first]) + length + b"\0\0\0\0" + payload


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def frames(log: KeptLog) -> list[tuple[str, int, Frame, Any]]:
    return [
        (told.what.name, told.size, Frame.unpack(told.number), told.content)
        for told in log.only.events
        if told.what in (Wire.FRAME_IN, Wire.FRAME_OUT)
    ]


async def test_the_frames_of_a_session(serving: Any) -> None:
    log = KeptLog()
    async with serving(echo, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(0x81, b"hi"))
        await peer.head()
        assert await peer.read(4) == b"\x81\x02hi"
        await peer.send(frame(0x02, b"a") + frame(0x89, b"?") + frame(0x80, b"b"))
        assert await peer.read(3 + 4) == b"\x8a\x01?\x82\x02ab"
        await peer.send(frame(0x88, b"\x03\xe8bye"))
        assert await peer.rest() == b"\x88\x05\x03\xe8bye"

    assert frames(log) == [
        ("FRAME_IN", 2, Frame(1, masked=True), {}),
        ("FRAME_OUT", 2, Frame(1), {}),
        ("FRAME_IN", 1, Frame(2, fin=False, masked=True), {}),
        ("FRAME_IN", 1, Frame(9, masked=True), {"data": b"?"}),
        ("FRAME_OUT", 1, Frame(10), {"data": b"?"}),
        ("FRAME_IN", 1, Frame(0, masked=True), {}),
        ("FRAME_OUT", 2, Frame(2), {}),
        ("FRAME_IN", 5, Frame(8, masked=True), {"data": b"\x03\xe8bye"}),
        ("FRAME_OUT", 5, Frame(8), {"data": b"\x03\xe8bye"}),
    ]
    assert all(told.made and told.accepted >= told.made for told in log.only.out)


async def test_the_frames_of_a_compressed_session(serving: Any) -> None:
    log = KeptLog()
    packed = deflated(b"x" * 100)
    async with serving(echo, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + DEFLATE + b"\r\n" + frame(0xC2, packed))
        await peer.head()
        first, size = await peer.read(2)
        back = await peer.read(size)

    assert first == 0xC2
    assert frames(log)[:2] == [
        ("FRAME_IN", len(packed), Frame(2, rsv1=True, masked=True), {"inflated": 100}),
        ("FRAME_OUT", len(back), Frame(2, rsv1=True), {"inflated": 100}),
    ]


async def test_a_breach_of_the_client(serving: Any) -> None:
    log = KeptLog()
    async with serving(echo, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(0x81, b"\xff"))
        await peer.head()
        assert (await peer.rest())[2:4] == b"\x03\xef"

    (error,) = log.only.of(Wire.ERROR)
    assert error.number == 1007
    assert error.content["by"] == "client"
    assert "UTF-8" in error.content["text"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({**CLOSE, "code": 1006}, "the code 1006"),
        ({**CLOSE, "reason": "ä" * 62}, "124 bytes of UTF-8"),
        ({**CLOSE, "reason": 5}, "is a str, not int"),
        ({"type": "websocket.send", "text": "\ud800"}, "not Unicode text"),
        ({"type": "http.response.start", "status": 200}, "'http.response.start' where"),
        (ACCEPT, "'websocket.accept' where"),
    ],
)
async def test_a_breach_of_the_app(serving: Any, message: Message, text: str) -> None:
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        with pytest.raises(AsgiProtocolError, match=text):
            await send(message)
        await send(CLOSE)

    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        assert await peer.read(4) == b"\x88\x02\x03\xe8"
        await peer.send(frame(0x88, b"\x03\xe8"))

        assert await peer.rest() == b""
    (error,) = log.only.of(Wire.ERROR)
    assert error.content["by"] == "app"
    assert text in error.content["text"]


@pytest.mark.parametrize("header", [("X", b"1"), (b"x y", b"1"), (b"x", b"1\r\n")])
async def test_accept_with_headers_that_cannot_be_sent(serving: Any, header: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        with pytest.raises(AsgiProtocolError):
            await send({**ACCEPT, "headers": [header]})
        await send(ACCEPT)
        await send(CLOSE)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        assert (await peer.head()).status == 101
        assert await peer.read(4) == b"\x88\x02\x03\xe8"


async def test_a_rejection_is_a_403_whatever_its_code(serving: Any) -> None:
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({**CLOSE, "code": 4000, "reason": "no"})

    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        assert (await peer.reply()).status == 403

    assert [(told.what.name, told.number) for told in log.only.out] == [("RESPONSE", 403)]


async def test_the_app_answers_what_came_before_the_close(serving: Any) -> None:
    async with serving(echo) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(0x81, b"x") + frame(0x88, b"\x0f\xa0"))
        await peer.head()

        assert await peer.rest() == b"\x81\x01x\x88\x02\x0f\xa0"


async def test_two_tasks_wait_for_the_end(serving: Any) -> None:
    found: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        found.extend(await asyncio.gather(receive(), receive(), return_exceptions=True))

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n" + frame(0x88, b""))
        await peer.head()
        assert await peer.rest() == b"\x88\x00"

    assert found[0]["type"] == "websocket.disconnect"
    assert isinstance(found[1], AsgiProtocolError)


async def test_the_peers_close_is_seen_when_the_app_closed_and_read_nothing(serving: Any) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await go.wait()
        await send(CLOSE)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        writing = asyncio.create_task(
            peer.send(frame(0x82, bytes(60_000)) * 500 + frame(0x88, b"\x03\xe8"))
        )
        await asyncio.sleep(0.05)
        go.set()

        assert await peer.rest() == b"\x88\x02\x03\xe8"
        await writing


async def test_the_peers_close_is_seen_at_a_shutdown_while_the_app_reads_nothing(
    serving: Any,
) -> None:
    go = asyncio.Event()
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await go.wait()

    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + b"\r\n")
        await peer.head()
        await peer.send(frame(0x82, bytes(60_000)) * 2)
        await asyncio.sleep(0.05)
        await peer.send(frame(0x88, b"\x03\xf4"))
        stopping = asyncio.create_task(server.stop())

        assert await peer.rest() == b"\x88\x11\x03\xf4service restart"
        go.set()
        await stopping
    assert Wire.TIMEOUT not in [told.what for told in log.only.events]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("size", [0, 1])
async def test_many_tiny_messages_to_an_app_that_does_not_read(
    serving: Any, compressed: bool, size: int
) -> None:
    """They are not decoded before the app wants them, and all come in the end."""
    count = 20_000
    go = asyncio.Event()
    log = KeptLog()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await go.wait()
        for _ in range(count):
            assert len((await receive())["bytes"]) == size
        await send(CLOSE)

    one = frame(0xC2, deflated(b"x" * size) or b"\0") if compressed else frame(0x82, b"x" * size)
    options = b"; client_no_context_takeover" if compressed else b""
    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(UPGRADE + DEFLATE[:-2] + options + b"\r\n\r\n")
        await peer.head()
        writing = asyncio.create_task(peer.send(one * count))
        await asyncio.sleep(0.1)
        assert len(frames(log)) < 1000
        go.set()

        assert await peer.read(4) == b"\x88\x02\x03\xe8"
        await writing
        assert len(frames(log)) == count + 1
