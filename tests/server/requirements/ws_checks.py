"""Makers of checks for WebSockets: frames in, frames out, as bytes and by hand."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from tests.server.requirements.bench import Bench, Peer
from tests.server.requirements.http_checks import request
from tests.server.requirements.model import Check

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The example of RFC 6455 section 1.3, whose answer is known."""
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
OPENING = {
    b"Upgrade": b"websocket",
    b"Connection": b"Upgrade",
    b"Sec-WebSocket-Key": KEY,
    b"Sec-WebSocket-Version": b"13",
}
DEFLATE = b"permessage-deflate"


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the server's."""

    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0

    @property
    def code(self) -> int:
        """The close code."""
        return int.from_bytes(self.payload[:2])


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = True,
    width: int | None = None,
) -> bytes:
    """A frame of the client's; `width` forces 16 or 64 bits for its length."""
    size = len(payload)
    if width is None:
        width = 7 if size < 126 else 16 if size < 65536 else 64
    mark = 128 if masked else 0
    length = {
        7: lambda: bytes([mark | size]),
        16: lambda: bytes([mark | 126]) + struct.pack("!H", size),
        64: lambda: bytes([mark | 127]) + struct.pack("!Q", size),
    }[width]()
    head = bytes([fin << 7 | rsv << 4 | opcode]) + length
    if not masked:
        return head + payload
    key = b"\x0a\xf1\x5c\x99"
    long_key = (key * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload) ^ int.from_bytes(long_key)
    return head + key + hidden.to_bytes(size)


def close(code: int, reason: bytes = b"") -> bytes:
    """A Close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


def opening(line: bytes = b"GET / HTTP/1.1", **changes: bytes | None) -> bytes:
    """An opening handshake; keywords (``_`` for ``-``) change its fields, None leaves one out."""
    fields = dict(OPENING)
    for name, value in changes.items():
        key = name.replace("_", "-").encode()
        key = next((known for known in fields if known.lower() == key), key)
        if value is None:
            del fields[key]
        else:
            fields[key] = value
    return request(line, *(name + b": " + value for name, value in fields.items()))


class Socket:
    """An open WebSocket."""

    def __init__(self, peer: Peer, path: bytes = b"/", extensions: bytes = b"") -> None:
        self.peer = peer
        offer: dict[str, Any] = {"sec_websocket_extensions": extensions} if extensions else {}
        peer.send(opening(b"GET " + path + b" HTTP/1.1", **offer))
        head = peer.until(b"\r\n\r\n").decode()
        assert head.startswith("HTTP/1.1 101 "), head
        lines = head.split("\r\n")[1:-2]
        self.headers = dict(line.lower().split(": ", 1) for line in lines)
        self.cased = dict(line.split(": ", 1) for line in lines)

    @property
    def extensions(self) -> str:
        """What the server agreed to."""
        return self.headers.get("sec-websocket-extensions", "")

    def send(self, *frames: bytes) -> None:
        """Send frames in one go."""
        self.peer.send(b"".join(frames))

    def next(self) -> Frame | None:
        """The next frame, None at the connection's end. No frame may be masked."""
        head = self.peer.read(2)
        if len(head) < 2:
            return None
        size = head[1]
        assert size < 128, "masked"
        if size == 126:
            size = int.from_bytes(self.peer.read(2))
            assert size > 125
        elif size == 127:
            size = int.from_bytes(self.peer.read(8))
            assert size > 65535
        payload = self.peer.read(size)
        assert len(payload) == size
        return Frame(head[0] & 15, payload, bool(head[0] & 128), head[0] >> 4 & 7)

    def message(self) -> Frame:
        """The next frame, which must be there."""
        found = self.next()
        assert found is not None
        return found

    def closed(self, code: int | None) -> None:
        """The server closes with this code, and ends the connection."""
        found = self.message()
        assert found.opcode == CLOSE, found
        assert found.code == (code or 0), found
        assert self.next() is None


def upgraded(sent: bytes, **headers: str) -> Check:
    """The handshake succeeds."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(sent)
            head = peer.until(b"\r\n\r\n").decode()
        assert head.startswith("HTTP/1.1 101 "), head
        for name, value in headers.items():
            assert f"\r\n{name.replace('_', '-')}: {value}\r\n".lower() in head.lower()

    return check


def declined(sent: bytes, status: int, **headers: str) -> Check:
    """The handshake fails with an HTTP response; the app is not called."""

    def check(bench: Bench) -> None:
        before = len(bench.calls)
        with bench.connect() as peer:
            peer.send(sent)
            reply = peer.reply()
            assert reply.status == status
            for name, value in headers.items():
                assert reply.get(name.replace("_", "-")) == value
        assert len(bench.calls) == before

    return check


def echoes(*frames: bytes, expect: Frame, path: bytes = b"/") -> Check:
    """These frames are answered with that one; the session goes on and closes well."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            socket = Socket(peer, path)
            socket.send(*frames)
            assert socket.message() == expect
            socket.send(frame(TEXT, b"more"))
            assert socket.message() == Frame(TEXT, b"more")
            socket.send(close(1000))
            socket.closed(1000)

    return check


def fails(*frames: bytes, code: int, extensions: bytes = b"") -> Check:
    """These frames are a breach that is closed with this code, and what follows is ignored."""

    def check(bench: Bench) -> None:
        path = bench.path()
        with bench.connect() as peer:
            socket = Socket(peer, path, extensions)
            socket.send(*frames, frame(TEXT, b"afterwards"))
            found = socket.message()
            assert (found.opcode, found.code) == (CLOSE, code), found
            socket.send(close(code))
            assert socket.next() is None
        assert bench.end(path) == code

    return check


def closes(*frames: bytes, code: int | None) -> Check:
    """The client closes so; the answer has the same code, and the app is told."""

    def check(bench: Bench) -> None:
        path = bench.path()
        with bench.connect() as peer:
            socket = Socket(peer, path)
            socket.send(*frames)
            socket.closed(code)
        assert bench.end(path) == (code or 1005)

    return check


def deflate(data: bytes, *, window: int = 15, end: bool = True) -> bytes:
    """A compressed payload, as RFC 7692 section 7.2.1 makes it."""
    machine = zlib.compressobj(wbits=-window)
    out = machine.compress(data) + machine.flush(zlib.Z_SYNC_FLUSH)
    return out[:-4] if end else out


def inflate(data: bytes) -> bytes:
    """The content of a compressed payload."""
    return zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff")


def offered(offer: bytes, *agreed: str) -> Check:
    """An extension is offered, and one of these (nothing: none) is agreed upon."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            found = Socket(peer, extensions=offer).extensions
        parameters = {part.strip() for part in found.split(";")}
        assert parameters == ({"permessage-deflate", *agreed} if agreed != ("",) else {""})

    return check
