"""Forms: ``application/x-www-form-urlencoded`` (WHATWG URL, 5.1), a line for each pair."""

import re
from typing import Final

from rich.cells import set_cell_size
from rich.segment import Segment

from asgitrace.views.body.inner import inner_lines
from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.record_kind import Glance, Kind, ended_by
from asgitrace.views.body.records import records
from asgitrace.views.clean import clean, utf8_text
from asgitrace.views.fields import Field, FieldLines
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look
from asgitrace.views.urlencoded import unescaped

_TYPE: Final = "application/x-www-form-urlencoded"
_LIKE: Final = re.compile(rb"[\w.%+*\[\]-]++=[\w.%+*\[\]~!()',/:@;$-]*+(?:&|\Z)")
_SEPARATORS: Final = re.compile(rb"&*+")
_NAME_WIDTH: Final = 22


def _pair(data: bytes) -> tuple[bytes, bytes, bool]:
    name, equals, value = data.partition(b"=")
    return unescaped(name), unescaped(value), bool(equals)


def _head(glance: Glance, look: Look) -> Cells:
    name, value, given = _pair(glance.data)
    shown = set_cell_size(clean(utf8_text(name)), _NAME_WIDTH)
    cells = [Segment(f"{shown}  ", look.accent)]
    if not value:
        return [*cells, Segment("empty" if given else "no value", look.faint)]
    return [*cells, Segment(clean(utf8_text(value)), look.text)]


def _content(data: bytes) -> Lines:
    name, value, _ = _pair(data)
    fields = [Field("name", utf8_text(name)), Field("raw", utf8_text(data), "dim")]
    return Stack([FieldLines(fields), inner_lines(value, text=True)])


def _text(data: bytes) -> str:
    name, value, _ = _pair(data)
    return f"{utf8_text(name)}={utf8_text(value)}"


def _rate(sample: Sample) -> Rating:
    if sample.media_type == _TYPE:
        return Rating.NAMED
    return Rating.ABLE if _LIKE.match(sample.start) else Rating.NO


KIND: Final = Kind(ended_by(b"&", _SEPARATORS), _head, _content, _text)

RENDERER: Final = Renderer("Form", _rate, records(lambda _: KIND))
