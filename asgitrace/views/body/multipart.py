"""Bodies of several parts (RFC 2046, RFC 7578): what each says of itself, and its content as a body
of its own."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from typing import Final

from rich.cells import set_cell_size
from rich.segment import Segment

from asgitrace.views.body.faults import fault_and_hex, words_of
from asgitrace.views.body.inner import inner_lines
from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.record_kind import WINDOW, Found, Glance, Kind, Looked, Unreadable
from asgitrace.views.body.records import RecordPart, records
from asgitrace.views.clean import clean, utf8_text
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look
from asgitrace.views.units import format_size

_DEEPEST: Final = 4
"""Parts within parts; what is deeper is shown as it came."""
_OPENED: Final = 8
"""Parts that are open from the beginning."""
_LARGEST_HEAD: Final = 16_384
_MOST_PARSED: Final = 4_096
"""Bytes of a part's head, and those of them that are read: some of it takes quadratic time."""
_MOST_HEADERS: Final = 100
_MOST_TRIED: Final = 5_000
"""Places that look like a boundary and are tried in one go."""
_LONGEST_BOUNDARY: Final = 200
"""RFC 2046 allows 70."""

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE_REST: Final = re.compile(rb"[ \t]*+\r?\n")
_BEHIND: Final = re.compile(rb"--|[ \t]*+(?:\r?\n|\Z)")
"""What may be behind a boundary; otherwise it is a longer one, or text."""
_FIRST_LINE: Final = re.compile(
    rb"--([0-9A-Za-z'()+_,./:=?-][0-9A-Za-z'()+_,./:=? -]{0,198})\r?\n(?=[A-Za-z-]+:)"
)
_NAME_WIDTH: Final = 18
_PLAIN: Final = ("", "text/plain")
"""Types of fields that were typed in, which are shown on the line."""
_TRANSFERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base64": binascii.a2b_base64,
    "quoted-printable": binascii.a2b_qp,
}


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a part says of itself."""

    name: str
    filename: str
    media_type: str
    parameters: dict[str, str]
    transfer: str
    """Its transfer encoding, in lower case."""
    headers: tuple[tuple[str, str], ...]
    start: int
    """Where its content begins."""


def parse_head(data: bytes) -> PartHead:
    """The headers of a part, which has none if it begins with a blank line."""
    if data.startswith((b"\n", b"\r\n")):
        return PartHead("", "", "", {}, "", (), data.index(b"\n") + 1)
    found = _HEAD_END.search(data, 0, _LARGEST_HEAD)
    end = found.end() if found else min(len(data), _LARGEST_HEAD)
    message = HeaderParser().parsestr(utf8_text(data[: min(end, _MOST_PARSED)]))
    headers = tuple((name, str(value)) for name, value in message.raw_items())
    return PartHead(
        name=_parameter(message, "name", "content-disposition"),
        filename=_parameter(message, "filename", "content-disposition"),
        media_type=message.get_content_type() if "content-type" in message else "",
        parameters={
            name: _parameter(message, name, "content-type") for name in ("charset", "boundary")
        },
        transfer=str(message.get("content-transfer-encoding", "")).strip().lower(),
        headers=headers[:_MOST_HEADERS],
        start=end,
    )


def _parameter(message: Message, name: str, header: str) -> str:
    """A parameter of a header, RFC 2231 undone; empty if it is missing or cannot be read."""
    try:
        found = message.get_param(name, "", header)
        return collapse_rfc2231_value(found) if found else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


class _Split:
    """Finds the parts between the lines of one boundary. A place is 0, or right behind one."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"--" + boundary
        self._line = b"\n" + self._mark

    def find(self, data: bytearray, at: int, looked: int, final: bool) -> Found | Looked:
        """The next part."""
        again = max(0, looked - len(self._line) - 2)
        if not at:
            return self._first(data, again, final)
        if data.startswith(b"--", at):
            return Looked(at, len(data))
        line = _LINE_REST.match(data, at, at + _LONGEST_BOUNDARY)
        if not line:
            return self._end(at, data, final)
        start = line.end()
        # The line end before the next boundary belongs to it; a part may be empty.
        mark, until = self._next(data, max(start - 1, again), final)
        if mark >= 0:
            end = mark - (data[mark - 1 : mark] == b"\r")
            return Found(start, max(start, end), mark + len(self._line))
        if not final or until < len(data):
            return Looked(at, until)
        if start < len(data):
            return Found(start, len(data), len(data))
        return self._end(at, data, final)

    def _end(self, at: int, data: bytearray, final: bool) -> Looked:
        if final:
            raise Unreadable("the closing boundary is missing")
        return Looked(at, len(data))

    def _first(self, data: bytearray, at: int, final: bool) -> Looked:
        """Behind the first boundary, which need not be at the very start."""
        size = len(self._mark)
        if not at and data.startswith(self._mark) and self._is_over(data, size, final):
            return Looked(size, size)
        mark, until = self._next(data, at, final)
        if mark >= 0:
            return Looked(mark + len(self._line), mark + len(self._line))
        if final and until >= len(data):
            raise Unreadable("its boundary is not in it")
        return Looked(0, until)

    def _next(self, data: bytearray, at: int, final: bool) -> tuple[int, int]:
        """The line end before the next boundary, -1 if there is none up to the second place."""
        stop = min(len(data), at + WINDOW)
        for _ in range(_MOST_TRIED):
            at = data.find(self._line, at, stop + len(self._line))
            if at < 0:
                return -1, stop
            behind = at + len(self._line)
            if self._is_over(data, behind, final):
                return at, at
            if behind + 2 > len(data):
                return -1, len(data)
            at += 1
        return -1, at

    def _is_over(self, data: bytearray, behind: int, final: bool) -> bool:
        """Whether a boundary is over there and goes not on."""
        enough = final or behind + 2 <= len(data)
        return enough and bool(_BEHIND.match(data, behind, behind + _LONGEST_BOUNDARY))


