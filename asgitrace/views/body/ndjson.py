"""JSON values one after another: a line each (ND-JSON), or each behind a record separator (RFC
7464)."""

import re
from typing import Final

import msgspec
from rich.segment import Segment

from asgitrace.views.body.json_tree import JsonLines
from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.record_kind import Glance, Kind, ended_by
from asgitrace.views.body.records import records
from asgitrace.views.clean import clean, utf8_text
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look

_LINES: Final = ("ndjson", "jsonl", "jsonlines", "x-json-stream")
_SEQUENCE: Final = "json-seq"
_MARK: Final = b"\xef\xbb\xbf"
_SEPARATOR: Final = b"\x1e"
_BLANK: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")
_BLANK_RECORD: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n\x1e]*+")


def _head(glance: Glance, look: Look) -> Cells:
    shown = clean(utf8_text(glance.data.rstrip()))
    number = Segment(f"{glance.number + 1:>4}  ", look.faint)
    if glance.whole and not _is_json(glance.data):
        return [number, Segment(f"{look.glyphs.raised} not JSON  ", look.warn), Segment(shown)]
    return [number, Segment(shown, look.text)]


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError):
        return False
    except RecursionError:
        pass
    return True


def _content(data: bytes) -> Lines:
    return JsonLines(data.decode("utf-8", "replace"))


def _rate(sample: Sample) -> Rating:
    if sample.media_type.endswith((*_LINES, _SEQUENCE)):
        return Rating.EXACT
    if sample.start.startswith(_SEPARATOR):
        return Rating.LIKELY
    return _rate_content(sample)


def _rate_content(sample: Sample) -> Rating:
    """Two lines or more, of which the first is a whole object or array and the next one begins
    as such."""
    start = sample.start.removeprefix(_MARK)
    if start[:1] not in (b"{", b"["):
        return Rating.NO
    first, _, rest = start.partition(b"\n")
    if rest.lstrip()[:1] not in (b"{", b"[") or not _is_json(first):
        return Rating.NO
    return Rating.EXACT


def _kind(sample: Sample) -> Kind:
    in_sequence = sample.media_type.endswith(_SEQUENCE) or sample.start.startswith(_SEPARATOR)
    return _SEQUENCES if in_sequence else _BY_LINE


_BY_LINE: Final = Kind(ended_by(b"\n", _BLANK), _head, _content, utf8_text)
_SEQUENCES: Final = Kind(ended_by(_SEPARATOR, _BLANK_RECORD), _head, _content, utf8_text)

RENDERER: Final = Renderer("ND-JSON", _rate, records(_kind))
