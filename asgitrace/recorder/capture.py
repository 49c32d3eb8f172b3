"""What is kept of a message: pure functions that never change what they look at.

Every type of the specification has its function in CAPTURES, made for messages as they should be.
These raise for what they were not made for, and then ``capture_other`` takes its time."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from asgitrace.asgi import MESSAGE_TYPES
from asgitrace.events import MESSAGE_CODES, OTHER, Flag, pack_marks, pack_what
from asgitrace.ring import encode
from asgitrace.ring.codec import clean, describe, plain

Captured: TypeAlias = tuple[int, int, int, bytes]
"""The message code in its place in the header's word (see ``pack_what``); number and flags (see
``pack_marks``); true length of the body in bytes; payload. A bare tuple, since every event makes
one."""

Capture: TypeAlias = Callable[[Any, int], Captured]
Encode: TypeAlias = Callable[[Any], bytes]

NO_MESSAGE: Final[Captured] = (pack_what(0, message=OTHER), 0, 0, b"")

_TEXT_LIMIT: Final = 2_000
_MORE, _TRUNCATED, _TEXT, _REPR = (
    pack_marks(0, flag) for flag in (Flag.MORE, Flag.TRUNCATED, Flag.TEXT, Flag.REPR)
)


def capture_other(message: Any, limit: int) -> Captured:
    """Capture a message of an unknown type, or one that its type's own function raised for.

    It is kept with the repr in place of objects; where it cannot be encoded even then, or is no
    mapping, its type and its repr are."""
    try:
        if not isinstance(message, Mapping):
            raise TypeError("no mapping")
        fields = {key: _own(value) for key, value in dict(message).items()}
    except Exception:
        return NO_MESSAGE[0], _REPR, 0, encode({"type": None, "repr": describe(message)})
    name = fields.get("type")
    name = name if isinstance(name, str) else None
    try:
        return _LENIENT.get(name, _unknown)(fields, limit)
    except Exception:
        return _capture_repr(fields, name)


def _capture_repr(fields: dict[Any, Any], name: str | None) -> Captured:
    what, marks, size, _ = NO_MESSAGE
    with contextlib.suppress(Exception):
        what = pack_what(0, message=MESSAGE_CODES.get(name or "", OTHER))
        _, marks, size, _ = _MEASURES.get(name, _unknown)(fields, _TEXT_LIMIT)
    # What is far too long for the repr need not be turned into one first.
    shown = describe({key: _cut(value, _TEXT_LIMIT) for key, value in fields.items()})
    label = None if name is None else clean(_cut(name, _TEXT_LIMIT))
    return what, marks & ~_TRUNCATED | _REPR, size, encode({"type": label, "repr": shown})


def _own(value: Any) -> Any:
    """Text and bytes as the plain types; anything else as it is."""
    if isinstance(value, memoryview):
        return value.tobytes()
    return plain(value) if isinstance(value, str | bytes) else value


def _cut(value: Any, limit: int) -> Any:
    """At most ``limit`` bytes of text, cut between two characters, or of bytes; anything else as it
    is."""
    if not isinstance(value, str | bytes | bytearray) or _length(value) <= limit:
        return value
    if isinstance(value, str):
        kept = value[:limit].encode("utf-8", "backslashreplace")
        return kept[:limit].decode("utf-8", "ignore")
    return bytes(value[:limit])


def _length(body: Any) -> int:
    """True length in bytes of a body that is not the bytes it should be. Raises TypeError where it
    has none, or where its length does not count bytes."""
    if body is None:
        return 0
    if isinstance(body, str):
        return len(body) if body.isascii() else len(body.encode("utf-8", "surrogatepass"))
    if isinstance(body, bytes | bytearray):
        return len(body)
    raise TypeError(f"a body of type {type(body)}")


def _unknown(message: Any, limit: int) -> Captured:
    """For types the specification does not know, of which any value may be the body."""
    kept = {
        key: _cut(value, _TEXT_LIMIT if key == "type" else limit) for key, value in message.items()
    }
    cut = any(kept[key] is not value for key, value in message.items())
    return NO_MESSAGE[0], _TRUNCATED if cut else 0, 0, encode(kept)


def _plain(what: int, encode: Encode) -> Capture:
    def capture_plain(message: Any, limit: int) -> Captured:
        return what, 0, 0, encode(message)

    return capture_plain


def _numbered(what: int, encode: Encode, key: str) -> Capture:
    """For messages with a status or a close code."""

    def capture_number(message: Any, limit: int) -> Captured:
        number = message.get(key)
        fits = isinstance(number, int) and 0 <= number < 65_536
        return what, int(number) if fits else 0, 0, encode(message)

    return capture_number


def _continued(what: int, encode: Encode, key: str) -> Capture:
    """For messages that say whether more of the same follow, and have no bytes in them."""

    def capture_continued(message: Any, limit: int) -> Captured:
        return what, _MORE if message.get(key) else 0, 0, encode(message)

    return capture_continued


def _body(what: int, encode: Encode) -> Capture:
    def capture_body(message: Any, limit: int) -> Captured:
        marks = _MORE if message.get("more_body") else 0
        body = message.get("body", b"")
        size = len(body) if type(body) is bytes else _length(body)
        if size > limit:
            kept = {**message, "body": _cut(body, limit)}
            return what, marks | _TRUNCATED, size, encode(kept)
        return what, marks, size, encode(message)

    return capture_body


def _frame(what: int, encode: Encode) -> Capture:
    """For WebSocket messages: text counts in bytes of UTF-8, as on the wire."""

    def capture_frame(message: Any, limit: int) -> Captured:
        text = message.get("text")
        if text is None:
            body = message.get("bytes")
            size = len(body) if type(body) is bytes else _length(body)
            if size > limit:
                return what, _TRUNCATED, size, encode({**message, "bytes": _cut(body, limit)})
            return what, 0, size, encode(message)
        size = len(text) if type(text) is str and text.isascii() else _length(text)
        if size > limit:
            kept = {**message, "text": _cut(text, limit)}
            return what, _TEXT | _TRUNCATED, size, encode(kept)
        return what, _TEXT, size, encode(message)

    return capture_frame


def _capture_of(name: str, encode: Encode) -> Capture:
    what = pack_what(0, message=MESSAGE_CODES[name])
    match name:
        case "http.request" | "http.response.body" | "websocket.http.response.body":
            return _body(what, encode)
        case "http.response.start" | "websocket.http.response.start":
            return _numbered(what, encode, "status")
        case "websocket.disconnect" | "websocket.close":
            return _numbered(what, encode, "code")
        case "websocket.receive" | "websocket.send":
            return _frame(what, encode)
        case "http.response.trailers":
            return _continued(what, encode, "more_trailers")
        case "http.response.zerocopysend":
            return _continued(what, encode, "more_body")
        case _:
            return _plain(what, encode)


def _table(encode: Encode) -> dict[str | None, Capture]:
    return {name: _capture_of(name, encode) for name in MESSAGE_TYPES}


CAPTURES: Final = _table(msgspec.msgpack.Encoder().encode)
"""For every type of the specification, the function that captures it. They raise for a message that
is not a dict of what msgpack has words for; then ``capture_other`` is due."""

_LENIENT: Final = _table(encode)
_MEASURES: Final = _table(lambda _: b"")
"""For the header's fields alone."""
