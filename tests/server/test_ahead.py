"""What a client sends ahead of its responses: read so far and no further, whoever it is."""

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Connection
from asgitrace.server.service import Service

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
READ = 256 * 1024
"""Bytes that asyncio reads at once."""


class Flood:
    """A client that sends requests as long as it is read, and reads nothing once it is `full`."""

    def __init__(self) -> None:
        self.calls = 0
        self.offered = 0
        self.full = False
        self.reading = True
        self.transport = Mock(spec=asyncio.Transport)
        self.transport.is_closing.return_value = False
        self.transport.can_write_eof.return_value = True
        self.transport.pause_reading.side_effect = lambda: self.read(False)
        self.transport.resume_reading.side_effect = lambda: self.read(True)
        service = Service(self.app, ServerConfig(), None, asyncio.get_running_loop())
        self.connection = Connection(self.transport, service)

    def read(self, on: bool) -> None:
        self.reading = on

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        await receive()
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.full:
            self.connection.pause_writing()
        await send({"type": "http.response.body"})

    async def turn(self, times: int) -> None:
        for _ in range(times):
            if self.reading:
                self.connection.data_received(GET * (READ // len(GET)))
                self.offered += READ
            await asyncio.sleep(0)

    def end(self) -> None:
        self.connection.resume_writing()
        self.connection.connection_lost(None)


async def test_a_flood_of_requests_is_read_as_it_is_answered() -> None:
    flood = Flood()
    await flood.turn(500)
    assert flood.calls > 100
    assert flood.offered <= READ + flood.calls * len(GET) + 64 * 1024
    flood.end()


async def test_who_takes_no_responses_gets_no_others() -> None:
    flood = Flood()
    flood.full = True
    await flood.turn(50)
    assert flood.calls == 1
    assert flood.offered <= READ

    flood.full = False
    flood.connection.resume_writing()
    await flood.turn(50)
    assert flood.calls > 10
    flood.end()


async def test_a_client_that_takes_no_responses_and_ends() -> None:
    flood = Flood()
    flood.full = True
    flood.connection.data_received(GET)
    flood.reading = False
    await flood.turn(5)

    assert flood.connection.eof_received()
    flood.transport.close.assert_not_called()
    flood.connection.resume_writing()
    flood.transport.close.assert_called()
    flood.end()


@pytest.mark.parametrize("blank", [b"\r\n", b"\r\n\r\n\r\n"])
async def test_empty_lines_do_not_keep_a_connection_open(serving: Any, blank: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    async with serving(app, timeout_keep_alive=0.05) as server:
        peer = await server.connect()
        await peer.send(GET + blank)
        await peer.reply()
        assert await peer.rest() == b""


async def test_a_client_that_is_reset_while_it_is_refused() -> None:
    transport = Mock(spec=asyncio.Transport)
    transport.is_closing.return_value = False
    transport.write_eof.side_effect = OSError(107, "Transport endpoint is not connected")
    loop = asyncio.get_running_loop()

    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    connection = Connection(transport, Service(app, ServerConfig(), None, loop))
    connection.data_received(b"BAD\r\n\r\n")

    transport.close.assert_called_once()
    connection.connection_lost(None)
