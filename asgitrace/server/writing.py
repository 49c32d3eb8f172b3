"""The write side of one connection: what the links of its exchanges promise, as far as it sends."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

import h11

from asgitrace.server.flow import Outlet
from asgitrace.server.responder import Responder
from asgitrace.server.service import Exchange, Service
from asgitrace.wire import ConnectionLog

MAX_HEAD: Final = 64 * 1024
_LINGER: Final = 2.0
"""Seconds that the rest of a refused request is read and dropped."""
_UNREAD: Final = (h11.SEND_BODY, h11.ERROR)
"""States in which the client may not have sent everything yet."""


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
        self._outlet = Outlet(transport, service.loop)
        self._machine = h11.Connection(h11.SERVER, MAX_HEAD)
        self._responder = Responder(self._machine, self._outlet, service.heads)
        self._last = False
        """The response to come is the last on this connection."""
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

    def start_response(self, status: object, headers: Iterable[Any]) -> None:
        """See `HttpLink`."""
        last = (
            self._last
            or self._service.closing
            # The body the client has not sent yet cannot be told from the next request.
            or self._machine.they_are_waiting_for_100_continue
        )
        self._responder.start(status, headers, last)

    def send_body(self, data: bytes, more: bool) -> None:
        """See `HttpLink`."""
        self._responder.body(data, more)

    def write(self, data: bytes) -> None:
        """See `WebSocketLink`."""
        self._outlet.write(data)

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
        if self._machine.their_state in _UNREAD and self._transport.can_write_eof():
            self._linger()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever is unsent."""
        self._transport.abort()

    def _linger(self) -> None:
        """Close in stages (RFC 9112 section 9.6).

        Closing a socket with unread bytes resets it, which can take the response from the client.
        """
        if self._lingering is None:
            self._transport.write_eof()
            self._lingering = self.call_later(_LINGER, self._transport.close)
