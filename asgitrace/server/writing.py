"""The write side of one connection: what the links of its exchanges promise, as far as it sends."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from asgitrace.server.defaults import Header
from asgitrace.server.files import FilePart
from asgitrace.server.flow import Outlet, Told
from asgitrace.server.opening import Ending
from asgitrace.server.pieces import write_bytes, write_file
from asgitrace.server.responder import Responder
from asgitrace.server.service import Exchange, Service
from asgitrace.wire import ConnectionLog, Wire

_LINGER: Final = 2.0
"""Seconds that the rest of a refused request is read and dropped, and that a client has to agree
to the end when the server goes down."""


class WriteSide:
    """Sends for the exchanges of one connection, and closes it. See `HttpLink`, `WebSocketLink`."""

    log: ConnectionLog | None
    """Takes down what happens on this connection, if anyone wants to know."""

    def __init__(self, transport: asyncio.Transport, service: Service) -> None:
        self._transport = transport
        self._service = service
        self.log = service.wire.connection() if service.wire is not None else None
        self._number = 0
        """The exchange in the log whose request came last."""
        self._outlet = Outlet(transport, service.loop, self.log)
        self._responder = Responder(self._outlet, service.heads)
        self._half_closed = False
        """The client sends no more."""
        self._unread = False
        """The client may be sending what nobody reads any more."""
        self._ending = Ending()
        self._lingering: asyncio.TimerHandle | None = None

    @property
    def blocked(self) -> bool:
        """See `HttpLink`."""
        return self._outlet.blocked

    async def drain(self) -> None:
        """See `HttpLink`."""
        await self._outlet.drain()

    def called(self) -> None:
        """See `HttpLink`."""
        if self.log is not None:
            # No request of this connection begins between another's head and its app's call.
            self.log.call(self._number)

    def is_last(self) -> bool:
        """Whether the connection must end with this response."""
        # The body the client has not sent yet cannot be told from the next request.
        return self._service.closing or self._responder.awaits_continue

    def start_response(self, status: object, headers: Iterable[Any]) -> None:
        """See `HttpLink`."""
        self._responder.start(status, headers, close=self.is_last())

    def send_body(self, data: bytes, more: bool) -> None:
        """See `HttpLink`."""
        self._responder.body(data, more)

    async def send_large(self, data: bytes, more: bool) -> None:
        """See `HttpLink`."""
        await self._responder.large(len(data), lambda outlet: write_bytes(outlet, data), more)

    async def send_file(self, part: FilePart, more: bool) -> None:
        """See `HttpLink`."""
        await self._responder.large(part.size, lambda outlet: write_file(outlet, part), more)

    def send_trailers(self, headers: Iterable[Any]) -> None:
        """See `HttpLink`."""
        self._responder.trailers(headers)

    def send_hint(self, links: Iterable[Any]) -> None:
        """See `HttpLink`."""
        self._responder.hint(links)

    def breached(self, text: str, status: int = 0) -> None:
        """See `HttpLink`."""
        if self.log is not None:
            self.log.tell(Wire.ERROR, number=status, content={"by": "app", "text": text})

    def write(self, data: bytes, event: Told | None = None) -> None:
        """See `WebSocketLink`."""
        self._outlet.write(data, event)

    def upgrade(self, headers: list[Header], feed: Callable[[bytes], None]) -> None:
        """See `WebSocketLink`."""
        self._responder.switch(headers)
        # Frames may come until the peer has seen the end.
        self._unread = True

    def call_later(self, delay: float, callback: Callable[[], None], /) -> asyncio.TimerHandle:
        """See `WebSocketLink`."""
        return self._service.loop.call_later(delay, callback)

    def fail(self, status: int = 500) -> None:
        """See `HttpLink`."""
        self._responder.error(status)
        self.close()

    def cut(self) -> None:
        """See `HttpLink`."""
        self.close()

    def finished(self, exchange: Exchange) -> None:
        """See `HttpLink`."""
        self._service.ended(exchange)

    def close(self) -> None:
        """Write what is left, then close."""
        if self._transport.is_closing():
            return
        self._outlet.flush()
        self._outlet.ended = True
        self._ending.is_due("server", "closed")
        if self._unread and not self._half_closed and self._transport.can_write_eof():
            self._linger()
        else:
            self._transport.close()

    def hang_up(self) -> None:
        """Close an idle connection. Under TLS the client is to agree: not for long here."""
        self.close()
        if self._lingering is None and not self._transport.can_write_eof():
            self._lingering = self.call_later(_LINGER, self.abort)

    def abort(self) -> None:
        """Close at once, whatever is unsent."""
        self._ending.is_due("server", "aborted")
        self._transport.abort()
        self._outlet.lost()

    def _linger(self) -> None:
        """Close in stages (RFC 9112 section 9.6).

        Closing a socket with unread bytes resets it, which can take the response from the client.
        """
        if self._lingering is not None:
            return
        try:
            self._transport.write_eof()
        except OSError:
            # The client is gone already, and asyncio does not know it yet.
            self._transport.close()
        else:
            self._lingering = self.call_later(_LINGER, self._transport.close)
