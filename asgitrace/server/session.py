"""An open WebSocket: frames over a link, closed by either side, kept alive by pings. No I/O."""

from collections.abc import Callable
from typing import Final, Protocol

from wsproto import events as ws
from wsproto.extensions import Extension

from asgitrace.server.config import ServerConfig
from asgitrace.server.frames import Breach, FrameEvent, FrameMachine, PeerClosed
from asgitrace.server.keepalive import Keepalive, Timer

_CLOSE_TIMEOUT: Final = 5.0
"""Seconds the peer has to answer a Close frame before the connection is closed anyway."""


class FrameLink(Protocol):
    """What an open WebSocket needs of its connection."""

    @property
    def blocked(self) -> bool:
        """Whether the client takes no more bytes at the moment."""

    def write(self, data: bytes) -> None:
        """Write frames."""

    def close(self) -> None:
        """Write what is left, then close."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer:
        """Schedule a call."""


class Listener(Protocol):
    """Who is told what comes in."""

    @property
    def full(self) -> bool:
        """Whether no more messages are wanted for now."""

    def deliver(self, payload: str | bytes) -> None:
        """A whole message arrived."""

    def ended(self, code: int, reason: str) -> None:
        """The peer, or a breach of its, has ended the session."""


class Session:
    """The frames of one open WebSocket."""

    __slots__ = ("_frames", "_keepalive", "_link", "_listener", "_owed", "_timer")

    def __init__(
        self,
        link: FrameLink,
        listener: Listener,
        extensions: list[Extension],
        config: ServerConfig,
    ) -> None:
        self._link = link
        self._listener = listener
        self._frames = FrameMachine(extensions, config.ws_max_size)
        self._keepalive = Keepalive(
            config.ws_ping_interval,
            config.ws_ping_timeout,
            link.call_later,
            self._ping,
            self._unanswered,
        )
        self._timer: Timer | None = None
        self._owed: ws.Ping | None = None
        self._keepalive.start()

    def feed(self, data: bytes) -> None:
        """Bytes from the peer."""
        self._frames.feed(data)
        self.pump()

    def pump(self) -> None:
        """Decode what came as long as the listener takes it."""
        while not self._listener.full and (event := self._frames.next_event()) is not None:
            self._handle(event)

    def send(self, payload: str | bytes) -> None:
        """Send one message."""
        self._link.write(self._frames.message(payload))

    def writable(self) -> None:
        """Answer the latest ping, if one is unanswered.

        RFC 6455 section 5.5.3 lets older ones go: a peer that sends pings and reads nothing must
        not fill the memory.
        """
        owed, self._owed = self._owed, None
        if owed is not None:
            self._link.write(self._frames.pong(owed))

    def close(self, code: int, reason: str) -> None:
        """Send a Close frame and give the peer time to answer (RFC 6455 section 7.1.2)."""
        self._keepalive.stop()
        self._link.write(self._frames.close(code, reason))
        self._timer = self._link.call_later(_CLOSE_TIMEOUT, self._link.close)

    def stop(self) -> None:
        """The connection is gone: no more timers."""
        self._keepalive.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _handle(self, event: FrameEvent) -> None:
        if isinstance(event, str | bytes):
            self._listener.deliver(event)
        elif isinstance(event, ws.Ping):
            self._owed = event
            if not self._link.blocked:
                self.writable()
        elif isinstance(event, ws.Pong):
            self._keepalive.pong(bytes(event.payload))
        elif isinstance(event, PeerClosed):
            self._peer_closed(event)
        else:
            self._breached(event)

    def _peer_closed(self, event: PeerClosed) -> None:
        self.stop()
        self._link.write(self._frames.answer_close(event))
        # RFC 6455 section 7.1.1: the server closes the connection, not the client.
        self._link.close()
        self._listener.ended(event.code, event.reason or "")

    def _breached(self, event: Breach) -> None:
        self.close(event.code, event.reason)
        self._listener.ended(event.code, event.reason)

    def _ping(self, payload: bytes) -> None:
        self._link.write(self._frames.ping(payload))

    def _unanswered(self) -> None:
        if self._listener.full:
            # The answer may well lie in the socket, which is not read until the app catches up.
            self._keepalive.await_pong()
            return
        self.close(1011, "keepalive ping timeout")
        self._link.close()
        self._listener.ended(1006, "keepalive ping timeout")
