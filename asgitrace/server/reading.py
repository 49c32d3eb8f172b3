"""The read side of one connection: from bytes to requests, their exchanges, and what goes wrong.

Bytes go through a `RequestReader`, or to a WebSocket once it is open, or nowhere any more once the
connection is to close. A request that is not HTTP/1.1, or that the app must not see, is answered by
the server itself; what the client still sends is dropped until it closes.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from asgitrace.server.admission import refusal
from asgitrace.server.defaults import Header
from asgitrace.server.forwarded import forwarded
from asgitrace.server.handshake import (
    REFUSAL_HEADERS,
    Handshake,
    handshake_refusal,
    wants_websocket,
)
from asgitrace.server.head import Refusal
from asgitrace.server.http import HttpExchange
from asgitrace.server.reader import Breach, Content, End, Head, Reading, RequestReader
from asgitrace.server.scope import Endpoint, RequestHead, http_scope, websocket_scope
from asgitrace.server.service import Service
from asgitrace.server.timeouts import Deadline, Wait
from asgitrace.server.websocket import WebSocketExchange
from asgitrace.server.writing import WriteSide
from asgitrace.wire import ConnectionLog, Wire

_BODY_LIMIT: Final = 64 * 1024
"""Bytes of a request body that wait for the app before the socket is no longer read."""
_AHEAD_LIMIT: Final = 64 * 1024
"""Bytes of the requests to come that are read while one is answered. They are read at all so that
the client's going is seen."""


