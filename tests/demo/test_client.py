import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TypeAlias

import pytest

from asgitrace.demo.app import DemoApp
from asgitrace.demo.client import Connection, Pool
from asgitrace.demo.transport import ServerGone, Target

if TYPE_CHECKING:
    from tests.demo.conftest import Serving

Scripted: TypeAlias = Callable[[list[list[bytes]]], AbstractAsyncContextManager[Target]]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def target(serving: "Serving") -> AsyncIterator[Target]:
    async with serving(DemoApp()) as port:
        yield Target("127.0.0.1", port)


@contextlib.asynccontextmanager
async def scripted(connections: list[list[bytes]]) -> AsyncIterator[Target]:
    """A server that gives each connection its list of responses, one a request, then closes."""
    scripts = iter(connections)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for response in next(scripts):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(response)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_keep_alive(target: Target) -> None:
    connection = await Connection.open(target)
    for _ in range(3):
        response = await connection.request("GET", "/api/items/1")
        assert response.status == 200
        assert response.header("content-type") == "application/json"
        assert response.header("x-none") is None
        assert json.loads(await response.read())["name"] == "teapot"
        assert connection.reusable
    await connection.close()


async def test_body_in_pieces(target: Target) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"earl "
        yield b"grey"

    connection = await Connection.open(target, receive_buffer=4096)
    response = await connection.request("PUT", "/upload", body=pieces())
    answer = json.loads(await response.read())
    assert answer["sha256"] == hashlib.sha256(b"earl grey").hexdigest()
    await connection.close()


async def test_pool_reuses_its_connection() -> None:
    async with scripted([[OK, OK]]) as target:
        pool = Pool(target)
        for _ in range(2):
            assert (await pool.fetch("GET", "/")).body == b"ok"
        await pool.close()


async def test_pool_replaces_a_stale_connection() -> None:
    async with scripted([[OK], [OK]]) as target:
        pool = Pool(target)
        for _ in range(2):
            assert (await pool.fetch("GET", "/")).status == 200
        await pool.close()


async def test_pool_replaces_a_connection_that_breaks_when_used() -> None:
    async with scripted([[OK, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"], [OK]]) as target:
        pool = Pool(target)
        for _ in range(2):
            assert (await pool.fetch("GET", "/")).body == b"ok"
        await pool.close()


async def test_pool_does_not_keep_a_connection_that_is_to_close() -> None:
    closing = b"HTTP/1.1 307 Elsewhere\r\nConnection: close\r\nLocation: /new\r\n\r\n"
    async with scripted([[closing], [OK]]) as target:
        pool = Pool(target)
        assert (await pool.fetch("GET", "/")).location == "/new"
        assert (await pool.fetch("GET", "/")).status == 200
        await pool.close()


async def test_interim_responses_are_passed_over() -> None:
    async with scripted([[b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK]]) as target:
        pool = Pool(target)
        assert (await pool.fetch("GET", "/")).status == 200
        await pool.close()


async def test_there_is_nothing_behind_the_end_of_a_response() -> None:
    async with scripted([[OK]]) as target:
        connection = await Connection.open(target)
        response = await connection.request("GET", "/")
        assert await response.read() == b"ok"
        with pytest.raises(ServerGone):
            await response.next_chunk()
        await connection.close()


@pytest.mark.parametrize(
    "response",
    [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
)
async def test_server_that_breaks_off(response: bytes) -> None:
    async with scripted([[response]]) as target:
        with pytest.raises(ServerGone):
            await Pool(target).fetch("GET", "/")
