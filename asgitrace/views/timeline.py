"""The timeline: one line for each event of an exchange."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from asgitrace.events import Kind, Outcome
from asgitrace.store.model import Event, Exchange
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.fields import value_text
from asgitrace.views.gaps import gap_style
from asgitrace.views.lines import Cells, style_of
from asgitrace.views.look import Look
from asgitrace.views.marks import Progress, direction
from asgitrace.views.rows import fit
from asgitrace.views.scale import place, title, window_of
from asgitrace.views.summary import Words, size_text, summarise
from asgitrace.views.units import format_duration, format_offset

if TYPE_CHECKING:
    from asgitrace.views.axis import Window

_SUMMARIES_KEPT: Final = 512
_GUTTER: Final = 1
_FULL: Final = 110
"""From here on there is room for the whole names of the types."""
_TYPE_WIDTHS: Final = {"lifespan": (17, 26), "websocket": (12, 20)}
_TYPE_WIDTH: Final = (14, 19)
_PROTOCOLS: Final = ("http.", "websocket.", "lifespan.")
_SCALES: Final = ((190, 32), (150, 24), (_FULL, 16), (76, 10), (56, 8))
"""From which width on the scale has so many cells."""
_KINDS: Final = {Kind.RECEIVE: "client", Kind.SEND: "backpressure", Kind.DEBUGGER: "app"}
"""What the time in a call is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How wide the columns are; 0 for one that is not there."""

    number: int
    returned: int
    since: int
    type: int
    scale: int
    rest: int


@cache
def plan(width: int, digits: int, type_widths: tuple[int, int]) -> Plan:
    """The columns of a timeline of ``width`` cells."""
    number = digits + 1 if width >= _FULL else 0
    returned = 9 if width >= 150 else 0
    since = 7 if width >= 70 else 0
    scale = next((cells for least, cells in _SCALES if width >= least), 0)
    kind = type_widths[width >= _FULL]
    fixed = _GUTTER + number + 9 + returned + since + 2 + kind + 1 + 7 + 6
    return Plan(
        number, returned, since, kind, scale, max(0, width - fixed - (scale + 1 if scale else 0))
    )


def started(exchange: Exchange) -> int:
    """Monotonic time of the exchange's start, also where its scope is lost."""
    anchor = exchange.process.anchor
    if exchange.events and exchange.events[0].kind is Kind.SCOPE:
        return exchange.events[0].called
    return exchange.row.started_ns - anchor.wall_ns + anchor.monotonic_ns


