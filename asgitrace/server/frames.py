"""The frames that come in on one WebSocket: bytes in, whole messages out. Sans-I/O.

Most messages come whole in one frame of one read: `FrameMachine` reads those by itself. Everything
else `FrameReader` reads, from the first byte that is different to the end of what it belongs to;
both give the same for the same bytes, however these are split.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from wsproto.frame_protocol import ParseFailed

from asgitrace.server.deflate import Inflater
from asgitrace.server.inbound import Arrived, FrameReader, PeerClosed, not_utf8
from asgitrace.wire import ConnectionLog, Frame, Wire

_TEXT: Final = 0x81
_BINARY: Final = 0x82
_RSV1: Final = 0x40
_MASKED: Final = 0x80
_NUMBERS: Final = {
    first: Frame(first & 15, True, bool(first & _RSV1), masked=True).pack()
    for first in (_TEXT, _BINARY, _TEXT | _RSV1, _BINARY | _RSV1)
}
"""Frames that are whole messages, by their first byte: how the log has them."""


@dataclass(frozen=True, slots=True)
class Breach:
    """The peer broke the protocol or a limit; the code says which (RFC 6455 section 7.4.1)."""

    code: int
    reason: str


FrameEvent: TypeAlias = Arrived | Breach


class FrameMachine:
    """The frames of one open WebSocket, server side.

    `feed` takes bytes, `next_event` gives what they mean, one at a time, so that a slow app can
    leave the rest undecoded. After `PeerClosed` or `Breach` nothing more comes.
    """

    __slots__ = ("_at", "_data", "_inflater", "_log", "_max_size", "_over", "_reader")

    def __init__(
        self, inflater: Inflater | None, max_size: int, log: ConnectionLog | None = None
    ) -> None:
        self._inflater = inflater
        self._max_size = max_size
        self._log = log
        self._reader: FrameReader | None = None
        """Only while it is in the middle of something: most sessions are idle mostly."""
        self._data = b""
        self._at = 0
        """What of the data was read."""
        self._over = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer."""
        if self._over:
            return
        if self._reader is not None:
            self._reader.feed(data)
        elif self._at == len(self._data):
            self._data = data
            self._at = 0
        else:
            self._data = self._data[self._at :] + data
            self._at = 0

    def next_event(self) -> FrameEvent | None:
        """The next event, or None when more bytes are needed."""
        try:
            if self._reader is not None:
                return self._next_read(self._reader)
            if self._at == len(self._data):
                self._data = b""
                self._at = 0
                return None
            message = self._whole_message()
            if message is not None:
                return message
            reader = self._reader = FrameReader(self._inflater, self._max_size, self._log)
            reader.feed(self._data[self._at :])
            self._data = b""
            self._at = 0
            return self._next_read(reader)
        except ParseFailed as exc:
            self._end()
            return Breach(int(exc.code), str(exc))

    def stop(self) -> None:
        """Nothing more comes."""
        self._end()
        if self._reader is not None:
            self._reader.stop()

    def _end(self) -> None:
        self._over = True
        self._data = b""
        self._at = 0

    def _next_read(self, reader: FrameReader) -> Arrived | None:
        if self._over:
            return None
        event = reader.next()
        if reader.idle:
            self._reader = None
        if type(event) is PeerClosed:
            self._end()
        return event

    def _whole_message(self) -> str | bytes | None:
        """The message that the next bytes are, if it is whole, in one frame, and text if it says
        so; then they are read. Raises ParseFailed for what can only be told once it is inflated."""
        data, at = self._data, self._at
        if len(data) - at < 6:
            return None
        first, size = data[at], data[at + 1] - _MASKED
        number = _NUMBERS.get(first)
        start = at + 6
        if size == 126:
            size = int.from_bytes(data[at + 2 : at + 4])
            start += 2
            if size < 126:
                return None
        elif size > 126:
            return None
        end = start + size
        if number is None or size < 0 or end > len(data) or size > self._max_size:
            return None
        mask = data[start - 4 : start] * ((size + 3) >> 2)
        payload = (
            int.from_bytes(data[start:end], "little") ^ int.from_bytes(mask[:size], "little")
        ).to_bytes(size, "little")
        if first & _RSV1:
            return self._deflated(first, number, payload, end)
        message: str | bytes = payload
        if first == _TEXT:
            try:
                message = payload.decode()
            except UnicodeDecodeError:
                return None
        self._at = end
        if self._log is not None:
            self._log.tell(Wire.FRAME_IN, size, number)
        return message

    def _deflated(self, first: int, number: int, payload: bytes, end: int) -> str | bytes | None:
        inflater = self._inflater
        if inflater is None:
            return None
        self._at = end
        message = inflater.piece(payload, self._max_size)
        message += inflater.end(self._max_size - len(message))
        if self._log is not None:
            self._log.tell(Wire.FRAME_IN, len(payload), number, {"inflated": len(message)})
        if first & 15 == _BINARY & 15:
            return message
        try:
            return message.decode()
        except UnicodeDecodeError as exc:
            raise not_utf8() from exc
