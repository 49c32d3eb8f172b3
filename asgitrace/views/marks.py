"""The glyphs for directions and states of single events; and signs in words that are made before it
is known how they will be drawn."""

from typing import Final

from asgitrace.events import Kind, Outcome
from asgitrace.store.model import Event, Exchange
from asgitrace.views.look import Look

INTO: Final = "→"
GAP: Final = "…"
LINE_END: Final = "↵"


def direction(event: Event, look: Look) -> tuple[str, str]:
    """Glyph of an event and the name of its style."""
    match event.kind:
        case Kind.RECEIVE:
            return look.glyphs.into, "accent"
        case Kind.SEND:
            return look.glyphs.out, "notice"
        case Kind.RAISE if event.outcome is Outcome.CANCELLED:
            return look.glyphs.cancelled, "warn"
        case Kind.RAISE:
            return look.glyphs.raised, "bad"
        case Kind.DEBUGGER:
            return look.glyphs.paused, "warn"
    return look.glyphs.edge, "dim"


class Progress:
    """How far somebody has read the events of an exchange, which may lose its first ones."""

    def __init__(self) -> None:
        self.seen = 0
        self._last: tuple[int, int] | None = None

    def broken(self, exchange: Exchange) -> bool:
        """Whether what was read is no longer what is there, so that it must be read again."""
        if not self.seen:
            return False
        events = exchange.events
        if len(events) < self.seen:
            return True
        event = events[self.seen - 1]
        return (event.kind, event.call) != self._last

    def advance(self, exchange: Exchange, seen: int) -> None:
        """The events up to there were read."""
        self.seen = seen
        if seen:
            event = exchange.events[seen - 1]
            self._last = (event.kind, event.call)
