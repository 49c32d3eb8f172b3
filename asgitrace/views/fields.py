"""Names with their values, these broken at the width: headers, scopes, what is in a message."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from asgitrace.views.clean import clean, clean_bytes
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle
from asgitrace.views.rows import fit
from asgitrace.views.wrap import RowIndex

_LONGEST: Final = 16_384
_WIDEST_LABEL: Final = 26
_LONGEST_LABEL: Final = 200
_DEEPEST: Final = 6
_AT_ONCE: Final = 200_000
"""Characters that are broken into rows before the screen has its turn."""
_LINES_AT_ONCE: Final = 500
_FIELD_COST: Final = 100
"""One more field takes as long as so many characters."""


@dataclass(frozen=True, slots=True)
class Field:
    """One name with its value, not yet cleaned."""

    label: str
    value: str = ""
    style: str = "text"
    heading: bool = False
    indent: int = 0
    about: str = ""
    """What it is, in a sentence of our own; shown for the line under the cursor."""
    parts: tuple["Field", ...] = ()
    """What it is made of, shown below it when it is unfolded."""
    opened: bool = False
    """Unfolded at first."""

    @property
    def shown(self) -> str:
        """As much of the value as is drawn."""
        rest = len(self.value) - _LONGEST
        return self.value if rest <= 0 else f"{self.value[:_LONGEST]}\n… {rest:,} characters more"


_Key = tuple[Field, int]
"""A field, and how many like it came before among those it stands with."""
_Shown = tuple[Field, int, _Key]
"""A field, the place of the one that holds it, -1 where there is none, and its key."""


def heading(title: str) -> Field:
    """A title between fields."""
    return Field(title, heading=True, style="accent")


def value_text(value: Any, depth: int = 0) -> str:
    """A decoded value in one line: bytes as text, the rest nearly as Python writes it."""
    if isinstance(value, bytes):
        return clean_bytes(value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | tuple | dict) and depth >= _DEEPEST:
        return "…"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(item, depth + 1) for item in value[:_LONGEST]) + "]"
    if isinstance(value, dict):
        inside = (
            f"{value_text(key, depth + 1)}: {value_text(held, depth + 1)}"
            for key, held in list(value.items())[:_LONGEST]
        )
        return "{" + ", ".join(inside) + "}"
    return clean(repr(value))


def header_fields(headers: Any, indent: int = 0) -> list[Field]:
    """Headers in their order, duplicates and all; what is no list of pairs as it is."""
    if not isinstance(headers, list | tuple):
        return [Field("headers", value_text(headers), "warn", indent=indent)]
    fields = []
    for entry in headers:
        if isinstance(entry, list | tuple) and len(entry) == 2:
            fields.append(Field(value_text(entry[0]), value_text(entry[1]), indent=indent))
        else:
            fields.append(Field("?", value_text(entry), "warn", indent=indent))
    return fields


class FieldLines(Lines):
    """Fields below one another, their values in one column; those with parts can be unfolded."""

    def __init__(self, fields: Iterable[Field], unfolded: "FieldLines | None" = None) -> None:
        """``unfolded``: the same lines before, whose folding is kept."""
        self._fields = list(fields)
        self._folds: dict[_Key, bool] = {} if unfolded is None else unfolded._folds
        self._width = 0
        self._column = 0
        self._shown: list[_Shown] = []
        self._rows: list[tuple[int, int, int]] = []
        """Place among those shown, and where in its value the row starts and ends."""
        self._broken = 0
        """How many of those shown are broken into rows."""

    def __len__(self) -> int:
        return len(self._rows)

    def reflow(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._lay_out()

    def _lay_out(self) -> None:
        self._shown = list(self._unfolded(self._fields, -1))
        longest = max(
            (
                field.indent + cell_len(clean(field.label[:_LONGEST_LABEL]))
                for field, _, _ in self._shown
                if field.value
            ),
            default=0,
        )
        folds = any(field.parts for field, _, _ in self._shown)
        self._column = min(longest, _WIDEST_LABEL, max(8, self._width // 2 - 3)) + 3 + folds
        self._rows = []
        self._broken = 0
        self.work()

    def _unfolded(self, fields: Iterable[Field], parent: int) -> Iterator["_Shown"]:
        """Fields and the parts of those that are unfolded, each with the place of what holds it."""
        seen: Counter[Field] = Counter()
        place = parent
        for field in fields:
            place += 1
            key = (field, seen[field])
            seen[field] += 1
            yield field, parent, key
            if field.parts and self._folds.get(key, field.opened):
                below = list(self._unfolded(field.parts, place))
                yield from below
                place += len(below)

    def work(self) -> bool:
        if self._broken >= len(self._shown):
            return False
        budget = _AT_ONCE
        while budget > 0 and self._broken < len(self._shown):
            value = self._shown[self._broken][0].shown
            rows = _slices(value, self._width - self._column)
            self._rows += [(self._broken, start, end) for start, end in rows]
            budget -= _FIELD_COST + len(value)
            self._broken += 1
        return True

    def cells(self, index: int, width: int, look: Look) -> Cells:
        number, start, end = self._rows[index]
        field, _, key = self._shown[number]
        if field.heading:
            return [Segment(fit(f" {field.label}", width, look), style_of(look, field.style))]
        first = start == 0
        label = " " * (field.indent + 1) + clean(field.label[:_LONGEST_LABEL]) if first else ""
        if cell_len(label) > self._column - 1:
            label = set_cell_size(label, self._column - 2) + look.glyphs.cut
        label = set_cell_size(label, self._column)
        if first and field.parts:
            opened = self._folds.get(key, field.opened)
            fold = look.glyphs.opened if opened else look.glyphs.folded
            label = set_cell_size(label, self._column - 2) + fold + " "
        value = clean(field.shown[start:end].removesuffix("\n").removesuffix(" "))
        return [
            Segment(label, look.dim),
            Segment(set_cell_size(value, min(cell_len(value), width)), style_of(look, field.style)),
        ]

    def text(self, index: int) -> str:
        return _text_of(self.field(index))

    def searched(self, index: int) -> str:
        return "" if self._rows[index][1] else self.text(index)

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        """As ever; what is folded away is searched too."""
        index, count = start, 0
        while 0 <= index < len(self):
            count += 1
            if count % _LINES_AT_ONCE == 0:
                yield None
            grown = self._unfold_matches(index, needle)
            if step < 0:
                index += grown
            if _has(needle, self.searched(index)):
                yield index
            index += 1 if step > 0 else -1

    def _unfold_matches(self, index: int, needle: Needle) -> int:
        """Unfold the field of a line if it is its last and there is a match in a part; says how
        many lines came."""
        last = index + 1 == len(self._rows) or self._rows[index + 1][0] != self._rows[index][0]
        parts = self.field(index).parts
        if not last or not any(_has(needle, _text_of(part)) for part in parts):
            return 0
        before = len(self._rows)
        return len(self._rows) - before if self.toggle(index, True) else 0

    def field(self, index: int) -> Field:
        """The field of a line."""
        return self._shown[self._rows[index][0]][0]

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        field, _, key = self._shown[self._rows[index][0]]
        now = self._folds.get(key, field.opened)
        if not field.parts or opened is now:
            return False
        self._folds[key] = not now
        self._lay_out()
        while len(self._rows) <= index and self.work():
            pass
        return True

    def parent(self, index: int) -> int:
        number = self._rows[index][0]
        holder = self._shown[number][1]
        wanted = number if holder < 0 else holder
        return bisect_left(self._rows, (wanted, 0, 0))


def _text_of(field: Field) -> str:
    return field.label if field.heading or not field.value else f"{field.label}: {field.value}"


def _has(needle: Needle, text: str) -> bool:
    return any(span is not None for span in needle.walk(text))


def _slices(value: str, width: int) -> list[tuple[int, int]]:
    if value.isascii() and value.isprintable():
        return _at_words(value, max(1, width))
    rows = RowIndex(value, width)
    while not rows.complete:
        rows.work()
    return list(pairwise([*rows.starts, len(value)])) or [(0, 0)]


def _at_words(value: str, width: int) -> list[tuple[int, int]]:
    """Rows of a value of single cells, broken behind a space or a comma where there is one in the
    second half of a row. The space may stand beyond the width."""
    rows = []
    start = 0
    while len(value) - start > width:
        end = start + width
        space = value.rfind(" ", start, end + 1) + 1
        comma = value.rfind(",", start, end) + 1
        found = max(space, comma)
        cut = found if found - start > width // 2 else end
        rows.append((start, cut))
        start = cut
    return [*rows, (start, len(value))]
