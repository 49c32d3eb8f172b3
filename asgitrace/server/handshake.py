"""The opening handshake of a WebSocket, server side (RFC 6455 section 4.2). Pure."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from wsproto.extensions import Extension
from wsproto.handshake import server_extensions_handshake
from wsproto.utilities import generate_accept_token

from asgitrace.server.admission import Refusal
from asgitrace.server.defaults import Header
from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.scope import RequestHead

VERSION_HEADER: Final[Header] = (b"sec-websocket-version", b"13")
_OURS: Final = frozenset(
    {
        b"connection",
        b"upgrade",
        b"sec-websocket-accept",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
    }
)


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the client asked for in a valid opening request."""

    key: bytes
    subprotocols: list[str]
    offers: list[str]

    @classmethod
    def of(cls, head: RequestHead) -> Self:
        """Read the headers of a request that `handshake_refusal` let through."""
        return cls(
            head.fields[b"sec-websocket-key"],
            list(_items(head, b"sec-websocket-protocol")),
            list(_items(head, b"sec-websocket-extensions")),
        )

    def accept(
        self, subprotocol: object, headers: Iterable[Any], extensions: list[Extension]
    ) -> list[Header]:
        """The headers of the 101 response; `extensions` are enabled as far as agreed."""
        answer: list[Header] = [
            (b"upgrade", b"websocket"),
            (b"connection", b"Upgrade"),
            (b"sec-websocket-accept", generate_accept_token(self.key)),
        ]
        if subprotocol is not None:
            if subprotocol not in self.subprotocols:
                raise AsgiProtocolError(
                    f"the app accepted subprotocol {subprotocol!r}; the client offered "
                    f"{self.subprotocols!r}"
                )
            answer.append((b"sec-websocket-protocol", str(subprotocol).encode("latin-1")))
        agreed = server_extensions_handshake(self.offers, extensions)
        if agreed:
            answer.append((b"sec-websocket-extensions", agreed))
        answer.extend(_extra(headers))
        return answer


def wants_websocket(head: RequestHead) -> bool:
    """Whether the client asks to switch to WebSocket (RFC 9110 section 7.8)."""
    return b"upgrade" in head.fields and (
        "websocket" in _lower(head, b"upgrade") and "upgrade" in _lower(head, b"connection")
    )


def handshake_refusal(head: RequestHead) -> Refusal | None:
    """Why the opening request is not one, if so (RFC 6455 section 4.2.1)."""
    if head.method != "GET" or head.http_version != "1.1":
        return Refusal(400, "a WebSocket is opened with GET over HTTP/1.1")
    if b"transfer-encoding" in head.fields or head.fields.get(b"content-length", b"0") != b"0":
        return Refusal(400, "a WebSocket opening request has no body")
    if head.fields.get(b"sec-websocket-version") != b"13":
        return Refusal(426, "only WebSocket version 13 is spoken here")
    if not _is_nonce(head.fields.get(b"sec-websocket-key", b"")):
        return Refusal(400, "Sec-WebSocket-Key is not 16 bytes of base64")
    return None


def _is_nonce(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


def _items(head: RequestHead, name: bytes) -> Iterator[str]:
    """The elements of a list header, which may be spread over several lines."""
    for found, value in head.headers:
        if found == name:
            yield from filter(None, (item.strip() for item in value.decode("latin-1").split(",")))


def _lower(head: RequestHead, name: bytes) -> set[str]:
    return {item.lower() for item in _items(head, name)}


def _extra(headers: Iterable[Any]) -> Iterator[Header]:
    for name, value in headers:
        if type(name) is not bytes or type(value) is not bytes:
            raise AsgiProtocolError(
                f"'websocket.accept' headers must be pairs of bytes, not {(name, value)!r}"
            )
        if name.lower() in _OURS:
            raise AsgiProtocolError(f"'websocket.accept' must not set the header {name!r}")
        yield name, value
