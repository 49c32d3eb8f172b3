"""The response half of a connection: ASGI response messages to bytes, framed and checked by h11."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import h11

from asgitrace.server.defaults import DefaultHeaders, Header
from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.flow import Outlet

_REASONS: Final = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}
_END: Final = h11.EndOfMessage()
_CLOSE: Final[Header] = (b"connection", b"close")
_HEADS_KEPT: Final = 256


class ResponseHeads:
    """Makes h11 responses from a status and the app's headers.

    Validation is a third of what h11 costs for a small response, and an app sends few different
    heads in one second, so they are kept until the Date header changes.
    """

    __slots__ = ("_defaults", "_headers", "_heads")

    def __init__(self, defaults: DefaultHeaders) -> None:
        self._defaults = defaults
        self._headers = defaults.current()
        self._heads: dict[tuple[Any, ...], h11.Response] = {}

    def get(self, status: object, headers: Iterable[Any], close: bool) -> h11.Response:
        """The response head, with Date and Server, and ``Connection: close`` if asked for."""
        pairs = _pairs(headers)
        current = self._defaults.current()
        if current is not self._headers or len(self._heads) >= _HEADS_KEPT:
            self._headers = current
            self._heads.clear()
        try:
            key = (status, close, pairs)
            known = self._heads.get(key)
        except TypeError as exc:
            raise AsgiProtocolError(f"response headers must be bytes ({exc})") from exc
        if known is None:
            known = self._heads[key] = _head(status, pairs, current, close)
        return known


class Responder:
    """Writes the responses of one connection, one after the other."""

    __slots__ = ("_bodiless", "_heads", "_is_head", "_machine", "_outlet")

    def __init__(self, machine: h11.Connection, outlet: Outlet, heads: ResponseHeads) -> None:
        self._machine = machine
        self._outlet = outlet
        self._heads = heads
        self._is_head = False
        self._bodiless = False

    def begin(self, machine: h11.Connection, method: str) -> None:
        """A request arrived whose response comes next."""
        self._machine = machine
        self._is_head = method == "HEAD"

    def start(self, status: object, headers: Iterable[Any], close: bool) -> None:
        """Send the head, held back for a body that follows at once."""
        response = self._heads.get(status, headers, close)
        self._bodiless = self._is_head or response.status_code in (204, 304)
        self._outlet.hold(self._machine.send(response))

    def body(self, data: bytes, more: bool) -> None:
        """Send a piece of the body. What may have none (RFC 9110 section 6.4.1) sends none."""
        out = b""
        try:
            if data and not self._bodiless:
                out = self._machine.send(h11.Data(data=data))
            if not more:
                out += self._machine.send(_END)
        except h11.LocalProtocolError as exc:
            raise AsgiProtocolError(f"the response body breaks its framing: {exc}") from exc
        finally:
            self._outlet.write(out)

    def proceed(self) -> None:
        """Send 100 (Continue) if the client waits for it (RFC 9110 section 10.1.1)."""
        if self._machine.they_are_waiting_for_100_continue:
            go_ahead = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._outlet.write(self._machine.send(go_ahead))

    def error(self, status: int, headers: Iterable[Header] = ()) -> None:
        """Send a whole response of the server's own, after which the connection is closed."""
        text = _REASONS[status]
        own = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            *headers,
        ]
        self.start(status, own, close=True)
        self.body(text, more=False)


def _pairs(headers: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    try:
        return tuple([tuple(pair) for pair in headers])
    except TypeError as exc:
        raise AsgiProtocolError(f"response headers must be pairs of bytes ({exc})") from exc


def _head(
    status: object, pairs: Iterable[tuple[Any, ...]], defaults: Iterable[Header], close: bool
) -> h11.Response:
    if not isinstance(status, int):
        raise AsgiProtocolError(f"the response status must be an integer, not {status!r}")
    headers: list[Header] = []
    names = set()
    for pair in pairs:
        if len(pair) != 2 or type(pair[0]) is not bytes or type(pair[1]) is not bytes:
            raise AsgiProtocolError(f"response headers must be pairs of bytes, not {pair!r}")
        name = pair[0].lower()
        if not _is_framing_of_ours(name, status):
            names.add(name)
            headers.append((pair[0], pair[1]))
    headers[:0] = [header for header in defaults if header[0] not in names]
    if close:
        headers.append(_CLOSE)
    try:
        return h11.Response(status_code=status, headers=headers, reason=_REASONS.get(status, b""))
    except h11.LocalProtocolError as exc:
        raise AsgiProtocolError(f"the response head is not valid HTTP: {exc}") from exc


def _is_framing_of_ours(name: bytes, status: int) -> bool:
    """Headers of the app that must not reach the wire.

    Transfer-Encoding is the server's business (ASGI HTTP, "Response Start"); a 204 has no
    Content-Length (RFC 9110 section 8.6).
    """
    return name == b"transfer-encoding" or (name == b"content-length" and status == 204)
