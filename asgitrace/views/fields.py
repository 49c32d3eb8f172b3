"""Names with their values, these broken at the width: headers, scopes, what is in a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from asgitrace.views.clean import clean, clean_bytes
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.wrap import RowIndex

_LONGEST: Final = 16_384
_WIDEST_LABEL: Final = 26
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One name with its value, not yet cleaned."""

    label: str
    value: str = ""
    style: str = "text"
    heading: bool = False
    indent: int = 0

    @property
    def shown(self) -> str:
        """As much of the value as is drawn."""
        rest = len(self.value) - _LONGEST
        return self.value if rest <= 0 else f"{self.value[:_LONGEST]}\n… {rest:,} characters more"


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
    """Fields below one another, their values in one column."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = list(fields)
        self._width = 0
        self._column = 0
        self._rows: list[tuple[int, int, int]] = []
        """Field, and where in its value the row starts and ends."""

    def __len__(self) -> int:
        return len(self._rows)

    def reflow(self, width: int) -> None:
        if width == self._width:
            return
        self._width = width
        longest = max(
            (field.indent + cell_len(clean(field.label)) for field in self._fields if field.value),
            default=0,
        )
        self._column = min(longest, _WIDEST_LABEL, max(8, width // 2 - 3)) + 3
        self._rows = [
            (number, start, end)
            for number, field in enumerate(self._fields)
            for start, end in _slices(field.shown, width - self._column)
        ]

    def cells(self, index: int, width: int, look: Look) -> Cells:
        number, start, end = self._rows[index]
        field = self._fields[number]
        if field.heading:
            return [Segment(fit(f" {field.label}", width, look), style_of(look, field.style))]
        first = start == 0
        label = " " * (field.indent + 1) + clean(field.label) if first else ""
        if cell_len(label) > self._column - 1:
            label = set_cell_size(label, self._column - 2) + look.glyphs.cut
        value = clean(field.shown[start:end].removesuffix("\n").removesuffix(" "))
        return [
            Segment(set_cell_size(label, self._column), look.dim),
            Segment(set_cell_size(value, min(cell_len(value), width)), style_of(look, field.style)),
        ]

    def text(self, index: int) -> str:
        field = self._fields[self._rows[index][0]]
        return field.label if field.heading or not field.value else f"{field.label}: {field.value}"


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
