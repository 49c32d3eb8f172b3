"""One HTTP exchange: the app's `receive` and `send`, with the order of messages as a table.

    phase      expects                        then
    HEAD       http.response.start            BODY
               http.response.debug            HEAD, once
               http.response.early_hint       HEAD
    BODY       http.response.pathsend         TRAILERS if the start announced them, else COMPLETE
               and all that MORE expects
    MORE       http.response.body             MORE while more_body, else as after a pathsend
               http.response.zerocopysend     the same
               http.response.early_hint       the same phase
    SENDING    nothing: `send` waits for the part of the body that is being written in pieces
    TRAILERS   http.response.trailers         TRAILERS while more_trailers, else COMPLETE
    COMPLETE   nothing

No I/O happens here: what the exchange wants done it asks of its `HttpLink`.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from asgitrace.asgi import App, Message, Scope
from asgitrace.server.call import call, report
from asgitrace.server.errors import AsgiProtocolError, ClientDisconnected
from asgitrace.server.files import FilePart, file_of, part_of
from asgitrace.server.flow import Waiters
from asgitrace.server.http_link import HttpLink
from asgitrace.server.messages import body_of, debug_of, links_of, message_type, trailers_of

logger = logging.getLogger("asgitrace.server")

_LARGE: Final = 1024 * 1024
"""Bytes of a body from which on it is written in pieces."""


class Phase(Enum):
    """How far the response is."""

    # An Enum hashes its name, in Python, and the table is looked up for every message.
    __hash__ = object.__hash__

    HEAD = auto()
    BODY = auto()
    MORE = auto()
    SENDING = auto()
    TRAILERS = auto()
    COMPLETE = auto()


class Body(Enum):
    """How far the request's body is."""

    ARRIVING = auto()
    WHOLE = auto()
    DELIVERED = auto()


