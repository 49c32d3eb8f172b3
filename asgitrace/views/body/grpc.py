"""gRPC, gRPC-web and Connect streams: messages with five bytes before each (gRPC over HTTP2,
"Length-Prefixed-Message"; PROTOCOL-WEB)."""

import binascii
import re
from typing import Final

from rich.segment import Segment

from asgitrace.views.body.encodings import Decoding
from asgitrace.views.body.faults import Fault
from asgitrace.views.body.inner import inner_lines
from asgitrace.views.body.model import CannotRender, Part, Rating, Renderer, Sample
from asgitrace.views.body.protobuf import decode, message_lines
from asgitrace.views.body.record_kind import Found, Glance, Kind, Looked, Unreadable
from asgitrace.views.body.records import RecordPart
from asgitrace.views.clean import clean, utf8_text
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look
from asgitrace.views.units import format_size

_HEAD: Final = 5
_COMPRESSED: Final = 0x01
_CONNECT_END: Final = 0x02
_TRAILERS: Final = 0x80
_FLAGS: Final = _COMPRESSED | _CONNECT_END | _TRAILERS
_OPENED: Final = 4
_GLANCED: Final = 40
"""Fields that are read for a line, and for a guess."""
_GZIP: Final = b"\x1f\x8b"
_QUADS: Final = re.compile(rb"[A-Za-z0-9+/]++={0,2}")
_BLANK: Final = bytes(range(33))
"""What base64 may be broken with."""


def _find(data: bytearray, at: int, looked: int, final: bool) -> Found | Looked:
    if at == len(data):
        return Looked(at, at)
    if data[at] & ~_FLAGS:
        raise Unreadable(f"no frame begins with {data[at]:#04x}")
    start = at + _HEAD
    end = start + int.from_bytes(data[at + 1 : start])
    if start <= len(data) and end <= len(data):
        return Found(at, end, end)
    if not final:
        return Looked(at, len(data))
    if start > len(data):
        raise Unreadable("the data ends in the head of a frame")
    return Found(at, len(data), len(data))


def _head(glance: Glance, look: Look) -> Cells:
    flags, said = glance.data[0], int.from_bytes(glance.data[1:_HEAD])
    cells = [
        Segment(f"{glance.number + 1:>4}  ", look.faint),
        Segment(f"{_word(flags):<8}  ", look.accent),
        Segment(f"{format_size(said):>8}  ", look.dim),
    ]
    if flags & _COMPRESSED:
        cells.append(Segment("compressed  ", look.dim))
    if glance.size - _HEAD < said:
        lacking = said - glance.size + _HEAD
        cells.append(Segment(f"{look.glyphs.raised} {lacking:,} bytes are missing  ", look.warn))
    elif glance.whole and not flags & _COMPRESSED:
        cells.append(Segment(_summary(flags, glance.data[_HEAD:]), look.text))
    return cells


def _word(flags: int) -> str:
    if flags & _TRAILERS:
        return "trailers"
    return "end" if flags & _CONNECT_END else "message"


def _summary(flags: int, data: bytes) -> str:
    """A frame in a few words: trailers and JSON as they are, of a message its strings."""
    if flags & (_TRAILERS | _CONNECT_END) or data[:1] == b"{":
        return clean("  ".join(utf8_text(data).split("\r\n")))
    fields, _ = decode(data, _GLANCED)
    texts = (held.value for _, held in fields.items)
    return clean("  ".join(text for text in texts if isinstance(text, str) and text))


def _content(data: bytes) -> Lines:
    flags, held = data[0], data[_HEAD:]
    notes: list[Lines] = []
    if flags & _COMPRESSED:
        if not held.startswith(_GZIP):
            return Stack([Fault("compressed, and not with gzip: shown as sent"), inner_lines(held)])
        held, fault = _inflated(held)
        notes = [Fault(fault)] if fault else []
    if flags & (_TRAILERS | _CONNECT_END) or held[:1] == b"{":
        return Stack([*notes, inner_lines(held, text=True)])
    try:
        return Stack([*notes, message_lines(held)])
    except CannotRender:
        return Stack([*notes, inner_lines(held)])


def _inflated(data: bytes) -> tuple[bytes, str]:
    """A message decompressed within bounds, and why not all of it is there."""
    decoding = Decoding("gzip")
    decoding.feed(data, final=True)
    found = bytearray()
    while not decoding.done:
        found += decoding.work()
    return bytes(found), decoding.fault


class _TextPart:
    """gRPC-web in base64: of each piece its own, so there may be padding in the middle."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._rest = b""
        self.lines = part.lines

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came."""
        text = self._rest + data.translate(None, _BLANK)
        usable = len(text) - len(text) % 4
        self._rest = text[usable:]
        try:
            found = b"".join(map(binascii.a2b_base64, _QUADS.findall(text[:usable])))
        except binascii.Error as error:
            raise CannotRender(f"not base64: {error}") from None
        self._part.feed(found, final=final)


KIND: Final = Kind(_find, _head, _content, utf8_text, _OPENED)


def _part(sample: Sample) -> Part:
    part = RecordPart(KIND, inner=sample.inner)
    return _TextPart(part) if sample.media_type.startswith("application/grpc-web-text") else part


def _rate(sample: Sample) -> Rating:
    if sample.media_type.startswith(("application/grpc", "application/connect+")):
        return Rating.NAMED
    start = sample.start
    said = int.from_bytes(start[1:_HEAD])
    if sample.text or len(start) < _HEAD or start[0] & ~_FLAGS or not said:
        return Rating.NO
    if sample.size < said + _HEAD:
        return Rating.NO
    if sample.inner:
        return Rating.ABLE
    return Rating.LIKELY if _is_message(start[_HEAD : _HEAD + said], said) else Rating.ABLE


def _is_message(data: bytes, said: int) -> bool:
    if len(data) < said:
        return False
    fields, fault = decode(data, _GLANCED)
    return bool(fields.items) and (not fault or len(fields.items) >= _GLANCED // 2)


RENDERER: Final = Renderer("gRPC", _rate, _part)
