"""Frames of a client to messages (RFC 6455 sections 5 and 6), a piece at a time as they come.

wsproto takes the frames apart and watches over fragments and UTF-8. `Checks` is its extension
that sees to what wsproto leaves open: sizes, before anything is kept, the order of frames as soon
as a header is there, and permessage-deflate.
"""

import io
from typing import Final, NamedTuple, TypeAlias

from wsproto.extensions import Extension
from wsproto.frame_protocol import (
    CloseReason,
    FrameDecoder,
    FrameProtocol,
    MessageDecoder,
    Opcode,
    ParseFailed,
    RsvBits,
)
from wsproto.frame_protocol import Frame as Piece

from asgitrace.server.closing import parse_close
from asgitrace.server.deflate import Inflater
from asgitrace.wire import ConnectionLog, Frame, Wire

_NONE_ALLOWED: Final = RsvBits(False, False, False)
_RSV1_ALLOWED: Final = RsvBits(True, False, False)


class Ping(NamedTuple):
    """The peer wants a pong with the same payload."""

    payload: bytes


class Pong(NamedTuple):
    """The peer answers a ping, or sends one unasked."""

    payload: bytes


class PeerClosed(NamedTuple):
    """The peer sent a Close frame."""

    code: int
    reason: str


Arrived: TypeAlias = str | bytes | Ping | Pong | PeerClosed


def too_big(limit: int) -> ParseFailed:
    """The breach of a message over the limit."""
    return ParseFailed(f"a message may have {limit} bytes", CloseReason.MESSAGE_TOO_BIG)


class Checks(Extension):
    """What is known of the frame and the message that are coming in."""

    name = "checks"

    def __init__(self, messages: MessageDecoder, inflater: Inflater | None, max_size: int) -> None:
        self._messages = messages
        self._inflater = inflater
        self._max_size = max_size
        self._deflated = False
        """Whether the message is compressed."""
        self._size = 0
        """Bytes of the message so far, inflated."""
        self.opcode = Opcode.CONTINUATION
        """Of the frame, as its length and the bytes of it once inflated."""
        self.rsv1 = False
        self.length = 0
        self.inflated: int | None = None

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        """See `Extension`. It is called anew when a header comes in pieces."""
        self.opcode, self.rsv1, self.length = opcode, rsv.rsv1, payload_length
        self.inflated = None
        if opcode.iscontrol():
            return _NONE_ALLOWED
        if (opcode is Opcode.CONTINUATION) is (self._messages.opcode is None):
            raise ParseFailed(
                "a continuation of nothing"
                if opcode is Opcode.CONTINUATION
                else "a new message inside a fragmented one"
            )
        allowed = _NONE_ALLOWED
        if opcode is not Opcode.CONTINUATION:
            self._deflated = rsv.rsv1
            if self._inflater is not None:
                allowed = _RSV1_ALLOWED
        if self._deflated:
            self.inflated = 0
        elif self._size + payload_length > self._max_size:
            raise too_big(self._max_size)
        return allowed

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        """See `Extension`."""
        if self.opcode.iscontrol():
            return data
        if self._deflated:
            assert self._inflater is not None, "RSV1 is allowed with it only"
            return self._count(self._inflater.piece(data, self._max_size - self._size))
        self._size += len(data)
        return data

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        """See `Extension`."""
        if not fin or self.opcode.iscontrol():
            return None
        rest = None
        if self._deflated:
            assert self._inflater is not None, "RSV1 is allowed with it only"
            rest = self._count(self._inflater.end(self._max_size - self._size))
        self._size = 0
        return rest

    def offer(self) -> bool | str:
        """See `Extension`. It is nothing to be negotiated."""
        return False

    def _count(self, data: bytes) -> bytes:
        self._size += len(data)
        self.inflated = (self.inflated or 0) + len(data)
        return data


class FrameReader:
    """Reads frames that came in pieces, fragments, control frames, and what is no frame."""

    __slots__ = ("_bytes", "_checks", "_decoder", "_log", "_messages", "_text")

    def __init__(self, inflater: Inflater | None, max_size: int, log: ConnectionLog | None) -> None:
        self._messages = MessageDecoder()
        self._checks = Checks(self._messages, inflater, max_size)
        self._decoder = FrameDecoder(client=False, extensions=[self._checks])
        self._log = log
        # Both take many small pieces without an object for each.
        self._bytes = bytearray()
        self._text = io.StringIO()

    @property
    def idle(self) -> bool:
        """Whether all that came was read, and no message has begun."""
        decoder = self._decoder
        return decoder.header is None and not len(decoder.buffer) and self._messages.opcode is None

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self._decoder.receive_bytes(data)

    def next(self) -> Arrived | None:
        """What came; None if more bytes are needed. Raises ParseFailed, once."""
        while (piece := self._decoder.process_buffer()) is not None:
            if self._log is not None and piece.frame_finished:
                self._tell(self._log, piece)
            arrived = _control(piece) if piece.opcode.iscontrol() else self._message(piece)
            if arrived is not None:
                return arrived
        return None

    def stop(self) -> None:
        """Nothing more comes: tell of the frame that did not come whole."""
        log, self._log = self._log, None
        header = self._decoder.header
        if header is not None and log is not None:
            checks = self._checks
            frame = Frame(header.opcode, header.fin, header.rsv.rsv1, masked=True)
            came = self._decoder.payload_consumed + len(self._decoder.buffer)
            log.tell(Wire.FRAME_IN, came, frame.pack(), {"of": checks.length})

    def _message(self, piece: Piece) -> str | bytes | None:
        try:
            piece = self._messages.process_frame(piece)
        except ParseFailed as exc:
            if not isinstance(exc.__context__, UnicodeError):
                raise
            # The peer is told the reason: in words of its protocol, not of our language.
            raise not_utf8() from exc
        data = piece.payload
        if isinstance(data, str):
            if piece.message_finished and not self._text.tell():
                return data
            self._text.write(data)
            if not piece.message_finished:
                return None
            whole = self._text.getvalue()
            self._text = io.StringIO()
            return whole
        assert isinstance(data, bytes)
        if piece.message_finished and not self._bytes:
            return data
        self._bytes += data
        if not piece.message_finished:
            return None
        joined = bytes(self._bytes)
        self._bytes = bytearray()
        return joined

    def _tell(self, log: ConnectionLog, piece: Piece) -> None:
        checks = self._checks
        frame = Frame(checks.opcode, piece.message_finished, checks.rsv1, masked=True)
        content: dict[str, object] | None = None
        if checks.opcode.iscontrol():
            content = {"data": piece.payload}
        elif checks.inflated is not None:
            content = {"inflated": checks.inflated}
        log.tell(Wire.FRAME_IN, checks.length, frame.pack(), content)


def not_utf8() -> ParseFailed:
    """The breach of a text message that is no text (RFC 6455 section 8.1)."""
    return ParseFailed("the text is not UTF-8", CloseReason.INVALID_FRAME_PAYLOAD_DATA)


def _control(piece: Piece) -> Ping | Pong | PeerClosed:
    payload = piece.payload
    assert isinstance(payload, bytes)
    if piece.opcode is Opcode.PING:
        return Ping(payload)
    if piece.opcode is Opcode.PONG:
        return Pong(payload)
    return PeerClosed(*parse_close(payload))
