"""One WebSocket exchange: the app's `receive` and `send`, with the order of messages as a table.

    phase       expects                                        then
    CONNECTING  websocket.accept                               OPEN
                websocket.close                                CLOSED (403)
                websocket.http.response.start                  DENYING
    DENYING     websocket.http.response.body                   DENYING while more_body, else CLOSED
    OPEN        websocket.send                                 OPEN
                websocket.close                                CLOSED
    CLOSED      nothing: the app has ended it
    GONE        nothing: the peer or the server has ended it, so that `send` raises OSError

No I/O happens here: what the exchange wants done it asks of its `WebSocketLink`.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, Final, Protocol

from asgitrace.asgi import App, Message, Scope
from asgitrace.server.call import CallLink, call, report
from asgitrace.server.config import ServerConfig
from asgitrace.server.defaults import Header
from asgitrace.server.errors import AsgiProtocolError, ClientDisconnected
from asgitrace.server.flow import Waiters
from asgitrace.server.handshake import Handshake
from asgitrace.server.messages import body_of, close_of, message_type, payload_of
from asgitrace.server.session import FrameLink, Session

logger = logging.getLogger("asgitrace.server")

_QUEUE_LIMIT: Final = 64 * 1024
_MESSAGE_COST: Final = 128
"""What a queued message counts beside its payload, so that empty ones are bounded too."""


class Phase(Enum):
    """How far the session is."""

    # An Enum hashes its name, in Python, and the table is looked up for every message.
    __hash__ = object.__hash__

    CONNECTING = auto()
    DENYING = auto()
    OPEN = auto()
    CLOSED = auto()
    GONE = auto()


class WebSocketLink(CallLink, FrameLink, Protocol):
    """What a WebSocket exchange needs of its connection."""

    async def drain(self) -> None:
        """Wait until the client takes bytes again."""

    def set_reading(self, on: bool) -> None:
        """Read from the client, or leave its bytes in the socket."""

    def upgrade(self, headers: list[Header], feed: Callable[[bytes], None]) -> None:
        """Switch protocols: send 101, and give `feed` what comes and what came already."""

    def breached(self, text: str, status: int = 0) -> None:
        """The app broke the specification; the status or close code is the answer, if any."""

    def start_response(self, status: object, headers: Iterable[Any]) -> None:
        """Deny the handshake with this response."""

    def send_body(self, data: bytes, more: bool) -> None:
        """Send a piece of its body."""

    def completed(self) -> None:
        """The denial is complete: go on with the next request."""

    def fail(self, status: int = 500) -> None:
        """Answer with an error of the server's own and close."""


