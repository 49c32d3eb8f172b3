"""Tokens, trace contexts and WebSocket handshakes, taken apart."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

import regex

from asgitrace.views.body.jwt_token import TIMES, WARNING, decode_jwt, time_of
from asgitrace.views.fields import value_text
from asgitrace.views.headers.spans import apart
from asgitrace.views.headers.tokens import Explained, items, parameters

_TRACE: Final = regex.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NONCE: Final = 16
_MOST_CLAIMS: Final = 50
_S: Final = 1_000_000_000
_DEFLATE: Final = {
    "server_no_context_takeover": "the server compresses each message by itself",
    "client_no_context_takeover": "the client compresses each message by itself",
    "server_max_window_bits": "of the server's window",
    "client_max_window_bits": "of the client's window",
}


def traceparent(value: str) -> Iterator[Explained]:
    """The fields of a trace context (W3C Trace Context, section 3.2)."""
    found = _TRACE.fullmatch(value, timeout=1)
    if found is None:
        yield "", "not a trace context", "warn"
        return
    version, trace, parent, flags = found.group(1, 2, 3, 4)
    if version == "ff" or not int(trace, 16) or not int(parent, 16):
        yield "", "not valid: version ff, or an id of zeros", "warn"
    yield "version", version, "dim"
    yield "trace", trace, "dim"
    yield "parent", parent, "dim"
    yield "flags", f"{flags}, {'sampled' if int(flags, 16) & 1 else 'not sampled'}", "dim"


def extensions(value: str) -> Iterator[Explained]:
    """Extensions with their parameters; of permessage-deflate what these mean (RFC 7692)."""
    for item in items(value):
        name, given = parameters(item)
        yield name, "messages are compressed" if name == "permessage-deflate" else "", "dim"
        for key, held in given:
            words = _DEFLATE.get(key, "unknown parameter")
            yield f"  {key}", f"{held} bits {words}" if held else words, "dim"


def key(value: str) -> Iterator[Explained]:
    """Whether a handshake's key is one (RFC 6455 section 4.1)."""
    try:
        size = len(b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        yield "", "not base64", "warn"
        return
    if size != _NONCE:
        yield "", f"{size} bytes instead of {_NONCE}", "warn"


def version(value: str) -> Iterator[Explained]:
    """Whether it is the version there is."""
    if value != "13":
        yield "", "only 13 is in use", "warn"


def upgrade(value: str) -> Iterator[Explained]:
    """What the connection is to become."""
    for item in items(value):
        match item.lower():
            case "websocket":
                yield item, "a WebSocket session", "dim"
            case "h2c":
                yield item, "HTTP/2 in clear text; obsolete", "dim"


def bearer(token: str, now_ns: int) -> Iterator[Explained]:
    """A bearer token; a JWT is decoded, and never verified."""
    found = decode_jwt(token)
    if found is None:
        yield "token", f"{len(token)} characters", "dim"
        return
    yield "JWT", WARNING, "warn"
    yield "header", value_text(found.header), "dim"
    if found.encrypted:
        yield "claims", "encrypted", "dim"
    elif not isinstance(found.claims, dict):
        yield "claims", value_text(found.claims), "dim"
    else:
        for name, value in list(found.claims.items())[:_MOST_CLAIMS]:
            yield _claim(str(name), value, now_ns)
    signed = (
        f"{found.signature} bytes" if found.signature else "none: anybody could have written it"
    )
    yield "signature", signed, "dim" if found.signature or found.encrypted else "warn"


def _claim(name: str, value: Any, now_ns: int) -> Explained:
    shown = value_text(value)
    time = time_of(value) if name in TIMES else ""
    if not time:
        return name, shown, "dim"
    seconds = int(value) - now_ns // _S
    when = apart(seconds)
    late = (name == "exp" and seconds <= 0) or (name == "nbf" and seconds > 0)
    return name, f"{shown}  {time}, {when}", "warn" if late else "dim"
