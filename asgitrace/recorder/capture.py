"""What is kept of a scope or a message: pure functions that never change what they look at."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from asgitrace.asgi import MESSAGE_TYPES
from asgitrace.events import MESSAGE_CODES, OTHER, Flag, pack_marks, pack_what
from asgitrace.ring import encode
from asgitrace.ring.codec import describe

_PLAIN_SCOPE_KEYS: Final = frozenset(
    {
        "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
        "root_path", "headers", "client", "server", "subprotocols", "extensions", "state",
    }
)  # fmt: skip
"""Scope keys of the specification; whatever else is in a scope was put there by somebody's code."""

_SCOPE_LIMIT: Final = 256 * 1024
_TEXT_LIMIT: Final = 2_000


Captured = tuple[int, int, int, bytes]
"""The message code in its place in the header's word (see ``pack_what``); number and flags (see
``pack_marks``); true length of the body in bytes; payload. A bare tuple, since every event makes
one."""

NO_MESSAGE: Final[Captured] = (pack_what(0, message=OTHER), 0, 0, b"")


def capture_scope(scope: Any) -> bytes:
    """Encode a scope. Objects that servers and middleware keep in it are described, not walked
    through."""
    try:
        if scope.get("state"):
            scope = {**scope, "state": _outline(scope["state"])}
        encoded = _encode_scope(scope)
        return encoded if len(encoded) <= _SCOPE_LIMIT else _encode_scope(_shorten(scope))
    except Exception:
        return encode({"type": None, "repr": describe(scope)})


def capture_other(message: Any) -> Captured:
    """A message of a type the specification does not know as it is, or of one that cannot be
    encoded, type and repr."""
    name = message.get("type") if isinstance(message, Mapping) else None
    code = MESSAGE_CODES.get(name, OTHER) if isinstance(name, str) else OTHER
    what = pack_what(0, message=code)
    if code == OTHER:
        try:
            return what, 0, 0, encode(message)
        except Exception:
            pass
    text = describe(message)
    kept = {"type": name if isinstance(name, str) and name.isascii() else None, "repr": text}
    return what, pack_marks(0, Flag.REPR), 0, encode(kept)


def _outline(state: Any) -> Any:
    """The lifespan's state: its keys, with the scalars and the types of what they hold."""
    return (
        {str(key): _brief(held) for key, held in state.items()}
        if isinstance(state, Mapping)
        else _brief(state)
    )


def _shorten(scope: Any) -> dict[str, Any]:
    """A scope in which somebody keeps large things: the specification's keys whole, of the others
    an outline."""
    return {
        str(key): value if key in _PLAIN_SCOPE_KEYS else _brief(value)
        for key, value in scope.items()
    }


def _brief(value: Any) -> Any:
    """A short stand-in for an object of unknown size and unknown repr: scalars as they are, of
    others the type."""
    if isinstance(value, str | bytes):
        return value[:_TEXT_LIMIT]
    if value is None or isinstance(value, int | float):
        return value
    kind = type(value)
    length = f" of {len(value)}" if isinstance(value, list | tuple | dict | set | frozenset) else ""
    return f"<{kind.__module__}.{kind.__qualname__}{length}>"


_encode_scope: Final = msgspec.msgpack.Encoder(enc_hook=_brief).encode


Capture = Callable[[Any, int], Captured]


def _plain(what: int) -> Capture:
    def capture_plain(message: Any, limit: int) -> Captured:
        return what, 0, 0, encode(message)

    return capture_plain


def _numbered(what: int, key: str) -> Capture:
    """For messages with a status or a close code."""

    def capture_number(message: Any, limit: int) -> Captured:
        number = message.get(key)
        fits = isinstance(number, int) and 0 <= number < 65_536
        return what, int(number) if fits else 0, 0, encode(message)

    return capture_number


def _trailers(what: int) -> Capture:
    def capture_trailers(message: Any, limit: int) -> Captured:
        return what, _MORE if message.get("more_trailers") else 0, 0, encode(message)

    return capture_trailers


def _body(what: int) -> Capture:
    def capture_body(message: Any, limit: int) -> Captured:
        marks = _MORE if message.get("more_body") else 0
        body = message.get("body", b"")
        size = len(body)
        if size > limit:
            return what, marks | _TRUNCATED, size, encode({**message, "body": body[:limit]})
        return what, marks, size, encode(message)

    return capture_body


def _frame(what: int) -> Capture:
    """For WebSocket messages: text counts in bytes of UTF-8, as on the wire."""

    def capture_frame(message: Any, limit: int) -> Captured:
        text = message.get("text")
        if text is None:
            body = message.get("bytes") or b""
            size = len(body)
            if size > limit:
                return what, _TRUNCATED, size, encode({**message, "bytes": body[:limit]})
            return what, 0, size, encode(message)
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size > limit:
            kept = text[:limit].encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
            return what, _TEXT | _TRUNCATED, size, encode({**message, "text": kept})
        return what, _TEXT, size, encode(message)

    return capture_frame


_MORE, _TRUNCATED, _TEXT = (pack_marks(0, flag) for flag in (Flag.MORE, Flag.TRUNCATED, Flag.TEXT))


def _capture_of(name: str) -> Capture:
    what = pack_what(0, message=MESSAGE_CODES[name])
    match name:
        case "http.request" | "http.response.body" | "websocket.http.response.body":
            return _body(what)
        case "http.response.start" | "websocket.http.response.start":
            return _numbered(what, "status")
        case "websocket.disconnect" | "websocket.close":
            return _numbered(what, "code")
        case "websocket.receive" | "websocket.send":
            return _frame(what)
        case "http.response.trailers":
            return _trailers(what)
        case _:
            return _plain(what)


CAPTURES: Final = {name: _capture_of(name) for name in MESSAGE_TYPES}
"""For every type of the specification, the function that captures it; these may raise, then
``capture_other`` is due."""
