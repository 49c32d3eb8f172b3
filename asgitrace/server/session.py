"""An open WebSocket: frames over a link, closed by either side, kept alive by pings. No I/O."""

from collections.abc import Callable
from typing import Final, Protocol

from asgitrace.server.closing import close_payload
from asgitrace.server.config import ServerConfig
from asgitrace.server.deflate import Agreement, Deflater, Inflater
from asgitrace.server.flow import Told
from asgitrace.server.frames import Breach, FrameMachine
from asgitrace.server.inbound import PeerClosed, Ping, Pong
from asgitrace.server.keepalive import Keepalive, Timer
from asgitrace.server.messages import utf8
from asgitrace.server.outbound import frame, told
from asgitrace.wire import BINARY, CLOSE, PING, PONG, TEXT, ConnectionLog, Wire

_CLOSE_TIMEOUT: Final = 5.0
"""Seconds the peer has to answer a Close frame before the connection is closed anyway."""
_PATIENCE: Final = 0.5
"""Seconds the app has to take what came before the end of the session, and to answer it."""


class FrameLink(Protocol):
    """What an open WebSocket needs of its connection."""

    log: ConnectionLog | None
    """Takes down what happens on the connection, if anyone wants to know."""

    @property
    def blocked(self) -> bool:
        """Whether the client takes no more bytes at the moment."""

    def write(self, data: bytes, event: Told | None = None) -> None:
        """Write a frame; with a log, `event` is what it is on the wire."""

    def close(self) -> None:
        """Write what is left, then close; what still comes is not read."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer:
        """Schedule a call."""


class Listener(Protocol):
    """Who is told what comes in."""

    @property
    def full(self) -> bool:
        """Whether no more messages are wanted for now."""

    @property
    def behind(self) -> bool:
        """Whether messages wait that were not taken yet."""

    def deliver(self, payload: str | bytes) -> None:
        """A whole message arrived."""

    def ended(self, code: int, reason: str) -> None:
        """The peer, or a breach of its, has ended the session."""


class Session:
    """The frames of one open WebSocket."""

    __slots__ = (
        "_closing",
        "_config",
        "_deflater",
        "_ending",
        "_keepalive",
        "_link",
        "_listener",
        "_machine",
        "_owed",
        "_timer",
    )

    def __init__(
        self,
        link: FrameLink,
        listener: Listener,
        agreement: Agreement | None,
        config: ServerConfig,
    ) -> None:
        self._link = link
        self._listener = listener
        self._config = config
        inflater = deflater = None
        if agreement is not None:
            inflater, deflater = Inflater(agreement), Deflater(agreement)
        self._machine = FrameMachine(inflater, config.ws_max_size, link.log)
        self._deflater = deflater
        self._keepalive = Keepalive(
            config.ws_ping_interval,
            config.ws_ping_timeout,
            link.call_later,
            self._ping,
            self._unanswered,
        )
        self._timer: Timer | None = None
        self._closing = False
        """A Close frame was sent: no other may follow it (RFC 6455 section 5.5.1)."""
        self._ending: tuple[int, str] | None = None
        """Code and reason of the end that came, while the app takes what came before it."""
        self._owed: bytes | None = None
        """The payload of a ping that is not answered yet."""

    def start(self) -> None:
        """The session is open: keep it alive."""
        self._keepalive.start()

    def feed(self, data: bytes) -> None:
        """Bytes from the peer."""
        self._machine.feed(data)
        self.pump()

    def pump(self) -> None:
        """Decode what came as long as the listener takes it."""
        machine, listener = self._machine, self._listener
        while not listener.full and (event := machine.next_event()) is not None:
            if isinstance(event, bytes | str):
                listener.deliver(event)
            else:
                self._handle(event)

    def send(self, payload: str | bytes) -> None:
        """Send one message. Raises `AsgiProtocolError` for text that is not Unicode."""
        if isinstance(payload, str):
            opcode, content = TEXT, utf8(payload, "text")
        else:
            opcode, content = BINARY, payload
        size = len(content)
        deflater = self._deflater
        # The empty message is longer when compressed (RFC 7692 section 7.2.3.6).
        deflated = deflater is not None and size > 0
        if deflater is not None and deflated:
            content = deflater.message(content)
        data = frame(opcode, content, deflated=deflated)
        link = self._link
        if link.log is None:
            link.write(data)
        else:
            link.write(data, told(data, size if deflated else None))

    def writable(self) -> None:
        """Answer the latest ping, if one is unanswered.

        RFC 6455 section 5.5.3 lets older ones go: a peer that sends pings and reads nothing must
        not fill the memory.
        """
        owed, self._owed = self._owed, None
        if owed is not None and not self._closing:
            self._control(PONG, owed)

    def close(self, code: int, reason: str) -> None:
        """Send a Close frame and give the peer time to answer (RFC 6455 section 7.1.2)."""
        self._send_close(code, reason)
        if self._ending is not None:
            self.caught_up()
        else:
            self._restart(_CLOSE_TIMEOUT, self._unclosed)

    def caught_up(self) -> None:
        """The app has taken all that came and waits for more: if it is the end, this is it.

        A message and a Close frame, or a breach, often come in one read. The app may answer the
        message first (RFC 6455 section 5.5.1 allows to delay the answer to a Close frame).
        """
        if self._ending is not None:
            (code, reason), self._ending = self._ending, None
            self._send_close(code, reason)
            self._end(code, reason)

    def lost(self) -> None:
        """The connection is gone."""
        code, reason = self._ending or (1006, "")
        self._stop()
        self._listener.ended(code, reason)

    def _stop(self) -> None:
        self._machine.stop()
        self._keepalive.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _handle(self, event: Ping | Pong | PeerClosed | Breach) -> None:
        if isinstance(event, Ping):
            self._owed = event.payload
            if not self._link.blocked:
                self.writable()
        elif isinstance(event, Pong):
            self._keepalive.pong(event.payload)
        else:
            self._last(event)

    def _last(self, event: PeerClosed | Breach) -> None:
        if isinstance(event, Breach) and self._link.log is not None:
            content = {"text": event.reason, "by": "client"}
            self._link.log.tell(Wire.ERROR, 0, event.code, content)
        self._ending = (event.code, event.reason)
        self._keepalive.stop()
        if self._listener.behind:
            self._restart(_PATIENCE, self.caught_up)
        else:
            self.caught_up()

    def _send_close(self, code: int, reason: str) -> None:
        self._keepalive.stop()
        if not self._closing:
            self._closing = True
            self._control(CLOSE, close_payload(code, reason))

    def _end(self, code: int, reason: str) -> None:
        """RFC 6455 section 7.1.1: the server closes the connection, not the client; after a breach
        it does not wait for the answer to its Close frame (section 7.1.7)."""
        self._stop()
        self._link.close()
        self._listener.ended(code, reason)

    def _restart(self, delay: float, callback: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._link.call_later(delay, callback)

    def _control(self, opcode: int, payload: bytes) -> None:
        data = frame(opcode, payload)
        self._link.write(data, None if self._link.log is None else told(data))

    def _ping(self, payload: bytes) -> None:
        self._control(PING, payload)

    def _unanswered(self) -> None:
        if self._listener.full:
            # The answer may well lie in the socket, which is not read until the app catches up.
            self._keepalive.await_pong()
            return
        self._timed_out("pong", self._config.ws_ping_timeout)
        reason = "keepalive ping timeout"
        self._send_close(1011, reason)
        self._end(1006, reason)

    def _unclosed(self) -> None:
        self._timed_out("close", _CLOSE_TIMEOUT)
        self._stop()
        self._link.close()

    def _timed_out(self, what: str, seconds: float | None) -> None:
        if self._link.log is not None:
            self._link.log.tell(Wire.TIMEOUT, content={"what": what, "seconds": seconds})
