import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import pytest
import wsproto
from wsproto import events

from asgitrace.demo import websocket as websocket_module
from asgitrace.demo.app import DemoApp
from asgitrace.demo.transport import ServerGone, Target
from asgitrace.demo.websocket import HandshakeRejected, WebSocket, WebSocketClosed

if TYPE_CHECKING:
    from tests.demo.conftest import Serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def target(serving: "Serving") -> AsyncIterator[Target]:
    async with serving(DemoApp()) as port:
        yield Target("127.0.0.1", port)


@contextlib.asynccontextmanager
async def scripted(answer: Callable[[wsproto.WSConnection], bytes]) -> AsyncIterator[Target]:
    """A server that accepts the handshake, sends what ``answer`` gives, and closes."""
    protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        list(protocol.events())
        writer.write(protocol.send(events.AcceptConnection()) + answer(protocol))
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


async def test_conversation(target: Target) -> None:
    websocket = await WebSocket.connect(target, "/ws/chat?name=ada", subprotocols=["chat.v1"])
    assert websocket.subprotocol == "chat.v1"
    assert json.loads(await websocket.receive()) == {"type": "joined", "name": "ada"}
    await websocket.send(b"\x00\x01")
    assert json.loads(await websocket.receive())["type"] == "avatar"
    assert await websocket.receive() == b"\x00\x01"
    assert await websocket.close(4001, "enough") == 4001
    assert await websocket.close() == 4001
    for use in (websocket.receive(), websocket.send("late")):
        with pytest.raises(WebSocketClosed):
            await use


async def test_pings_and_compression(target: Target) -> None:
    websocket = await WebSocket.connect(target, "/ws/chat?name=grace", compress=True)
    await websocket.ping(b"1")
    assert json.loads(await websocket.receive()) == {"type": "joined", "name": "grace"}
    await websocket.send(b"\x00" * 2000)
    await websocket.receive()
    assert await websocket.receive() == b"\x00" * 2000
    assert await websocket.close() == 1000
    with pytest.raises(WebSocketClosed):
        await websocket.ping()


async def test_server_closes(target: Target) -> None:
    websocket = await WebSocket.connect(target, "/ws/chat")
    await websocket.send("not JSON")
    await websocket.receive()
    with pytest.raises(WebSocketClosed) as closed:
        await websocket.receive()
    assert (closed.value.code, closed.value.reason) == (4001, "not JSON")


async def test_rejection(target: Target) -> None:
    with pytest.raises(HandshakeRejected) as rejected:
        await WebSocket.connect(target, "/ws/private")
    assert rejected.value.status == 403


async def test_fragments_and_pings() -> None:
    def answer(protocol: wsproto.WSConnection) -> bytes:
        return b"".join(
            protocol.send(event)
            for event in (
                events.TextMessage(data="te", message_finished=False),
                events.Ping(payload=b"?"),
                events.Pong(payload=b"unasked"),
                events.TextMessage(data="xt"),
                events.BytesMessage(data=b"by", message_finished=False),
                events.BytesMessage(data=b"tes"),
            )
        )

    async with scripted(answer) as target:
        websocket = await WebSocket.connect(target, "/")
        assert await websocket.receive() == "text"
        assert await websocket.receive() == b"bytes"
        websocket.abort()


async def test_nothing_can_be_sent_after_a_close_that_is_still_to_be_read() -> None:
    def answer(protocol: wsproto.WSConnection) -> bytes:
        message = protocol.send(events.TextMessage(data="last words"))
        return message + protocol.send(events.CloseConnection(code=1001))

    async with scripted(answer) as target:
        websocket = await WebSocket.connect(target, "/")
        assert await websocket.receive() == "last words"
        with pytest.raises(WebSocketClosed) as closed:
            await websocket.send("too late")
        assert closed.value.code == 1001


async def test_ping_that_crosses_the_close_is_not_answered() -> None:
    def answer(protocol: wsproto.WSConnection) -> bytes:
        return protocol.send(events.Ping())

    async with scripted(answer) as target:
        websocket = await WebSocket.connect(target, "/")
        assert await websocket.close() == 1006


async def test_cancelled_receive_loses_nothing() -> None:
    more = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        list(protocol.events())
        first = events.TextMessage(data="te", message_finished=False)
        writer.write(protocol.send(events.AcceptConnection()) + protocol.send(first))
        await more.wait()
        writer.write(protocol.send(events.TextMessage(data="xt")))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        target = Target("127.0.0.1", server.sockets[0].getsockname()[1])
        websocket = await WebSocket.connect(target, "/")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await websocket.receive()
        more.set()
        assert await websocket.receive() == "text"
        websocket.abort()


async def test_lost_connection_is_1006() -> None:
    async with scripted(lambda _: b"") as target:
        websocket = await WebSocket.connect(target, "/")
        with pytest.raises(WebSocketClosed) as closed:
            await websocket.receive()
        assert closed.value.code == 1006


async def test_reset_connection_is_1006() -> None:
    accepted = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        list(protocol.events())
        writer.write(protocol.send(events.AcceptConnection()))
        await accepted.wait()
        linger = struct.pack("ii", 1, 0)  # close with a reset
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        target = Target("127.0.0.1", server.sockets[0].getsockname()[1])
        websocket = await WebSocket.connect(target, "/")
        accepted.set()
        with pytest.raises(WebSocketClosed) as closed:
            await websocket.receive()
        assert closed.value.code == 1006


async def test_server_that_does_not_answer_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        list(protocol.events())
        writer.write(protocol.send(events.AcceptConnection()))
        await done.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        target = Target("127.0.0.1", server.sockets[0].getsockname()[1])
        websocket = await WebSocket.connect(target, "/")
        monkeypatch.setattr(websocket_module, "PATIENCE", 0.01)
        assert await websocket.close() == 1006
        done.set()


async def test_server_that_speaks_something_else() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        target = Target("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(ServerGone):
            await WebSocket.connect(target, "/")
