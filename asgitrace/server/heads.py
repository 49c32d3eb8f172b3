"""Heads of responses: from a status and the app's headers to bytes, checked and framed.

What frames the body of a response (RFC 9112 section 6.3), as the app and the client have it:

    status 204 or 304, or a request with HEAD    nothing, there is no body
    the app declared a Content-Length            that many bytes
    the client speaks HTTP/1.1                   chunks
    the client speaks HTTP/1.0                   the end of the connection
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import h11

from asgitrace.server.defaults import DefaultHeaders, Header
from asgitrace.server.errors import AsgiProtocolError

REASONS: Final = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}

_KEPT: Final = 256
_BODILESS: Final = frozenset({204, 304})
_OURS: Final = frozenset({b"transfer-encoding", b"keep-alive", b"proxy-connection", b"te"})
"""Headers about the connection to the client, which is the server's: the app's never go out.
For Transfer-Encoding the specification says so (ASGI HTTP, "Response Start")."""
_NOT_IN_TRAILERS: Final = frozenset(
    b"authorization cache-control connection content-encoding content-length content-location "
    b"content-range content-type cookie date expect expires host if-match if-modified-since "
    b"if-none-match if-range if-unmodified-since keep-alive location max-forwards pragma "
    b"proxy-authenticate proxy-authorization proxy-connection range retry-after set-cookie te "
    b"trailer transfer-encoding upgrade vary www-authenticate".split()
)
"""RFC 9110 section 6.5.1: fields for framing, routing, authentication, request modifiers and
response control, which must be known before the content."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The head of a response as it is sent, and what it says of the body."""

    status: int
    data: bytes
    length: int | None
    """The app's Content-Length."""
    chunked: bool
    close: bool
    """It is the last response of its connection."""

    @property
    def bodiless(self) -> bool:
        """Whether no body follows whatever was asked for (RFC 9110 section 6.4.1)."""
        return self.status in _BODILESS


class ResponseHeads:
    """Makes the heads of responses.

    An app sends few different ones in one second and checking takes longer than all the rest of a
    small response, so they are kept until the Date header changes.
    """

    __slots__ = ("_defaults", "_headers", "_heads")

    def __init__(self, defaults: DefaultHeaders) -> None:
        self._defaults = defaults
        self._headers = defaults.current()
        self._heads: dict[tuple[Any, ...], ResponseHead] = {}

    def get(
        self, status: object, headers: Iterable[Any], *, close: bool = False, old: bool = False
    ) -> ResponseHead:
        """The head with Date and Server, for the last response of its connection (`close`), for a
        client that speaks HTTP/1.0 (`old`). Raises `AsgiProtocolError`."""
        if not isinstance(status, int):
            raise AsgiProtocolError(f"the response status must be an integer, not {status!r}")
        pairs = _pairs(headers)
        current = self._defaults.current()
        if current is not self._headers or len(self._heads) >= _KEPT:
            self._headers = current
            self._heads.clear()
        key = (status, close, old, pairs)
        try:
            known = self._heads.get(key)
        except TypeError as exc:
            raise AsgiProtocolError(f"response headers must be bytes ({exc})") from exc
        if known is None:
            known = self._heads[key] = _head(int(status), pairs, current, close, old)
        return known


def informational(status: int, headers: Iterable[Any]) -> bytes:
    """The bytes of a 1xx response. Raises `AsgiProtocolError`."""
    try:
        response = h11.InformationalResponse(
            status_code=status, headers=checked(_pairs(headers)), reason=REASONS[status]
        )
    except h11.LocalProtocolError as exc:
        raise AsgiProtocolError(f"the {status} response is not valid HTTP: {exc}") from exc
    return _serialized(status, response.headers.raw_items())


