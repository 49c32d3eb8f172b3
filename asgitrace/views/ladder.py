"""The ladder: what crossed between peer, server and app, one line for each step, time downwards.

Arrows into the app point to the right, arrows to the peer to the left. What is one step on both
sides is one line; where something waited in between, the server's lifeline is thick for as long.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from rich.segment import Segment

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.arrows import app_lane, arrow, lifeline
from asgitrace.views.discrepancies import Discrepancy, of_event, of_wire
from asgitrace.views.endings import connection_end, with_end
from asgitrace.views.event_lines import GrowingLines, Members
from asgitrace.views.gaps import gap_mark, gap_style
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.steps import Sides, Step, Steps
from asgitrace.views.summary import Words, summarise
from asgitrace.views.timeline import type_text, word_cells
from asgitrace.views.units import format_duration, format_offset
from asgitrace.views.wire_words import is_outbound, is_wrong, wire_words
from asgitrace.wire import Wire

_WIDEST_WIRE: Final = 44
"""What the wire has to say is short; what there is beyond that is for the app's messages."""
_GAP_MS: Final = 1_000_000
"""From here on the time between two lines has a number."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns of a ladder; 0 for one that is not there."""

    left: int
    gap: int
    """Cells of the number for the time since the line before."""
    wire: int
    """Between the lifelines of peer and server."""
    app: int
    """Between the lifelines of server and app."""
    notes: int


