"""Lines of events of which a filter hides some, and marks some."""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from rich.segment import Segment

from asgitrace.filter.model import Predicate
from asgitrace.store.model import Event, Exchange, WireEvent
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.marks import Progress

_SLICE: Final = 500
"""Events that are judged at a time."""
_BUDGET_NS: Final = 5_000_000


Members = Callable[[int], tuple[Event | None, WireEvent | None]]
"""The ASGI event and the wire event of a line."""


class Judged:
    """Which events of an exchange a filter passes; those that are new are judged in slices."""

    def __init__(self, predicate: Predicate) -> None:
        self.predicate = predicate
        self._progress = Progress()
        self._events = bytearray()
        self._wire = bytearray()
        self._settled = 0
        """Events from the first on that will not change any more."""

    def judge(self, exchange: Exchange, go_on: Callable[[], bool]) -> bool:
        """Judge what is new, as long as ``go_on`` says so; whether all of it was."""
        if self._progress.broken(exchange):
            self._progress = Progress()
            self._events, self._wire, self._settled = bytearray(), bytearray(), 0
        del self._events[self._settled :]
        while len(self._events) < len(exchange.events) or len(self._wire) < len(exchange.wire):
            begun, seen = len(self._events), len(self._wire)
            part = replace(
                exchange,
                events=exchange.events[begun : begun + _SLICE],
                wire=exchange.wire[seen : seen + _SLICE],
            )
            events, wire = self.predicate.events(part)
            self._events += bytes(map(bool, events))
            self._wire += bytes(map(bool, wire))
            self._settle(part.events, begun)
            if not go_on():
                break
        self._progress.advance(exchange, len(self._events))
        return len(self._events) == len(exchange.events) and len(self._wire) == len(exchange.wire)

    def _settle(self, events: Sequence[Event], begun: int) -> None:
        if self._settled == begun:
            pending = (at for at, event in enumerate(events, begun) if event.pending)
            self._settled = next(pending, begun + len(events))

    def passes(self, event: Event | None, wire: WireEvent | None) -> bool:
        """Whether one of the two passes; what was not judged yet does not."""
        if event is not None and event.index < len(self._events) and self._events[event.index]:
            return True
        return wire is not None and wire.index < len(self._wire) and bool(self._wire[wire.index])


class Sifted(Lines):
    """Lines with what a filter leaves of them; the line of what was overwritten always stays.

    The others are called by their places among all lines, as ``inner`` gives them."""

    def __init__(
        self,
        lines: Lines,
        members: Members,
        exchange: Exchange,
        shown: Predicate | None = None,
        marked: Predicate | None = None,
    ) -> None:
        self.lines = lines
        self._members = members
        self._exchange = exchange
        self._shown = None if shown is None else Judged(shown)
        self._marked = None if marked is None else Judged(marked)
        self._kept: list[int] = []
        self._whole = True
        self.update(exchange)

    def update(self, exchange: Exchange) -> None:
        """The lines changed with the exchange."""
        self._exchange = exchange
        self.work()

    def work(self) -> bool:
        end = time.perf_counter_ns() + _BUDGET_NS
        more = self.lines.work()
        judges = [judge for judge in (self._shown, self._marked) if judge is not None]
        before = self._whole
        verdicts = [
            judge.judge(self._exchange, lambda: time.perf_counter_ns() < end) for judge in judges
        ]
        self._whole = all(verdicts)
        if self._shown is not None:
            passes, members = self._shown.passes, map(self._members, range(len(self.lines)))
            self._kept = [
                index
                for index, (event, wire) in enumerate(members)
                if (event is None and wire is None) or passes(event, wire)
            ]
        return more or not (before and self._whole)

    @property
    def hidden(self) -> int:
        """Lines that do not pass."""
        return 0 if self._shown is None else len(self.lines) - len(self._kept)

    def inner(self, index: int) -> int:
        """The place of a line among all."""
        return index if self._shown is None else self._kept[index]

    def outer(self, inner: int) -> int:
        """The line for a place among all, or the next one where that is hidden."""
        if self._shown is None:
            return inner
        return max(0, min(bisect_left(self._kept, inner), len(self._kept) - 1))

    def __len__(self) -> int:
        return len(self.lines) if self._shown is None else len(self._kept)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        inner = self.inner(index)
        cells = self.lines.cells(inner, width, look)
        marked = self._marked
        if marked is None or not marked.passes(*self._members(inner)):
            return cells
        first, *rest = (cell for cell in cells if cell.text)
        mark = Segment(look.glyphs.match, look.accent)
        return [mark, Segment(first.text[1:], first.style), *rest]

    def text(self, index: int) -> str:
        return self.lines.text(self.inner(index))

    def reflow(self, width: int) -> None:
        self.lines.reflow(width)

    def live(self, index: int) -> bool:
        return self.lines.live(self.inner(index))
