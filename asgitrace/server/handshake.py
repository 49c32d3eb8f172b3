"""The opening handshake of a WebSocket, server side (RFC 6455 section 4.2). Pure."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from asgitrace.server.defaults import Header
from asgitrace.server.deflate import Agreement
from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.extensions import MalformedExtensions, Offer, parse_offers
from asgitrace.server.head import Refusal
from asgitrace.server.scope import RequestHead

VERSION_HEADER: Final[Header] = (b"sec-websocket-version", b"13")
REFUSAL_HEADERS: Final[tuple[Header, ...]] = (
    VERSION_HEADER,
    (b"upgrade", b"websocket"),
    (b"connection", b"Upgrade"),
)
"""Of the answer to a request that opens no WebSocket (RFC 6455 section 4.4, RFC 9110 15.5.22)."""

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_OURS: Final = frozenset(
    {
        b"connection",
        b"content-length",
        b"sec-websocket-accept",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
        b"transfer-encoding",
        b"upgrade",
    }
)
_ONCE: Final = (b"sec-websocket-key", b"sec-websocket-version")
"""RFC 6455 sections 11.3.1 and 11.3.5: not more than once in a request."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the client asked for in a valid opening request."""

    key: bytes
    subprotocols: list[str]
    offers: list[Offer]

    @classmethod
    def of(cls, head: RequestHead) -> Self:
        """Read the headers of a request that `handshake_refusal` let through."""
        return cls(
            head.fields[b"sec-websocket-key"],
            list(_items(head, b"sec-websocket-protocol")),
            _offers(head),
        )

    def accept(
        self, subprotocol: object, headers: Iterable[Any]
    ) -> tuple[list[Header], Agreement | None]:
        """The headers of the 101 response, and what was agreed on for permessage-deflate.

        Raises `AsgiProtocolError`.
        """
        answer: list[Header] = [
            (b"upgrade", b"websocket"),
            (b"connection", b"Upgrade"),
            (b"sec-websocket-accept", accept_token(self.key)),
        ]
        if subprotocol is not None:
            if subprotocol not in self.subprotocols:
                raise AsgiProtocolError(
                    f"the app accepted subprotocol {subprotocol!r}; the client offered "
                    f"{self.subprotocols!r}"
                )
            answer.append((b"sec-websocket-protocol", str(subprotocol).encode("latin-1")))
        agreed = Agreement.first(self.offers)
        if agreed is not None:
            answer.append((b"sec-websocket-extensions", agreed.header()))
        answer.extend(_extra(headers))
        return answer, agreed


def accept_token(key: bytes) -> bytes:
    """Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def wants_websocket(head: RequestHead) -> bool:
    """Whether the client asks to switch to WebSocket (RFC 9110 section 7.8).

    That section has Upgrade ignored in a request of HTTP/1.0.
    """
    return (
        b"upgrade" in head.fields
        and head.http_version != "1.0"
        and "websocket" in _lower(head, b"upgrade")
        and "upgrade" in _lower(head, b"connection")
    )


def handshake_refusal(head: RequestHead) -> Refusal | None:
    """Why the opening request is not one, if so (RFC 6455 section 4.2.1)."""
    if head.method != "GET":
        return Refusal(400, "a WebSocket is opened with GET")
    if b"transfer-encoding" in head.fields or head.fields.get(b"content-length", b"0") != b"0":
        return Refusal(400, "a WebSocket opening request has no body")
    names = [name for name, _ in head.headers]
    for name in _ONCE:
        if names.count(name) > 1:
            return Refusal(400, f"{name.decode('ascii')} is there more than once")
    if head.fields.get(b"sec-websocket-version") != b"13":
        return Refusal(426, "only WebSocket version 13 is spoken here")
    if not _is_nonce(head.fields.get(b"sec-websocket-key", b"")):
        return Refusal(400, "Sec-WebSocket-Key is not 16 bytes of base64")
    try:
        _offers(head)
    except MalformedExtensions:
        return Refusal(400, "Sec-WebSocket-Extensions is malformed")
    return None


def _is_nonce(key: bytes) -> bool:
    try:
        return len(key) == 24 and len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


def _offers(head: RequestHead) -> list[Offer]:
    return parse_offers(",".join(_lines(head, b"sec-websocket-extensions")))


def _lines(head: RequestHead, name: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for found, value in head.headers if found == name)


def _items(head: RequestHead, name: bytes) -> Iterator[str]:
    """The elements of a list header, which may be spread over several lines."""
    for line in _lines(head, name):
        yield from filter(None, (item.strip(" \t") for item in line.split(",")))


def _lower(head: RequestHead, name: bytes) -> set[str]:
    return {item.lower() for item in _items(head, name)}


def _extra(headers: Iterable[Any]) -> Iterator[Header]:
    try:
        pairs = [(name, value) for name, value in headers]
    except (TypeError, ValueError) as exc:
        raise AsgiProtocolError(
            f"'websocket.accept' headers must be pairs of bytes ({exc})"
        ) from exc
    for name, value in pairs:
        if type(name) is not bytes or type(value) is not bytes:
            raise AsgiProtocolError(
                f"'websocket.accept' headers must be pairs of bytes, not {(name, value)!r}"
            )
        if name.lower() in _OURS:
            raise AsgiProtocolError(f"'websocket.accept' must not set the header {name!r}")
        yield name, value
