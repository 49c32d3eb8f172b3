"""The app behind the checks: what it does depends on the path."""

import json
from typing import Any

from asgitrace.asgi import Message, Receive, Scope, Send

Pairs = list[tuple[bytes, bytes]]

CANNED: dict[str, tuple[int, Pairs, list[bytes]]] = {
    "/unread": (200, [(b"content-length", b"6")], [b"unread"]),
    "/204": (204, [(b"content-length", b"4")], [b"gone"]),
    "/304": (304, [(b"content-length", b"4")], [b"same"]),
    "/205": (205, [(b"content-length", b"0")], [b""]),
    "/stream": (200, [], [b"one", b"two"]),
    "/nothing": (200, [], [b""]),
    "/short": (200, [(b"content-length", b"10")], [b"short"]),
    "/long": (200, [(b"content-length", b"4")], [b"much longer"]),
    "/chunked": (200, [(b"transfer-encoding", b"chunked")], [b"own framing"]),
    "/close": (200, [(b"content-length", b"2"), (b"connection", b"close")], [b"ok"]),
    "/split": (200, [(b"x", b"a\r\nset-cookie: b=c")], [b""]),
    "/dated": (200, [(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT"), (b"server", b"me")], [b""]),
    "/cookies": (200, [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")], [b""]),
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Echo, unless the path asks for something else."""
    if scope["type"] == "websocket":
        await websocket(scope, receive, send)
    elif scope["path"] in CANNED:
        status, headers, pieces = CANNED[scope["path"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": pieces[-1]})
    elif scope["path"] == "/raise":
        raise RuntimeError("as asked")
    else:
        await echo(scope, receive, send)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the request's content, or with its scope as JSON."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            scope["ended"].put((scope["path"], "http.disconnect"))
            return
        body += message["body"]
        more = message["more_body"]
    if scope["path"] == "/scope" or scope["query_string"] == b"scope":
        body = json.dumps(_plain(scope)).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _plain(scope: Scope) -> dict[str, Any]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode("latin-1"),
        "query_string": scope["query_string"].decode("latin-1"),
        "http_version": scope["http_version"],
        "scheme": scope["scheme"],
        "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in scope["headers"]],
    }


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept and echo, unless the path asks for something else."""
    path = scope["path"]
    await receive()
    if path == "/reject":
        await send({"type": "websocket.close"})
        return
    accept: dict[str, Any] = {"type": "websocket.accept"}
    if path == "/subprotocol":
        accept["subprotocol"] = scope["subprotocols"][0]
    await send(accept)
    if path.startswith("/close/"):
        await send({"type": "websocket.close", "code": int(path[7:]), "reason": "as asked"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            scope["ended"].put((path, message["code"]))
            return
        await send(_answer(message))


def _answer(message: Message) -> Message:
    key = "text" if message.get("text") is not None else "bytes"
    return {"type": "websocket.send", key: message[key]}
