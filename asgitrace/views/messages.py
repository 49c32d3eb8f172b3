"""The conversation: WebSocket messages and body chunks in the order in which they crossed, the
client's at the left, the app's at the right; pings with their answers as quiet lines between."""

from bisect import bisect_left, insort
from dataclasses import dataclass
from functools import cache
from typing import Final

from rich.segment import Segment

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.content import event_text
from asgitrace.views.event_lines import GrowingLines, Members
from asgitrace.views.gaps import gap_style
from asgitrace.views.lines import Cells, style_of
from asgitrace.views.look import Look
from asgitrace.views.marks import Progress, direction
from asgitrace.views.pairing import Pairing
from asgitrace.views.rows import fit
from asgitrace.views.steps import moment
from asgitrace.views.summary import (
    Words,
    flag_words,
    message_body,
    outcome_words,
    payload_text,
    preview,
    size_text,
    summarise,
)
from asgitrace.views.timeline import started, word_cells
from asgitrace.views.units import format_duration, format_offset, format_size
from asgitrace.views.wire_content import wire_text
from asgitrace.wire import PING, PONG, Frame, Wire

_CHUNKS: Final = frozenset({"http.request", "http.response.body", "websocket.http.response.body"})
_FRAMES: Final = frozenset({"websocket.receive", "websocket.send"})
_KINDS: Final = {
    "websocket.accept": "accept",
    "websocket.close": "close",
    "websocket.disconnect": "gone",
}
_SHOWN: Final = _CHUNKS | _FRAMES | _KINDS.keys()
_MOST_PARTS: Final = 1_000
"""Frames of one message whose sizes are added up."""

