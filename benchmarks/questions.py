"""What clients ask, and how they know a right answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.apps import WS_PAYLOAD
from benchmarks.site_app import JSON_BODY

_HELLO: Final = "Hello, world!"
_KIB: Final = "0123456789abcdef" * 64
_MASK: Final = b"\x37\xfa\x21\x3d"
FRAME: Final = (
    bytes([0x82, 0x80 | len(WS_PAYLOAD)])
    + _MASK
    + bytes(byte ^ _MASK[at % 4] for at, byte in enumerate(WS_PAYLOAD))
)
"""A masked binary frame of 64 bytes."""
ECHO_FRAME: Final = bytes([0x82, len(WS_PAYLOAD)]) + WS_PAYLOAD
"""Its echo."""
_HEAD_END: Final = b"\r\n\r\n"
HANDSHAKE: Final = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
"""Asks for a WebSocket."""
ACCEPTED: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""What belongs to that key (RFC 6455 section 1.3)."""

Judge = Callable[[bytes], bool | None]
"""Whether the bytes are the right answer; None while there is more to come."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request and the body of its answer, all in ASCII."""

    method: str
    path: str
    body: str
    answer: str

    @property
    def wire(self) -> bytes:
        """The request as it is sent."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n"
        length = f"Content-Length: {len(self.body)}\r\n" if self.body else ""
        return f"{head}{length}\r\n{self.body}".encode()

    def judge(self, data: bytes) -> bool | None:
        """See `Judge`. All servers send the length that the app gives them."""
        head, found, body = data.partition(_HEAD_END)
        if not found or (len(body) < len(self.answer) and head.startswith(b"HTTP/1.1 200")):
            return None
        return head.startswith(b"HTTP/1.1 200") and body == self.answer.encode()


HELLO: Final = Request("GET", "/", "", _HELLO)
JSON: Final = Request("GET", "/json", "", JSON_BODY.decode())
ECHO: Final = Request("POST", "/echo", _KIB, _KIB)


def is_websocket(data: bytes) -> bool | None:
    """Whether the answer to `HANDSHAKE` opens a WebSocket; see `Judge`."""
    head, found, rest = data.partition(_HEAD_END)
    if not found:
        return None
    return head.startswith(b"HTTP/1.1 101 ") and ACCEPTED in head and not rest


@dataclass(frozen=True, slots=True)
class Talk:
    """What one connection says, again and again."""

    question: bytes
    judge: Judge
    opening: bytes = b""
    """Said first, where there is any."""
    opened: Judge = is_websocket
    batch: int = 1
    """Messages in a question."""


def requests(request: Request) -> Talk:
    """A request at a time."""
    return Talk(request.wire, request.judge)


def echoes(batch: int) -> Talk:
    """WebSocket messages of 64 bytes, ``batch`` at a time."""
    answer = ECHO_FRAME * batch

    def judge(data: bytes) -> bool | None:
        return None if len(data) < len(answer) else data == answer

    return Talk(FRAME * batch, judge, HANDSHAKE, batch=batch)
