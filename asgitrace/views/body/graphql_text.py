"""The text of a GraphQL document, coloured; laid out where it came on one line."""

import re
from collections.abc import Iterator
from typing import Final

from rich.segment import Segment

from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import clipped

LONGEST: Final = 256 * 1024
"""Characters of a document that are coloured; a longer one is text."""

_DEEPEST_INDENT: Final = 12

_TOKEN: Final = re.compile(
    r"""(?P<faint>\#[^\r\n]*+)
    |(?P<good>\"{3}[^"]*+(?:\"{1,2}(?!\")[^"]*+)*+(?:\"{3})?|"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"?)
    |(?P<notice>\$\w*+|-?\d[\w.+-]*+)
    |(?P<after>@\w*+)
    |(?P<name>[^\W\d]\w*+)
    |(?P<mark>\.\.\.|[^\s\w])
    |(?P<blank>[ \t]++)
    |(?P<end>\r\n|\n|\r)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final = frozenset({"query", "mutation", "subscription", "fragment", "on"})

Piece = tuple[str, str]
"""Text, and the name of its style."""


class GraphqlLines(Lines):
    """A document's lines."""

    def __init__(self, text: str) -> None:
        pieces = list(_pieces(text))
        self._rows = _own_rows(pieces) if "\n" in text.strip() else _laid_out(pieces)

    def __len__(self) -> int:
        return len(self._rows)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        cells = [Segment(clean(text), style_of(look, style)) for text, style in self._rows[index]]
        return clipped([Segment("   ", look.text), *cells], width, look)

    def text(self, index: int) -> str:
        return "".join(text for text, _ in self._rows[index])


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "name":
            kind = "accent" if found[0] in _KEYWORDS else "text"
        yield found[0], kind


def _own_rows(pieces: list[Piece]) -> list[list[Piece]]:
    """The lines as they came; a string may go over several."""
    rows: list[list[Piece]] = [[]]
    for text, kind in pieces:
        style = _style(kind)
        if kind == "end":
            rows.append([])
            continue
        first, *rest = text.splitlines() or [""]
        rows[-1].append((first, style))
        rows += [[(line, style)] for line in rest]
    while rows and not "".join(text for text, _ in rows[-1]).strip():
        rows.pop()
    return rows


def _style(kind: str) -> str:
    return {"mark": "dim", "blank": "text", "other": "warn"}.get(kind, kind)


class _Layout:
    """A line for each field, deeper in each pair of braces."""

    def __init__(self) -> None:
        self.rows: list[list[Piece]] = []
        self._row: list[Piece] = []
        self._depth = 0
        self._inside = 0
        """Parentheses and brackets that are open: what is in them stays on its line."""
        self._last = ""

    def take(self, text: str, kind: str) -> None:
        """The next piece that is not blank."""
        if kind == "mark" and not self._inside and text in "{}":
            self._brace(text)
        else:
            if self._begins(text, kind):
                self.end_row()
            self._put(text, _style(kind))
            if kind == "faint":
                self.end_row()
        if text in ("(", "["):
            self._inside += 1
        elif text in (")", "]"):
            self._inside = max(0, self._inside - 1)
        # "on" is a word only behind the dots; elsewhere a field may be called so.
        self._last = "name" if text == "on" and self._last != "..." else text

    def _brace(self, text: str) -> None:
        if text == "{":
            self._put(text, "dim")
            self.end_row()
            self._depth += 1
        else:
            self.end_row()
            self._depth = max(0, self._depth - 1)
            self._put(text, "dim")
            self.end_row()

    def _begins(self, text: str, kind: str) -> bool:
        """Whether a field, or a spread of fields, begins here."""
        if self._inside or not self._depth or self._last in (":", "...", "on"):
            return False
        return kind in ("text", "accent") or text == "..."

    def _put(self, text: str, style: str) -> None:
        if not self._row:
            self._row.append(("  " * min(self._depth, _DEEPEST_INDENT), "text"))
        elif self._spaced(text):
            self._row.append((" ", "text"))
        self._row.append((text, style))

    def _spaced(self, text: str) -> bool:
        if text in (":", ",", ")", "]", "(", "!") or self._last in ("(", "["):
            return False
        return not (self._last == "..." and text != "on")

    def end_row(self) -> None:
        """The row is full."""
        if self._row:
            self.rows.append(self._row)
            self._row = []


def _laid_out(pieces: list[Piece]) -> list[list[Piece]]:
    layout = _Layout()
    for text, kind in pieces:
        if kind not in ("blank", "end"):
            layout.take(text, kind)
    layout.end_row()
    return layout.rows