def _head(glance: Glance, look: Look) -> Cells:
    head = parse_head(glance.data)
    shown = set_cell_size(clean(head.name or "no name"), _NAME_WIDTH)
    size = format_size(max(0, glance.size - head.start))
    cells = [
        Segment(f"{glance.number + 1:>4}  ", look.faint),
        Segment(f"{shown}  ", look.accent if head.name else look.faint),
        Segment(f"{size:>8}  ", look.dim),
    ]
    if head.filename:
        cells.append(Segment(f"file {clean(head.filename)}  ", look.text))
    if head.media_type:
        cells.append(Segment(f"{clean(head.media_type)}  ", look.dim))
    if glance.whole and not head.filename and head.media_type in _PLAIN:
        cells.append(Segment(clean(utf8_text(glance.data[head.start :])), look.text))
    return cells


def _content(depth: int) -> Callable[[bytes], Lines]:
    """How parts are shown that are so deep in others."""

    def content(data: bytes) -> Lines:
        head = parse_head(data)
        fields = [Field(name, value) for name, value in head.headers]
        held = data[head.start :]
        undo = _TRANSFERS.get(head.transfer)
        fields.append(heading(f"content, {head.transfer} undone" if undo else "content"))
        return Stack([FieldLines(fields), _inside(head, _undone(held, undo), depth)])

    return content


def _undone(data: bytes, undo: Callable[[bytes], bytes] | None) -> bytes:
    """Content without its transfer encoding; as it came where it is not in it."""
    try:
        return undo(data) if undo else data
    except binascii.Error:
        return data


def _inside(head: PartHead, data: bytes, depth: int) -> Lines:
    if not head.media_type.startswith("multipart/"):
        parameters = {name: value for name, value in head.parameters.items() if value}
        return inner_lines(data, head.media_type, parameters)
    if depth >= _DEEPEST or not head.parameters["boundary"]:
        return inner_lines(data)
    boundary = head.parameters["boundary"].encode("utf-8", "replace")
    part = RecordPart(_kind_of(boundary, depth + 1), inner=True)
    try:
        part.feed(data, final=True)
    except CannotRender as error:
        return fault_and_hex(words_of(error), data)
    return part.lines


def _kind_of(boundary: bytes, depth: int) -> Kind:
    return Kind(_Split(boundary).find, _head, _content(depth), utf8_text, _OPENED)


def _boundary(sample: Sample) -> bytes:
    """The boundary as the type gives it; else the first line, if it looks like one."""
    named = sample.parameters.get("boundary", "")[:_LONGEST_BOUNDARY]
    if named:
        return named.encode("utf-8", "replace")
    first = _FIRST_LINE.match(sample.start)
    return first[1].rstrip() if first else b""


def _kind(sample: Sample) -> Kind:
    boundary = _boundary(sample)
    if not boundary:
        raise CannotRender("its type names no boundary")
    return _kind_of(boundary, 0)


def _rate(sample: Sample) -> Rating:
    if sample.media_type.startswith("multipart/"):
        return Rating.NAMED if _boundary(sample) else Rating.NO
    if not _FIRST_LINE.match(sample.start):
        return Rating.NO
    return Rating.ABLE if sample.inner else Rating.LIKELY


RENDERER: Final = Renderer("Multipart", _rate, records(_kind))
