"""One TCP, TLS or Unix connection, as asyncio tells of it.

How it ends, beside what `ReadSide` refuses:

- A client that sends no more in the middle of a request is answered with 400.
- A client that sends no more while its response is under way gets the response: it may have shut
  down only its own side. The app is told that it is gone, as most such clients are.
- A WebSocket, and a TLS connection, which has no half-closed state in asyncio, is gone then.
"""

import asyncio
from typing import cast

from asgitrace.server.opening import opening
from asgitrace.server.reader import Reading
from asgitrace.server.reading import ReadSide, ignore
from asgitrace.server.service import Service
from asgitrace.server.websocket import WebSocketExchange
from asgitrace.wire import Wire


class Door(asyncio.Protocol):
    """Stands in until there is a transport, so that a `Connection` always has one."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Put the connection in this one's place."""
        # By cast: uvloop's transports behave like asyncio's and do not descend from them.
        stream = cast("asyncio.Transport", transport)
        connection = Connection(stream, self._service)
        stream.set_protocol(connection)
        self._service.opened(connection)


class Connection(ReadSide, asyncio.Protocol):
    """Between a transport and the two sides of its connection."""

    def __init__(self, transport: asyncio.Transport, service: Service) -> None:
        super().__init__(transport, service)
        self._received = 0
        if self.log is not None:
            self.log.tell(Wire.OPENED, content=opening(transport))

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        if self.log is not None:
            self._received += len(data)
            if self.log.raw:
                self._tell_bytes(self.log, data)
        self._sink(data)

    def eof_received(self) -> bool:
        """The peer sends no more. Whether the connection stays open for what is to be sent."""
        self._half_closed = True
        if self.log is not None:
            self.log.tell(Wire.HALF_CLOSED)
        self._ending.is_due("client", "eof")
        exchange = self._exchange
        if self._sink is ignore:
            return False
        if isinstance(exchange, WebSocketExchange) or not self._transport.can_write_eof():
            self._peer_gone()
            return False
        if self._reader.reading is not Reading.NOTHING:
            self._cut_off()
        elif exchange is not None:
            exchange.half_closed()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._sink = ignore
        self._peer_gone()
        # What was closed in good order was written before that.
        self._outlet.lost(flushed=exc is None and self._ending.how == "closed")
        self._deadline.cancel()
        if self._lingering is not None:
            self._lingering.cancel()
        if self.log is not None:
            facts = self._ending.closing(
                exc, received=self._received, sent=self._outlet.sent, requests=self._requests
            )
            # In the exchange that it ends, if there is one.
            self.log.tell(Wire.CLOSED, content=facts)
            self._end()
        self._service.lost(self)

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._outlet.pause()

    def resume_writing(self) -> None:
        """The transport's buffer has room."""
        self._outlet.resume()
        self.writable()

    # For the server

    def shutdown(self) -> None:
        """Close if idle; else when the response is complete."""
        if self._exchange is None:
            self.hang_up()
        elif isinstance(self._exchange, WebSocketExchange):
            self._exchange.shutdown()
