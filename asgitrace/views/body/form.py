"""Forms: ``application/x-www-form-urlencoded`` (WHATWG URL, 5.1), a line for each pair."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from rich.cells import set_cell_size
from rich.segment import Segment

from asgitrace.views.body.inner import decoded, inner_lines
from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.record_kind import Found, Glance, Kind
from asgitrace.views.body.records import records
from asgitrace.views.clean import clean
from asgitrace.views.fields import Field, FieldLines
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look

_TYPE: Final = "application/x-www-form-urlencoded"
_LIKE: Final = re.compile(rb"[\w.%+*\[\]-]++=[\w.%+*\[\]~!()',/:@;$-]*+(?:&|\Z)")
_SEPARATORS: Final = re.compile(rb"&*+")
_NAME_WIDTH: Final = 22


def unescaped(data: bytes) -> bytes:
    """A name or value with its escapes undone."""
    return unquote_to_bytes(data.replace(b"+", b" "))


def _find(data: bytearray, at: int, looked: int, final: bool) -> Found | int:
    lead = _SEPARATORS.match(data, at)
    start = lead.end() if lead else at
    end = data.find(b"&", max(start, looked))
    if end >= 0:
        return Found(start, end, end + 1)
    return Found(start, len(data), len(data)) if final and start < len(data) else len(data)


def _pair(data: bytes) -> tuple[bytes, bytes, bool]:
    name, equals, value = data.partition(b"=")
    return unescaped(name), unescaped(value), bool(equals)


def _head(glance: Glance, look: Look) -> Cells:
    name, value, given = _pair(glance.data)
    shown = set_cell_size(clean(decoded(name)), _NAME_WIDTH)
    cells = [Segment(f"{shown}  ", look.accent)]
    if not value:
        return [*cells, Segment("empty" if given else "no value", look.faint)]
    return [*cells, Segment(clean(decoded(value)), look.text)]


def _content(data: bytes, number: int) -> Lines:
    name, value, _ = _pair(data)
    fields = [Field("name", decoded(name)), Field("raw", decoded(data), "dim")]
    return Stack([FieldLines(fields), inner_lines(value, text=True)])


def _text(data: bytes) -> str:
    name, value, _ = _pair(data)
    return f"{decoded(name)}={decoded(value)}"


def _rate(sample: Sample) -> Rating:
    if sample.media_type == _TYPE:
        return Rating.NAMED
    return Rating.ABLE if _LIKE.match(sample.start) else Rating.NO


KIND: Final = Kind(_find, _head, _content, _text)

RENDERER: Final = Renderer("Form", _rate, records(lambda _: KIND))
