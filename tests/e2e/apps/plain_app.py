"""Plain ASGI: ``/body`` and ``/echo`` give back what they get, ``/chunks`` sends in pieces."""

from urllib.parse import parse_qs

from asgitrace.asgi import Receive, Scope, Send

PLAIN = [(b"content-type", b"text/plain")]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by scope type and path."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await _echo(receive, send)
    elif scope["path"] == "/body":
        await _body(receive, send)
    elif scope["path"] == "/chunks":
        await _chunks(scope, send)
    else:
        status = 200 if scope["path"] == "/" else 404
        await _respond(send, status, b"plain\n")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [*PLAIN, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await _respond(send, 200, body)


async def _chunks(scope: Scope, send: Send) -> None:
    query = parse_qs(scope["query_string"].decode())
    count, size = (int(query.get(name, ["4"])[0]) for name in ("n", "size"))
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    for _ in range(count):
        await send({"type": "http.response.body", "body": b"x" * size, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _echo(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})
