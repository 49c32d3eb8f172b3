"""Server-sent events, one line each (HTML Standard, 9.2)."""

import re
from dataclasses import dataclass, field
from typing import Final

from rich.cells import set_cell_size
from rich.segment import Segment

from asgitrace.views.body.inner import inner_lines
from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.record_kind import (
    WINDOW,
    Found,
    Glance,
    Kind,
    Looked,
    Unreadable,
    rest,
    skipped,
)
from asgitrace.views.body.records import records
from asgitrace.views.clean import clean, utf8_text
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look

_MARK: Final = b"\xef\xbb\xbf"
_LEAD: Final = re.compile(rb"[\r\n]*+")
_BLANK: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
"""An event ends with a blank line, whatever the line ends are."""
_LIKE: Final = re.compile(rb"(?:event|data|id|retry): ?[^\r\n]*+[\r\n]|:[^\r\n]*+[\r\n]")
_NAME_WIDTH: Final = 14
_MOST_COMMENTS: Final = 100


@dataclass(slots=True)
class SentEvent:
    """One event as the stream has it."""

    name: str = ""
    data: list[str] = field(default_factory=list)
    id: str | None = None
    retry: str = ""
    comments: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Lines with a field that has no meaning."""

    @property
    def dispatched(self) -> bool:
        """Whether a browser makes an event of it."""
        return bool(self.data)


def parse_event(data: bytes) -> SentEvent:
    """One event from its lines."""
    event = SentEvent()
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        name, colon, value = utf8_text(line).partition(":")
        value = value.removeprefix(" ")
        if colon and not name:
            event.comments.append(value)
        elif name == "data":
            event.data.append(value)
        elif name == "event":
            event.name = value
        elif name == "id":
            event.id = value
        elif name == "retry":
            event.retry = value
        elif line:
            event.unknown.append(utf8_text(line))
    return event


def _find(data: bytearray, at: int, looked: int, final: bool) -> Found | Looked:
    if not at and data.startswith(_MARK):
        at = len(_MARK)
    start = skipped(data, at, _LEAD)
    if start == at + WINDOW:
        return Looked(start, start)
    if start == at and final and at and at == len(data) and not _BLANK.search(data, at - 4):
        raise Unreadable("the stream ends in the middle of an event, which browsers drop")
    begin = max(start, looked - 3)
    blank = _BLANK.search(data, begin, begin + WINDOW)
    if blank:
        return Found(start, blank.start(), blank.end())
    if begin + WINDOW < len(data):
        return Looked(start, begin + WINDOW)
    return rest(data, at, start, final)


def _head(glance: Glance, look: Look) -> Cells:
    event = parse_event(glance.data)
    number = Segment(f"{glance.number + 1:>4}  ", look.faint)
    if not event.dispatched:
        return [number, Segment(_quiet(event), look.faint)]
    name = set_cell_size(clean(event.name or "message"), _NAME_WIDTH)
    cells = [number, Segment(f"{name}  ", look.accent if event.name else look.dim)]
    if event.id is not None:
        cells.append(Segment(f"id {clean(event.id):<4}  ", look.dim))
    if event.retry:
        cells.append(Segment(f"retry {clean(event.retry)}  ", look.dim))
    shown = clean(look.glyphs.dot.join(event.data))
    return [*cells, Segment(shown, look.text)]


def _quiet(event: SentEvent) -> str:
    """What a browser makes no event of, in one line."""
    words = [f": {comment}" for comment in event.comments[:_MOST_COMMENTS]]
    words += [f"event {event.name}"] if event.name else []
    words += [] if event.id is None else [f"id {event.id}"]
    words += [f"retry {event.retry} ms"] if event.retry else []
    words += event.unknown[:_MOST_COMMENTS]
    return clean("  ".join(words))


def _opens(glance: Glance) -> bool:
    event = parse_event(glance.data)
    return event.dispatched or bool(event.unknown) or not glance.whole


def _content(data: bytes) -> Lines:
    event = parse_event(data)
    fields = [Field("event", event.name or "message (none was named)")]
    fields += [] if event.id is None else [Field("id", event.id)]
    fields += [Field("retry", f"{event.retry} ms")] if event.retry else []
    fields += [Field("comment", comment, "faint") for comment in event.comments[:_MOST_COMMENTS]]
    fields += [Field("no field", line, "warn") for line in event.unknown[:_MOST_COMMENTS]]
    text = "\n".join(event.data).encode("utf-8", "surrogateescape")
    fields.append(heading(f"data  {len(text):,} bytes"))
    return Stack([FieldLines(fields), inner_lines(text, text=True)])


def _rate(sample: Sample) -> Rating:
    if sample.media_type == "text/event-stream":
        return Rating.EXACT
    return Rating.ABLE if _LIKE.match(sample.start) else Rating.NO


KIND: Final = Kind(_find, _head, _content, utf8_text, opens=_opens)

RENDERER: Final = Renderer("SSE", _rate, records(lambda _: KIND))
