"""One TCP, TLS or Unix connection: h11 between an asyncio transport and the exchanges."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final, cast

import h11

from asgitrace.server.admission import Refusal, must_close, refusal
from asgitrace.server.defaults import Header
from asgitrace.server.forwarded import forwarded
from asgitrace.server.handshake import (
    VERSION_HEADER,
    Handshake,
    handshake_refusal,
    wants_websocket,
)
from asgitrace.server.http import HttpExchange
from asgitrace.server.idle import IdleTimer
from asgitrace.server.scope import Endpoint, RequestHead, http_scope, websocket_scope
from asgitrace.server.service import Service
from asgitrace.server.websocket import WebSocketExchange
from asgitrace.server.writing import MAX_HEAD, WriteSide

logger = logging.getLogger("asgitrace.server")

_BODY_LIMIT: Final = 64 * 1024
"""Bytes of a request body that wait for the app before the socket is no longer read."""


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


class Connection(WriteSide, asyncio.Protocol):
    """Reads requests, starts exchanges, and does for them what their links promise."""

    def __init__(self, transport: asyncio.Transport, service: Service) -> None:
        super().__init__(transport, service)
        self._endpoint = Endpoint.of(
            transport.get_extra_info("sslcontext") is not None,
            transport.get_extra_info("peername"),
            transport.get_extra_info("sockname"),
        )
        self._exchange: HttpExchange | WebSocketExchange | None = None
        """The one whose response is not complete; its app may run on after that."""
        self._sink: Callable[[bytes], None] = self._request_bytes
        """What incoming bytes are for: requests, frames, or nothing any more."""
        self._idle = IdleTimer(service.loop, service.config.timeout_keep_alive, self.close)

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        self._sink(data)

    def eof_received(self) -> None:
        """The peer sends no more: taken for gone, as it cannot be told from a closed socket."""
        self._peer_gone()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._peer_gone()
        self._outlet.resume()
        self._idle.cancel()
        if self._lingering is not None:
            self._lingering.cancel()
        self._service.lost(self)

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._outlet.pause()

    def resume_writing(self) -> None:
        """The transport's buffer has room."""
        self._outlet.resume()
        if isinstance(self._exchange, WebSocketExchange):
            self._exchange.writable()

    # For the server

    def shutdown(self) -> None:
        """Close if idle; else when the response is complete."""
        if self._exchange is None:
            self.close()
        elif isinstance(self._exchange, WebSocketExchange):
            self._exchange.shutdown()

    # For the exchanges: HttpLink and WebSocketLink

    def read_on(self) -> None:
        """See `HttpLink`."""
        self._responder.proceed()
        self._transport.resume_reading()

    def set_reading(self, on: bool) -> None:
        """See `WebSocketLink`."""
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def completed(self) -> None:
        """See `HttpLink`."""
        self._exchange = None
        if self._machine.our_state is not h11.DONE or self._service.closing:
            self.close()
        elif self._machine.their_state is h11.DONE:
            self._next_request()
        else:
            # The app did not want the rest of the body; the client has the keep-alive time
            # to send it.
            self._idle.begin()

    def upgrade(self, headers: list[Header], feed: Callable[[bytes], None]) -> None:
        """See `WebSocketLink`."""
        switch = h11.InformationalResponse(
            status_code=101, headers=headers, reason=b"Switching Protocols"
        )
        self._outlet.write(self._machine.send(switch))
        # Frames that came early are not fed before the app's accept has returned.
        self._service.loop.call_soon(self._hand_over, feed)

    def close(self) -> None:
        """Write what is left, then close."""
        if not self._transport.is_closing():
            self._sink = _ignore
            self._idle.cancel()
            self._transport.resume_reading()
            super().close()

    def _hand_over(self, feed: Callable[[bytes], None]) -> None:
        if not self._transport.is_closing():
            self._sink = feed
            self._transport.resume_reading()
            if early := self._machine.trailing_data[0]:
                feed(early)

    # Requests

    def _request_bytes(self, data: bytes) -> None:
        self._idle.end()
        if self._exchange is None and not (data := self._without_blank_lines(data)):
            return
        self._machine.receive_data(data)
        if self._exchange is not None and self._machine.their_state is not h11.SEND_BODY:
            # The next request: it waits, and what follows it stays in the socket.
            self._transport.pause_reading()
            return
        self._advance()

    def _without_blank_lines(self, data: bytes) -> bytes:
        """RFC 9112 section 2.2: empty lines before a request line are ignored."""
        if data[0] in b"\r\n" and not self._machine.trailing_data[0]:
            return data.lstrip(b"\r\n")
        return data

    def _advance(self) -> None:
        while True:
            try:
                event = self._machine.next_event()
            except h11.RemoteProtocolError as exc:
                self._refuse(Refusal(exc.error_status_hint, str(exc)))
                return
            if type(event) is h11.Request:
                if not self._begin(event):
                    return
            elif type(event) is h11.Data:
                self._body(bytes(event.data))
            elif type(event) is h11.EndOfMessage:
                self._end_of_request()
                return
            else:
                return

    def _begin(self, request: h11.Request) -> bool:
        head = RequestHead.of(request)
        self._responder.begin(self._machine, head.method)
        refused = refusal(request, head)
        if refused is not None:
            self._refuse(refused)
            return False
        endpoint = self._endpoint
        if self._service.trusted is not None:
            endpoint = forwarded(endpoint, head.fields, self._service.trusted)
        self._last = must_close(head)
        if wants_websocket(head):
            return self._begin_websocket(head, endpoint)
        scope = http_scope(head, endpoint, self._service.mount, self._service.state)
        exchange = self._exchange = HttpExchange(scope, self)
        self._service.start(exchange)
        return True

    def _begin_websocket(self, head: RequestHead, endpoint: Endpoint) -> bool:
        refused = handshake_refusal(head)
        if refused is not None:
            self._refuse(refused, (VERSION_HEADER,))
            return False
        handshake = Handshake.of(head)
        service = self._service
        scope = websocket_scope(
            head, endpoint, service.mount, service.state, list(handshake.subprotocols)
        )
        exchange = self._exchange = WebSocketExchange(scope, self, handshake, service.config)
        service.start(exchange)
        return True

    def _body(self, data: bytes) -> None:
        exchange = self._exchange
        if isinstance(exchange, HttpExchange):
            exchange.feed(data)
            if exchange.buffered > _BODY_LIMIT:
                self._transport.pause_reading()

    def _end_of_request(self) -> None:
        if self._exchange is None:
            self._next_request()
        elif isinstance(self._exchange, HttpExchange):
            self._exchange.end_of_body()

    def _next_request(self) -> None:
        self._machine.start_next_cycle()
        self._responder.begin(self._machine, "")
        early = self._machine.trailing_data[0]
        self._transport.resume_reading()
        self._idle.begin()
        if early:
            self._machine = h11.Connection(h11.SERVER, MAX_HEAD)
            self._request_bytes(early)

    def _refuse(self, refused: Refusal, headers: Iterable[Header] = ()) -> None:
        logger.warning("Invalid HTTP request: %s", refused.reason)
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.disconnected()
        if self._machine.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._responder.error(refused.status, headers)
        self.close()

    def _peer_gone(self) -> None:
        if self._exchange is not None:
            self._exchange.disconnected()


def _ignore(data: bytes) -> None:
    """Bytes nobody wants."""