_Entry = tuple[int, int, int]
"""When it crossed, on which side it is known (see below), and its place among the events there."""
_EVENT, _WIRE = 0, 1


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns of a conversation; 0 for one that is not there."""

    since: int
    wire: int
    indent: int
    """Of what the app says."""
    rest: int


@cache
def plan(width: int, *, frames: bool) -> Plan:
    """The columns of a conversation of ``width`` cells, with the sizes of ``frames`` or not."""
    since = 7 if width >= 60 else 0
    wire = 6 if frames and width >= 64 else 0
    rest = max(0, width - 1 - 9 - since - 8 - 5 - wire - 1)
    indent = rest * 2 // 5 if width >= 110 else max(rest // 4, min(10, rest // 3))
    return Plan(since, wire, indent, rest)


class MessageLines(GrowingLines):
    """The messages of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.pairing = Pairing()
        self._restart()
        super().__init__(exchange)

    def _restart(self) -> None:
        self._order: list[_Entry] = []
        self._progress = Progress()
        self._pending: list[int] = []
        self._seen = 0
        self._change(0)

    def _take(self, exchange: Exchange) -> bool:
        self.exchange = exchange
        self.start = started(exchange)
        before = len(self._order)
        links = self.pairing.update(exchange)
        anew = links is None or self._progress.broken(exchange)
        if anew:
            self._restart()
        for event, _ in links or ():
            # What is known of its frames is another than before.
            self._change(bisect_left(self._order, self._entry(event)))
        waiting, self._pending = self._pending, []
        for index in (*waiting, *range(self._progress.seen, len(exchange.events))):
            self._take_event(index, exchange.events[index])
        self._progress.advance(exchange, len(exchange.events))
        for index in range(self._seen, len(exchange.wire)):
            self._take_wire(index, exchange.wire[index])
        self._seen = len(exchange.wire)
        return anew or bool(links) or len(self._order) != before

    def _entry(self, event: int) -> _Entry:
        return moment(self.exchange.events[event]), _EVENT, event

    def _take_event(self, index: int, event: Event) -> None:
        if event.type is None and event.pending:
            self._pending.append(index)
        elif event.type in _SHOWN:
            self._insert(self._entry(index))

    def _take_wire(self, index: int, wire: WireEvent) -> None:
        if wire.wire not in (Wire.FRAME_IN, Wire.FRAME_OUT):
            return
        opcode = Frame.unpack(wire.number).opcode
        if opcode == PING or (opcode == PONG and index not in self.pairing.answers):
            self._insert((wire.at, _WIRE, index))

    def _insert(self, entry: _Entry) -> None:
        order = self._order
        if not order or order[-1] < entry:
            self._change(len(order))
            order.append(entry)
        else:
            self._change(bisect_left(order, entry))
            insort(order, entry)

    def __len__(self) -> int:
        return len(self._order)

    def event(self, index: int) -> Event | None:
        """The ASGI event behind a line; None where it is of the wire alone."""
        _, side, place = self._order[index]
        return self.exchange.events[place] if side == _EVENT else None

    def frames(self, index: int) -> list[WireEvent]:
        """What a line was on the wire, as far as that is known."""
        _, side, place = self._order[index]
        wires = [place] if side == _WIRE else self.pairing.wires.get(place, [])
        return [self.exchange.wire[wire] for wire in wires[:_MOST_PARTS]]

    def members(self, index: int) -> Members:
        return self.event(index), self.frames(index)

    def at(self, index: int) -> int | None:
        return self._order[index][0]

    def live(self, index: int) -> bool:
        _, side, place = self._order[index]
        if side == _EVENT:
            return self.exchange.events[place].pending
        return self.exchange.row.state is State.OPEN and place not in self.pairing.answers

    def text(self, index: int) -> str:
        event = self.event(index)
        return wire_text(self.frames(index)[0]) if event is None else event_text(event)

    # Drawing

    @property
    def _is_framed(self) -> bool:
        return bool(self.exchange.wire) and self.exchange.row.method == "WS"

    def head(self, width: int, look: Look) -> Cells:
        """The titles above the columns."""
        columns = plan(width, frames=self._is_framed)
        text = f" {'time':>8} " + ("since ".rjust(columns.since) if columns.since else "")
        text += "what".ljust(8) + "size " + (" wire " if columns.wire else "") + " "
        text += f"{look.glyphs.into} client".ljust(columns.indent) + f"{look.glyphs.out} app"
        return [Segment(fit(text, width, look), look.dim)]

    def cells(self, index: int, width: int, look: Look) -> Cells:
        columns = plan(width, frames=self._is_framed)
        at, side, place = self._order[index]
        since = at - self._order[index - 1][0] if index else 0
        cells = [Segment(f" {format_offset(at - self.start):>8} ", look.dim)]
        if columns.since:
            shown = format_duration(since) if since > 0 else ""
            cells.append(Segment(f"{shown:>{columns.since - 1}} ", gap_style(since, look)))
        if side == _WIRE:
            return [*cells, *self._control(self.exchange.wire[place], columns, look)]
        event = self.exchange.events[place]
        frames = self.frames(index)
        wire = format_size(sum(frame.size for frame in frames)) if frames else ""
        glyph, style = direction(event, look)
        cells.append(Segment(f"{_kind(event):<8}", look.dim))
        cells.append(Segment(f"{size_text(event):>4} ", look.dim))
        if columns.wire:
            shown = wire if event.type in _FRAMES else ""
            cells.append(Segment(f"{shown:>{columns.wire - 1}} ", look.faint))
        indent = columns.indent if event.kind is Kind.SEND else 0
        return [
            *cells,
            Segment(" " * (indent + 1), look.faint),
            Segment(f"{glyph} ", style_of(look, style)),
            *word_cells(_words(event, frames), columns.rest - indent - 2, look),
        ]

    def _control(self, wire: WireEvent, columns: Plan, look: Look) -> Cells:
        """A ping with its answer, or a pong that nobody asked for."""
        out = wire.wire is Wire.FRAME_OUT
        name = "ping" if Frame.unpack(wire.number).opcode == PING else "pong"
        indent = columns.indent if out else 0
        data = wire.content().get("data", b"")
        words: Words = [(f"{name} ", "faint")]
        if isinstance(data, bytes) and data:
            words.append((f"{payload_text(data)} ", "faint"))
        words.append(self._answer(wire, name))
        return [
            Segment(f"{name:<8}", look.faint),
            Segment(f"{format_size(wire.size):>4} ", look.faint),
            Segment(" " * (columns.wire + indent + 1), look.faint),
            Segment(f"{look.glyphs.out if out else look.glyphs.into} ", look.faint),
            *word_cells(words, columns.rest - indent - 2, look),
        ]

    def _answer(self, wire: WireEvent, name: str) -> tuple[str, str]:
        answer = self.pairing.answers.get(wire.index)
        if answer is not None:
            took = self.exchange.wire[answer].at - wire.at
            return f"answered after {format_duration(took)}", "dim"
        if name == "pong":
            return "unasked", "faint"
        if self.exchange.row.state is State.OPEN:
            return "not answered yet", "dim"
        return "never answered", "warn"


def _opcode(event: Event) -> str:
    """What a WebSocket message is made of: ``text`` or ``binary``."""
    return "text" if event.flags & Flag.TEXT else "binary"


def _kind(event: Event) -> str:
    if event.type in _FRAMES:
        return _opcode(event)
    if event.type in _CHUNKS:
        return "body"
    return _KINDS.get(event.type or "", "")


def _words(event: Event, frames: list[WireEvent]) -> Words:
    if event.type in _KINDS:
        return summarise(event)
    body, text = message_body(event.content())
    style = "text" if event.kind is Kind.SEND else "accent"
    marks = [(f"{shown}  ", ink) for shown, ink in flag_words(event)]
    words: Words = [*outcome_words(event), *marks]
    if event.type in _FRAMES and len(frames) > 1:
        words.append((f"{len(frames)} frames  ", "dim"))
    if event.type in _CHUNKS and not event.flags & Flag.MORE:
        words.append(("last  ", "dim"))
    words.append((preview(body, text=text), style) if body else ("empty", "faint"))
    return words
