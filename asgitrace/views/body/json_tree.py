"""JSON as a tree of lines that fold."""

import json
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.body.json_scan import JsonScan
from asgitrace.views.body.jwt_token import token_note
from asgitrace.views.body.tree import TreeLines, member_step
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.rows import clipped, fit

LIMIT: Final = 32 * 1024 * 1024
"""Characters of JSON that are read into a tree."""

MOST_ROWS: Final = 2_000_000
"""Rows of a tree, which takes forty bytes for each."""

_TOKENS: Final = 4_000
_GAP: Final = 2
_LEAST_GLANCE: Final = 12
_LONGEST_STRING: Final = 4_096
_BRACKETS: Final = {"{": "{}", "[": "[]"}


class JsonLines(TreeLines):
    """The rows of a scan that are not folded away."""

    def __init__(self, text: str = "", *, final: bool = True, cut: str = "") -> None:
        self.scan = JsonScan()
        super().__init__(self.scan)
        self.cut = cut
        self.feed(text, final=final)

    def feed(self, text: str, *, final: bool) -> None:
        """The text goes on."""
        self.scan.feed(text, final=final)
        self.work()

    @property
    def note(self) -> str:
        if len(self.scan) >= MOST_ROWS:
            return f"the tree ends here: {MOST_ROWS:,} rows are shown at most"
        return self.fault

    @property
    def fault(self) -> str:
        """Why the tree ends before the text does; empty if it does not."""
        at = self.scan.fault
        if at is None:
            return ""
        if self.scan.cut:
            return self.cut or "the text ends here, in the middle of a value"
        return f"not JSON from character {at + 1:,} on"

    def work(self) -> bool:
        changed = self.scan.work(min(_TOKENS, MOST_ROWS - len(self.scan)))
        self._take()
        return changed

    def _whole(self, row: int) -> str:
        scan = self.scan
        if scan.source[scan.start[row]] in "}]":
            row = scan.parent[row]
        value = scan.source[scan.start[row] : scan.end[row] or len(scan.source)]
        return _unquoted(value) if value.startswith('"') else value

    def _own(self, row: int) -> str:
        scan = self.scan
        start, end = scan.start[row], scan.end[row]
        value = "" if scan.source[start] in "{}[]" else scan.source[start:end]
        name = scan.source[scan.name[row] : scan.name_end[row]]
        return f"{name}: {value}" if name else value

    def _step(self, row: int) -> str:
        name = self.scan.source[self.scan.name[row] : self.scan.name_end[row]]
        return member_step(_unquoted(name)) if name else f"[{self.scan.place[row]}]"

    def _name(self, row: int, look: Look) -> str:
        start, end = self.scan.name[row], self.scan.name_end[row]
        return "" if start == end else _string(self.scan.source, start, end)

    def _value(self, row: int, width: int, look: Look) -> Cells:
        scan = self.scan
        start, end = scan.start[row], scan.end[row]
        first = scan.source[start]
        if first in "{[":
            cells = self._container(row, _BRACKETS[first], look)
            return [*cells, *self._glance(row, cells, width, look)]
        if first in "}]":
            return [Segment(first, look.faint)]
        if first == '"':
            return self._text(start, end, width, look)
        ink = look.after if first in "tfn" else look.notice
        return [Segment(fit(scan.source[start:end], width, look), ink)]

    def _text(self, start: int, end: int, width: int, look: Look) -> Cells:
        """A string; behind a token what it says."""
        source = self.scan.source
        shown = _string(source, start, end)
        note = clean(token_note(source[start + 1 : end - 1])) if source[start + 1] in "eB" else ""
        if not note:
            return [Segment(fit(shown, width, look), look.good)]
        room = max(width - cell_len(note) - 2, width // 3)
        token = clipped([Segment(shown, look.good)], room, look)
        return clipped([*token, Segment(f"  {note}", look.faint)], width, look)

    def _glance(self, row: int, cells: Cells, width: int, look: Look) -> Cells:
        """The beginning of what is folded away."""
        room = width - sum(segment.cell_length for segment in cells) - _GAP
        if row not in self._folded or room < _LEAST_GLANCE:
            return []
        start = self.scan.start[row] + 1
        end = min(self.scan.end[row] - 1, start + 4 * room)
        shown = fit(" ".join(self.scan.source[start:end].split()), room, look)
        return [Segment(" " * _GAP + shown, look.faint)]


def _string(source: str, start: int, end: int) -> str:
    """A string token in its quotes, cleaned; escapes undone where it is not too long."""
    if end - start > _LONGEST_STRING:
        return clean(source[start : start + _LONGEST_STRING])
    token = source[start:end]
    if "\\" not in token:
        return clean(token)
    try:
        # Again as JSON: what must be escaped stays so, the rest can be read.
        return clean(json.dumps(json.loads(token, strict=False), ensure_ascii=False))
    except ValueError:
        return clean(token)


def _unquoted(token: str) -> str:
    """What a string token says; the token itself where it cannot be read."""
    try:
        return str(json.loads(token, strict=False))
    except (ValueError, RecursionError):
        return token
