"""Values that were decoded, as a tree of lines that fold, in the look of the JSON tree."""

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.body.jwt_token import token_note
from asgitrace.views.body.tree import TreeLines, member_step
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.rows import clipped

MOST_ROWS: Final = 500_000
"""Rows that a tree has at most."""

_STEPS: Final = 4_000
_LONGEST: Final = 4_096
"""Characters, or bytes, of a value that are made ready for drawing."""
_LONGEST_COPY: Final = 1 << 20
_LONGEST_TAGS: Final = 80
_LARGEST: Final = 1 << 4_096
"""Larger integers are written as hex: as decimals they take quadratic time."""
_HEX_SHOWN: Final = 24
_SHORT: Final = 16
"""Members of a container that is the name of something."""
_DEEPEST_INDENT: Final = 40


@dataclass(slots=True)
class Pairs:
    """Members in their order, names of any kind, duplicates kept."""

    items: list[tuple[Any, Any]]


@dataclass(slots=True)
class Tagged:
    """A value with what is said of it: a type before it, a note after it."""

    name: str
    value: Any = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A value that a word stands for: ``undefined``."""

    text: str


class _End:
    """In place of a value: the closing bracket of its container."""


_NOTHING: Final = _End()


class ValueRows:
    """The rows of values, made a slice at a time and without recursion."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.depth = array("I")
        self.parent = array("I")
        self.last = array("I")
        self.count = array("I")
        self.place = array("I")
        self.names: list[Any] = []
        """Of members; None for what has no name. A name that is None is the word for it."""
        self.values: list[Any] = []
        """Without their tags."""
        self.tags: dict[int, tuple[str, str]] = {}
        """Row → what is before and after the value."""
        self.full = False
        """There is more than there may be."""
        self._stack: list[tuple[int, Iterator[tuple[Any, Any]]]] = []
        self._roots = ((None, value) for value in values)

    def __len__(self) -> int:
        return len(self.values)

    def closed(self, row: int) -> bool:
        return self.last[row] > row or not self.count[row]

    def work(self, steps: int) -> bool:
        """Make more rows; False if there was nothing to make."""
        before = len(self)
        for _ in range(steps):
            if self.full or not self._step():
                break
        return len(self) > before

    def _step(self) -> bool:
        row, items = self._stack[-1] if self._stack else (len(self), self._roots)
        try:
            name, value = next(items)
        except StopIteration:
            return self._close()
        if len(self) >= MOST_ROWS:
            self.full = True
            return False
        place = 0
        if self._stack:
            place = self.count[row]
            self.count[row] += 1
        self._add(row, place, name, value)
        return True

    def _add(self, parent: int, place: int, name: Any, value: Any) -> None:
        row = len(self)
        if isinstance(value, Tagged):
            value, self.tags[row] = _untagged(value)
        elif isinstance(value, str) and (note := token_note(value)):
            self.tags[row] = ("", clean(note))
        self._append(parent, place, name, value)
        items = _items(value)
        if items is not None:
            self._stack.append((row, items))

    def _append(self, parent: int, place: int, name: Any, value: Any) -> None:
        self.depth.append(len(self._stack))
        self.parent.append(parent)
        self.last.append(len(self.values))
        self.count.append(0)
        self.place.append(place)
        self.names.append(name)
        self.values.append(value)

    def _close(self) -> bool:
        """The innermost container is over; False if that was the last value."""
        if not self._stack:
            return False
        row, _ = self._stack.pop()
        if self.count[row]:
            self.last[row] = len(self)
            self._append(row, 0, None, _NOTHING)
        return True


