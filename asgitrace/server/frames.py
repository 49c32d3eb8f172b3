"""WebSocket frames: bytes in, whole messages out (RFC 6455 sections 5 to 7, RFC 7692). Sans-I/O."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from wsproto import events as ws
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFLATED_SLICE: Final = 16 * 1024
"""Deflate grows at most a thousandfold: what one slice inflates to is checked before the next."""


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The peer sent a Close frame."""

    code: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Breach:
    """The peer broke the protocol or a limit; the code says which (RFC 6455 section 7.4.1)."""

    code: int
    reason: str


FrameEvent: TypeAlias = str | bytes | ws.Ping | ws.Pong | PeerClosed | Breach


class Deflate(PerMessageDeflate):
    """permessage-deflate that leaves control frames alone.

    wsproto forgets that a message is compressed when a control frame comes between its fragments
    (RFC 7692 section 6.1 allows that).
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_control = False

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        """See `Extension`."""
        self._in_control = opcode.iscontrol()
        if self._in_control:
            return RsvBits(False, False, False)
        return super().frame_inbound_header(proto, opcode, rsv, payload_length)

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        """See `Extension`."""
        return data if self._in_control else super().frame_inbound_payload_data(proto, data)

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        """See `Extension`."""
        return None if self._in_control else super().frame_inbound_complete(proto, fin)


class FrameMachine:
    """The frame layer of one open WebSocket, server side.

    `feed` takes bytes, `next_event` gives what they mean, one at a time, so that a slow app can
    leave the rest undecoded. After `PeerClosed` or `Breach` nothing more comes.
    """

    __slots__ = (
        "_chunks",
        "_connection",
        "_events",
        "_max_size",
        "_pieces",
        "_size",
        "_slice",
        "_texts",
    )

    def __init__(self, extensions: list[Extension], max_size: int) -> None:
        enabled = [extension for extension in extensions if extension.enabled()]
        self._connection = Connection(ConnectionType.SERVER, enabled)
        self._slice = _DEFLATED_SLICE if enabled else 0
        self._pieces: deque[bytes] = deque()
        self._events: Iterator[ws.Event] = iter(())
        self._texts: list[str] = []
        self._chunks: list[bytes | bytearray] = []
        self._size = 0
        self._max_size = max_size

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer."""
        if self._slice:
            step = self._slice
            self._pieces.extend(data[i : i + step] for i in range(0, len(data), step))
        else:
            self._pieces.append(data)

    def next_event(self) -> FrameEvent | None:
        """The next event, or None when more bytes are needed."""
        while True:
            for event in self._events:
                meaning = self._meaning(event)
                if meaning is not None:
                    return meaning
            if not self._pieces or self._connection.state is ConnectionState.CLOSED:
                return None
            self._connection.receive_data(self._pieces.popleft())
            self._events = self._connection.events()

    def message(self, data: str | bytes) -> bytes:
        """The frame of one message."""
        if isinstance(data, str):
            return self._connection.send(ws.TextMessage(data=data))
        return self._connection.send(ws.BytesMessage(data=data))

    def ping(self, payload: bytes) -> bytes:
        """A Ping frame."""
        return self._connection.send(ws.Ping(payload=payload))

    def pong(self, ping: ws.Ping) -> bytes:
        """The answer to a Ping; none once a Close frame was sent (RFC 6455 section 5.5.1)."""
        if self._connection.state is not ConnectionState.OPEN:
            return b""
        return self._connection.send(ping.response())

    def close(self, code: int, reason: str) -> bytes:
        """A Close frame, the first of the two."""
        return self._connection.send(ws.CloseConnection(code=code, reason=reason))

    def answer_close(self, closed: PeerClosed) -> bytes:
        """The answer to the peer's Close frame; none if ours came first."""
        if self._connection.state is ConnectionState.CLOSED:
            return b""
        code = CloseReason.NO_STATUS_RCVD if closed.code == 1005 else closed.code
        return self._connection.send(ws.CloseConnection(code=code, reason=closed.reason))

    def _meaning(self, event: ws.Event) -> FrameEvent | None:
        if isinstance(event, ws.TextMessage):
            return self._text(event)
        if isinstance(event, ws.BytesMessage):
            return self._binary(event)
        if isinstance(event, ws.CloseConnection):
            # wsproto gives the peer's Close and its own verdict as the same event; only the former
            # changes its state.
            if self._connection.state is ConnectionState.OPEN:
                return self._breach(int(event.code), event.reason or "")
            return PeerClosed(int(event.code), event.reason)
        assert isinstance(event, ws.Ping | ws.Pong)
        return event

    def _text(self, event: ws.TextMessage) -> str | Breach | None:
        data = event.data
        if not self._fits(len(data) if data.isascii() else len(data.encode())):
            return self._too_big()
        if event.message_finished and not self._texts:
            self._size = 0
            return data
        self._texts.append(data)
        if not event.message_finished:
            return None
        whole = "".join(self._texts)
        self._texts.clear()
        self._size = 0
        return whole

    def _binary(self, event: ws.BytesMessage) -> bytes | Breach | None:
        if not self._fits(len(event.data)):
            return self._too_big()
        if event.message_finished and not self._chunks:
            self._size = 0
            return bytes(event.data)
        self._chunks.append(event.data)
        if not event.message_finished:
            return None
        whole = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return whole

    def _fits(self, more: int) -> bool:
        self._size += more
        return self._size <= self._max_size

    def _too_big(self) -> Breach:
        return self._breach(1009, f"a message may have {self._max_size} bytes")

    def _breach(self, code: int, reason: str) -> Breach:
        self._pieces.clear()
        self._events = iter(())
        return Breach(code, reason)
