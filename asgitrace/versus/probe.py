"""An app that does what servers are known to differ in, for comparing them without an app of one's
own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from asgitrace.asgi import Message, Receive, Scope, Send

_CHUNK: Final = bytes(64 * 1024)
_CHUNKS: Final = 400
"""More than any socket and server hold for a client that does not read."""
_SECONDS: Final = 3.0
_TEXT: Final = (b"content-type", b"text/plain")

Handler: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The app."""
    handlers = _HANDLERS[scope["type"]]
    await handlers.get(scope.get("path", ""), handlers[""])(scope, receive, send)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _read(receive: Receive) -> int:
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            return size


async def _start(send: Send, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [_TEXT, *headers]})


async def _body(send: Send, body: bytes = b"", *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """How many bytes there were; ``Content-Length`` is known."""
    text = b"%d bytes" % await _read(receive)
    await _start(send, 200, (b"content-length", b"%d" % len(text)))
    await _body(send, b"" if scope["method"] == "HEAD" else text)


async def _none(scope: Scope, receive: Receive, send: Send) -> None:
    await _start(send, 404)
    await _body(send, b"not here")


async def _pieces(scope: Scope, receive: Receive, send: Send) -> None:
    """Three pieces and an empty one, framed by the server."""
    await _read(receive)
    await _start(send)
    for piece in (b"one ", b"two ", b"three"):
        await _body(send, piece, more=True)
    await _body(send)


async def _stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends until the client's going is felt, or told; and once more when it has been told."""
    await _read(receive)
    await _start(send)
    told = asyncio.ensure_future(receive())
    try:
        async with asyncio.timeout(_SECONDS):
            for _ in range(_CHUNKS):
                if told.done():
                    break
                await _body(send, _CHUNK, more=True)
                await asyncio.sleep(0.005)
            await told
            await _body(send, b"to nobody", more=True)
    finally:
        told.cancel()


async def _raise(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("before the response")


async def _raise_late(scope: Scope, receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"a part", more=True)
    raise RuntimeError("within the response")


async def _headers(scope: Scope, receive: Receive, send: Send) -> None:
    """Response headers twice, and with capitals."""
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"X-Upper", b"yes")]
    await _start(send, 200, *cookies)
    await _body(send, b"hello")


async def _twice(scope: Scope, receive: Receive, send: Send) -> None:
    """The start of a response twice, which the specification forbids."""
    await _start(send)
    await _start(send)
    await _body(send, b"hello")


async def _late(scope: Scope, receive: Receive, send: Send) -> None:
    """A message behind the end of the response; and what ``receive`` then gives."""
    await _start(send, 200, (b"content-length", b"5"))
    await _body(send, b"hello")
    await _body(send, b"more")
    async with asyncio.timeout(_SECONDS):
        await receive()


async def _websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Echoes, and sends once more when it is over."""
    await receive()
    offered = scope.get("subprotocols") or [None]
    await send({"type": "websocket.accept", "subprotocol": offered[0]})
    while (message := await receive())["type"] == "websocket.receive":
        await send(_answer(message))
    await send({"type": "websocket.send", "text": "to nobody"})


def _answer(message: Message) -> dict[str, Any]:
    text = message.get("text")
    data = {"bytes": message.get("bytes")} if text is None else {"text": text}
    return {"type": "websocket.send", **data}


async def _websocket_closes(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001, "reason": "enough"})
    await receive()


async def _websocket_refuses(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4003, "reason": "no"})
    await receive()


async def _websocket_raises(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    raise RuntimeError("in a conversation")


async def _websocket_returns(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})


_HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "lifespan": {"": _lifespan},
    "http": {
        "": _echo,
        "/none": _none,
        "/pieces": _pieces,
        "/stream": _stream,
        "/raise": _raise,
        "/raise-late": _raise_late,
        "/headers": _headers,
        "/twice": _twice,
        "/late": _late,
    },
    "websocket": {
        "": _websocket,
        "/closes": _websocket_closes,
        "/refuses": _websocket_refuses,
        "/raises": _websocket_raises,
        "/returns": _websocket_returns,
    },
}
