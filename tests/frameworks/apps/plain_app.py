"""ASGI 3 by hand, with what the matrix asks for: nothing but scope, receive and send."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final

from asgitrace.asgi import Message, Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application."""
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await session(receive, send)
    else:
        await ROUTES.get(scope["path"], nowhere)(scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """The list of works that are done is there from start-up on."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        assert message["type"] == "lifespan.startup"
        scope["state"]["finished"] = []
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def respond(send: Send, body: bytes, status: int = 200) -> None:
    """A text of known length."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """A greeting."""
    name = scope["query_string"].partition(b"name=")[2]
    await respond(send, b"hello %b\n" % name)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Five pieces, and the end."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(5):
        body = b"line %d\n" % number
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body"})


async def started(scope: Scope, receive: Receive, send: Send) -> None:
    """Whether start-up ran."""
    await respond(send, b"yes\n" if "finished" in scope["state"] else b"no\n")


async def background(scope: Scope, receive: Receive, send: Send) -> None:
    """Work after the response."""
    await respond(send, b"accepted\n", 202)
    await asyncio.sleep(0.02)
    scope["state"]["finished"].append("work")


async def finished(scope: Scope, receive: Receive, send: Send) -> None:
    """Whether work was done."""
    await respond(send, b"yes\n" if scope["state"]["finished"] else b"no\n")


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Size and hash, piece by piece."""
    await respond(send, await summary(receive))


async def summary(receive: Receive) -> bytes:
    """Size and hash of the request's body."""
    digest, size, more = hashlib.sha256(), 0, True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        digest.update(piece)
        size += len(piece)
        more = message.get("more_body", False)
    return f"{size} {digest.hexdigest()}".encode()


async def raise_error(scope: Scope, receive: Receive, send: Send) -> None:
    """A handler that raises, before it has answered."""
    raise RuntimeError("the handler raised")


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """There is nothing."""
    await respond(send, b"nothing here\n", 404)


async def session(receive: Receive, send: Send) -> None:
    """Give back what comes."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text == "close":
            return await send({"type": "websocket.close", "code": 4002, "reason": "as you wish"})
        if text == "raise":
            raise RuntimeError("the session raised")
        await send(echo_of(message))
    return None


def echo_of(message: Message) -> Message:
    """The same text or bytes."""
    if message.get("text") is not None:
        return {"type": "websocket.send", "text": message["text"]}
    return {"type": "websocket.send", "bytes": message["bytes"]}


ROUTES: Final[dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]]] = {
    "/hello": hello,
    "/stream": stream,
    "/started": started,
    "/background": background,
    "/finished": finished,
    "/upload": upload,
    "/raise": raise_error,
}
