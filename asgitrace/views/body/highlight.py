"""Source text in colours: read from its start a slice at a time, as far as it has come.

A grammar is a table of states, each with its rules. No rule looks back, and none gives up after
having read far, so that any text takes time in proportion to its length."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, style_of
from asgitrace.views.look import Look
from asgitrace.views.wrap import MARGIN, TextLines

INKS: Final = ("text", "faint", "dim", "accent", "notice", "good", "after", "warn")
"""Names of the styles that a rule may give."""

POP: Final = "pop"
"""In place of a state: back to the one before."""

_DEEPEST: Final = 200
_TOKENS: Final = 6_000
_UNDECIDED: Final = 256
"""Characters at the end of a text that goes on that may become another token."""


class Rule(NamedTuple):
    """What a text may go on with in a state."""

    pattern: str
    """Without capturing groups. It may match nothing if it leads to another state."""
    ink: str = "text"
    state: str = ""
    """Where it leads: empty to stay, `POP`, or a state on top of this one; with ``=`` before it,
    in place of all."""


class _State(NamedTuple):
    match: "re.Pattern[str]"
    inks: tuple[int, ...]
    states: tuple[str, ...]


class Grammar:
    """A table of states, ready for use. The first one is where a text begins."""

    def __init__(self, states: Mapping[str, Sequence[Rule]]) -> None:
        self.first = next(iter(states))
        self.states = {name: _compiled(rules) for name, rules in states.items()}


def _compiled(rules: Sequence[Rule]) -> _State:
    pattern = "|".join(f"({rule.pattern})" for rule in (*rules, Rule(".")))
    inks = tuple(INKS.index(rule.ink) for rule in rules)
    states = tuple(rule.state for rule in rules)
    return _State(re.compile(pattern, re.DOTALL | re.IGNORECASE), (*inks, 0), (*states, ""))


class Spans:
    """Where the ink changes in a text that goes on."""

    def __init__(self, grammar: Grammar) -> None:
        self._states = grammar.states
        self._stack = [grammar.first]
        self._starts = array("I", [0])
        self._inks = array("B", [0])
        self._at = 0

    def work(self, text: str, *, final: bool) -> bool:
        """Read on; True if something was read."""
        before, length = self._at, len(text)
        for _ in range(_TOKENS):
            if self._at >= length or not self._step(text, length, final=final):
                break
        return self._at > before

    def _step(self, text: str, length: int, *, final: bool) -> bool:
        state = self._states[self._stack[-1]]
        found = state.match.match(text, self._at)
        if found is None or found.lastindex is None:
            return False
        end = found.end()
        if end == length and not final and end - self._at < _UNDECIDED:
            return False
        rule = found.lastindex - 1
        ink = state.inks[rule]
        if end > self._at and ink != self._inks[-1]:
            self._starts.append(self._at)
            self._inks.append(ink)
        self._at = end
        if state.states[rule]:
            self._go(state.states[rule])
        return True

    def _go(self, state: str) -> None:
        if state == POP:
            if len(self._stack) > 1:
                self._stack.pop()
        elif state[0] == "=":
            self._stack = [state[1:]]
        elif len(self._stack) < _DEEPEST:
            self._stack.append(state)
        else:
            self._stack[-1] = state

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The spans of a piece of the text with their inks; what was not read yet has none."""
        at = bisect_right(self._starts, start) - 1
        read = min(end, self._at)
        while start < read:
            last = at + 1 == len(self._starts)
            stop = read if last else min(read, self._starts[at + 1])
            yield start, stop, INKS[self._inks[at]]
            start = stop
            at += 1
        if start < end:
            yield start, end, INKS[0]


class SourceLines(TextLines):
    """Source text, broken at the width. Colours come by and by."""

    def __init__(self, grammar: Grammar) -> None:
        super().__init__("")
        self._spans = Spans(grammar)
        self._final = False

    def finish(self) -> None:
        """The text goes no further."""
        self._final = True

    def work(self) -> bool:
        broken = super().work()
        return self._spans.work(self._rows.text, final=self._final) or broken

    def cells(self, index: int, width: int, look: Look) -> Cells:
        row = self._rows.row(index)
        start = self._rows.starts[index]
        cells = [Segment(" " * MARGIN, look.text)]
        for low, high, ink in self._spans.between(start, start + len(row)):
            cells.append(Segment(clean(row[low - start : high - start]), style_of(look, ink)))
        if sum(cell_len(segment.text) for segment in cells) > width:
            return super().cells(index, width, look)
        return cells
