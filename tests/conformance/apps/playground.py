"""What clients not written here are given: echoes, streams, a page, WebSockets."""

import asyncio
import json
from typing import Any

PAGE = """<!doctype html><title>page</title><p>A page that scripts can run on.</p>"""


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await websocket(scope, receive, send)
    else:
        handler = HANDLERS.get(scope["path"].split("/")[1], echo)
        await handler(scope, receive, send)


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def read(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client went")
        body += message["body"]
        if not message["more_body"]:
            return bytes(body)


async def answer(
    send: Any, body: bytes, status: int = 200, kind: bytes = b"application/octet-stream"
) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, await read(receive))


async def seen(scope: Any, receive: Any, send: Any) -> None:
    body = await read(receive)
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "http_version": scope["http_version"],
        "scheme": scope["scheme"],
        "client": scope["client"],
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "length": len(body),
    }
    await answer(send, json.dumps(told).encode(), kind=b"application/json")


async def stream(scope: Any, receive: Any, send: Any) -> None:
    await read(receive)
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(10):
        await send(
            {"type": "http.response.body", "body": b"piece %d\n" % number, "more_body": True}
        )
        await asyncio.sleep(0.005)
    await send({"type": "http.response.body"})


async def events(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(5):
        data = b"id: %d\ndata: event %d\n\n" % (number, number)
        await send({"type": "http.response.body", "body": data, "more_body": True})
    # Open until the client goes, as a stream of events is.
    while (await receive())["type"] != "http.disconnect":
        pass


async def status(scope: Any, receive: Any, send: Any) -> None:
    code = int(scope["path"].rpartition("/")[2])
    await answer(send, b"" if code in (204, 304) else b"as asked", code)


async def big(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"0123456789abcdef" * 65536 * 4)


async def unread(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"too much", 413)


async def page(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, PAGE.encode(), kind=b"text/html; charset=utf-8")


HANDLERS = {
    "seen": seen,
    "stream": stream,
    "events": events,
    "status": status,
    "big": big,
    "unread": unread,
    "page": page,
}


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    if scope["path"] == "/ws/rejected":
        await send({"type": "websocket.close"})
        return
    chosen = scope["subprotocols"][0] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    if scope["path"] == "/ws/closed":
        await send({"type": "websocket.close", "code": 4001, "reason": "as asked"})
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})
