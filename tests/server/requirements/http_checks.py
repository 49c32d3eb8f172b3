"""Makers of checks for HTTP: a request, and what must become of it."""

import json
from typing import Any

from tests.server.requirements.bench import Bench, Peer, Reply
from tests.server.requirements.model import Check

HOST = b"Host: example.com\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
"""Sent behind what is refused: must never reach the app."""


def request(
    line: bytes = b"GET / HTTP/1.1", *fields: bytes, body: bytes = b"", host: bytes = HOST
) -> bytes:
    """A request from its lines."""
    return line + b"\r\n" + host + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def post(*fields: bytes, body: bytes = b"", path: bytes = b"/") -> bytes:
    """A POST request."""
    return request(b"POST " + path + b" HTTP/1.1", *fields, body=body)


def chunked(body: bytes, path: bytes = b"/") -> bytes:
    """A POST request with this chunked content, as it stands."""
    return post(b"Transfer-Encoding: chunked", body=body, path=path)


def refused(sent: bytes, *statuses: int) -> Check:
    """The request is answered with an error; the connection ends; the app is not called."""

    def check(bench: Bench) -> None:
        before = len(bench.calls)
        _refused(bench, sent, statuses or (400,))
        assert len(bench.calls) == before

    return check


def broken(sent: bytes, *statuses: int) -> Check:
    """As `refused` for a fault in the content, when the app has been called already."""

    def check(bench: Bench) -> None:
        _refused(bench, sent, statuses or (400,))

    return check


def _refused(bench: Bench, sent: bytes, statuses: tuple[int, ...]) -> None:
    with bench.connect() as peer:
        peer.send(sent + SMUGGLED)
        reply = peer.reply()
        assert reply.status in statuses, (reply.status, reply.body)
        assert reply.get("connection") == "close"
        assert peer.rest() == b""
    assert not bench.called("/smuggled")


def answered(
    sent: bytes,
    body: bytes | None = None,
    *,
    status: int = 200,
    method: str = "GET",
    absent: tuple[str, ...] = (),
    closes: bool = False,
    **headers: str,
) -> Check:
    """The request is answered so, and the connection stays open or not."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(sent)
            reply = peer.reply(method)
            assert reply.status == status
            assert body is None or reply.body == body
            for name, value in headers.items():
                assert reply.get(name.replace("_", "-")) == value
            for name in absent:
                assert reply.all(name) == []
            if closes:
                assert peer.rest() == b""
            else:
                still_open(peer)

    return check


def still_open(peer: Peer) -> None:
    """Another request is answered on this connection."""
    peer.send(request(b"POST / HTTP/1.1", b"Content-Length: 5", body=b"again"))
    assert peer.reply("POST").body == b"again"


def seen(sent: bytes, **scope: Any) -> Check:
    """The app sees the request so; `header_<name>` are the values of a header's lines."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(sent)
            reply = peer.reply()
        assert reply.status == 200, reply.body
        told = json.loads(reply.body)
        for key, value in scope.items():
            if key.startswith("header_"):
                name = key[7:].replace("_", "-")
                assert [v for k, v in told["headers"] if k == name] == value
            else:
                assert told[key] == value

    return check


def exchanged(bench: Bench, sent: bytes, *methods: str) -> list[Reply]:
    """The replies to requests sent at once."""
    with bench.connect() as peer:
        peer.send(sent)
        return [peer.reply(method) for method in methods]


def line(text: bytes) -> bytes:
    """A request with this request line."""
    return request(text)


def field(text: bytes) -> bytes:
    """A request with this header line."""
    return request(b"GET / HTTP/1.1", text)


def host(value: bytes) -> bytes:
    """A request with this Host."""
    return request(b"GET / HTTP/1.1", host=b"Host: " + value + b"\r\n")


CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def length(value: bytes, body: bytes = b"hello") -> bytes:
    """A POST with this Content-Length."""
    return post(b"Content-Length: " + value, body=body)


def coding(*values: bytes, also_length: bool = False, body: bytes = CHUNKS) -> bytes:
    """A POST with these Transfer-Encoding lines."""
    lines = [b"Transfer-Encoding:" + value for value in values]
    if also_length:
        lines.append(b"Content-Length: %d" % len(body))
    return post(*lines, body=body)


def get(path: bytes = b"/", *fields: bytes) -> bytes:
    """A GET request."""
    return request(b"GET " + path + b" HTTP/1.1", *fields)