class TimelineLines(EventLines):
    """The events of one exchange, with a line that stands for those that were overwritten."""

    def __init__(self, exchange: Exchange) -> None:
        self._summaries: dict[tuple[int, int], Words] = {}
        self._progress = Progress()
        self._gap: int | None = None
        self._window: Window | None = None
        self.exchange = exchange
        self.update(exchange)

    def update(self, exchange: Exchange) -> bool:
        before, gap, window = self.exchange, self._gap, self._window
        self.exchange = exchange
        self._start = started(exchange)
        self._end = self._start + exchange.row.duration_ns
        self._gap = _gap(exchange)
        self._window = window_of(exchange, self._start)
        events = exchange.events
        kind = _scope_type(events[0]) if events else ""
        self._type_widths = _TYPE_WIDTHS.get(kind, _TYPE_WIDTH)
        anew = self._progress.broken(exchange) or gap != self._gap
        self._change(0 if anew else self._progress.seen + (self._gap is not None))
        self._progress.advance(exchange, len(events))
        return before.events is not events or window != self._window

    def __len__(self) -> int:
        return len(self.exchange.events) + (self._gap is not None)

    def event(self, index: int) -> Event | None:
        """The event of a line; None for the line of those that are gone."""
        if self._gap is not None:
            if index == self._gap:
                return None
            index -= index > self._gap
        return self.exchange.events[index]

    def at(self, index: int) -> int | None:
        event = self.event(index)
        return None if event is None else event.called

    def near(self, at: int, event: int | None = None) -> int:
        if event is None:
            return super().near(at)
        return event + (self._gap is not None and event >= self._gap)

    def members(self, index: int) -> Members:
        return self.event(index), ()

    def live(self, index: int) -> bool:
        event = self.event(index)
        return event is not None and event.pending

    def text(self, index: int) -> str:
        event = self.event(index)
        if event is None:
            return f"{self.exchange.missed:,} events overwritten"
        words = "".join(text for text, _ in summarise(event))
        offset = format_offset(event.called - self._start)
        return f"{offset} {type_text(event)} {words}".rstrip()

    # Drawing

    def _plan(self, width: int) -> Plan:
        return plan(width, max(2, len(str(len(self)))), self._type_widths)

    def head(self, width: int, look: Look) -> Cells:
        """The titles above the columns."""
        columns = self._plan(width)
        text = " " * _GUTTER + ("# ".rjust(columns.number) if columns.number else "")
        text += "called".rjust(8) + " "
        text += "returned ".rjust(columns.returned) if columns.returned else ""
        text += "since ".rjust(columns.since) if columns.since else ""
        text += "  " + "event".ljust(columns.type) + "   took "
        if columns.scale and self._window is not None:
            text += title(self._window, columns.scale) + " "
        return [Segment(fit(f"{text}size  content", width, look), look.dim)]

    def cells(self, index: int, width: int, look: Look) -> Cells:
        event = self.event(index)
        if event is None:
            cut = look.glyphs.cut
            note = f"   {cut} {self.exchange.missed:,} events were overwritten {cut}"
            return [Segment(fit(note, width, look), look.warn)]
        columns = self._plan(width)
        glyph, style = direction(event, look)
        quiet = look.dim if event.kind in (Kind.SCOPE, Kind.RETURN) else look.text
        number = f"{event.index + 1:>{columns.number - 1}} " if columns.number else ""
        offset = format_offset(event.called - self._start)
        return [
            Segment(" " * _GUTTER + number, look.faint),
            Segment(f"{offset:>8} ", look.dim),
            *self._returned(event, columns.returned, look),
            *self._since(index, event, columns.since, look),
            Segment(f"{glyph} ", style_of(look, style)),
            Segment(fit(_name(event, width), columns.type, look) + " ", quiet),
            *self._took(event, look),
            *self._scale(event, columns.scale, look),
            Segment(f"{size_text(event):>4}  ", look.dim),
            *self._summary(event, columns.rest, look),
        ]

    def _returned(self, event: Event, width: int, look: Look) -> Cells:
        if not width:
            return []
        text = ""
        if event.kind in _KINDS:
            text = "" if event.returned is None else format_offset(event.returned - self._start)
        return [Segment(f"{text:>{width - 1}} ", look.dim)]

    def _since(self, index: int, event: Event, width: int, look: Look) -> Cells:
        if not width:
            return []
        before = self.event(index - 1) if index else None
        gap = event.called - before.called if before is not None else 0
        shown = format_duration(gap) if gap > 0 else ""
        return [Segment(f"{shown:>{width - 1}} ", gap_style(gap, look))]

    def _took(self, event: Event, look: Look) -> Cells:
        if event.kind not in _KINDS:
            return [Segment(" " * 7, look.faint)]
        took = event.wait_ns if event.wait_ns is not None else max(0, self._end - event.called)
        return [Segment(f"{format_duration(took):>6} ", look.warn if event.pending else look.dim)]

    def _scale(self, event: Event, width: int, look: Look) -> Cells:
        if not width or self._window is None:
            return []
        kind = _KINDS.get(event.kind, "app")
        end = event.returned if event.kind in _KINDS else event.called
        ink = look.warn if end is None else style_of(look, kind)
        now = max(self._end, event.called)
        cells = place(event.called, end, now, self._window, width, look, ink, kind)
        return [*cells, Segment(" ", look.faint)]

    def _summary(self, event: Event, width: int, look: Look) -> Cells:
        if width <= 0:
            return []
        key = (event.kind, event.call)
        words = self._summaries.get(key)
        if words is None or event.pending:
            words = summarise(event)
            if len(self._summaries) >= _SUMMARIES_KEPT:
                self._summaries.clear()
            if not event.pending:
                self._summaries[key] = words
        return word_cells(words, width, look)


def word_cells(words: Words, width: int, look: Look) -> Cells:
    """Cleaned pieces in at most ``width`` cells, with a mark where they were cut."""
    cells: Cells = []
    for text, style in words:
        takes = cell_len(text)
        if takes > width:
            if width > 0:
                shown = set_cell_size(text, width - 1) + look.glyphs.cut
                cells.append(Segment(shown, style_of(look, style)))
            break
        cells.append(Segment(text, style_of(look, style)))
        width -= takes
    return cells


def type_text(event: Event) -> str:
    """What an event is called, in the specification's words."""
    match event.kind:
        case Kind.SCOPE:
            return f"{_scope_type(event)} scope".strip()
        case Kind.RETURN:
            return "return"
        case Kind.RAISE:
            return "cancelled" if event.outcome is Outcome.CANCELLED else "exception"
        case Kind.DEBUGGER:
            return "debugger"
    if event.type is not None:
        return event.type
    content = event.content()
    if isinstance(content, dict) and isinstance(content.get("type"), str):
        return value_text(content["type"])
    return "receive" if event.kind is Kind.RECEIVE else "send"


def _name(event: Event, width: int) -> str:
    """The type of an event, without its protocol where there is little room."""
    name = type_text(event)
    if width >= _FULL:
        return name
    found = next((protocol for protocol in _PROTOCOLS if name.startswith(protocol)), "")
    return name.removeprefix(found)


def _scope_type(event: Event) -> str:
    if event.kind is not Kind.SCOPE:
        return (event.type or "").partition(".")[0]
    content = event.content()
    return value_text(content.get("type", "")) if isinstance(content, dict) else ""


def _gap(exchange: Exchange) -> int | None:
    """Before which event those stood that are gone."""
    if not exchange.missed:
        return None
    return 1 if exchange.events and exchange.events[0].kind is Kind.SCOPE else 0