class WebSocketExchange:
    """One call of the app for one WebSocket session."""

    __slots__ = (
        "_answering",
        "_config",
        "_handshake",
        "_link",
        "_phase",
        "_queue",
        "_queued",
        "_session",
        "_told",
        "_waiters",
        "scope",
    )

    def __init__(
        self, scope: Scope, link: WebSocketLink, handshake: Handshake, config: ServerConfig
    ) -> None:
        self.scope = scope
        self._link = link
        self._handshake = handshake
        self._config = config
        self._phase = Phase.CONNECTING
        self._session: Session | None = None
        self._queue: deque[tuple[Message, int]] = deque([({"type": "websocket.connect"}, 0)])
        self._queued = 0
        self._told = False
        self._answering = False
        """The app took a message and has not asked for more."""
        self._waiters = Waiters()

    # What the connection tells.

    def disconnected(self) -> None:
        """The connection is gone."""
        if self._session is not None:
            self._session.lost()
        else:
            self.ended(1006, "")

    def writable(self) -> None:
        """The client takes bytes again."""
        if self._session is not None:
            self._session.writable()

    def shutdown(self) -> None:
        """The server is going down (RFC 6455 section 7.4.1 and the IANA registry: 1012)."""
        if self._phase is Phase.OPEN:
            was_full = self.full
            self._open_session().close(1012, "service restart")
            self.ended(1012, "service restart")
            if was_full:
                self._read_on()
        elif self._phase is Phase.CONNECTING:
            self._link.fail(503)
            self.ended(1006, "")

    # What the session tells.

    @property
    def full(self) -> bool:
        """Whether the app is too far behind to take more messages; one that has closed takes none,
        so that the peer's Close frame is not left in the socket."""
        return self._queued >= _QUEUE_LIMIT and self._phase is Phase.OPEN

    @property
    def behind(self) -> bool:
        """Whether the app has messages to take, or has one that it may be about to answer."""
        return (self._queued > 0 or self._answering) and self._phase is Phase.OPEN

    def deliver(self, payload: str | bytes) -> None:
        """A message for the app."""
        if self._phase is not Phase.OPEN:
            return
        kind = "text" if type(payload) is str else "bytes"
        self._enqueue({"type": "websocket.receive", kind: payload}, len(payload) + _MESSAGE_COST)
        if self._queued >= _QUEUE_LIMIT:
            self._link.set_reading(False)

    def ended(self, code: int, reason: str) -> None:
        """The session is over, and not by the app's doing."""
        if self._phase not in (Phase.CLOSED, Phase.GONE):
            self._phase = Phase.GONE
            self._disconnect(code, reason)

    # What the app calls.

    async def run(self, app: App) -> None:
        """Call the app, and see to it that the session gets an end."""
        await call(app, self, self._link)

    async def receive(self) -> Message:
        """ASGI `receive`."""
        queue = self._queue
        while not queue:
            if self._told:
                raise self._breach("the app called receive() after 'websocket.disconnect'")
            self._answering = False
            if self._session is not None:
                self._session.caught_up()
            if not queue:
                await self._waiters.wait()
        message, cost = queue.popleft()
        if cost:
            self._answering = True
            self._taken(cost)
        elif message["type"] == "websocket.disconnect":
            self._told = True
            # Another task of the app may be waiting, too.
            self._waiters.wake()
        return message

    async def send(self, message: Message) -> None:
        """ASGI `send`."""
        try:
            steps = _STEPS[self._phase]
            kind = message_type(message)
            step = steps.get(kind)
            if step is None:
                if self._phase is Phase.GONE and kind in _KNOWN:
                    raise ClientDisconnected
                raise AsgiProtocolError.unexpected(kind, steps)
            step(self, message)
        except AsgiProtocolError as exc:
            self._link.breached(str(exc))
            raise
        if self._link.blocked:
            await self._link.drain()
            if self._phase is Phase.GONE:
                raise ClientDisconnected

    def _taken(self, cost: int) -> None:
        was_full = self._queued >= _QUEUE_LIMIT
        self._queued -= cost
        if was_full and self._queued < _QUEUE_LIMIT:
            self._read_on()

    def _read_on(self) -> None:
        self._open_session().pump()
        if not self.full:
            self._link.set_reading(True)

    def _breach(self, text: str) -> AsgiProtocolError:
        self._link.breached(text)
        return AsgiProtocolError(text)

    def _open_session(self) -> Session:
        assert self._session is not None, "there is one from accept on"
        return self._session

    def _enqueue(self, message: Message, cost: int) -> None:
        self._queue.append((message, cost))
        self._queued += cost
        self._waiters.wake()

    def _disconnect(self, code: int, reason: str) -> None:
        self._enqueue({"type": "websocket.disconnect", "code": code, "reason": reason}, 0)

    def _on_accept(self, message: Message) -> None:
        headers, agreement = self._handshake.accept(
            message.get("subprotocol"), message.get("headers", ())
        )
        session = Session(self._link, self, agreement, self._config)
        self._link.upgrade(headers, session.feed)
        self._session = session
        self._phase = Phase.OPEN
        session.start()

    def _on_send(self, message: Message) -> None:
        self._open_session().send(payload_of(message))

    def _on_close(self, message: Message) -> None:
        code, reason = close_of(message)
        self._close(code, reason)
        self._disconnect(code, reason)

    def _close(self, code: int, reason: str) -> None:
        was_full = self.full
        self._phase = Phase.CLOSED
        self._open_session().close(code, reason)
        if was_full:
            self._read_on()

    def _on_reject(self, message: Message) -> None:
        # A close before accept is 403, whatever its code (ASGI WebSocket, "Close").
        self._phase = Phase.CLOSED
        self._link.start_response(403, ((b"content-length", b"0"),))
        self._link.send_body(b"", more=False)
        self._disconnect(1006, "")
        self._link.completed()

    def _on_denial_start(self, message: Message) -> None:
        if "status" not in message:
            raise AsgiProtocolError("'websocket.http.response.start' has no 'status'")
        self._link.start_response(message["status"], message.get("headers", ()))
        self._phase = Phase.DENYING

    def _on_denial_body(self, message: Message) -> None:
        more = bool(message.get("more_body", False))
        try:
            self._link.send_body(body_of(message), more)
        except AsgiProtocolError:
            self._phase = Phase.CLOSED
            self._link.cut()
            raise
        if not more:
            self._phase = Phase.CLOSED
            self._disconnect(1006, "")
            self._link.completed()

    # How the call ended.

    def raised(self, exc: Exception) -> None:
        """See `Callee`."""
        if report(exc, gone=self._phase is Phase.GONE):
            self._conclude(1011, "internal error")

    def returned(self) -> None:
        """See `Callee`."""
        if self._phase is Phase.CONNECTING:
            self._left("without accepting or closing the WebSocket", 500)
        elif self._phase is Phase.DENYING:
            self._left("without completing its denial response")
        self._conclude(1000, "")

    def _left(self, how: str, answer: int = 0) -> None:
        logger.error("The ASGI app returned %s", how)
        self._link.breached(f"the app returned {how}", answer)

    def _conclude(self, code: int, reason: str) -> None:
        phase = self._phase
        if phase in (Phase.CLOSED, Phase.GONE):
            return
        if phase is Phase.OPEN:
            self._close(code, reason)
            return
        self._phase = Phase.CLOSED
        if phase is Phase.DENYING:
            self._link.cut()
        else:
            self._link.fail()


_STEPS: Final[dict[Phase, dict[str, Callable[[WebSocketExchange, Message], None]]]] = {
    Phase.CONNECTING: {
        "websocket.accept": WebSocketExchange._on_accept,
        "websocket.close": WebSocketExchange._on_reject,
        "websocket.http.response.start": WebSocketExchange._on_denial_start,
    },
    Phase.DENYING: {"websocket.http.response.body": WebSocketExchange._on_denial_body},
    Phase.OPEN: {
        "websocket.send": WebSocketExchange._on_send,
        "websocket.close": WebSocketExchange._on_close,
    },
    Phase.CLOSED: {},
    Phase.GONE: {},
}
_KNOWN: Final = frozenset(kind for steps in _STEPS.values() for kind in steps)
