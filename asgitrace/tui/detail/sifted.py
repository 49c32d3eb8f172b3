"""Lines of events of which a filter hides some, and marks some."""

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from rich.segment import Segment

from asgitrace.errors import FilterError
from asgitrace.filter.model import Predicate
from asgitrace.store.model import Exchange
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look

_BUDGET_NS: Final = 6_000_000
_SLICE: Final = 16
"""Lines that are judged between two looks at the clock."""
_MOST_LOOSE: Final = 1_000
"""Lines of pending calls that are asked again at each change."""

GoOn = Callable[[], bool]


class Judged:
    """Which lines a filter passes: of those that are new it is asked in slices, and again of those
    that changed."""

    def __init__(self, predicate: Predicate) -> None:
        self.predicate = predicate
        self.failure = ""
        """Why no more lines are judged."""
        self.kept: list[int] = []
        """The lines that pass, so far."""
        self._verdicts = bytearray()
        self._loose: list[int] = []
        """Lines that may pass one day and not the other: their call has not returned."""

    def follow(self, exchange: Exchange, lines: EventLines, changed: int) -> None:
        """The lines from ``changed`` on are others than before, and those of pending calls."""
        del self._verdicts[changed:]
        del self.kept[bisect_left(self.kept, changed) :]
        loose, self._loose = self._loose[: bisect_left(self._loose, changed)], []
        for index, passes in zip(loose, self._ask(exchange, lines, iter(loose)), strict=False):
            self._take(index, passes, lines)

    def advance(self, exchange: Exchange, lines: EventLines, go_on: GoOn) -> bool:
        """Judge what is new, as long as ``go_on`` says so; whether all of it was."""
        while len(self._verdicts) < len(lines) and not self.failure:
            begun = len(self._verdicts)
            new = iter(range(begun, min(begun + _SLICE, len(lines))))
            for index, passes in enumerate(self._ask(exchange, lines, new), begun):
                self._take(index, passes, lines)
            if not go_on():
                break
        return bool(self.failure) or len(self._verdicts) >= len(lines)

    def _ask(self, exchange: Exchange, lines: EventLines, asked: Iterator[int]) -> Iterator[bool]:
        # One list for both: the filter must see nothing of the lines that stand for nothing.
        members = [lines.members(index) for index in asked]
        verdicts = self.predicate.lines(exchange, members)
        try:
            for found, passes in zip(members, verdicts, strict=True):
                yield passes or _is_gap(found)
        except FilterError as error:
            self.failure = str(error)

    def _take(self, index: int, passes: bool, lines: EventLines) -> None:
        if index == len(self._verdicts):
            self._verdicts.append(passes)
            if passes:
                self.kept.append(index)
        elif passes is not bool(self._verdicts[index]):
            self._verdicts[index] = passes
            if passes:
                insort(self.kept, index)
            else:
                del self.kept[bisect_left(self.kept, index)]
        if lines.live(index) and len(self._loose) < _MOST_LOOSE:
            insort(self._loose, index)

    @property
    def count(self) -> int:
        """How many lines were judged."""
        return len(self._verdicts)

    def passes(self, index: int) -> bool:
        """Whether a line passes; one that was not judged yet does not."""
        return index < len(self._verdicts) and bool(self._verdicts[index])


def _is_gap(members: Members) -> bool:
    event, wire = members
    return event is None and not wire


class Sifted(Lines):
    """Lines with what a filter leaves of them; the line of what was overwritten always stays.

    The others are called by their places among all lines, as ``inner`` gives them."""

    def __init__(
        self,
        lines: EventLines,
        exchange: Exchange,
        shown: Predicate | None = None,
        marked: Predicate | None = None,
    ) -> None:
        self.lines = lines
        # What is judged needs no more of the exchange than its facts.
        self._facts = replace(exchange, events=exchange.events[:1], wire=())
        self._shown = None if shown is None else Judged(shown)
        self._marked = None if marked is None else Judged(marked)
        self.settled = False
        """Whether nothing is left to be worked out."""
        lines.take_changed()
        self.work()

    def update(self, exchange: Exchange) -> bool:
        """The same exchange, later; True if the lines may be others."""
        self._facts = replace(exchange, events=exchange.events[:1], wire=())
        changed = self.lines.update(exchange)
        return self._follow(self._clock()) or changed

    def work(self) -> bool:
        go_on = self._clock()
        worked = self.lines.work()
        while worked and go_on() and self.lines.work():
            pass
        return self._follow(go_on) or worked

    @staticmethod
    def _clock() -> GoOn:
        end = time.perf_counter_ns() + _BUDGET_NS
        return lambda: time.perf_counter_ns() < end

    def _follow(self, go_on: GoOn) -> bool:
        """Judge what changed as far as there is time; True while there is more to be judged, or
        was until now."""
        changed = self.lines.take_changed()
        self.settled, more = self.lines.whole, False
        for judged in (self._shown, self._marked):
            if judged is not None:
                before = len(judged.kept)
                judged.follow(self._facts, self.lines, changed)
                whole = judged.advance(self._facts, self.lines, go_on)
                self.settled = self.settled and whole
                more = more or not whole or before != len(judged.kept)
        return more

    def judged(self, inner: int) -> bool:
        """Whether it is known of a line if it is hidden."""
        return self._shown is None or inner < self._shown.count

    @property
    def progress(self) -> float | None:
        """Share of the lines that were judged, while not all are."""
        if self._shown is None or (self.settled and not self.failure):
            return None
        return self._shown.count / max(1, len(self.lines))

    @property
    def failure(self) -> str:
        """Why the filter was stopped; empty while it was not."""
        return "" if self._shown is None else self._shown.failure

    @property
    def hidden(self) -> int:
        """Lines that do not pass."""
        return 0 if self._shown is None else len(self.lines) - len(self._shown.kept)

    def inner(self, index: int) -> int:
        """The place of a line among all."""
        return index if self._shown is None else self._shown.kept[index]

    def outer(self, inner: int) -> int:
        """The line for a place among all, or the next one where that is hidden."""
        if self._shown is None:
            return inner
        kept = self._shown.kept
        return max(0, min(bisect_left(kept, inner), len(kept) - 1))

    def __len__(self) -> int:
        return len(self.lines) if self._shown is None else len(self._shown.kept)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        inner = self.inner(index)
        cells = self.lines.cells(inner, width, look)
        if self._marked is None or not self._marked.passes(inner):
            return cells
        if _is_gap(self.lines.members(inner)):
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