class ValueLines(TreeLines):
    """A value, or several below one another. Built of dict, list, tuple, `Pairs`, `Tagged`, `Word`
    and plain values; ``note`` is said under them."""

    def __init__(self, *values: Any, note: str = "") -> None:
        self._of = ValueRows(values)
        super().__init__(self._of)
        self._note = note
        self.work()

    @property
    def note(self) -> str:
        if self._of.full:
            return f"the tree ends here: more than {MOST_ROWS:,} rows"
        return self._note

    def work(self) -> bool:
        full = self._of.full
        changed = self._of.work(_STEPS)
        self._take()
        return changed or full is not self._of.full

    def _name(self, row: int, look: Look) -> str:
        name = self._of.names[row]
        return "" if name is None else _shown(name, _LONGEST)

    def _value(self, row: int, width: int, look: Look) -> Cells:
        before, after = self._of.tags.get(row, ("", ""))
        cells = [Segment(f"{before} ", look.after)] if before else []
        room = width - cell_len(before) - bool(before)
        cells += self._bare(
            row, max(room - cell_len(after) - 2 if after else room, width // 2), look
        )
        if after:
            cells.append(Segment(f"  {after}", look.faint))
        return clipped(cells, width, look)

    def _bare(self, row: int, width: int, look: Look) -> Cells:
        """A value without its tags."""
        value = self._of.values[row]
        if value is _NOTHING:
            return [Segment(_bracket(self._of.values[self._of.parent[row]])[1], look.faint)]
        bracket = _bracket(value)
        if bracket:
            return self._container(row, bracket, look)
        return clipped([Segment(_shown(value, width + 8), _ink(value, look))], width, look)

    def _own(self, row: int) -> str:
        rows = self._of
        name, value = rows.names[row], rows.values[row]
        words = [] if name is None else [f"{_words(name)}:"]
        before, after = rows.tags.get(row, ("", ""))
        shown = "" if value is _NOTHING or _bracket(value) else _words(value)
        return " ".join(word for word in (*words, before, shown, after) if word)

    def _whole(self, row: int) -> str:
        rows = self._of
        if rows.values[row] is _NOTHING:
            row = rows.parent[row]
        if not rows.count[row]:
            return _bracket(rows.values[row]) or _words(rows.values[row])
        lines = []
        size = 0
        for at in range(row, self._last(row) + 1):
            indent = min(rows.depth[at] - rows.depth[row], _DEEPEST_INDENT)
            line = "  " * indent + self._line(at, named=at > row)
            lines.append(line)
            size += len(line) + 1
            if size > _LONGEST_COPY:
                lines.append("…")
                break
        return "\n".join(lines)

    def _line(self, row: int, *, named: bool) -> str:
        rows = self._of
        value = rows.values[row]
        bracket = _bracket(value)
        if value is _NOTHING:
            return _bracket(rows.values[rows.parent[row]])[1]
        before, _ = rows.tags.get(row, ("", ""))
        shown = (bracket[0] if rows.count[row] else bracket) if bracket else _quoted(value)
        has_name = named and rows.names[row] is not None
        name = f"{_quoted(rows.names[row])}: " if has_name else ""
        return f"{name}{before} {shown}" if before else name + shown

    def _step(self, row: int) -> str:
        name = self._of.names[row]
        if name is None:
            return f"[{self._of.place[row]}]"
        return member_step(name) if isinstance(name, str) else f"[{_words(name)[:_LONGEST]}]"


def _untagged(value: Any) -> tuple[Any, tuple[str, str]]:
    """A value without its tags, and these: all before it, and the notes after it."""
    names, notes = "", ""
    while isinstance(value, Tagged):
        if len(names) < _LONGEST_TAGS:
            names += f" {value.name}" if names and value.name else value.name
        if len(notes) < _LONGEST_TAGS:
            notes += f" {value.note}" if notes and value.note else value.note
        value = value.value
    return value, (clean(names), clean(notes))


def _items(value: Any) -> Iterator[tuple[Any, Any]] | None:
    """What is in a container; None for what is none."""
    if isinstance(value, Pairs):
        return ((_name_of(name), held) for name, held in value.items)
    if isinstance(value, dict):
        return ((_name_of(name), held) for name, held in value.items())
    if isinstance(value, list | tuple):
        return ((None, held) for held in value)
    return None


def _name_of(name: Any) -> Any:
    return Word("null") if name is None else name


def _bracket(value: Any) -> str:
    if isinstance(value, Pairs | dict):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else ""


def _ink(value: Any, look: Look) -> Any:
    if isinstance(value, str) or (isinstance(value, bytes) and _printable(value[:_LONGEST])):
        return look.good
    if isinstance(value, bytes):
        return look.text
    return look.after if value is None or isinstance(value, bool | Word) else look.notice


def _shown(value: Any, most: int) -> str:
    """A value in one line, cleaned, about as much of it as has room."""
    if isinstance(value, str):
        return clean(_quoted(value[: min(most, _LONGEST)]))
    if isinstance(value, bytes):
        return clean(_bytes(value))
    return clean(_words(value)[:_LONGEST])


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _bytes(value) if isinstance(value, bytes) else _words(value)


def _bytes(value: bytes) -> str:
    if value and _printable(value[:_LONGEST]):
        return "b" + json.dumps(value[:_LONGEST].decode("ascii"))
    more = "…" if len(value) > _HEX_SHOWN else ""
    unit = "byte" if len(value) == 1 else "bytes"
    return f"<{value[:_HEX_SHOWN].hex(' ')}{more}> {len(value):,} {unit}".replace("<> ", "")


def _printable(value: bytes) -> bool:
    return value.isascii() and value.decode("ascii").isprintable()


def _words(value: Any) -> str:
    """A plain value as a copy gives it: whole, without quotes; what holds others in short."""
    match value:
        case str():
            return value
        case bytes():
            return value.decode("ascii") if _printable(value) else value.hex()
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if -_LARGEST < value < _LARGEST else hex(value)
        case Word():
            return value.text
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case float():
            return repr(value)
        case Tagged():
            inner, (before, _) = _untagged(value)
            return f"{before} {_short(inner)}"
        case _:
            return _short(value)


def _short(value: Any) -> str:
    """A container as the name of a member: what is directly in it."""
    bracket = _bracket(value)
    if not bracket:
        return repr(value)[:_LONGEST]
    shown = [_member(name, held) for name, held in islice(_items(value) or (), _SHORT)]
    more = "…" if len(shown) == _SHORT else ""
    return f"{bracket[0]}{', '.join(shown)}{more}{bracket[1]}"


def _member(name: Any, value: Any) -> str:
    return _brief(value) if name is None else f"{_brief(name)}: {_brief(value)}"


def _brief(value: Any) -> str:
    inside = _bracket(value) or isinstance(value, Tagged)
    return "…" if inside else _words(value)[:_LONGEST]
