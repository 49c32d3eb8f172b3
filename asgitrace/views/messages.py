"""The conversation: WebSocket messages and body chunks in the order in which they crossed."""

from bisect import insort
from typing import Final

from rich.segment import Segment

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Event, Exchange
from asgitrace.views.content import event_text
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.marks import Progress, direction
from asgitrace.views.summary import Words, flag_words, message_body, preview, size_text, summarise
from asgitrace.views.timeline import started, word_cells
from asgitrace.views.units import format_offset

_CHUNKS: Final = frozenset({"http.request", "http.response.body", "websocket.http.response.body"})
_FRAMES: Final = frozenset({"websocket.receive", "websocket.send"})
_KINDS: Final = {
    "websocket.accept": "accept",
    "websocket.close": "close",
    "websocket.disconnect": "gone",
}
_SHOWN: Final = _CHUNKS | _FRAMES | _KINDS.keys()


class MessageLines(Lines):
    """The messages of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._restart()
        self.update(exchange)

    def _restart(self) -> None:
        self._order: list[tuple[int, int]] = []
        """When each crossed the boundary, and its place among the events."""
        self._progress = Progress()
        self._pending: list[int] = []

    def update(self, exchange: Exchange) -> bool:
        """The same exchange, later; True if there are more messages."""
        self._exchange = exchange
        self._start = started(exchange)
        before = len(self._order)
        if self._progress.broken(exchange):
            self._restart()
        events = exchange.events
        waiting, self._pending = self._pending, []
        for index in (*waiting, *range(self._progress.seen, len(events))):
            event = events[index]
            if event.type is None and event.pending:
                self._pending.append(index)
            elif event.type in _SHOWN:
                insort(self._order, (_moment(event), index))
        self._progress.advance(exchange, len(events))
        return len(self._order) != before

    def __len__(self) -> int:
        return len(self._order)

    def event(self, index: int) -> Event:
        """The event behind a line."""
        return self._exchange.events[self._order[index][1]]

    def text(self, index: int) -> str:
        return event_text(self.event(index))

    def cells(self, index: int, width: int, look: Look) -> Cells:
        moment, _ = self._order[index]
        event = self.event(index)
        glyph, style = direction(event, look)
        cells = [
            Segment(f" {format_offset(moment - self._start):>8} ", look.dim),
            Segment(f"{glyph} ", style_of(look, style)),
            Segment(f"{_kind(event):<7}", look.dim),
            Segment(f"{size_text(event):>4}  ", look.dim),
        ]
        room = max(0, width - sum(segment.cell_length for segment in cells))
        return [*cells, *word_cells(_words(event), room, look)]


def _moment(event: Event) -> int:
    """When the message crossed: what is received at the call's return, what is sent at the call."""
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called


def _kind(event: Event) -> str:
    if event.type in _FRAMES:
        return "text" if event.flags & Flag.TEXT else "bytes"
    if event.type in _CHUNKS:
        return "body"
    return _KINDS.get(event.type or "", "")


def _words(event: Event) -> Words:
    if event.type in _KINDS:
        return summarise(event)
    body, text = message_body(event.content())
    style = "text" if event.kind is Kind.SEND else "accent"
    words: Words = [(f"{shown}  ", ink) for shown, ink in flag_words(event)]
    words.append((preview(body, text=text), style) if body else ("empty", "faint"))
    if event.type in _CHUNKS and not event.flags & Flag.MORE:
        words.append(("  last", "faint"))
    return words
