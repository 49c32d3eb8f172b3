"""The frames of a WebSocket session, as they were on the wire."""

from bisect import bisect_left
from typing import Final

from rich.segment import Segment

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.event_lines import GrowingLines, Members
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.pairing import Pairing
from asgitrace.views.rows import fit
from asgitrace.views.summary import CLOSE_CODES, Words, message_body, payload_text, preview
from asgitrace.views.timeline import started, word_cells
from asgitrace.views.units import format_duration, format_offset, format_size
from asgitrace.views.wire_content import wire_text
from asgitrace.views.wire_words import close_parts, opcode_name, text_of, wire_words
from asgitrace.wire import CLOSE, Frame, Wire

_FRAMES: Final = frozenset({Wire.FRAME_IN, Wire.FRAME_OUT})
_FAULTS: Final = frozenset({Wire.ERROR, Wire.TIMEOUT})
_SWITCHING: Final = 101
_FLAGS: Final = (("fin", "FIN"), ("rsv1", "RSV1"), ("masked", "MASK"))
_WIDE: Final = 84
_MOST_PARTS: Final = 1000
"""Frames of a message whose sizes are added up to tell them apart."""
_NEAR: Final = 100
"""How many events behind a frame are looked through for what it led to."""


class FrameLines(GrowingLines):
    """One line for each frame of an exchange, and for what the server could not take any more."""

    def __init__(self, exchange: Exchange) -> None:
        self.pairing = Pairing()
        self._restart()
        super().__init__(exchange)

    def _restart(self) -> None:
        self._frames: list[int] = []
        self._seen = 0
        self._upgraded = False
        self._change(0)

    def _take(self, exchange: Exchange) -> bool:
        self.exchange = exchange
        begun = started(exchange)
        self.start = min(begun, exchange.wire[0].at) if exchange.wire else begun
        links = self.pairing.update(exchange)
        if links is None:
            self._restart()
        for _, frame in links or ():
            # Which message a frame belongs to is known only now.
            self._change(bisect_left(self._frames, frame))
        for index in range(self._seen, len(exchange.wire)):
            wire = exchange.wire[index]
            framed = wire.wire in _FRAMES
            switched = wire.wire is Wire.INFORMATIONAL and wire.number == _SWITCHING
            self._upgraded = self._upgraded or framed or switched
            if framed or (self._upgraded and wire.wire in _FAULTS):
                self._change(len(self._frames))
                self._frames.append(index)
        changed = links is None or bool(links) or len(exchange.wire) != self._seen
        self._seen = len(exchange.wire)
        return changed

    def __len__(self) -> int:
        return len(self._frames)

    def members(self, index: int) -> Members:
        return self.message(index), (self.frame(index),)

    def at(self, index: int) -> int | None:
        return self.frame(index).at

    def near(self, at: int, event: int | None = None) -> int:
        wires = self.pairing.wires.get(event, ()) if event is not None else ()
        if wires:
            return bisect_left(self._frames, wires[0])
        return super().near(at)

    def live(self, index: int) -> bool:
        return False

    def frame(self, index: int) -> WireEvent:
        """The wire event of a line."""
        return self.exchange.wire[self._frames[index]]

    def message(self, index: int) -> Event | None:
        """The ASGI message a frame belongs to, where it has content."""
        found = self._message_index(index)
        return None if found is None else self.exchange.events[found]

    def _message_index(self, index: int) -> int | None:
        for event in self.pairing.events.get(self._frames[index], ()):
            if self.exchange.events[event].kind in (Kind.RECEIVE, Kind.SEND):
                return event
        return None

    def text(self, index: int) -> str:
        event = self.frame(index)
        message = self.message(index)
        body, _ = message_body(message.content()) if message is not None else (b"", False)
        return body.decode("utf-8", "replace") if body else wire_text(event)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        event = self.frame(index)
        if event.wire in _FAULTS:
            return self._fault(index, event, width, look)
        frame = Frame.unpack(event.number)
        since = format_duration(event.at - self.frame(index - 1).at) if index else ""
        came = event.wire is Wire.FRAME_IN
        inflated = event.content().get("inflated")
        wide = width >= _WIDE
        quiet = look.dim if frame.is_control else look.text
        cells = [
            Segment(f" {format_offset(event.at - self.start):>8} ", look.dim),
            Segment(f"{since:>6} " if wide else "", look.faint),
            Segment(
                f"{look.glyphs.into if came else look.glyphs.out} ",
                look.accent if came else look.notice,
            ),
            Segment(f"{opcode_name(frame.opcode)[:12]:<13}", quiet),
            *_flags(frame, look, wide=wide),
            Segment(f"{format_size(event.size):>5} ", look.dim),
            *_inflated(event.size, inflated, look, wide=wide),
            Segment(f"{self._round_trip(index):>6}  ", look.notice),
        ]
        room = max(0, width - sum(segment.cell_length for segment in cells))
        return [*cells, *word_cells(self._words(index, frame, event), room, look)]

    def _fault(self, index: int, event: WireEvent, width: int, look: Look) -> Cells:
        """What the server gave up at."""
        since = format_duration(event.at - self.frame(index - 1).at) if index else ""
        name = "time-out" if event.wire is Wire.TIMEOUT else "error"
        cells = [
            Segment(f" {format_offset(event.at - self.start):>8} ", look.dim),
            Segment(f"{since:>6} " if width >= _WIDE else "", look.faint),
            Segment(f"{look.glyphs.raised} {name:<13}", look.bad),
        ]
        room = max(0, width - sum(segment.cell_length for segment in cells))
        return [*cells, *word_cells(wire_words(event), room, look)]

    def _round_trip(self, index: int) -> str:
        """How long an answer took; stands at the pong."""
        place = self._frames[index]
        ping = self.pairing.answers.get(place)
        if ping is None or ping > place:
            return ""
        return format_duration(self.exchange.wire[place].at - self.exchange.wire[ping].at)

    def _words(self, index: int, frame: Frame, event: WireEvent) -> Words:
        if frame.opcode == CLOSE:
            return _close_words(event)
        data = event.content().get("data")
        data = data if isinstance(data, bytes) else b""
        if frame.is_control:
            return [(payload_text(data), "dim")] if data else []
        number = self._message_index(index)
        if number is None:
            shown: Words = [(f"{preview(data)}  ", "text")] if data else []
            return [*shown, *self._why_no_message(index, event)]
        ink = "accent" if event.wire is Wire.FRAME_IN else "text"
        return self._content(index, number, ink)

    def _content(self, index: int, number: int, ink: str) -> Words:
        """The content of a frame: that of its message, or its part of it."""
        message = self.exchange.events[number]
        body, text = message_body(message.content())
        frames = self.pairing.wires.get(number, [self._frames[index]])
        if len(frames) == 1:
            return [(preview(body, text=text), ink) if body else ("empty", "faint")]
        place = frames.index(self._frames[index])
        part = (f"part {place + 1} of {len(frames)}  ", "faint")
        sizes = [_content_size(self.exchange.wire[frame]) for frame in frames[:_MOST_PARTS]]
        if len(frames) > _MOST_PARTS or sum(sizes) != message.size:
            return [part]
        begin = sum(sizes[:place])
        own = body[begin : begin + sizes[place]]
        return [part, (preview(own, text=text), ink) if own else ("empty", "faint")]

    def _why_no_message(self, index: int, event: WireEvent) -> Words:
        """Why a frame is of no message, as far as that can be told."""
        if event.wire is Wire.FRAME_IN:
            after = self.exchange.wire[self._frames[index] + 1 :][:_NEAR]
            following = (e for e in after if e.wire in (Wire.FRAME_IN, Wire.ERROR))
            next_event = next(following, None)
            if next_event is not None and next_event.wire is Wire.ERROR:
                why = text_of(next_event.content(), "text")
                return [(f"broke the protocol{': ' + why if why else ''}", "bad")]
        late = self.exchange.row.state is State.OPEN or self.exchange.wire_missed
        return [] if late else [("never became a message", "warn")]


