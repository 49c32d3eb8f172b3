"""What the list shows of a scope and of the start of a response. Either may hold anything of any
type."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from asgitrace.store.model import Origin, RowKind

TEXT_LIMIT: Final = 8 * 1024
"""Characters of a path (with its query) that the list keeps."""

_METHOD_LIMIT: Final = 64
_HOST_LIMIT: Final = 255
"""As long as a name can be in the DNS (RFC 1035 section 2.3.4)."""

_MIME_LIMIT: Final = 127
_CONTENT_TYPE: Final = b"content-type"
_CACHED: Final = 512
"""Bytes of what is looked up rather than decoded once more: servers' addresses and the heads of
responses, which are much the same from one exchange to the next."""


class Title(NamedTuple):
    """How an exchange is called in the list, and whence and where it came."""

    kind: RowKind
    method: str
    path: str
    client: str = ""
    """Host, without port."""
    origin: Origin = Origin()


class Start(NamedTuple):
    """What the start of a response tells."""

    mime: str = ""
    """Its content type without parameters, in lower case."""
    trailers: bool = False
    """Whether it promises trailers."""


OVERWRITTEN: Final = Title(RowKind.OTHER, "?", "(scope overwritten)")
"""Stands for a scope that was overwritten before it was read."""


class _Scope(msgspec.Struct):
    type: Any = None
    method: Any = None
    path: Any = None
    query_string: Any = None
    client: Any = None
    http_version: msgspec.Raw = msgspec.Raw()
    scheme: msgspec.Raw = msgspec.Raw()
    server: msgspec.Raw = msgspec.Raw()


class _Request(msgspec.Struct, gc=False):
    """The scope of a request as servers give it, which nearly all are."""

    type: str
    method: str
    path: str
    http_version: str
    scheme: str
    client: tuple[str, Any]
    server: tuple[str, Any]
    query_string: bytes = b""


class _Start(msgspec.Struct):
    headers: Any = None
    trailers: Any = None


_decode_scope: Final = msgspec.msgpack.Decoder(_Scope).decode


class _Response(msgspec.Struct, gc=False):
    """The start of a response as applications give it, which nearly all are."""

    headers: list[tuple[bytes, bytes]] = []
    trailers: bool = False


_decode_request: Final = msgspec.msgpack.Decoder(_Request).decode
_decode_response: Final = msgspec.msgpack.Decoder(_Response).decode
_decode_start: Final = msgspec.msgpack.Decoder(_Start).decode
_decode: Final = msgspec.msgpack.Decoder().decode
_ERRORS: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


def title_of(payload: bytes) -> Title:
    """What the list shows of a scope; never raises."""
    try:
        request = _decode_request(payload)
        query = request.query_string.decode()
    except _ERRORS:
        return _title_of_any(payload)
    path = f"{request.path}?{query}" if query else request.path
    host, (name, port) = request.client[0], request.server
    usual = (
        request.type == "http"
        and 0 < len(request.method) <= _METHOD_LIMIT
        and len(path) <= TEXT_LIMIT
        and len(host) <= _HOST_LIMIT
        and type(port) is int
        and len(name) + len(request.scheme) + len(request.http_version) <= _METHOD_LIMIT
    )
    if not usual:
        return _title_of_any(payload)
    origin = _usual_origin(request.http_version, request.scheme, name, port)
    return Title(RowKind.HTTP, request.method, path, host, origin)


def _title_of_any(payload: bytes) -> Title:
    try:
        scope = _decode_scope(payload)
    except _ERRORS:
        return Title(RowKind.OTHER, "?", "(unreadable scope)")
    path = scope.path if type(scope.path) is str else _text(scope.path)
    if scope.query_string and (query := _text(scope.query_string)):
        path = f"{path}?{query}"
    if len(path) > TEXT_LIMIT:
        path = cut(path, TEXT_LIMIT)
    kind = scope.type
    if kind == "http":
        named, method = RowKind.HTTP, cut(_text(scope.method), _METHOD_LIMIT) or "?"
    elif kind == "websocket":
        named, method = RowKind.WEBSOCKET, "WS"
    elif kind == "lifespan":
        named, method = RowKind.LIFESPAN, "LIFESPAN"
    else:
        named, method = RowKind.OTHER, "?"
        path = path or f"(scope of type {cut(_text(kind), _METHOD_LIMIT) or '?'})"
    return Title(named, method, path, _host(scope.client), _origin(scope))


def start_of(payload: bytes) -> Start:
    """What the start of a response tells; never raises."""
    return _start_again(payload) if len(payload) <= _CACHED else _start(payload)


def cut(text: str, limit: int) -> str:
    """The text, and an ellipsis in place of what is beyond ``limit`` characters."""
    return text if len(text) <= limit else text[:limit] + "…"


def _start(payload: bytes) -> Start:
    try:
        response = _decode_response(payload)
    except _ERRORS:
        return _start_of_any(payload)
    for name, value in response.headers:
        if len(name) == len(_CONTENT_TYPE) and name.lower() == _CONTENT_TYPE:
            mime = _mime_of(value)
            if mime:
                return Start(mime, response.trailers)
    return Start("", response.trailers)


def _start_of_any(payload: bytes) -> Start:
    try:
        start = _decode_start(payload)
    except _ERRORS:
        return Start()
    headers = start.headers if isinstance(start.headers, list) else ()
    return Start(next(filter(None, map(_mime, headers)), ""), bool(start.trailers))


_start_again: Final = lru_cache(maxsize=1024)(_start)


def _mime(header: object) -> str:
    """The content type, if that is what this header field gives."""
    match header:
        case [bytes() | str() as name, bytes() | str() as value]:
            if len(name) == len("content-type") and _text(name).lower() == "content-type":
                return _mime_of(value)
    return ""


def _mime_of(value: bytes | str) -> str:
    return cut(_text(value).partition(";")[0].strip().lower(), _MIME_LIMIT)


def _host(client: object) -> str:
    """The host of a client, which is a list of host and port."""
    return cut(_text(client[0]), _HOST_LIMIT) if isinstance(client, list) and client else ""


def _origin(scope: _Scope) -> Origin:
    version, scheme, server = map(bytes, (scope.http_version, scope.scheme, scope.server))
    if len(version) + len(scheme) + len(server) > _CACHED:
        return _origin_once(version, scheme, server)
    return _origin_again(version, scheme, server)


def _origin_once(version: bytes, scheme: bytes, server: bytes) -> Origin:
    return Origin(
        cut(_text(_decoded(version)), _METHOD_LIMIT),
        cut(_text(_decoded(scheme)), _METHOD_LIMIT),
        _server(_decoded(server)),
    )


_origin_again: Final = lru_cache(maxsize=256)(_origin_once)


@lru_cache(maxsize=256)
def _usual_origin(version: str, scheme: str, name: str, port: int) -> Origin:
    return Origin(version, scheme, _server([name, port]))


def _decoded(payload: bytes) -> object:
    try:
        found: object = _decode(payload)
    except _ERRORS:
        return None
    return found


def _server(server: object) -> str:
    """Host and port, or the path of a Unix socket, from a scope's ``server``."""
    match server:
        case [host, int() as port, *_]:
            host = cut(_text(host), _HOST_LIMIT)
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return _host(server)


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
