"""The timeline: one line for each event of an exchange."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from asgitrace.events import Kind, Outcome
from asgitrace.store.model import Event, Exchange
from asgitrace.views.fields import value_text
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.marks import direction
from asgitrace.views.rows import fit
from asgitrace.views.summary import Words, size_text, summarise
from asgitrace.views.units import format_duration, format_offset
from asgitrace.views.waterfall import bar_length

_SUMMARIES_KEPT: Final = 512
_GUTTER: Final = 1
_TYPE_WIDTHS: Final = {"lifespan": 26, "websocket": 20}
_TYPE_WIDTH: Final = 19


@dataclass(frozen=True, slots=True)
class Plan:
    """How wide the columns are; 0 for one that is not there."""

    number: int
    type: int
    bar: int
    rest: int


@cache
def plan(width: int, digits: int, type_width: int) -> Plan:
    """The columns of a timeline of ``width`` cells."""
    number = digits + 1 if width >= 60 else 0
    bar = 16 if width >= 150 else 10 if width >= 100 else 6 if width >= 90 else 0
    fixed = _GUTTER + number + 8 + 3 + type_width + 1 + 6 + 1 + (bar + 1 if bar else 0) + 4 + 2
    return Plan(number, type_width, bar, max(0, width - fixed))


def started(exchange: Exchange) -> int:
    """Monotonic time of the exchange's start, also where its scope is lost."""
    anchor = exchange.process.anchor
    if exchange.events and exchange.events[0].kind is Kind.SCOPE:
        return exchange.events[0].called
    return exchange.row.started_ns - anchor.wall_ns + anchor.monotonic_ns


class TimelineLines(Lines):
    """The events of one exchange, with a line that stands for those that were overwritten."""

    def __init__(self, exchange: Exchange) -> None:
        self._summaries: dict[tuple[int, int], Words] = {}
        self.exchange = exchange
        self.update(exchange)

    def update(self, exchange: Exchange) -> None:
        """The same exchange, later."""
        self.exchange = exchange
        self._start = started(exchange)
        self._end = self._start + exchange.row.duration_ns
        self._gap = _gap(exchange)
        events = exchange.events
        kind = _scope_type(events[0]) if events else ""
        self._type_width = _TYPE_WIDTHS.get(kind, _TYPE_WIDTH)

    def __len__(self) -> int:
        return len(self.exchange.events) + (self._gap is not None)

    def event(self, index: int) -> Event | None:
        """The event of a line; None for the line of those that are gone."""
        if self._gap is not None:
            if index == self._gap:
                return None
            index -= index > self._gap
        return self.exchange.events[index]

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

    def cells(self, index: int, width: int, look: Look) -> Cells:
        event = self.event(index)
        if event is None:
            cut = look.glyphs.cut
            note = f"   {cut} {self.exchange.missed:,} events were overwritten {cut}"
            return [Segment(fit(note, width, look), look.warn)]
        digits = max(2, len(str(len(self))))
        columns = plan(width, digits, self._type_width)
        glyph, style = direction(event, look)
        ink = style_of(look, style)
        quiet = look.dim if event.kind in (Kind.SCOPE, Kind.RETURN) else look.text
        number = f"{event.index + 1:>{digits}} " if columns.number else ""
        offset = format_offset(event.called - self._start)
        return [
            Segment(" " * _GUTTER + number, look.faint),
            Segment(f"{offset:>8} ", look.dim),
            Segment(f"{glyph} ", ink),
            Segment(fit(type_text(event), columns.type, look) + " ", quiet),
            *self._wait(event, columns.bar, look),
            Segment(f"{size_text(event):>4}  ", look.dim),
            *self._summary(event, columns.rest, look),
        ]

    def _wait(self, event: Event, bar: int, look: Look) -> Cells:
        if event.kind not in (Kind.RECEIVE, Kind.SEND):
            return [Segment(" " * (7 + (bar + 1 if bar else 0)), look.faint)]
        pending = event.pending
        took = event.wait_ns if event.wait_ns is not None else max(0, self._end - event.called)
        style = look.warn if pending else look.dim
        cells = [Segment(f"{format_duration(took):>6} ", style)]
        if bar:
            cells.append(self._bar(event, took, bar, look))
        return cells

    def _bar(self, event: Event, took: int, bar: int, look: Look) -> Segment:
        ink = look.client if event.kind is Kind.RECEIVE else look.backpressure
        if look.shades:
            name = "client" if event.kind is Kind.RECEIVE else "backpressure"
            glyph: str = getattr(look.glyphs, name)
            return Segment((glyph * bar_length(took, bar)).ljust(bar + 1), ink)
        whole, half = divmod(bar_length(took, bar * 2), 2)
        shown = look.glyphs.bar * whole + look.glyphs.half_bar * half
        return Segment(shown.ljust(bar + 1), ink)

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
