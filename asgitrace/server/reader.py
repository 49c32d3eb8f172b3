"""The requests of one connection: bytes in, events out. No I/O.

Each request is cut out of the stream by what its own head says of its length, examined, and then
given to h11; what follows it stays here until the response is complete. So h11 never sees two
requests at once, nor anything that `head` and `chunks` refuse; nor content, but its trailers.
"""

import re
from enum import Enum, auto
from typing import Final, NamedTuple

import h11

from asgitrace.server.chunks import BadChunk, ChunkScanner
from asgitrace.server.defaults import Header
from asgitrace.server.framing import framing_refusal, length_refusal, without_empty_codings
from asgitrace.server.head import MAX_HEAD, HeadScanner, Refusal, is_plain
from asgitrace.server.scope import RequestHead

_END_OF_HEAD: Final = b"\r\n\r\n"
_NO_TRAILERS: Final = b"\r\n"
_BLANK_LINES: Final = re.compile(rb"(?:\r\n)+")
"""RFC 9112 section 2.2: empty lines before a request line are ignored."""


class Reading(Enum):
    """What comes next on the connection."""

    HEAD = auto()
    CONTENT = auto()
    NOTHING = auto()
    """The request is complete; the next one waits for its response."""


class Head(NamedTuple):
    """A request's head was read."""

    request: h11.Request
    head: RequestHead
    raw: bytes


class Content(NamedTuple):
    """A piece of its content was read."""

    data: bytes


class End(NamedTuple):
    """The request is complete."""

    trailers: list[Header]


_END: Final = End([])


class Breach(Exception):
    """The client does not speak HTTP/1.1: the request is refused and the connection must end."""

    def __init__(self, refusal: Refusal, raw: bytes = b"") -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.raw = raw
        """The head as far as it came, if it is the head that is refused."""


class RequestReader:
    """Reads the requests of one connection, one after the other."""

    __slots__ = (
        "_buffer",
        "_chunks",
        "_left",
        "_scanner",
        "_searched",
        "_whole",
        "awaits_continue",
        "has_content",
        "reading",
    )

    def __init__(self) -> None:
        self.reading = Reading.HEAD
        self.has_content = False
        """Whether content belongs to the request whose head was read last."""
        self.awaits_continue = False
        """Whether the client sends the content only when told to."""
        self._buffer = bytearray()
        self._searched = 0
        self._scanner: HeadScanner | None = None
        self._chunks: tuple[ChunkScanner, h11.Connection] | None = None
        self._left = 0
        """Bytes of content that are to come, where its length is known."""
        self._whole = b""
        """What came of it, apart from the buffer."""

    @property
    def waiting(self) -> int:
        """Bytes that came and are not part of what was read yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Bytes came in."""
        if self._left >= len(data) and self.reading is Reading.CONTENT and not self._buffer:
            # Nothing but content: no need to copy it.
            self._whole += data
        else:
            self._buffer += data

    def next_request(self) -> None:
        """The response is complete: what comes next is a request."""
        self.reading = Reading.HEAD

    def take_rest(self) -> bytes:
        """All that is left: another protocol begins here."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def next_event(self) -> Head | Content | End | None:
        """What came; None if that cannot be said yet. Raises `Breach`."""
        if self.reading is Reading.HEAD:
            return self._next_head()
        if self.reading is Reading.CONTENT:
            return self._next_content()
        return None

    def eof(self) -> Breach:
        """What it means that nothing more comes, in the middle of a request."""
        if self.reading is Reading.HEAD:
            reason = "the connection was closed in the middle of a request's head"
            return Breach(Refusal(400, reason), bytes(self._buffer))
        return Breach(
            Refusal(400, "the connection was closed in the middle of a request's content")
        )

    def _next_head(self) -> Head | None:
        buffer = self._buffer
        if buffer[:2] == b"\r\n" and (blank := _BLANK_LINES.match(buffer)):
            del buffer[: blank.end()]
        if not buffer or buffer == b"\r":
            return None
        end = buffer.find(_END_OF_HEAD, self._searched)
        if end < 0:
            self._searched = max(0, len(buffer) - len(_END_OF_HEAD) + 1)
            self._scan(buffer)
            return None
        end += len(_END_OF_HEAD)
        raw = bytes(buffer[:end])
        if not is_plain(raw):
            self._scan(raw)
        del buffer[:end]
        self._scanner = None
        self._searched = 0
        return self._parsed(raw)

    def _scan(self, data: bytes | bytearray) -> None:
        if self._scanner is None:
            self._scanner = HeadScanner()
        refused = self._scanner.look(data)
        if refused is not None:
            raise Breach(refused, bytes(data[:MAX_HEAD]))

    def _parsed(self, raw: bytes) -> Head:
        machine, request = self._request(raw)
        head = RequestHead.of(request)
        fields = head.fields
        chunked = b"transfer-encoding" in fields
        length = fields.get(b"content-length", b"0")
        if chunked or b"content-length" in fields:
            wrong = framing_refusal(raw) if chunked else length_refusal(raw)
            if wrong is not None:
                raise Breach(wrong, raw)
        # Otherwise h11 has nothing more to do.
        self._chunks = (ChunkScanner(), machine) if chunked else None
        self._left = 0 if chunked else int(length)
        self.has_content = chunked or self._left > 0
        self.awaits_continue = self.has_content and machine.they_are_waiting_for_100_continue
        self.reading = Reading.CONTENT
        return Head(request, head, raw)

    def _request(self, raw: bytes) -> tuple[h11.Connection, h11.Request]:
        # h11 only reads: it knows nothing of the responses, and starts anew with each request.
        machine = h11.Connection(h11.SERVER, MAX_HEAD)
        machine.receive_data(raw)
        try:
            request = machine.next_event()
        except h11.RemoteProtocolError as exc:
            clean = without_empty_codings(raw)
            if clean != raw:
                return self._request(clean)
            # What comes first counts, as it does for a head in pieces; and it is told more clearly.
            refused = HeadScanner().look(raw) or framing_refusal(raw)
            raise Breach(refused or Refusal(exc.error_status_hint, str(exc)), raw) from exc
        assert isinstance(request, h11.Request), "the head is complete"
        return machine, request

    def _next_content(self) -> Content | End | None:
        if self._chunks is not None:
            return self._next_chunk(*self._chunks)
        if not self._left:
            self.reading = Reading.NOTHING
            return _END
        data = self._whole or bytes(self._buffer[: self._left])
        if not data:
            return None
        if self._whole:
            self._whole = b""
        else:
            del self._buffer[: len(data)]
        self._left -= len(data)
        return Content(data)

    def _next_chunk(self, chunks: ChunkScanner, machine: h11.Connection) -> Content | End | None:
        if self._buffer and not chunks.over:
            data = bytes(self._buffer)
            try:
                end = chunks.scan(data)
            except BadChunk as exc:
                raise Breach(exc.refusal) from exc
            del self._buffer[:end]
        if content := chunks.take():
            return Content(content)
        if not chunks.over:
            return None
        self.reading = Reading.NOTHING
        return _END if chunks.trailers == _NO_TRAILERS else _end(chunks.trailers, machine)


def _end(trailers: bytes, machine: h11.Connection) -> End:
    machine.receive_data(b"0\r\n" + trailers)
    try:
        event = machine.next_event()
    except h11.RemoteProtocolError as exc:
        # Of a trailer that says something of the framing.
        raise Breach(Refusal(400, str(exc))) from exc
    assert isinstance(event, h11.EndOfMessage), "the trailers are complete"
    return End(list(event.headers))