def _close_words(event: WireEvent) -> Words:
    code, reason = close_parts(event.content())
    if code is None:
        return [("no code", "dim")]
    known = CLOSE_CODES.get(code, "")
    words: Words = [(str(code), "good" if code in (1000, 1001) else "warn")]
    words.append((f"  {known}" if known else "", "dim"))
    return [*words, (f"  {reason}" if reason != known else "", "text")]


def _content_size(event: WireEvent) -> int:
    """Bytes of a frame's content, inflated if it was compressed."""
    inflated = event.content().get("inflated")
    return inflated if isinstance(inflated, int) and inflated >= 0 else event.size


def head_line(width: int, look: Look) -> Cells:
    """The titles above the frames."""
    wide = width >= _WIDE
    titles = f" {'time':>8} " + (f"{'since':>6} " if wide else "") + "  opcode       "
    titles += "FIN RSV1 MASK " if wide else "flags"
    titles += f"{'size':>5} " + ("inflated    " if wide else "")
    return [Segment(fit(f"{titles} {'answer':>6}  content", width, look), look.dim)]


def _flags(frame: Frame, look: Look, *, wide: bool) -> Cells:
    """The flags that are set, each in its column."""
    cells = []
    for attribute, name in _FLAGS:
        is_set: bool = getattr(frame, attribute)
        shown = name if wide else name[0]
        text = shown if is_set else look.glyphs.none.ljust(len(shown)) if wide else " "
        cells.append(Segment(f"{text} " if wide else text, look.dim if is_set else look.faint))
    if not wide:
        cells.append(Segment("  ", look.faint))
    return cells


def _inflated(size: int, inflated: object, look: Look, *, wide: bool) -> Cells:
    if not wide:
        return []
    if not isinstance(inflated, int) or inflated < 0:
        return [Segment(" " * 12, look.faint)]
    ratio = f"{min(inflated / size, 9999):.1f}" if size and inflated else ""
    return [
        Segment(f"{format_size(inflated):>5} ", look.dim),
        Segment(f"{'x' + ratio if ratio else '':<6}", look.faint),
    ]
