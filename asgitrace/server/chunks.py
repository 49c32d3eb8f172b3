"""Chunked content (RFC 9112 section 7.1), decoded strictly. Pure.

h11 accepts any text as a chunk extension, sizes of any length, and bare LF in trailers; and it
makes an event of each chunk, of which a client can send a great many in few bytes.
"""

import re
from enum import Enum, auto
from typing import Final

from asgitrace.server.head import Refusal

_MAX_LINE: Final = 4 * 1024
"""Bytes of a chunk's size and extensions."""
_MAX_EXTENSIONS: Final = 16 * 1024
"""Bytes of all extensions of one request (section 7.1.1)."""
_MAX_TRAILERS: Final = 16 * 1024
"""Bytes of the trailer section."""
_MAX_SIZE: Final = 2**63

_TOKEN: Final = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_QUOTED: Final = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
_EXTENSION: Final = (
    rb"[ \t]*;[ \t]*" + _TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + _TOKEN + rb"|" + _QUOTED + rb"))?"
)
_TEXT: Final = rb"[\t\x20-\x7e\x80-\xff]*"
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]+)((?:" + _EXTENSION + rb")*)\r\n")
_TRAILER: Final = re.compile(_TOKEN + rb":" + _TEXT + rb"\r\n|\r\n")
_SIZE_BEGINS: Final = re.compile(rb"[0-9A-Fa-f]+(?:[ \t]*;" + _TEXT + rb"|[ \t]*)\r?")
_END_BEGINS: Final = re.compile(rb"\r?")
_TRAILER_BEGINS: Final = re.compile(rb"(?:" + _TOKEN + rb"(?::" + _TEXT + rb")?)?\r?")


class _Part(Enum):
    SIZE = auto()
    DATA = auto()
    END = auto()
    TRAILERS = auto()
    OVER = auto()


class BadChunk(Exception):
    """The content is not framed as it must be."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(status, reason)


class ChunkScanner:
    """Decodes the chunks of one request's content as they come, and finds their end."""

    __slots__ = ("_extensions", "_left", "_line", "_part", "_pieces", "trailers")

    def __init__(self) -> None:
        self._part = _Part.SIZE
        self._left = 0
        """Bytes of the chunk that are to come."""
        self._line = b""
        self._extensions = 0
        self._pieces: list[bytes] = []
        self.trailers = b""
        """The trailer section, as far as it came, with the empty line that ends it."""

    @property
    def over(self) -> bool:
        """Whether the content is complete."""
        return self._part is _Part.OVER

    def take(self) -> bytes:
        """What was decoded since this was last asked."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data

    def scan(self, data: bytes) -> int | None:
        """Where in `data` the content ends, if it does. Raises `BadChunk`."""
        at = 0
        while at < len(data):
            if self._part is _Part.DATA:
                self._pieces.append(data[at : at + self._left])
                taken = len(self._pieces[-1])
                at += taken
                self._left -= taken
                if not self._left:
                    self._part = _Part.END
                continue
            end = data.find(b"\n", at) + 1
            self._line += data[at : end or len(data)]
            if not end:
                self._begins(self._line)
                return None
            at, line, self._line = end, self._line, b""
            if self._ends(line):
                return at
        return None

    def _begins(self, line: bytes) -> None:
        """An incomplete line is refused as soon as it cannot become a good one any more."""
        if self._part is _Part.SIZE:
            good, limit = _SIZE_BEGINS.fullmatch(line), _MAX_LINE
        elif self._part is _Part.END:
            good, limit = _END_BEGINS.fullmatch(line), 2
        else:
            good, limit = _TRAILER_BEGINS.fullmatch(line), _MAX_TRAILERS - len(self.trailers)
        if not good:
            raise BadChunk(400, _REASONS[self._part])
        if len(line) > limit:
            raise self._too_long()

    def _ends(self, line: bytes) -> bool:
        """A line is complete; whether it is the last."""
        if self._part is _Part.SIZE:
            self._size(line)
        elif self._part is _Part.END:
            if line != b"\r\n":
                raise BadChunk(400, _REASONS[self._part])
            self._part = _Part.SIZE
        else:
            self.trailers += line
            if len(self.trailers) > _MAX_TRAILERS:
                raise self._too_long()
            if not _TRAILER.fullmatch(line):
                raise BadChunk(400, _REASONS[self._part])
            if line == b"\r\n":
                self._part = _Part.OVER
        return self.over

    def _size(self, line: bytes) -> None:
        if len(line) > _MAX_LINE:
            raise self._too_long()
        found = _SIZE.fullmatch(line)
        if found is None:
            raise BadChunk(400, _REASONS[self._part])
        self._extensions += len(found[2])
        if self._extensions > _MAX_EXTENSIONS:
            raise self._too_long()
        # Up to 20 digits may be leading zeros; the limit is h11's.
        self._left = int(found[1], 16) if len(found[1]) <= 20 else _MAX_SIZE
        if self._left >= _MAX_SIZE:
            raise BadChunk(400, "a chunk's size is beyond all measure")
        self._part = _Part.DATA if self._left else _Part.TRAILERS

    def _too_long(self) -> BadChunk:
        if self._part is _Part.TRAILERS:
            return BadChunk(431, f"the trailers are longer than {_MAX_TRAILERS} bytes")
        return BadChunk(400, "the chunk extensions are too long")


_REASONS: Final = {
    _Part.SIZE: "a chunk does not begin with its size and well-formed extensions",
    _Part.END: "a chunk is not followed by CRLF",
    _Part.TRAILERS: "a trailer line is malformed",
}