def trailer_section(headers: Iterable[Any]) -> tuple[bytes, list[Header]]:
    """The bytes after the last chunk, and the fields in them. Raises `AsgiProtocolError`."""
    fields = checked(_pairs(headers))
    for name, _ in fields:
        if name.lower() in _NOT_IN_TRAILERS:
            raise AsgiProtocolError(f"{name!r} must not be in the trailers (RFC 9110 6.5.1)")
    try:
        end = h11.EndOfMessage(headers=fields)
    except h11.LocalProtocolError as exc:
        raise AsgiProtocolError(f"the trailers are not valid HTTP: {exc}") from exc
    fields = end.headers.raw_items()
    return _lines(fields), fields


def checked(pairs: Iterable[tuple[Any, ...]]) -> list[Header]:
    """The app's headers if they are pairs of bytes, without white space round their values.

    Raises `AsgiProtocolError`.
    """
    headers: list[Header] = []
    for pair in pairs:
        if len(pair) != 2 or type(pair[0]) is not bytes or type(pair[1]) is not bytes:
            raise AsgiProtocolError(f"response headers must be pairs of bytes, not {pair!r}")
        headers.append((pair[0], pair[1].strip(b" \t")))
    return headers


def _pairs(headers: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    try:
        return tuple([tuple(pair) for pair in headers])
    except TypeError as exc:
        raise AsgiProtocolError(f"response headers must be pairs of bytes ({exc})") from exc


def _head(
    status: int,
    pairs: Iterable[tuple[Any, ...]],
    defaults: Iterable[Header],
    close: bool,
    old: bool,
) -> ResponseHead:
    if not 200 <= status <= 599:
        raise AsgiProtocolError(f"a response ends with a status from 200 to 599, not {status}")
    fields = _valid(status, checked(pairs))
    names = {name.lower() for name, _ in fields}
    options = options_of(fields, b"connection")
    length = _length(fields)
    bodiless = status in _BODILESS
    chunked = length is None and not bodiless and not old
    close = close or b"close" in options or (length is None and not bodiless and old)
    sent = [header for header in defaults if header[0] not in names]
    sent += [
        (name, value)
        for name, value in fields
        if (lower := name.lower()) not in _OURS and lower != b"connection"
    ]
    if chunked:
        sent.append((b"transfer-encoding", b"chunked"))
    sent += _connection(options, close=close, old=old, upgrade=b"upgrade" in names)
    return ResponseHead(status, _serialized(status, sent), length, chunked, close)


def _valid(status: int, headers: list[Header]) -> list[Header]:
    """The headers as h11 lets them through; repeated equal lengths are one."""
    kept = [header for header in headers if header[0].lower() != b"transfer-encoding"]
    if status == 204:
        # RFC 9110 section 8.6.
        kept = [header for header in kept if header[0].lower() != b"content-length"]
    try:
        response = h11.Response(status_code=status, headers=kept)
    except h11.LocalProtocolError as exc:
        raise AsgiProtocolError(f"the response head is not valid HTTP: {exc}") from exc
    return response.headers.raw_items()


def _length(fields: Iterable[Header]) -> int | None:
    for name, value in fields:
        if name.lower() == b"content-length":
            return int(value)
    return None


def options_of(fields: Iterable[Header], name: bytes) -> list[bytes]:
    """The elements of a list header, in lower case; it may be spread over several lines."""
    return [
        option
        for found, value in fields
        if found.lower() == name
        for option in (part.strip().lower() for part in value.split(b","))
        if option
    ]


def _connection(options: Iterable[bytes], *, close: bool, old: bool, upgrade: bool) -> list[Header]:
    """The Connection header (RFC 9110 section 7.6.1): the app's options, and the truth about the
    connection's future."""
    told = dict.fromkeys(option for option in options if option not in (b"close", b"keep-alive"))
    if upgrade:
        told[b"upgrade"] = None
    if close:
        told[b"close"] = None
    elif old:
        told[b"keep-alive"] = None
    return [(b"connection", b", ".join(told))] if told else []


def _serialized(status: int, headers: Iterable[Header]) -> bytes:
    return b"HTTP/1.1 %d %s\r\n%s" % (status, REASONS.get(status, b""), _lines(headers))


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers]) + b"\r\n"
