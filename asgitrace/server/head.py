"""The raw head of a request: what h11 would let pass, or wait for, and must not. Pure.

RFC 9112 lets a recipient be lenient with line ends and white space; whoever is lenient reads
another message than the next one on the path does, which is what request smuggling lives of. So
every line ends with CRLF here, nothing is folded, and no control character gets through.

A whole head of the usual kind passes `is_plain`. Everything else goes through `HeadScanner`, which
looks at a head byte by byte in the order of the wire: what it finds does not depend on the pieces
that the head comes in, and a broken head is refused when it breaks, not when it is complete.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_LINE: Final = 16 * 1024
"""Bytes of a request line. RFC 9112 section 3 recommends 8,000 at least."""
MAX_HEAD: Final = 64 * 1024
"""Bytes of a request line and all its headers."""
MAX_FIELDS: Final = 256
"""Header lines of one request."""

_TLS_HANDSHAKE: Final = b"\x16"
"""How a TLS connection begins (RFC 8446 section 5.1)."""

_TOKEN: Final = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_BAD: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?=[^\n])")
_LEGAL: Final = bytes(c for c in range(256) if (c >= 0x20 and c != 0x7F) or c in b"\t\r\n")
_REQUEST_LINE: Final = re.compile(_TOKEN + rb" [\x21-\x7e]+ HTTP/[0-9]\.[0-9]\r\n")
_FIELD_LINE: Final = re.compile(_TOKEN + rb":[^\r]*\r\n")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The status a request is refused with, and why."""

    status: int
    reason: str


def is_plain(head: bytes) -> bool:
    """Whether a whole head has nothing in it that `HeadScanner` refuses and h11 does not."""
    lines = head.count(b"\r\n")
    return (
        not head.translate(None, _LEGAL)
        and head.count(b"\n") == lines == head.count(b"\r")
        and lines <= MAX_FIELDS + 2
        and b"\r\n " not in head
        and b"\r\n\t" not in head
        and (len(head) <= MAX_LINE or head.index(b"\n") < MAX_LINE <= len(head) <= MAX_HEAD)
    )


class HeadScanner:
    """Looks at one head as it comes."""

    __slots__ = ("_begin", "_lines", "_seen")

    def __init__(self) -> None:
        self._begin = 0
        """Where the line begins that is not complete."""
        self._lines = 0
        self._seen = 0

    def look(self, data: bytes | bytearray) -> Refusal | None:
        """Look at what is new in `data`, which begins with the head. Nothing may follow it."""
        while self._seen < len(data):
            end = data.find(b"\n", self._seen) + 1
            refused = self._characters(data, end or len(data))
            if refused is None and end:
                refused = self._line(bytes(data[self._begin : end]))
            if refused is not None:
                return refused
            if not end:
                # A CR at the end is looked at again, with what follows it.
                self._seen = max(self._seen, len(data) - 1)
                return None
            self._begin = self._seen = end
            self._lines += 1
        return None

    def _characters(self, data: bytes | bytearray, end: int) -> Refusal | None:
        limit = MAX_HEAD if self._lines else MAX_LINE
        if not self._lines and data[:1] == _TLS_HANDSHAKE:
            return Refusal(400, "this is a TLS handshake, and this port speaks plain HTTP")
        bad = _BAD.search(data, self._seen, end)
        if bad is not None and bad.start() < limit:
            return Refusal(400, _what_is_bad(bad[0]))
        if end <= limit:
            return None
        if self._lines:
            return Refusal(431, f"the headers are longer than {MAX_HEAD} bytes")
        if b" " not in data[:limit]:
            return Refusal(400, "this is no request line")
        return Refusal(414, f"the request line is longer than {MAX_LINE} bytes")

    def _line(self, line: bytes) -> Refusal | None:
        if self._lines == 0:
            return None if _REQUEST_LINE.fullmatch(line) else Refusal(400, _of_request_line(line))
        if line == b"\r\n":
            return None
        if self._lines > MAX_FIELDS:
            return Refusal(431, f"there are more than {MAX_FIELDS} headers")
        return None if _FIELD_LINE.fullmatch(line) else Refusal(400, _of_field_line(line))


def _what_is_bad(found: bytes) -> str:
    if found == b"\n":
        return "a line ends with a bare LF"
    if found == b"\r":
        return "there is a bare CR in the head"
    return f"there is a control character in the head (0x{found[0]:02x})"


def _of_request_line(line: bytes) -> str:
    parts = line[:-2].split(b" ")
    if len(parts) == 2 and not parts[1].startswith(b"HTTP/"):
        return "the request line has no version"
    if len(parts) != 3:
        return "the request line is not method, target and version with one space between"
    if not re.fullmatch(_TOKEN, parts[0]):
        return "the method is no token"
    if not re.fullmatch(rb"[\x21-\x7e]+", parts[1]):
        return "the request target has characters that no URL may have"
    return "the version is not HTTP/ and two digits"


def _of_field_line(line: bytes) -> str:
    if line[:1] in (b" ", b"\t"):
        return "a header line begins with white space"
    name, colon, _ = line.partition(b":")
    if not colon:
        return "a header line has no colon"
    if name.rstrip(b" \t") != name:
        return "there is white space between a header's name and its colon"
    return "a header's name is no token"
