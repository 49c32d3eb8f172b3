"""Two JSON values: what was added, removed and changed, and where.

Equal parts are found by numbers: every value gets one, the same for those that are equal, so that
a part that is the same on both sides is passed over at once, however large it is."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass, replace
from typing import Any, Final

from asgitrace.views.compare.alignment import Pair, align, beside
from asgitrace.views.compare.model import Mark, Row, Section, Work, valued

_PORTION: Final = 2_000
MOST: Final = 5_000
"""Differences that are told one by one."""
_ROWS: Final = 100
_PREVIEW: Final = 2_000
_DEEPEST: Final = 100
"""Steps of a path that are written out."""
_KEYS: Final = ("id", "_id", "uuid", "key", "name", "slug", "sku", "code")
"""Members by which the objects of an array are known, if each has one of its own."""
Path = tuple[str | int, ...]
_Way = tuple[Any, str | int] | None
"""A path as its last step and the way before, which many share; None at the top."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two values differ; ``ABSENT`` where it is not there."""

    left_path: Path
    right_path: Path
    left: Any
    right: Any


@dataclass(frozen=True, slots=True)
class _Order:
    """Stands for the order of an array's items, by their places on the right."""

    places: list[int]


class _Absent:
    """Stands for what is not there."""


ABSENT: Final = _Absent()


def structures(section: Section, left: Any, right: Any) -> Work:
    """The differences of two JSON values, one row each."""
    count = 0
    for found in differences(left, right):
        if found is None:
            yield
            continue
        count += 1
        if count > MOST:
            section.more += 1
            section.differences += 1
            if count % _PORTION == 0:
                yield
        else:
            section.add(_row(found))
            if count % _ROWS == 0:
                yield
    if section.more:
        section.notes.append(f"{section.more:,} more differences are counted and not listed.")


def _row(found: Difference) -> Row:
    label = path_text(found.left_path if found.left is not ABSENT else found.right_path)
    if found.left is not ABSENT and found.right is not ABSENT:
        other = path_text(found.right_path)
        label = label if label == other else f"{label} / {other}"
    row = valued(label, _preview(found.left), _preview(found.right))
    # Their starts may be all that is shown, and be the same.
    return replace(row, mark=Mark.CHANGED) if row.mark is Mark.SAME else row


def _preview(value: Any) -> str | None:
    """A value as JSON writes it, its start only where it is long."""
    if value is ABSENT:
        return None
    if isinstance(value, _Order):
        return f"order: {', '.join(map(str, value.places))}"[:_PREVIEW]
    if isinstance(value, str):
        return _scalar(value)
    pieces: list[str] = []
    size = 0
    for piece in _written(value):
        pieces.append(piece)
        size += len(piece)
        if size > _PREVIEW:
            return "".join(pieces)[:_PREVIEW] + " …"
    return "".join(pieces)


def _written(value: Any) -> Generator[str, None, None]:
    """JSON in pieces, without recursion."""
    stack: list[Any] = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, _Literal):
            yield top.text
        elif isinstance(top, dict):
            items = list(top.items())[:_PREVIEW]
            parts: list[Any] = [_Literal("{")]
            for at, (key, held) in enumerate(items):
                parts += [_Literal(f"{', ' if at else ''}{_scalar(key)}: "), held]
            stack += reversed([*parts, _Literal("}")])
        elif isinstance(top, list):
            parts = [_Literal("[")]
            for at, held in enumerate(top[:_PREVIEW]):
                parts += [_Literal(", " if at else ""), held]
            stack += reversed([*parts, _Literal("]")])
        else:
            yield _scalar(top)


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def path_text(path: Path) -> str:
    """A path as it is written in most languages: ``items[3].name``; ``$`` is the whole."""
    text = ""
    for step in path if len(path) <= _DEEPEST else (*path[:_DEEPEST], "\u2026"):
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{_scalar(step)}]"
    return text or "$"


def differences(left: Any, right: Any) -> Generator[Difference | None, None, None]:
    """The places where two values differ, in the order of the left one; None now and then, so that
    others get their turn."""
    numbers = _Numbers()
    for value in (left, right):
        for _ in numbers.take(value):
            yield None
    stack: list[tuple[_Way, _Way, Any, Any]] = [(None, None, left, right)]
    count = 0
    while stack:
        count += 1
        if count % _PORTION == 0:
            yield None
        here, there, a, b = stack.pop()
        if numbers.same(a, b):
            continue
        below: list[tuple[_Way, _Way, Any, Any]] = []
        if isinstance(a, dict) and isinstance(b, dict):
            below = [
                ((here, key), (there, key), a.get(key, ABSENT), b.get(key, ABSENT))
                for key in [*a, *(key for key in b if key not in a)]
            ]
        elif isinstance(a, list) and isinstance(b, list):
            pairs = yield from _in_turn(_beside(a, b, numbers))
            if moved := _moved(pairs):
                yield Difference(_path(here), _path(there), _Order(moved), _Order(sorted(moved)))
            for at, (x, y) in enumerate(pairs):
                if at % _PORTION == 0:
                    yield None
                if x is None or y is None or not numbers.same(a[x], b[y]):
                    left_item = ABSENT if x is None else a[x]
                    right_item = ABSENT if y is None else b[y]
                    places = (y or 0 if x is None else x), (x or 0 if y is None else y)
                    below.append(((here, places[0]), (there, places[1]), left_item, right_item))
        else:
            yield Difference(_path(here), _path(there), a, b)
        stack += reversed(below)


