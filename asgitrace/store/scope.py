"""What the list shows of a scope: its kind, method and path. The scope may hold anything of any
type."""

from typing import Any, Final, NamedTuple

import msgspec

from asgitrace.store.model import RowKind

TEXT_LIMIT: Final = 8 * 1024
"""Characters of a path (with its query) that the list keeps."""

_METHOD_LIMIT: Final = 64


class Title(NamedTuple):
    """How an exchange is called in the list."""

    kind: RowKind
    method: str
    path: str


OVERWRITTEN: Final = Title(RowKind.OTHER, "?", "(scope overwritten)")
"""Stands for a scope that was overwritten before it was read."""


class _Scope(msgspec.Struct):
    type: Any = None
    method: Any = None
    path: Any = None
    query_string: Any = None


class _Start(msgspec.Struct):
    trailers: Any = None


_decode_scope: Final = msgspec.msgpack.Decoder(_Scope).decode
_decode_start: Final = msgspec.msgpack.Decoder(_Start).decode
_ERRORS: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


def title_of(payload: bytes) -> Title:
    """Kind, method and path of a scope; never raises."""
    try:
        scope = _decode_scope(payload)
    except _ERRORS:
        return Title(RowKind.OTHER, "?", "(unreadable scope)")
    path = _text(scope.path)
    if scope.query_string and (query := _text(scope.query_string)):
        path = f"{path}?{query}"
    if len(path) > TEXT_LIMIT:
        path = cut(path, TEXT_LIMIT)
    match scope.type:
        case "http":
            return Title(RowKind.HTTP, cut(_text(scope.method), _METHOD_LIMIT) or "?", path)
        case "websocket":
            return Title(RowKind.WEBSOCKET, "WS", path)
        case "lifespan":
            return Title(RowKind.LIFESPAN, "LIFESPAN", path)
        case _:
            named = f"(scope of type {cut(_text(scope.type), _METHOD_LIMIT) or '?'})"
            return Title(RowKind.OTHER, "?", path or named)


def declares_trailers(payload: bytes) -> bool:
    """Whether an ``http.response.start`` promises trailers; never raises."""
    # The name is looked for first, since nearly no response has any and decoding costs ten times as
    # much.
    if b"trailers" not in payload:
        return False
    try:
        return bool(_decode_start(payload).trailers)
    except _ERRORS:
        return False


def cut(text: str, limit: int) -> str:
    """The text, and an ellipsis in place of what is beyond ``limit`` characters."""
    return text if len(text) <= limit else text[:limit] + "…"


def _text(value: object) -> str:
    # Some more than is shown, so that what is cut off is marked.
    if isinstance(value, str):
        return value[: TEXT_LIMIT + 1]
    if not isinstance(value, bytes):
        return ""
    value = value[: TEXT_LIMIT + 1]
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
