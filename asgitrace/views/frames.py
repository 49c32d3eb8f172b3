"""The frames of a WebSocket session, as they were on the wire."""

from typing import Final

from rich.segment import Segment

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.marks import GAP, INTO, OUT
from asgitrace.views.pairing import CLOSE, Pairing
from asgitrace.views.rows import fit
from asgitrace.views.summary import CLOSE_CODES, Words, message_body, preview
from asgitrace.views.timeline import started, word_cells
from asgitrace.views.units import format_duration, format_offset, format_size
from asgitrace.views.wire_content import wire_text
from asgitrace.views.wire_words import close_parts, opcode_name, wire_words
from asgitrace.wire import Frame, Wire

_FRAMES: Final = frozenset({Wire.FRAME_IN, Wire.FRAME_OUT})
_FLAGS: Final = (("fin", "FIN"), ("rsv1", "RSV1"), ("masked", "MASK"))
_WIDE: Final = 84


class FrameLines(Lines):
    """One line for each frame of an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.pairing = Pairing()
        self._frames: list[int] = []
        self._seen = 0
        self.update(exchange)

    def update(self, exchange: Exchange) -> bool:
        """The same exchange, later; True if there is more of it."""
        self.exchange = exchange
        begun = started(exchange)
        self.start = min(begun, exchange.wire[0].at) if exchange.wire else begun
        if self.pairing.update(exchange) is None:
            self._frames, self._seen = [], 0
        before = len(self._frames)
        for index in range(self._seen, len(exchange.wire)):
            if exchange.wire[index].wire in _FRAMES:
                self._frames.append(index)
        changed = len(exchange.wire) != self._seen
        self._seen = len(exchange.wire)
        return changed or len(self._frames) != before

    def __len__(self) -> int:
        return len(self._frames)

    def frame(self, index: int) -> WireEvent:
        """The wire event of a line."""
        return self.exchange.wire[self._frames[index]]

    def message(self, index: int) -> Event | None:
        """The ASGI message a frame belongs to, where it has content."""
        for event in self.pairing.events.get(self._frames[index], ()):
            found = self.exchange.events[event]
            if found.kind in (Kind.RECEIVE, Kind.SEND):
                return found
        return None

    def text(self, index: int) -> str:
        event = self.frame(index)
        message = self.message(index)
        body, _ = message_body(message.content()) if message is not None else (b"", False)
        return body.decode("utf-8", "replace") if body else wire_text(event)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        event = self.frame(index)
        frame = Frame.unpack(event.number)
        since = format_duration(event.at - self.frame(index - 1).at) if index else ""
        came = event.wire is Wire.FRAME_IN
        inflated = event.content().get("inflated")
        wide = width >= _WIDE
        quiet = look.dim if frame.is_control else look.text
        cells = [
            Segment(f" {format_offset(event.at - self.start):>8} ", look.dim),
            Segment(f"{since:>6} " if wide else "", look.faint),
            Segment(f"{INTO if came else OUT} ", look.accent if came else look.notice),
            Segment(f"{opcode_name(frame.opcode)[:12]:<13}", quiet),
            *_flags(frame, look, wide=wide),
            Segment(f"{format_size(event.size):>5} ", look.dim),
            *_inflated(event.size, inflated, look, wide=wide),
            Segment(f"{self._round_trip(index):>6}  ", look.notice),
        ]
        room = max(0, width - sum(segment.cell_length for segment in cells))
        return [*cells, *word_cells(self._words(index, frame, event), room, look)]

    def _round_trip(self, index: int) -> str:
        """How long an answer took; stands at the pong."""
        place = self._frames[index]
        ping = self.pairing.answers.get(place)
        if ping is None or ping > place:
            return ""
        return format_duration(self.exchange.wire[place].at - self.exchange.wire[ping].at)

    def _words(self, index: int, frame: Frame, event: WireEvent) -> Words:
        if frame.opcode == CLOSE:
            code, reason = close_parts(event.content())
            if code is None:
                return [("no code", "dim")]
            calm = code in (1000, 1001)
            known = CLOSE_CODES.get(code, "")
            words: Words = [(str(code), "good" if calm else "warn")]
            return [*words, (f"  {known}" if known else "", "dim"), (f"  {reason}", "text")]
        if frame.is_control:
            return [(text.strip(), style) for text, style in wire_words(event)[2:]]
        message = self.message(index)
        if message is None:
            late = self.exchange.row.state is State.OPEN or self.exchange.wire_missed
            return [] if late else [("never became a message", "warn")]
        if frame.opcode == 0:
            return [(f"{GAP} continued", "faint")]
        body, text = message_body(message.content())
        style = "accent" if event.wire is Wire.FRAME_IN else "text"
        return [(preview(body, text=text), style) if body else ("empty", "faint")]


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
    ratio = f"{min(inflated / size, 9999):.1f}" if size else ""
    return [
        Segment(f"{format_size(inflated):>5} ", look.dim),
        Segment(f"{'x' + ratio if ratio else '':<6}", look.faint),
    ]
