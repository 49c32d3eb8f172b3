"""One HTTP exchange: the app's `receive` and `send`, with the order of messages as a table.

    phase      expects                 then
    HEAD       http.response.start     BODY
    BODY       http.response.body      BODY while more_body, else COMPLETE
    COMPLETE   nothing

No I/O happens here: what the exchange wants done it asks of its `HttpLink`.
"""

import logging
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, Final, Protocol

from asgitrace.asgi import App, Message, Scope
from asgitrace.server.errors import AsgiProtocolError, ClientDisconnected, is_disconnect
from asgitrace.server.flow import Waiters
from asgitrace.server.messages import body_of, message_type

logger = logging.getLogger("asgitrace.server")


class Phase(Enum):
    """How far the response is."""

    # An Enum hashes its name, in Python, and the table is looked up for every message.
    __hash__ = object.__hash__

    HEAD = auto()
    BODY = auto()
    COMPLETE = auto()


class Body(Enum):
    """How far the request's body is."""

    ARRIVING = auto()
    WHOLE = auto()
    DELIVERED = auto()


class HttpLink(Protocol):
    """What an HTTP exchange needs of its connection."""

    @property
    def blocked(self) -> bool:
        """Whether the client takes no more bytes at the moment."""

    async def drain(self) -> None:
        """Wait until the client takes bytes again."""

    def read_on(self) -> None:
        """The app asks for more: let the client send it."""

    def called(self) -> None:
        """The app is called by the caller, with nothing in between."""

    def start_response(self, status: object, headers: Iterable[Any]) -> None:
        """Send the head of the response."""

    def send_body(self, data: bytes, more: bool) -> None:
        """Send a piece of its body."""

    def completed(self) -> None:
        """The response is complete: go on with the next request."""

    def fail(self) -> None:
        """Answer 500 and close."""

    def cut(self) -> None:
        """Close with the response unfinished."""

    def finished(self, exchange: "HttpExchange") -> None:
        """The app's call is over."""


class HttpExchange:
    """One call of the app for one HTTP request."""

    __slots__ = (
        "_body",
        "_breach",
        "_chunks",
        "_gone",
        "_left",
        "_link",
        "_phase",
        "_waiters",
        "buffered",
        "scope",
    )

    def __init__(self, scope: Scope, link: HttpLink) -> None:
        self.scope = scope
        self.buffered = 0
        self._link = link
        self._phase = Phase.HEAD
        self._body = Body.ARRIVING
        self._chunks: list[bytes] = []
        self._gone = False
        self._left = False
        """The client sends no more, but may still read."""
        self._breach: AsgiProtocolError | None = None
        self._waiters = Waiters()

    # What the connection tells.

    def feed(self, data: bytes) -> None:
        """A piece of the request's body arrived."""
        self._chunks.append(data)
        self.buffered += len(data)
        self._waiters.wake()

    def end_of_body(self) -> None:
        """The request's body is whole."""
        self._body = Body.WHOLE
        self._waiters.wake()

    def half_closed(self) -> None:
        """The client sends no more. Whether it still reads, only a failing write tells.

        Nearly always it is gone, so the app is told at once that it is; yet what the app sends is
        sent, for the client that only shut down its side (RFC 9112 section 9.6).
        """
        self._left = True
        self._waiters.wake()

    def disconnected(self) -> None:
        """The client is gone, or is treated as if it were."""
        self._gone = True
        self._waiters.wake()

    # What the app calls.

    async def run(self, app: App) -> None:
        """Call the app, and see to it that the request gets an end."""
        self._link.called()
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as exc:
            self._raised(exc)
        except BaseException:
            self._link.cut()
            raise
        else:
            self._returned()
        finally:
            self._link.finished(self)

    async def receive(self) -> Message:
        """ASGI `receive`."""
        while (message := self._next_message()) is None:
            self._link.read_on()
            await self._waiters.wait()
        return message

    async def send(self, message: Message) -> None:
        """ASGI `send`."""
        steps = _STEPS[self._phase]
        kind = message_type(message)
        step = steps.get(kind)
        if step is None:
            raise AsgiProtocolError.unexpected(kind, steps)
        if self._gone:
            raise ClientDisconnected
        step(self, message)
        if self._link.blocked:
            await self._link.drain()
            if self._gone:
                raise ClientDisconnected

    def _next_message(self) -> Message | None:
        gone = self._gone or self._left
        if self._phase is Phase.COMPLETE or (gone and self._body is not Body.WHOLE):
            return {"type": "http.disconnect"}
        if self._body is Body.WHOLE:
            self._body = Body.DELIVERED
            return self._take_body(more=False)
        if self._chunks:
            self._link.read_on()
            return self._take_body(more=True)
        return None

    def _take_body(self, *, more: bool) -> Message:
        body = b"".join(self._chunks)
        self._chunks.clear()
        self.buffered = 0
        return {"type": "http.request", "body": body, "more_body": more}

    def _on_start(self, message: Message) -> None:
        if "status" not in message:
            raise AsgiProtocolError("'http.response.start' has no 'status'")
        self._link.start_response(message["status"], message.get("headers", ()))
        self._phase = Phase.BODY

    def _on_body(self, message: Message) -> None:
        data = body_of(message)
        more = bool(message.get("more_body", False))
        try:
            self._link.send_body(data, more)
        except AsgiProtocolError as exc:
            self._breach = exc
            self._phase = Phase.COMPLETE
            self._link.cut()
            raise
        if not more:
            self._phase = Phase.COMPLETE
            self._waiters.wake()
            self._link.completed()

    # How the call ended.

    def _raised(self, exc: Exception) -> None:
        if self._gone and is_disconnect(exc):
            logger.debug("The app ended with the client's disconnect", exc_info=exc)
            return
        logger.error("Exception in the ASGI app", exc_info=exc)
        self._conclude()

    def _returned(self) -> None:
        if self._breach is not None:
            logger.error("The connection was closed: %s", self._breach)
        elif self._phase is not Phase.COMPLETE and self._left and not self._gone:
            logger.debug("The app returned with the client's disconnect")
            self._phase = Phase.COMPLETE
            self._link.cut()
        elif self._phase is not Phase.COMPLETE and not self._gone:
            what = "starting" if self._phase is Phase.HEAD else "completing"
            logger.error("The ASGI app returned without %s its response", what)
            self._conclude()

    def _conclude(self) -> None:
        if self._phase is Phase.COMPLETE or self._gone:
            return
        in_head, self._phase = self._phase is Phase.HEAD, Phase.COMPLETE
        if in_head:
            self._link.fail()
        else:
            self._link.cut()


_STEPS: Final[dict[Phase, dict[str, Callable[[HttpExchange, Message], None]]]] = {
    Phase.HEAD: {"http.response.start": HttpExchange._on_start},
    Phase.BODY: {"http.response.body": HttpExchange._on_body},
    Phase.COMPLETE: {},
}