@cache
def plan(width: int, sides: Sides) -> Plan:
    """The columns of a ladder of ``width`` cells."""
    gap = 7 if width >= 76 else 0
    left = 1 + 8 + 1 + gap + 2
    notes = (
        2 if width < 100 else 10 if width < 116 else max(32, min(50, (width - left) * 32 // 100))
    )
    lifelines = 3 if sides is Sides.BOTH else 2
    lanes = max(2, width - left - lifelines - notes)
    if sides is Sides.WIRE:
        return Plan(left, gap, lanes, 0, notes)
    if sides is Sides.APP:
        return Plan(left, gap, 0, lanes, notes)
    wire = min(lanes // 2, _WIDEST_WIRE)
    return Plan(left, gap, wire, lanes - wire, notes)


def head_line(width: int, look: Look, sides: Sides) -> Cells:
    """The names of the lifelines, above them."""
    columns = plan(width, sides)
    text = " " * (columns.left - 2 - columns.gap - 5) + "time"
    if columns.gap:
        text += "since".rjust(columns.gap + 1)
    text = text.ljust(columns.left)
    if columns.wire:
        text = _named(text, columns.left, "peer", first=True)
        text = _named(text, columns.left + columns.wire + 1, "server", first=not columns.app)
    else:
        text = _named(text, columns.left, "server", first=True)
    if columns.app:
        end = columns.left + columns.app + 1 + (columns.wire + 1 if columns.wire else 0)
        text = _named(text, end, "app")
        if columns.notes > 2:
            text += "   took  what differs" if columns.notes > 10 else "   took"
    return [Segment(fit(text, width, look), look.dim)]


def _named(text: str, column: int, name: str, *, first: bool = False) -> str:
    """A name above a lifeline: centred, or from there on."""
    start = column if first else column - len(name) // 2
    return text[:start].ljust(start) + name


class LadderLines(GrowingLines):
    """The ladder of one exchange, with a line for what was overwritten at its start."""

    def __init__(self, exchange: Exchange, sides: Sides = Sides.BOTH) -> None:
        self.steps = Steps(replace(exchange, events=(), wire=()), sides)
        self._taken: Exchange | None = None
        self._gap = 0
        super().__init__(exchange)

    def _take(self, exchange: Exchange) -> bool:
        before, self._taken = self._taken, exchange
        other = before is None or not _same(before, exchange)
        gap, self._missed = self._gap, exchange.missed + exchange.wire_missed
        self._gap = 1 if self._missed else 0
        if other:
            self.steps.update(with_end(exchange) if self.whole else exchange)
            self._change(0 if gap != self._gap else self.steps.changed + gap)
        self.exchange = replace(
            exchange, events=self.steps.exchange.events, wire=self.steps.exchange.wire
        )
        self._begun, self._ended = _finish(exchange)
        return other

    def at(self, index: int) -> int | None:
        step = self.step(index)
        return None if step is None else step.at

    def members(self, index: int) -> Members:
        event, wire = self.event(index), self.wire(index)
        return event, () if wire is None else (wire,)

    @property
    def sides(self) -> Sides:
        """What is shown; only one side where there is no other."""
        if self.exchange.row.state is State.REFUSED:
            return Sides.WIRE
        return self.steps.sides if self.exchange.wire else Sides.APP

    def __len__(self) -> int:
        return len(self.steps) + self._gap

    def step(self, index: int) -> Step | None:
        """The step of a line; None for the line of those that are gone."""
        return None if index < self._gap else self.steps[index - self._gap]

    def event(self, index: int) -> Event | None:
        """The ASGI event of a line."""
        return None if index < self._gap else self.steps.event(index - self._gap)

    def wire(self, index: int) -> WireEvent | None:
        """The wire event of a line."""
        return None if index < self._gap else self.steps.wire(index - self._gap)

    def live(self, index: int) -> bool:
        event = self.event(index)
        return event is not None and event.pending

    def discrepancies(self, index: int) -> list[Discrepancy]:
        """What differs between the sides in a line."""
        event, wire = self.event(index), self.wire(index)
        found = []
        if wire is not None:
            found += of_wire(wire, self.exchange, self.steps.pairing)
        if event is not None:
            found += of_event(event, self.exchange, self.steps.pairing)
        return found

    def text(self, index: int) -> str:
        step = self.step(index)
        if step is None:
            return f"{self._missed:,} events overwritten"
        event, wire = self.event(index), self.wire(index)
        parts = [format_offset(step.at - self.steps.start)]
        if wire is not None:
            shown = {True: "peer <- server", False: "peer -> server", None: "server"}
            parts.append(f"{shown[is_outbound(wire)]}: {_plain(wire_words(wire))}")
        if event is not None:
            parts.append(f"{_ARROWS[event.kind]}: {type_text(event)} {_plain(summarise(event))}")
        parts += [found.sentence for found in self.discrepancies(index)]
        return "  ".join(part.strip() for part in parts)

    # Drawing

    def cells(self, index: int, width: int, look: Look) -> Cells:
        step = self.step(index)
        if step is None:
            cut = look.glyphs.cut
            note = f"   {cut} {self._missed:,} events were overwritten {cut}"
            return [Segment(fit(note, width, look), look.warn)]
        columns = plan(width, self.sides)
        event, wire = self.event(index), self.wire(index)
        cells = self._left(index, step, columns, look)
        if columns.wire:
            cells.append(lifeline(look))
            cells += self._wire_lane(wire, step, columns.wire, look)
        cells.append(self._server(index, event, wire, look))
        if columns.app:
            cells += app_lane(event, columns.app, look)
            cells.append(self._app_lifeline(event, step, look))
        cells += self._notes(index, event, columns.notes, look)
        return cells

    def _left(self, index: int, step: Step, columns: Plan, look: Look) -> Cells:
        offset = format_offset(step.at - self.steps.start)
        before = self.step(index - 1) if index > self._gap else None
        gap = max(0, step.at - before.at) if before is not None else 0
        if index - self._gap >= len(self.steps) - self.steps.waiting:
            gap, offset = 0, "now"
        ink = gap_style(gap, look)
        number = format_duration(gap) if gap >= _GAP_MS else ""
        cells = [Segment(f" {offset:>8} ", look.dim)]
        if columns.gap:
            cells.append(Segment(f"{number:>{columns.gap - 1}} ", ink))
        return [*cells, Segment(f"{gap_mark(gap, look)} ", ink)]

    def _wire_lane(self, wire: WireEvent | None, step: Step, lane: int, look: Look) -> Cells:
        if wire is None:
            return [Segment(" " * lane, look.faint)]
        words = wire_words(wire)
        if step.last:
            words = [*words, (" (last)", "faint")]
        if wire.wire in (Wire.BYTES_IN, Wire.BYTES_OUT):
            words = [(text, "faint") for text, _ in words]
        outbound = is_outbound(wire)
        ink = "bad" if is_wrong(wire) else "notice" if outbound else "accent"
        return arrow(words, outbound, lane, ink, look)

    def _server(
        self, index: int, event: Event | None, wire: WireEvent | None, look: Look
    ) -> Segment:
        """The server's lifeline: thick while something waits in it, a knot where a step goes
        through."""
        glyphs = look.glyphs
        if self.sides is not Sides.BOTH:
            return lifeline(look)
        if event is not None and wire is not None:
            return Segment(glyphs.knot, look.text)
        place = index - self._gap
        after = self.steps[place].held
        before = self.steps[place - 1].held if place > 0 else 0
        if not before and not after:
            return lifeline(look)
        glyph = glyphs.holds if not before else glyphs.lets_go if not after else glyphs.held
        return Segment(glyph, look.warn)

    def _app_lifeline(self, event: Event | None, step: Step, look: Look) -> Segment:
        kind = None if event is None else event.kind
        if kind is Kind.SCOPE:
            return Segment(look.glyphs.begins, look.faint)
        if kind in (Kind.RETURN, Kind.RAISE):
            return Segment(look.glyphs.ends, look.faint)
        begun, ended = self._begun, self._ended
        if begun is None or step.at < begun or (ended is not None and step.at > ended):
            return Segment(" ", look.faint)
        return lifeline(look)

    def _notes(self, index: int, event: Event | None, width: int, look: Look) -> Cells:
        found = [each for each in self.discrepancies(index) if each.short]
        grave = any(each.grave for each in found)
        mark = look.glyphs.alert if grave else look.glyphs.differs if found else " "
        ink = look.warn if grave else look.dim
        if width <= 2:
            return [Segment(f" {mark}", ink)]
        took = ""
        if event is not None and event.kind in _TAKES_TIME:
            wait = event.wait_ns
            took = format_duration(self._pending_ns(event) if wait is None else wait)
        style = look.warn if event is not None and event.pending else look.dim
        words: Words = [(", ".join(each.short for each in found), "warn" if grave else "dim")]
        return [
            Segment(f" {took:>6} ", style),
            Segment(f"{mark} ", ink),
            *word_cells(words, width - 10, look),
        ]

    def _pending_ns(self, event: Event) -> int:
        """How long a call has lasted that has not returned."""
        now = (self._begun or 0) + self.exchange.row.duration_ns
        return max(0, now - event.called)


_TAKES_TIME: Final = (Kind.RECEIVE, Kind.SEND, Kind.DEBUGGER)
_ARROWS: Final = {
    Kind.SCOPE: "server -> app",
    Kind.RECEIVE: "server -> app",
    Kind.SEND: "server <- app",
    Kind.RETURN: "app",
    Kind.RAISE: "app",
    Kind.DEBUGGER: "app",
    Kind.WIRE: "server",
}


def _plain(words: Words) -> str:
    return "".join(text for text, _ in words)


def _same(before: Exchange, after: Exchange) -> bool:
    return (
        before.events is after.events
        and before.wire is after.wire
        and before.missed == after.missed
        and before.wire_missed == after.wire_missed
        and connection_end(before) == connection_end(after)
    )


def _finish(exchange: Exchange) -> tuple[int | None, int | None]:
    """When the app was called, and when it returned."""
    events = exchange.events
    if not events:
        return None, None
    last = events[-1]
    return events[0].called, last.called if last.kind in (Kind.RETURN, Kind.RAISE) else None
