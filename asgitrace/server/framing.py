"""What says how long a request is: Content-Length and Transfer-Encoding, as they came. Pure.

RFC 9112 section 6.3 and RFC 9110 section 8.6. Where the two, or several of one, could be read in
different ways, the request is refused: h11 takes repeated lengths for one, and answers any coding
but chunked alike.
"""

import re
from typing import Final

from asgitrace.server.head import Refusal

_LENGTHS: Final = re.compile(rb"\r\ncontent-length:[ \t]*([^\r]*)", re.IGNORECASE)
_CODINGS: Final = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r]*)", re.IGNORECASE)
_EMPTY_CODINGS: Final = re.compile(
    rb"(\r\ntransfer-encoding:)(?=[^\r]*,)[ \t,]*chunked[ \t,]*(?=\r)", re.IGNORECASE
)
_LENGTH: Final = re.compile(rb"(?:0|[1-9][0-9]{0,18})[ \t]*")
_TOKEN: Final = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_MAX_LENGTH: Final = 2**63


def length_refusal(raw: bytes) -> Refusal | None:
    """What is wrong with the Content-Length in a head."""
    lengths = _LENGTHS.findall(raw)
    if len(lengths) > 1:
        return Refusal(400, "there is more than one Content-Length")
    if not _LENGTH.fullmatch(lengths[0]) or int(lengths[0]) >= _MAX_LENGTH:
        return Refusal(400, "the Content-Length is not a number of bytes")
    return None


def framing_refusal(raw: bytes) -> Refusal | None:
    """What is wrong with the headers of a head that say how long its content is."""
    codings = _CODINGS.findall(raw)
    if _LENGTHS.search(raw):
        if codings:
            return Refusal(400, "there are both a Transfer-Encoding and a Content-Length")
        return length_refusal(raw)
    return _coding_refusal(raw, codings) if codings else None


def without_empty_codings(raw: bytes) -> bytes:
    """A head as h11 reads it: RFC 9110 section 5.6.1.2 has empty elements of lists ignored."""
    return _EMPTY_CODINGS.sub(rb"\1chunked", raw)


def _coding_refusal(raw: bytes, codings: list[bytes]) -> Refusal | None:
    if raw[: raw.index(b"\r")].endswith(b"HTTP/1.0"):
        # Section 6.1: HTTP/1.0 has no such header; whoever wrote it may mean anything.
        return Refusal(400, "a Transfer-Encoding in HTTP/1.0")
    if len(codings) > 1:
        return Refusal(400, "there is more than one Transfer-Encoding")
    names = [name.strip(b" \t").lower() for name in codings[0].split(b",")]
    names = [name for name in names if name] or names
    if names == [b"chunked"]:
        return None
    if not all(map(_TOKEN.fullmatch, names)):
        return Refusal(400, "the Transfer-Encoding is malformed")
    if b"chunked" in names[:-1]:
        return Refusal(400, "the Transfer-Encoding does not end with its only chunked")
    return Refusal(501, "a Transfer-Encoding other than chunked")
