"""The members of the demo's chat: they join, talk, leave in one way or another, and come back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import quote

from asgitrace.demo.visits import Visitor
from asgitrace.demo.websocket import WebSocket, WebSocketClosed

SUBPROTOCOL = "chat.v1"
NAMES = ("ada", "grace", "edsger")
COMPRESSING = frozenset({"grace"})
"""Members whose client offers compression."""
PING_EVERY = 3
"""Before so many of its sayings a member's client pings the server."""
SAYINGS = (
    "hello",
    "who is here?",
    "the kettle is on",
    "one lump or two?",
    "日本のお茶はいかが",
    "🫖 ready",
    "back in a minute",
)

Leaving: TypeAlias = Callable[[WebSocket], Awaitable[None]]


async def close_normally(websocket: WebSocket) -> None:
    """The client closes with 1000."""
    await websocket.close(1000, "good night")


async def go_away(websocket: WebSocket) -> None:
    """The client closes with 1001, as a browser does that leaves the page."""
    await websocket.close(1001)


async def close_in_anger(websocket: WebSocket) -> None:
    """The client closes with a code of the application."""
    await websocket.close(4001, "too noisy")


async def say_bye(websocket: WebSocket) -> None:
    """The server closes with 1000."""
    await websocket.send(json.dumps({"type": "bye"}))
    await _until_closed(websocket)


async def misbehave(websocket: WebSocket) -> None:
    """The server closes with 4001."""
    await websocket.send("this is not JSON")
    await _until_closed(websocket)


async def vanish(websocket: WebSocket) -> None:
    """The connection is lost without a close frame."""
    websocket.abort()


WAYS_TO_LEAVE: tuple[Leaving, ...] = (
    close_normally,
    say_bye,
    go_away,
    misbehave,
    close_in_anger,
    vanish,
)


async def attend(visitor: Visitor, name: str, leave: Leaving) -> None:
    """One stay in the chat, from joining to leaving."""
    path = f"/ws/chat?name={quote(name)}&room=lobby"
    websocket = await WebSocket.connect(
        visitor.target, path, subprotocols=[SUBPROTOCOL], compress=name in COMPRESSING
    )
    try:
        for number in range(visitor.random.randint(3, 8)):
            await _listen(websocket, visitor)
            if number % PING_EVERY == 1:
                await websocket.ping(b"%d" % number)
            await _speak(websocket, visitor)
        await leave(websocket)
    except WebSocketClosed:
        pass  # the server was first
    finally:
        websocket.abort()


async def _speak(websocket: WebSocket, visitor: Visitor) -> None:
    if visitor.random.random() < 0.15:
        await websocket.send(visitor.random.randbytes(visitor.random.randint(200, 2000)))
        return
    words = visitor.random.choice(SAYINGS)
    await websocket.send(json.dumps({"type": "say", "text": words}, ensure_ascii=False))


async def _listen(websocket: WebSocket, visitor: Visitor) -> None:
    """Take in what the others say for a while."""
    reader = asyncio.ensure_future(_until_closed(websocket))
    try:
        await visitor.pause(visitor.random.uniform(1.0, 4.0))
    finally:
        reader.cancel()
        await asyncio.wait({reader})


async def _until_closed(websocket: WebSocket) -> None:
    try:
        while True:
            await websocket.receive()
    except WebSocketClosed:
        return