class ReadSide(WriteSide):
    """Reads requests, starts exchanges, and reads on for them. See `HttpLink`, `WebSocketLink`."""

    def __init__(self, transport: asyncio.Transport, service: Service) -> None:
        super().__init__(transport, service)
        self._endpoint = Endpoint.of(
            transport.get_extra_info("sslcontext") is not None,
            transport.get_extra_info("peername"),
            transport.get_extra_info("sockname"),
            service.tls.of(transport) if service.tls is not None else None,
        )
        self._reader = RequestReader()
        self._exchange: HttpExchange | WebSocketExchange | None = None
        """The one whose response is not complete; its app may run on after that."""
        self._sink: Callable[[bytes], None] = self._request_bytes
        """What incoming bytes are for: requests, frames, or nothing any more."""
        self._deadline = Deadline(service.loop, self._expired)
        self._deadline.begin(Wait.HEAD, service.config.timeout_request_head)
        self._reading = True
        self._requests = 0
        self._begun = False
        """The log has an exchange that is not over."""

    def read_on(self) -> None:
        """See `HttpLink`."""
        self._responder.proceed()
        if not self._reading and not self._far_ahead:
            self.set_reading(True)
            self._watch()
        elif self._deadline.wait is None:
            self._watch()

    def set_reading(self, on: bool) -> None:
        """See `WebSocketLink`."""
        self._reading = on
        if self._half_closed:
            # There is nothing more to read, and a transport told to would find that out again.
            return
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def completed(self) -> None:
        """See `HttpLink`."""
        self._exchange = None
        if not self._responder.reusable or self._service.closing:
            self.close()
        elif self._reader.reading is Reading.NOTHING:
            self._next_request()
        else:
            self.set_reading(True)
            self._watch()

    def writable(self) -> None:
        """The client takes bytes again."""
        exchange = self._exchange
        if isinstance(exchange, WebSocketExchange):
            exchange.writable()
        elif exchange is None and self._between:
            self._next_request()

    def is_last(self) -> bool:
        """Whether the connection must end with this response."""
        return super().is_last() or (self._half_closed and not self._reader.waiting)

    def upgrade(self, headers: list[Header], feed: Callable[[bytes], None]) -> None:
        """See `WebSocketLink`."""
        super().upgrade(headers, feed)
        # Frames that came early are not fed before the app's accept has returned.
        self._service.loop.call_soon(self._hand_over, feed)

    def close(self) -> None:
        """Write what is left, then close."""
        if not self._transport.is_closing():
            self._sink = ignore
            if self._reader.reading is Reading.CONTENT or self._reader.waiting:
                self._unread = True
            self._deadline.cancel()
            self.set_reading(True)
            super().close()

    def _hand_over(self, feed: Callable[[bytes], None]) -> None:
        if not self._transport.is_closing() and self._sink is not ignore:
            self._sink = feed
            self.set_reading(True)
            if early := self._reader.take_rest():
                feed(early)

    # Requests

    def _request_bytes(self, data: bytes) -> None:
        self._reader.feed(data)
        if self._reader.reading is not Reading.NOTHING:
            self._advance()
        elif self._far_ahead:
            self.set_reading(False)

    @property
    def _far_ahead(self) -> bool:
        """Whether enough came of the requests that wait for a response to this one."""
        return self._between and self._reader.waiting > _AHEAD_LIMIT

    @property
    def _between(self) -> bool:
        """Whether a request is complete and the next one has not begun."""
        return self._reader.reading is Reading.NOTHING and self._sink is not ignore

    def _advance(self) -> None:
        reader = self._reader
        try:
            while (event := reader.next_event()) is not None:
                if isinstance(event, Head):
                    if not self._head(event):
                        return
                elif isinstance(event, Content):
                    self._content(event.data)
                else:
                    self._end_of_request(event)
                    return
        except Breach as breach:
            self._breached(breach)
        else:
            self._watch()

    def _watch(self) -> None:
        """Wait for what is missing of a request, if it is for the client to send it."""
        reader, deadline, config = self._reader, self._deadline, self._service.config
        if reader.reading is Reading.HEAD:
            if reader.waiting and deadline.wait is not Wait.HEAD:
                deadline.begin(Wait.HEAD, config.timeout_request_head)
            elif deadline.wait is None:
                # Empty lines came, which begin nothing.
                deadline.begin(Wait.NEXT, config.timeout_keep_alive)
        elif (
            reader.reading is Reading.NOTHING
            or not self._reading
            or self._responder.awaits_continue
        ):
            deadline.end()
        elif self._exchange is not None:
            deadline.begin(Wait.CONTENT, config.timeout_request_body)
        else:
            # The app did not want it; nobody waits for it but the next request.
            deadline.begin(Wait.CONTENT, config.timeout_keep_alive)

    def _head(self, event: Head) -> bool:
        """A request begins; whether it goes on."""
        head = event.head
        self._deadline.end()
        self._responder.begin(head, awaits_continue=self._reader.awaits_continue)
        self._tell_request(event.raw, more=self._reader.has_content)
        refused = refusal(event.request, head)
        if refused is not None:
            self._refuse(refused)
            return False
        if head.authority is not None:
            head = head.with_host()
        endpoint = self._endpoint
        if self._service.trusted is not None:
            endpoint = forwarded(endpoint, head.headers, self._service.trusted)
        if wants_websocket(head):
            return self._begin_websocket(head, endpoint)
        scope = http_scope(head, endpoint, self._service.mount, self._service.state)
        exchange = self._exchange = HttpExchange(scope, self)
        self._service.start(exchange)
        return True

    def _begin_websocket(self, head: RequestHead, endpoint: Endpoint) -> bool:
        refused = handshake_refusal(head)
        if refused is not None:
            self._refuse(refused, REFUSAL_HEADERS)
            return False
        handshake = Handshake.of(head)
        service = self._service
        scope = websocket_scope(
            head, endpoint, service.mount, service.state, list(handshake.subprotocols)
        )
        exchange = self._exchange = WebSocketExchange(scope, self, handshake, service.config)
        service.start(exchange)
        return True

    def _content(self, data: bytes) -> None:
        if self.log is not None:
            self.log.tell(Wire.REQUEST_BODY, len(data))
        # RFC 9110 section 10.1.1: a client that does not wait need not be told.
        self._responder.awaits_continue = False
        exchange = self._exchange
        if isinstance(exchange, HttpExchange):
            exchange.feed(data)
            if exchange.buffered > _BODY_LIMIT:
                self.set_reading(False)

    def _end_of_request(self, event: End) -> None:
        self._deadline.end()
        # It may have been empty, and then no piece of it came.
        self._responder.awaits_continue = False
        if self.log is not None and self._reader.has_content:
            content = {"trailers": event.trailers} if event.trailers else None
            self.log.tell(Wire.REQUEST_END, content=content)
        if self._exchange is None:
            self._next_request()
        elif isinstance(self._exchange, HttpExchange):
            self._exchange.end_of_body()
            if self._half_closed:
                self._exchange.half_closed()
        if self._far_ahead:
            self.set_reading(False)

    def _next_request(self) -> None:
        if self._outlet.blocked:
            # Whoever takes no responses gets no others. `writable` goes on.
            return
        self._end()
        self._reader.next_request()
        self._responder.begin(None)
        if not self._reading:
            self.set_reading(True)
        if not self._reader.waiting:
            self._deadline.begin(Wait.NEXT, self._service.config.timeout_keep_alive)
        else:
            self._deadline.end()
            self._advance()
        waits = self._reader.reading is not Reading.NOTHING and self._sink is not ignore
        if self._half_closed and waits:
            self._cut_off()

    # What goes wrong

    def _cut_off(self) -> None:
        """The peer sends no more, in a request or between two."""
        if self._reader.reading is Reading.HEAD and not self._reader.waiting:
            self.close()
        else:
            self._breached(self._reader.eof())

    def _expired(self, deadline: Deadline) -> None:
        assert deadline.wait is not None, "it was waited for something"
        what = deadline.wait
        if self.log is not None:
            content = {"what": what.value, "seconds": deadline.seconds}
            self.log.tell(Wire.TIMEOUT, content=content)
        idle = what is Wait.NEXT or (what is Wait.HEAD and not self._reader.waiting)
        if idle or self._responder.complete:
            self.close()
            return
        if what is Wait.HEAD:
            self._tell_request(self._reader.take_rest())
        self._refuse(Refusal(408, f"the {what.value} did not come in {deadline.seconds:g} seconds"))

    def _breached(self, breach: Breach) -> None:
        """The client does not speak HTTP/1.1."""
        refused = breach.refusal
        if breach.raw:
            self._tell_request(breach.raw)
        if self.log is not None and self._exchange is not None:
            # Otherwise it is the refusal that says so.
            status = 0 if self._responder.started else refused.status
            content = {"by": "client", "text": refused.reason}
            self.log.tell(Wire.ERROR, number=status, content=content)
        self._refuse(refused)

    def _refuse(self, refused: Refusal, headers: Iterable[Header] = ()) -> None:
        """Answer a request without the app, or end its response, and close."""
        self._service.refusals.add(refused, gone=self._half_closed)
        self._unread = True
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.disconnected()
        if not self._responder.started:
            if self.log is not None and exchange is None:
                content = {"text": refused.reason}
                self.log.tell(Wire.REFUSED, number=refused.status, content=content)
            self._responder.error(refused.status, headers)
        self.close()

    def _peer_gone(self) -> None:
        if self._exchange is not None:
            self._exchange.disconnected()

    # The log

    def _tell_bytes(self, log: ConnectionLog, data: bytes) -> None:
        if data.strip(b"\r\n"):
            self._begin(log)
        log.tell(Wire.BYTES_IN, len(data), content={"data": data})

    def _tell_request(self, raw: bytes, *, more: bool = False) -> None:
        self._requests += 1
        if self.log is not None:
            self._begin(self.log)
            self.log.tell(Wire.REQUEST, len(raw), self._requests, content={"head": raw}, more=more)

    def _begin(self, log: ConnectionLog) -> None:
        if not self._begun:
            self._begun = True
            self._number = log.begin()

    def _end(self) -> None:
        if self.log is not None and self._begun:
            self._begun = False
            self.log.end()


def ignore(data: bytes) -> None:
    """Bytes nobody wants."""