class HttpExchange:
    """One call of the app for one HTTP request."""

    __slots__ = (
        "_body",
        "_breach",
        "_chunks",
        "_debugged",
        "_gone",
        "_left",
        "_link",
        "_phase",
        "_trailers",
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
        self._trailers: list[Any] | None = None
        """Those sent so far; None if the start announced none."""
        self._debugged = False
        self._gone = False
        self._left = False
        """The client sends no more, but may still read."""
        self._breach: AsgiProtocolError | None = None
        """What made the response impossible to complete."""
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
        await call(app, self, self._link)

    async def receive(self) -> Message:
        """ASGI `receive`."""
        while (message := self._next_message()) is None:
            self._link.read_on()
            await self._waiters.wait()
        return message

    async def send(self, message: Message) -> None:
        """ASGI `send`."""
        while self._phase is Phase.SENDING:
            await self._waiters.wait()
        try:
            steps = _STEPS[self._phase]
            kind = message_type(message)
            step = steps.get(kind)
            if step is None:
                raise AsgiProtocolError.unexpected(kind, list(steps)[:1])
            if self._gone:
                raise ClientDisconnected
            work = step(self, message)
            if work is not None:
                await work
        except AsgiProtocolError as exc:
            self._link.breached(str(exc))
            raise
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

    # The steps of the response.

    def _on_debug(self, message: Message) -> None:
        debug_of(message)
        if self._debugged:
            raise AsgiProtocolError("the app sent 'http.response.debug' twice")
        self._debugged = True

    def _on_hint(self, message: Message) -> None:
        self._link.send_hint(links_of(message))

    def _on_start(self, message: Message) -> None:
        if "status" not in message:
            raise AsgiProtocolError("'http.response.start' has no 'status'")
        self._link.start_response(message["status"], message.get("headers", ()))
        if message.get("trailers"):
            self._trailers = []
        self._phase = Phase.BODY

    def _on_body(self, message: Message) -> Awaitable[None] | None:
        data = body_of(message)
        more = bool(message.get("more_body", False))
        if len(data) >= _LARGE:
            return self._in_pieces(self._link.send_large(data, self._unfinished(more)), more)
        try:
            self._link.send_body(data, self._unfinished(more))
        except AsgiProtocolError as exc:
            self._break_off(exc)
            raise
        self._part_sent(more)
        return None

    def _on_file(self, message: Message) -> Awaitable[None]:
        return self._file(part_of(message), bool(message.get("more_body", False)))

    def _on_path(self, message: Message) -> Awaitable[None]:
        return self._file(file_of(message), False)

    async def _file(self, found: AbstractContextManager[FilePart], more: bool) -> None:
        with found as part:
            await self._in_pieces(self._link.send_file(part, self._unfinished(more)), more)

    async def _in_pieces(self, work: Awaitable[None], more: bool) -> None:
        self._phase = Phase.SENDING
        try:
            await work
        except ClientDisconnected:
            self._phase = Phase.MORE
            self.disconnected()
            raise
        except BaseException as exc:
            self._break_off(exc if isinstance(exc, AsgiProtocolError) else None)
            raise
        self._part_sent(more)

    def _on_trailers(self, message: Message) -> None:
        assert self._trailers is not None, "they were announced"
        self._trailers.extend(trailers_of(message))
        if message.get("more_trailers"):
            return
        trailers, self._trailers = self._trailers, []
        self._end_with(trailers)

    def _end_with(self, trailers: list[Any]) -> None:
        try:
            self._link.send_trailers(trailers)
        except AsgiProtocolError as exc:
            self._break_off(exc)
            raise
        self._complete()

    def _unfinished(self, more: bool) -> bool:
        """Whether the response goes on after this part of its body."""
        return more or self._trailers is not None

    def _part_sent(self, more: bool) -> None:
        if more:
            self._phase = Phase.MORE
        elif self._trailers is not None:
            self._phase = Phase.TRAILERS
        else:
            self._complete()
            return
        self._waiters.wake()

    def _complete(self) -> None:
        self._phase = Phase.COMPLETE
        self._waiters.wake()
        self._link.completed()

    def _break_off(self, breach: AsgiProtocolError | None) -> None:
        """Close with the response unfinished, so that the client sees that it is."""
        self._breach = breach
        self._phase = Phase.COMPLETE
        self._waiters.wake()
        self._link.cut()

    # How the call ended.

    def raised(self, exc: Exception) -> None:
        """See `Callee`."""
        if report(exc, gone=self._gone) and not self._over:
            if self._phase is Phase.HEAD:
                self._fail()
            else:
                self._break_off(None)

    def returned(self) -> None:
        """See `Callee`."""
        if self._breach is not None:
            self._report_breach(self._breach)
        elif self._over:
            return
        elif self._left:
            logger.debug("The app returned with the client's disconnect")
            self._break_off(None)
        elif self._phase is Phase.HEAD:
            self._returned_without("starting its response", 500)
            self._fail()
        elif self._phase is Phase.TRAILERS:
            self._returned_without("sending the trailers it announced")
            try:
                self._end_with([])
            except AsgiProtocolError as exc:
                # The body was not as long as it was declared.
                self._link.breached(str(exc))
                self._report_breach(exc)
        else:
            self._returned_without("completing its response")
            self._break_off(None)

    @property
    def _over(self) -> bool:
        return self._phase is Phase.COMPLETE or self._gone

    def _report_breach(self, breach: AsgiProtocolError) -> None:
        logger.error("The connection was closed: %s", breach)

    def _returned_without(self, what: str, status: int = 0) -> None:
        logger.error("The ASGI app returned without %s", what)
        self._link.breached(f"the app returned without {what}", status)

    def _fail(self) -> None:
        self._phase = Phase.COMPLETE
        self._link.fail()


_Step: TypeAlias = Callable[[HttpExchange, Message], Awaitable[None] | None]
_HINT: Final[dict[str, _Step]] = {"http.response.early_hint": HttpExchange._on_hint}
_PARTS: Final[dict[str, _Step]] = {
    "http.response.body": HttpExchange._on_body,
    "http.response.zerocopysend": HttpExchange._on_file,
}
_STEPS: Final[dict[Phase, dict[str, _Step]]] = {
    Phase.HEAD: {
        "http.response.start": HttpExchange._on_start,
        "http.response.debug": HttpExchange._on_debug,
        **_HINT,
    },
    Phase.BODY: {**_PARTS, "http.response.pathsend": HttpExchange._on_path, **_HINT},
    Phase.MORE: {**_PARTS, **_HINT},
    Phase.SENDING: {},
    Phase.TRAILERS: {"http.response.trailers": HttpExchange._on_trailers},
    Phase.COMPLETE: {},
}
