"""Many connections, broken in many ways; streams without end: nothing is left, nothing grows."""

import asyncio
import contextlib
import itertools
import os
import random
import socket
import struct
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from asgitrace.asgi import Receive, Scope, Send
from tests.conformance.inside import Inside
from tests.server.requirements.http_checks import HOST, chunked, post, request
from tests.server.requirements.ws_checks import BINARY, PING, TEXT, close, frame, opening

MEBI = 1024 * 1024
STREAM = 24 * MEBI
"""How much is offered of what has no end."""
REPEATS = 100_000
"""How often at most: what kept only a few bytes of each would be seen."""
BOUND = 12 * MEBI
"""How much of it may be in memory at any time: limits of 1 MiB, copies, and buffers."""


class App:
    """Echoes, unless the path says how not to behave."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        """Ends the calls that hear nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["path"] == "/raise":
            raise RuntimeError("as asked")
        else:
            await self._http(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/deaf":
            await self.released.wait()
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "bytes": message.get("bytes") or b""})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/deaf":
            await self.released.wait()
        if scope["path"] != "/unread":
            while (message := await receive()).get("more_body"):
                pass
            if message["type"] == "http.disconnect":
                return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        size = 2 * MEBI if scope["path"] == "/big" else 10
        await send({"type": "http.response.body", "body": b"x" * size})


GET = request()
OPENINGS = [
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
    b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\n\r\n",
    GET,
    GET * 3,
    request(b"GET / HTTP/1.0"),
    request(b"GET /big HTTP/1.1"),
    request(b"GET /raise HTTP/1.1"),
    request(b"HEAD / HTTP/1.1"),
    post(b"Content-Length: 100", body=b"half"),
    post(b"Content-Length: 4", body=b"full", path=b"/unread"),
    post(b"Content-Length: 100000", body=b"half", path=b"/unread"),
    post(b"Content-Length: 100", b"Expect: 100-continue"),
    chunked(b"5\r\nhel"),
    chunked(b"5\r\nhello\r\n0\r\n\r\n"),
    chunked(b"nonsense\r\n"),
    opening(),
    opening() + frame(TEXT, b"hello"),
    opening() + frame(TEXT, b"hello", fin=False),
    opening() + frame(PING) + close(1000),
    opening() + frame(TEXT, b"hello", masked=False),
    opening() + frame(BINARY, b"x" * 200_000),
    opening(sec_websocket_version=b"8"),
]


def reset(client: socket.socket) -> None:
    """Break the connection off."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def half(client: socket.socket) -> None:
    """Send no more, and go."""
    client.shutdown(socket.SHUT_WR)
    client.close()


ENDS: list[Callable[[socket.socket], None]] = [socket.socket.close, reset, half]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def inside(app: App) -> Iterator[Inside]:
    made = Inside(app, ws_max_size=MEBI, timeout_keep_alive=0.2)
    yield made
    made.close()


def descriptors() -> int:
    """How many files are open."""
    return len(os.listdir("/proc/self/fd"))


def test_two_thousand_broken_connections(inside: Inside) -> None:
    dice = random.Random(3)
    ways = list(itertools.product(OPENINGS, ENDS, [0, 1, 3]))

    async def one(begin: bytes, end: Callable[[socket.socket], None], turns: int) -> None:
        client = await inside.connect()
        with client, contextlib.suppress(OSError):
            await asyncio.wait_for(inside.loop.sock_sendall(client, begin), 10)
            for _ in range(turns):
                await asyncio.sleep(0)
            end(client)

    async def all_of_them() -> None:
        for _ in range(40):
            await asyncio.gather(*(one(*dice.choice(ways)) for _ in range(50)))

    async def warm_up() -> None:
        await one(GET, ENDS[0], 3)

    inside.run(warm_up())
    before = descriptors()
    inside.run(all_of_them())

    assert descriptors() == before


def forever(start: bytes, more: bytes) -> Iterator[bytes]:
    """A stream without end, as far as it is asked for."""
    yield start
    piece = more * (65536 // len(more) + 1)
    for _ in range(min(STREAM, len(more) * REPEATS) // len(piece)):
        yield piece


ENDLESS = {
    "request-line": (b"GET /", b"a"),
    "method": (b"G", b"G"),
    "field": (b"GET / HTTP/1.1\r\n" + HOST + b"X: ", b"a"),
    "fields": (b"GET / HTTP/1.1\r\n" + HOST, b"X: a\r\n"),
    "blank-lines": (b"", b"\r\n"),
    "chunk-size": (chunked(b""), b"0"),
    "chunk-extension": (chunked(b"5;a="), b"a"),
    "chunk-extensions": (chunked(b""), b"1;a=b\r\nx\r\n"),
    "trailer": (chunked(b"0\r\nX: "), b"a"),
    "trailers": (chunked(b"0\r\n"), b"X: a\r\n"),
    "content-deaf": (post(b"Content-Length: 999999999", path=b"/deaf"), b"x"),
    "content-unread": (post(b"Content-Length: 999999999", path=b"/unread"), b"x"),
    "pipelined-deaf": (request(b"GET /deaf HTTP/1.1"), GET),
    "pipelined": (b"", GET),
    "big-pipelined": (b"", request(b"GET /big HTTP/1.1")),
    "messages-deaf": (opening(b"GET /deaf HTTP/1.1"), frame(BINARY, b"x" * 1000)),
    "messages-unread": (opening(), frame(BINARY, b"x" * 1000)),
    "pings-unread": (opening(), frame(PING, b"x" * 100)),
    "fragments": (opening() + frame(BINARY, fin=False), frame(0, b"x" * 1000, fin=False)),
    "empty-fragments": (opening() + frame(BINARY, fin=False), frame(0, b"", fin=False)),
    "after-close": (opening() + close(1000), frame(BINARY, b"x" * 1000)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_streams_without_end(inside: Inside, app: App, name: str) -> None:
    async def feed() -> None:
        client = await inside.connect()
        with client, contextlib.suppress(OSError, TimeoutError):
            for piece in forever(*ENDLESS[name]):
                # Whoever does not read for so long has stopped reading.
                async with asyncio.timeout(0.5):
                    await inside.loop.sock_sendall(client, piece)
        app.released.set()

    tracemalloc.start()
    try:
        inside.run(feed())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < BOUND, f"{peak / MEBI:.1f} MiB"
