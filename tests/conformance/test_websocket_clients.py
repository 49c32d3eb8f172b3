"""websockets, aiohttp and wsproto's client side."""

import asyncio
import contextlib
import os
import socket
from typing import Any

import aiohttp
import pytest
import websockets
from websockets.asyncio.client import connect
from wsproto import ConnectionType, WSConnection
from wsproto import events as ws
from wsproto.extensions import PerMessageDeflate

from tests.conformance.conftest import LIMIT, Site

pytestmark = pytest.mark.anyio

COMPRESSION = pytest.mark.parametrize("compression", ["deflate", None])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@COMPRESSION
async def test_websockets_messages(site: Site, compression: str | None) -> None:
    messages: list[str | bytes] = ["", b"", "text", b"\x00\xff", "\u20ac" * 5000, os.urandom(70000)]

    async with connect(site.ws(), compression=compression) as client:
        for message in messages * 3:
            await client.send(message)
            assert await client.recv() == message


@COMPRESSION
async def test_websockets_fragments(site: Site, compression: str | None) -> None:
    pieces = [os.urandom(1000) for _ in range(50)]

    async with connect(site.ws(), compression=compression) as client:
        await client.send(pieces)
        assert await client.recv() == b"".join(pieces)


async def test_websockets_control_frames_between_fragments(site: Site) -> None:
    async with connect(site.ws()) as client:
        pong: Any = None

        async def pieces() -> Any:
            nonlocal pong
            yield "one "
            pong = await client.ping(b"between")
            yield "two"

        await client.send(pieces())
        assert await client.recv() == "one two"
        assert await pong >= 0


@COMPRESSION
async def test_websockets_large_messages(site: Site, compression: str | None) -> None:
    message = os.urandom(2_000_000) + b"\x00" * 2_000_000

    async with connect(site.ws(), compression=compression, max_size=None) as client:
        await client.send(message)
        assert await client.recv() == message


async def test_websockets_many_in_flight(site: Site) -> None:
    async with connect(site.ws()) as client:

        async def send() -> None:
            for number in range(2000):
                await client.send(str(number))

        sender = asyncio.create_task(send())
        assert [await client.recv() for _ in range(2000)] == [str(n) for n in range(2000)]
        await sender


async def test_websockets_closes(site: Site) -> None:
    async with connect(site.ws()) as client:
        await client.close(3001, "enough")
        assert client.close_code == 3001


async def test_websockets_is_closed(site: Site) -> None:
    async with connect(site.ws("/ws/closed")) as client:
        with pytest.raises(websockets.ConnectionClosedError) as caught:
            await client.recv()

    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4001, "as asked")
    assert caught.value.rcvd_then_sent


async def test_websockets_is_rejected(site: Site) -> None:
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with connect(site.ws("/ws/rejected")):
            pass

    assert caught.value.response.status_code == 403


async def test_websockets_subprotocol(site: Site) -> None:
    wanted = [websockets.Subprotocol("chat"), websockets.Subprotocol("other")]
    async with connect(site.ws(), subprotocols=wanted) as client:
        assert client.subprotocol == "chat"


async def test_websockets_too_big(site: Site) -> None:
    # Not as a context manager, which closes once more what is closed already.
    client = await connect(site.ws(), compression=None)

    with contextlib.suppress(websockets.ConnectionClosedError):
        await client.send(b"x" * (17 * 1024 * 1024))
    with pytest.raises(websockets.ConnectionClosedError):
        await client.recv()
    await client.wait_closed()

    assert client.close_code == 1009


@pytest.mark.parametrize("compress", [0, 9, 15])
async def test_aiohttp(site: Site, compress: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(site.ws(), compress=compress, protocols=["chat"]) as client,
    ):
        assert (client.compress > 0, client.protocol) == (compress > 0, "chat")
        for text in ("", "short", "\u20ac" * 50_000):
            await client.send_str(text)
            assert await client.receive_str() == text
        await client.send_bytes(b"\x00" * 100_000)
        assert await client.receive_bytes() == b"\x00" * 100_000
        await client.ping(b"are you there")
        await client.close(code=4000, message=b"done")
        assert client.close_code == 4000


@pytest.mark.parametrize("compressed", [True, False])
def test_wsproto(site: Site, compressed: bool) -> None:
    machine = WSConnection(ConnectionType.CLIENT)
    offers = [PerMessageDeflate()] if compressed else []
    with socket.create_connection(("127.0.0.1", site.port), LIMIT) as sock:
        sock.sendall(machine.send(ws.Request(host="example.com", target="/ws", extensions=offers)))
        accepted = wsproto_event(machine, sock)
        assert isinstance(accepted, ws.AcceptConnection)
        assert len(accepted.extensions) == compressed
        sock.sendall(machine.send(ws.TextMessage("in ", message_finished=False)))
        sock.sendall(machine.send(ws.Ping(b"between")))
        sock.sendall(machine.send(ws.TextMessage("pieces")))
        assert wsproto_event(machine, sock) == ws.Pong(b"between")
        assert wsproto_event(machine, sock) == ws.TextMessage("in pieces")
        sock.sendall(machine.send(ws.CloseConnection(1000, "bye")))
        assert wsproto_event(machine, sock) == ws.CloseConnection(1000, "bye")
        assert sock.recv(1) == b""


def wsproto_event(machine: WSConnection, sock: socket.socket) -> ws.Event:
    while True:
        for event in machine.events():
            return event
        machine.receive_data(sock.recv(65536) or None)