def _in_turn(
    steps: Generator[None, None, list[Pair]],
) -> Generator[Difference | None, None, list[Pair]]:
    """The same steps among differences."""
    return (yield from steps)


def _path(way: _Way) -> Path:
    steps = []
    while way is not None:
        way, step = way
        steps.append(step)
    return tuple(reversed(steps))


def _beside(
    left: list[Any], right: list[Any], numbers: "_Numbers"
) -> Generator[None, None, list[Pair]]:
    """Which items of two arrays belong together: objects by what they are known by, others by
    being equal; those between the same two equal ones in their order."""
    if len(left) == len(right) == 1:
        return [(0, 0)]
    key = _known_by(left, right)
    if key is not None:
        found = yield from align([item[key] for item in left], [item[key] for item in right])
        return _together(found.pairs, left, right, key)
    here = yield from numbers.of_all(left)
    there = yield from numbers.of_all(right)
    found = yield from align(here, there)
    pairs: list[Pair] = []
    for pair in beside(found.pairs):
        pairs.append(pair)
        if len(pairs) % _PORTION == 0:
            yield
    return pairs


def _together(pairs: list[Pair], left: list[Any], right: list[Any], key: str) -> list[Pair]:
    """The same with objects that are known and stand elsewhere put beside one another."""
    places = {right[b][key]: b for a, b in pairs if a is None and b is not None}
    moved = {a: places.get(left[a][key]) for a, b in pairs if a is not None and b is None}
    taken = set(moved.values())
    return [
        (a, moved.get(a)) if a is not None and b is None else (a, b)
        for a, b in pairs
        if not (a is None and b in taken)
    ]


def _moved(pairs: list[Pair]) -> list[int]:
    """Places on the right of the items that both sides have, in the order of the left; none where
    the order is the same."""
    places = [b for a, b in pairs if a is not None and b is not None]
    return places if places != sorted(places) else []


def _known_by(left: list[Any], right: list[Any]) -> str | None:
    """The member that all objects of two arrays have, each another value of it."""
    for key in _KEYS:
        if all(_unique(items, key) for items in (left, right)):
            return key
    return None


def _unique(items: list[Any], key: str) -> bool:
    seen = set()
    for item in items:
        value = item.get(key) if isinstance(item, dict) else None
        if not isinstance(value, str | int) or isinstance(value, bool) or value in seen:
            return False
        seen.add(value)
    return bool(items)


class _Numbers:
    """A number for every value, the same for those that are equal, and only for those."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self._held: dict[int, int] = {}
        """Numbers of arrays and objects, by their identity."""

    def take(self, value: Any) -> Work:
        """Number a value with all that is in it, what is inside first."""
        stack: list[tuple[Any, bool]] = [(value, False)]
        count = 0
        while stack:
            count += 1
            if count % _PORTION == 0:
                yield
            top, inside = stack.pop()
            if inside or not isinstance(top, dict | list):
                if isinstance(top, list):
                    self._held[id(top)] = self._number(tuple((yield from self.of_all(top))))
                elif isinstance(top, dict):
                    numbers = yield from self.of_all(list(top.values()))
                    self._held[id(top)] = self._number(frozenset(zip(top, numbers, strict=True)))
                continue
            stack.append((top, True))
            below = top.values() if isinstance(top, dict) else top
            stack += [(held, False) for held in below if isinstance(held, dict | list)]

    def of_all(self, values: list[Any]) -> Generator[None, None, list[int]]:
        """The numbers of many."""
        found: list[int] = []
        for start in range(0, len(values), _PORTION):
            found += map(self.of, values[start : start + _PORTION])
            if start:
                yield
        return found

    def _number(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))

    def of(self, value: Any) -> int:
        """The number of a value that was taken."""
        if isinstance(value, dict | list):
            return self._held[id(value)]
        # By its text: 1, 1.0 and true are three values, and nobody can make texts collide.
        return self._number(f"{type(value).__name__} {value!r}")

    def same(self, left: Any, right: Any) -> bool:
        """Whether two values, or their absence, are equal."""
        if left is ABSENT or right is ABSENT:
            return left is right
        return self.of(left) == self.of(right)
