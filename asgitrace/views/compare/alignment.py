"""Which items of two sequences belong together: the longest run of equal ones in their order, or,
where the sequences differ too much to find that in time, a good one.

All of it works in steps, between which others get their turn."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

Steps = Generator[None, None, None]
"""Work in steps."""
Pair = tuple[int | None, int | None]
"""An item here and one there; None where one side has nothing like it."""

_MOST_EDITS: Final = 400
"""Items added and removed up to which the shortest way from one sequence to the other is looked
for; the time it takes is the square of them."""
_MOST_EDITS_BETWEEN: Final = 60
"""The same between two items that are sure to belong together."""
_REACH: Final = 32
"""How far the next equal item is looked for, where there is no better way."""
_AT_ONCE: Final = 2_000
"""Items that are gone through without a pause."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two sequences lie beside one another."""

    pairs: list[Pair]
    """All items of both, those of each side in their order."""
    rough: bool = False
    """A longer run of equal items may exist."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of both sequences, by the places of its items."""

    left: int
    left_end: int
    right: int
    right_end: int


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> Generator[None, None, Alignment]:
    """Lay two sequences beside one another by their equal items."""
    return _Aligner().run(left, right)


class _Aligner:
    def __init__(self) -> None:
        self._left: list[int] = []
        self._right: list[int] = []
        self._matches: list[tuple[int, int]] = []
        self._rough = False

    def run(
        self, left: Sequence[Hashable], right: Sequence[Hashable]
    ) -> Generator[None, None, Alignment]:
        """Lay them beside one another."""
        known: dict[Hashable, int] = {}
        for items, numbers in ((left, self._left), (right, self._right)):
            for at, item in enumerate(items, start=1):
                numbers.append(known.setdefault(item, len(known)))
                if at % _AT_ONCE == 0:
                    yield
        whole = yield from self._trim(_Span(0, len(left), 0, len(right)))
        if not (yield from self._shortest(whole, _MOST_EDITS)):
            yield from self._by_anchors(whole)
        self._matches.sort()
        yield
        pairs = yield from self._pairs(len(left), len(right))
        return Alignment(pairs, self._rough)

    def _trim(self, span: _Span) -> Generator[None, None, _Span]:
        """What is left between an equal start and an equal end."""
        left, right = self._left, self._right
        a, a_end, b, b_end = span.left, span.left_end, span.right, span.right_end
        count = 0
        while a < a_end and b < b_end and left[a] == right[b]:
            self._matches.append((a, b))
            a, b, count = a + 1, b + 1, count + 1
            if count % _AT_ONCE == 0:
                yield
        while a < a_end and b < b_end and left[a_end - 1] == right[b_end - 1]:
            a_end, b_end, count = a_end - 1, b_end - 1, count + 1
            self._matches.append((a_end, b_end))
            if count % _AT_ONCE == 0:
                yield
        return _Span(a, a_end, b, b_end)

    def _shortest(self, span: _Span, most: int) -> Generator[None, None, bool]:
        """The shortest way from one to the other (Myers 1986); False where it takes more than so
        many edits, and then nothing is matched."""
        left, right = self._left, self._right
        rows, columns = span.left_end - span.left, span.right_end - span.right
        if not rows or not columns:
            return True
        if abs(rows - columns) > most:
            return False
        ends: dict[int, int] = {1: 0}
        """How far each diagonal is reached."""
        before: list[dict[int, int]] = []
        count = 0
        for edits in range(min(most, rows + columns) + 1):
            before.append({key: ends[key] for key in range(-edits + 1, edits, 2) if key in ends})
            for diagonal in range(-edits, edits + 1, 2):
                down = diagonal == -edits or (
                    diagonal != edits and ends.get(diagonal - 1, -1) < ends.get(diagonal + 1, -1)
                )
                x = ends[diagonal + 1] if down else ends[diagonal - 1] + 1
                y = x - diagonal
                while x < rows and y < columns and left[span.left + x] == right[span.right + y]:
                    x, y, count = x + 1, y + 1, count + 1
                    if count % _AT_ONCE == 0:
                        yield
                ends[diagonal] = x
                count += 1
                if count % _AT_ONCE == 0:
                    yield
                if x >= rows and y >= columns:
                    yield from self._trace(span, before, x, y)
                    return True
        return False

    def _trace(self, span: _Span, before: list[dict[int, int]], x: int, y: int) -> Steps:
        """Go the way back, and note what was equal on it."""
        for edits in range(len(before) - 1, -1, -1):
            ends = before[edits] if edits else {1: 0}
            diagonal = x - y
            down = diagonal == -edits or (
                diagonal != edits and ends.get(diagonal - 1, -1) < ends.get(diagonal + 1, -1)
            )
            came = diagonal + 1 if down else diagonal - 1
            start = ends[came] if edits else 0
            stop = (start if down else start + 1) if edits else 0
            while x > stop:
                x, y = x - 1, y - 1
                self._matches.append((span.left + x, span.right + y))
                if x % _AT_ONCE == 0:
                    yield
            x, y = start, start - came

    def _by_anchors(self, span: _Span) -> Steps:
        """Match what occurs once on each side, in the longest run in which their order agrees; then
        what lies between."""
        anchors = yield from self._anchors(span)
        a, b = span.left, span.right
        for count, (left, right) in enumerate([*anchors, (span.left_end, span.right_end)]):
            if count % _AT_ONCE == 0:
                yield
            if a < left and b < right:
                between = yield from self._trim(_Span(a, left, b, right))
                if not (yield from self._shortest(between, _MOST_EDITS_BETWEEN)):
                    yield from self._greedy(between)
            if left < span.left_end:
                self._matches.append((left, right))
            a, b = left + 1, right + 1

    def _anchors(self, span: _Span) -> Generator[None, None, list[tuple[int, int]]]:
        once_left = yield from _once(self._left, span.left, span.left_end)
        once_right = yield from _once(self._right, span.right, span.right_end)
        tops: list[int] = []
        """The last place on the right of the best run of each length."""
        runs: list[tuple[int, int]] = []
        links: list[int] = []
        ends: list[int] = []
        for count, (item, left) in enumerate(once_left.items(), start=1):
            if count % _AT_ONCE == 0:
                yield
            right = once_right.get(item)
            if right is None:
                continue
            at = bisect_left(tops, right)
            links.append(ends[at - 1] if at else -1)
            runs.append((left, right))
            tops[at : at + 1] = [right]
            ends[at : at + 1] = [len(runs) - 1]
        found = []
        place = ends[-1] if ends else -1
        while place >= 0:
            found.append(runs[place])
            if len(found) % _AT_ONCE == 0:
                yield
            place = links[place]
        return found[::-1]

    def _greedy(self, span: _Span) -> Steps:
        """Take the nearest equal item each time: any matching is better than none."""
        self._rough = True
        left, right = self._left, self._right
        a, b, count = span.left, span.right, 0
        while a < span.left_end and b < span.right_end:
            count += 1
            if count % (_AT_ONCE // _REACH) == 0:
                yield
            if left[a] == right[b]:
                self._matches.append((a, b))
                a, b = a + 1, b + 1
                continue
            ahead_right = _find(right, left[a], b, min(b + _REACH, span.right_end))
            ahead_left = _find(left, right[b], a, min(a + _REACH, span.left_end))
            if ahead_right and (not ahead_left or ahead_right <= ahead_left):
                b += ahead_right
            elif ahead_left:
                a += ahead_left
            else:
                a, b = a + 1, b + 1

    def _pairs(self, left_size: int, right_size: int) -> Generator[None, None, list[Pair]]:
        pairs: list[Pair] = []
        a = b = 0
        for count, (left, right) in enumerate([*self._matches, (left_size, right_size)], start=1):
            for start in range(a, left, _AT_ONCE):
                pairs += [(at, None) for at in range(start, min(start + _AT_ONCE, left))]
                yield
            for start in range(b, right, _AT_ONCE):
                pairs += [(None, at) for at in range(start, min(start + _AT_ONCE, right))]
                yield
            if left < left_size:
                pairs.append((left, right))
            a, b = left + 1, right + 1
            if count % _AT_ONCE == 0:
                yield
        return pairs


def _once(items: list[int], start: int, end: int) -> Generator[None, None, dict[int, int]]:
    """Places of the items that occur once, in their order."""
    counts: Counter[int] = Counter()
    for at in range(start, end, _AT_ONCE):
        counts.update(items[at : min(at + _AT_ONCE, end)])
        yield
    found: dict[int, int] = {}
    for at in range(start, end):
        if counts[items[at]] == 1:
            found[items[at]] = at
        if at % _AT_ONCE == 0:
            yield
    return found


def _find(items: list[int], item: int, start: int, end: int) -> int:
    """How far ahead the item is; 0 where it is not there."""
    try:
        return items.index(item, start, end) - start
    except ValueError:
        return 0


def gaps(pairs: list[Pair]) -> Iterator[tuple[list[int], list[int], Pair | None]]:
    """The runs of items without a partner, those on the left and those on the right, each with the
    equal pair behind it; None behind the last one."""
    left: list[int] = []
    right: list[int] = []
    for here, there in pairs:
        if here is not None and there is not None:
            yield left, right, (here, there)
            left, right = [], []
        elif here is not None:
            left.append(here)
        elif there is not None:
            right.append(there)
    yield left, right, None


def beside(pairs: list[Pair]) -> Iterator[Pair]:
    """The same with items without a partner put beside one another, in their order, where they
    stand between the same two equal pairs: one was changed into the other."""
    for left, right, equal in gaps(pairs):
        yield from zip_longest(left, right)
        if equal is not None:
            yield equal
