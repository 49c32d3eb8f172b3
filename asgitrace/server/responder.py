"""The response half of a connection: ASGI response messages to bytes.

h11 reads requests, but does not write responses: what it sends it would check and frame anew for
each of them, and it knows no files, and no hints before a head that was not sent yet.

    begin()     a request arrived, nothing was sent
    start()     the head was made; `started`
    body()      its content, counted and framed
    trailers()  the end of it, if there are any
    complete    after the last of these

The connection may be used again if the response is `complete` and neither side wants to `close`.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from asgitrace.server.defaults import Header
from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.flow import Outlet, Told
from asgitrace.server.heads import (
    REASONS,
    ResponseHead,
    ResponseHeads,
    informational,
    options_of,
    trailer_section,
)
from asgitrace.server.scope import RequestHead
from asgitrace.wire import Wire

_LAST_CHUNK: Final = b"0\r\n\r\n"
_COPY_LIMIT: Final = 64 * 1024
"""Above this size three writes are cheaper than one chunk in one piece."""


class Responder:
    """Writes the responses of one connection, one after the other."""

    __slots__ = (
        "_bodiless",
        "_head",
        "_heads",
        "_left",
        "_outlet",
        "_request",
        "awaits_continue",
        "complete",
    )

    def __init__(self, outlet: Outlet, heads: ResponseHeads) -> None:
        self._outlet = outlet
        self._heads = heads
        self._request: RequestHead | None = None
        self._head: ResponseHead | None = None
        self._bodiless = False
        self._left = 0
        """Bytes of the declared Content-Length that are still to come."""
        self.awaits_continue = False
        """The client sends the body only when told to."""
        self.complete = False
        """The response to the latest request was sent as a whole."""

    @property
    def started(self) -> bool:
        """Whether the head of the response was sent."""
        return self._head is not None

    @property
    def reusable(self) -> bool:
        """Whether another response can follow on this connection."""
        return self.complete and self._head is not None and not self._head.close

    def begin(self, request: RequestHead | None, *, awaits_continue: bool = False) -> None:
        """A request arrived whose response comes next; or, with None, begins to arrive."""
        self._request = request
        self._head = None
        self._left = 0
        self.awaits_continue = awaits_continue
        self.complete = False

    def start(self, status: object, headers: Iterable[Any], *, close: bool) -> None:
        """Send the head, held back for a body that follows at once."""
        request = self._request
        old = False
        if request is not None:
            old = request.http_version == "1.0"
            if old or b"connection" in request.fields:
                close = close or not _persists(request)
        head = self._heads.get(status, headers, close=close, old=old)
        self._head = head
        self._left = head.length or 0
        self._bodiless = head.bodiless or (request is not None and request.method == "HEAD")
        self.awaits_continue = False
        if self._outlet.log is None:
            self._outlet.hold(head.data)
        else:
            more = not self._bodiless and head.length != 0
            told: Told = (
                Wire.RESPONSE, len(head.data), head.status, {"head": head.data}, more
            )  # fmt: skip
            self._outlet.hold(head.data, told)

    def body(self, data: bytes, more: bool) -> None:
        """Send a piece of the body. What may have none (RFC 9110 section 6.4.1) sends none.

        Raises `AsgiProtocolError` if it is not as long as was declared; what was sent by then is
        no whole response.
        """
        head = self._started()
        if self._bodiless:
            if not more:
                self._end(b"")
            return
        if data:
            self._count(head, len(data))
            if head.chunked:
                self._chunk(data, more)
            else:
                self._outlet.write(data, self._told(Wire.RESPONSE_BODY, len(data), more=more))
        if not more:
            if self._left:
                raise AsgiProtocolError(
                    f"the response body ended {self._left} bytes short of its Content-Length of "
                    f"{head.length}"
                )
            self._end(_LAST_CHUNK if head.chunked and not data else b"")

    async def large(
        self, size: int, write: Callable[[Outlet], Awaitable[None]], more: bool
    ) -> None:
        """Send a piece of the body of which `write` writes the bytes one by one, as `body` does
        otherwise. Raises what that raises, too, and then the response is no whole one."""
        if size and not self._bodiless:
            head, outlet = self._started(), self._outlet
            self._count(head, size)
            line, end = (b"%x\r\n" % size, b"\r\n") if head.chunked else (b"", b"")
            outlet.flush()
            told: Told = (Wire.RESPONSE_BODY, len(line) + size + len(end), 0, None, more)
            made = outlet.announce(told)
            if line:
                outlet.write(line)
            await write(outlet)
            if end:
                outlet.write(end)
            outlet.arrived(told, made)
        if not more:
            self.body(b"", more=False)

    def trailers(self, headers: Iterable[Any]) -> None:
        """End the response with trailers, which go out if the client wants them and the response
        is chunked (RFC 9110 section 6.5.1), and else are left out."""
        section, fields = trailer_section(headers)
        head, request = self._started(), self._request
        wanted = request is not None and b"te" in request.fields and _wants_trailers(request)
        if not (fields and wanted and head.chunked) or self._bodiless:
            self.body(b"", more=False)
            return
        self._end(b"0\r\n" + section, {"trailers": fields})

    def hint(self, links: Iterable[Any]) -> None:
        """Send 103 (Early Hints, RFC 8297), unless the head is already out or the client knows no
        1xx responses (RFC 9110 section 15.2)."""
        fields = [(b"link", link) for link in links]
        data = informational(103, fields)
        if not fields or self._request is None or self._request.http_version == "1.0":
            return
        told = self._told(Wire.INFORMATIONAL, len(data), 103, data)
        if self._head is None:
            self._outlet.write(data, told)
        else:
            self._outlet.put_first(data, told)

    def proceed(self) -> None:
        """Send 100 (Continue) if the client waits for it (RFC 9110 section 10.1.1)."""
        if self.awaits_continue:
            self.awaits_continue = False
            self._inform(100, ())

    def switch(self, headers: Iterable[Any]) -> None:
        """Send 101 (Switching Protocols). Raises `AsgiProtocolError`."""
        self._inform(101, headers)

    def error(self, status: int, headers: Iterable[Header] = ()) -> None:
        """Send a whole response of the server's own, after which the connection is closed."""
        text = REASONS[status]
        own = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            *headers,
        ]
        self.start(status, own, close=True)
        self.body(text, more=False)

    def _started(self) -> ResponseHead:
        assert self._head is not None, "the head comes first"
        return self._head

    def _inform(self, status: int, headers: Iterable[Any]) -> None:
        data = informational(status, headers)
        self._outlet.write(data, self._told(Wire.INFORMATIONAL, len(data), status, data))

    def _count(self, head: ResponseHead, size: int) -> None:
        if head.length is None:
            return
        if size > self._left:
            raise AsgiProtocolError(
                f"the response body is {size - self._left} bytes longer than its Content-Length "
                f"of {head.length}"
            )
        self._left -= size

    def _chunk(self, data: bytes, more: bool) -> None:
        size = len(data)
        end = b"\r\n" if more else b"\r\n" + _LAST_CHUNK
        if size <= _COPY_LIMIT:
            chunk = b"%x\r\n%b%b" % (size, data, end)
            self._outlet.write(chunk, self._told(Wire.RESPONSE_BODY, len(chunk), more=more))
            return
        line = b"%x\r\n" % size
        whole = len(line) + size + len(end)
        self._outlet.write(line)
        self._outlet.write(data)
        self._outlet.write(end, self._told(Wire.RESPONSE_BODY, whole, more=more))

    def _end(self, last: bytes, content: dict[str, Any] | None = None) -> None:
        self.complete = True
        if not last:
            self._outlet.flush()
        elif self._outlet.log is None:
            self._outlet.write(last)
        else:
            self._outlet.write(last, (Wire.RESPONSE_END, len(last), 0, content, False))

    def _told(
        self, what: Wire, size: int, number: int = 0, head: bytes = b"", *, more: bool = False
    ) -> Told | None:
        if self._outlet.log is None:
            return None
        return what, size, number, {"head": head} if head else None, more


def _persists(request: RequestHead) -> bool:
    """Whether the client wants the connection kept (RFC 9112 section 9.3)."""
    options = options_of(request.headers, b"connection")
    return b"close" not in options and (request.http_version != "1.0" or b"keep-alive" in options)


def _wants_trailers(request: RequestHead) -> bool:
    """Whether the client keeps trailers (RFC 9110 section 10.1.4)."""
    return b"trailers" in options_of(request.headers, b"te")
