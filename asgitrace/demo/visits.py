"""What the visitors of the demo do, as a table of actions with their weights."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from asgitrace.demo.client import Connection, Pool
from asgitrace.demo.transport import PATIENCE, READ_SIZE, Stream, Target
from asgitrace.demo.websocket import HandshakeRejected, WebSocket

NAMES = ("cosy", "tray", "spoon", "whisk", "biscuit", "lemon", "honey", "crème brûlée")
USUAL_RATE = 6.0
SLOW_READER_BUFFER = 16_384
JSON_TYPE = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Visitor:
    """One source of requests: where to, how fast, and its own dice."""

    target: Target
    pool: Pool
    random: Random
    rate: float = USUAL_RATE

    async def pause(self, seconds: float) -> None:
        """Wait for ``seconds`` at the usual rate, for less at a higher one."""
        await asyncio.sleep(seconds * min(USUAL_RATE / self.rate, 4.0))


Action: TypeAlias = Callable[[Visitor], Awaitable[None]]


async def open_index(visitor: Visitor) -> None:
    """Look at the start page."""
    await visitor.pool.fetch(visitor.random.choice(("GET", "GET", "HEAD")), "/")


async def list_items(visitor: Visitor) -> None:
    """Ask for all items."""
    await visitor.pool.fetch("GET", "/api/items")


async def show_item(visitor: Visitor) -> None:
    """Ask for one item; now and then it is not there."""
    await visitor.pool.fetch("GET", f"/api/items/{visitor.random.randint(1, 12)}")


async def create_item(visitor: Visitor) -> None:
    """Add an item, and look at it."""
    item = {"name": visitor.random.choice(NAMES), "price": visitor.random.randint(50, 5000)}
    answer = await visitor.pool.fetch(
        "POST", "/api/items", headers=JSON_TYPE, body=json.dumps(item).encode()
    )
    await visitor.pool.fetch("GET", answer.location or "/api/items")


async def create_invalid_item(visitor: Visitor) -> None:
    """Send an item that does not pass validation."""
    body = visitor.random.choice((b'{"name": "", "price": -1}', b'{"name": 7}', b"[]"))
    await visitor.pool.fetch("POST", "/api/items", headers=JSON_TYPE, body=body)


async def send_wrong_json(visitor: Visitor) -> None:
    """Send what is not JSON at all."""
    await visitor.pool.fetch("POST", "/api/items", headers=JSON_TYPE, body=b'{"name": "lid",')


async def delete_item(visitor: Visitor) -> None:
    """Delete one of the later items."""
    await visitor.pool.fetch("DELETE", f"/api/items/{visitor.random.randint(5, 30)}")


async def wait_for_slow(visitor: Visitor) -> None:
    """Call the slow handler."""
    await visitor.pool.fetch("GET", f"/slow?ms={visitor.random.choice((80, 250, 700))}")


async def read_stream(visitor: Visitor) -> None:
    """Read a streaming response to its end."""
    await visitor.pool.fetch("GET", f"/stream?n={visitor.random.randint(4, 9)}&ms=120")


async def hang_up(visitor: Visitor) -> None:
    """Leave in the middle of a streaming response."""
    connection = await Connection.open(visitor.target)
    try:
        response = await connection.request("GET", "/stream?n=50&ms=100")
        await response.next_chunk()
        await visitor.pause(0.2)
    finally:
        connection.abort()


async def follow_events(visitor: Visitor) -> None:
    """Listen to some server-sent events, then leave."""
    wanted = visitor.random.randint(3, 8)
    connection = await Connection.open(visitor.target)
    try:
        response = await connection.request(
            "GET", "/events?ms=300", headers=[("accept", "text/event-stream")]
        )
        while wanted and await response.next_chunk():
            wanted -= 1
    finally:
        connection.abort()


async def upload_at_once(visitor: Visitor) -> None:
    """Upload with a Content-Length."""
    body = visitor.random.randbytes(visitor.random.randint(1_000, 300_000))
    await visitor.pool.fetch("POST", "/upload", body=body)


async def upload_in_pieces(visitor: Visitor) -> None:
    """Upload chunk by chunk with pauses: the app waits for its client."""
    connection = await Connection.open(visitor.target)
    try:
        async with contextlib.aclosing(_slow_pieces(visitor)) as pieces:
            response = await connection.request("PUT", "/upload", body=pieces)
        await response.read()
    finally:
        await connection.close()


async def _slow_pieces(visitor: Visitor) -> AsyncGenerator[bytes, None]:
    for _ in range(visitor.random.randint(4, 8)):
        yield visitor.random.randbytes(20_000)
        await visitor.pause(0.3)


async def download_slowly(visitor: Visitor) -> None:
    """Read a download more slowly than it is sent: the app waits in ``send``."""
    connection = await Connection.open(visitor.target, receive_buffer=SLOW_READER_BUFFER)
    try:
        response = await connection.request("GET", "/download?mb=6")
        received, pause_at = 0, 0
        while chunk := await response.next_chunk():
            received += len(chunk)
            if received >= pause_at:
                pause_at = received + 400_000
                await visitor.pause(0.15)
    finally:
        await connection.close()


async def knock_at_private(visitor: Visitor) -> None:
    """Try a WebSocket that is rejected."""
    try:
        websocket = await WebSocket.connect(visitor.target, "/ws/private")
    except HandshakeRejected:
        return
    await websocket.close()


async def break_something(visitor: Visitor) -> None:
    """Call the handler that raises."""
    await visitor.pool.fetch("GET", "/boom")


async def ask_for_missing(visitor: Visitor) -> None:
    """Ask for what is not there."""
    await visitor.pool.fetch("GET", visitor.random.choice(("/missing", "/favicon.ico")))


async def use_wrong_method(visitor: Visitor) -> None:
    """Use a method that the route does not have."""
    await visitor.pool.fetch("DELETE", "/api/items")


async def follow_redirect(visitor: Visitor) -> None:
    """Go to an old address and on to the new one."""
    answer = await visitor.pool.fetch("GET", "/old")
    await visitor.pool.fetch("GET", answer.location or "/api/items")


async def order_report(visitor: Visitor) -> None:
    """Start work that goes on after the response."""
    await visitor.pool.fetch("POST", "/report")


async def speak_nonsense(visitor: Visitor) -> None:
    """Send what is no HTTP: the server answers by itself, the app never hears of it."""
    stream = await Stream.open(visitor.target)
    try:
        await stream.write(
            f"GET /admin HTTP/1.1\r\nHost: {visitor.target.authority}\r\nno header\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE):
            await stream.reader.read(READ_SIZE)
    finally:
        await stream.close()


ACTIONS: dict[Action, int] = {
    open_index: 3,
    list_items: 10,
    show_item: 10,
    create_item: 6,
    create_invalid_item: 3,
    send_wrong_json: 2,
    delete_item: 4,
    wait_for_slow: 4,
    read_stream: 3,
    hang_up: 2,
    follow_events: 2,
    upload_at_once: 3,
    upload_in_pieces: 2,
    download_slowly: 2,
    knock_at_private: 1,
    break_something: 1,
    ask_for_missing: 3,
    use_wrong_method: 1,
    follow_redirect: 2,
    order_report: 3,
    speak_nonsense: 1,
}
"""How often each action is chosen, as weights."""

LONG_ACTIONS = frozenset({follow_events, upload_in_pieces, download_slowly, hang_up, read_stream})
"""Actions that last; of each, one at a time keeps the screen readable."""
