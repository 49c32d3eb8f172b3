"""Server-sent events by hand: they go on until the client has gone, which a second task waits
for."""

import asyncio
import contextlib

from asgitrace.asgi import Receive, Scope, Send
from tests.frameworks.apps.plain_app import hello


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application."""
    if scope["type"] != "http":
        raise ValueError(f"scope type {scope['type']!r} is not supported")
    if scope["path"] == "/hello":
        return await hello(scope, receive, send)
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    return await events(receive, send)


async def events(receive: Receive, send: Send) -> None:
    """An event every millisecond, for as long as there is somebody."""
    gone = asyncio.create_task(until_gone(receive))
    number = 0
    try:
        # A server may refuse what is sent to a client that has gone.
        with contextlib.suppress(OSError):
            while not gone.done():
                body = b"id: %d\ndata: tick\n\n" % number
                await send({"type": "http.response.body", "body": body, "more_body": True})
                number += 1
                await asyncio.sleep(0.001)
    finally:
        gone.cancel()


async def until_gone(receive: Receive) -> None:
    """Wait for the disconnect."""
    while (await receive())["type"] != "http.disconnect":
        pass
