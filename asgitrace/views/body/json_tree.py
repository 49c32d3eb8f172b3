"""JSON as a tree of lines that fold."""

import json
from array import array
from bisect import bisect_left
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.body.json_scan import JsonScan
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

LIMIT: Final = 4 * 1024 * 1024
"""Characters of JSON that are read into a tree; larger texts are shown as text."""

_TOKENS: Final = 6_000
_LONGEST_STRING: Final = 4_096
_DEEPEST_INDENT: Final = 12


class JsonLines(Lines):
    """The rows of a scan that are not folded away."""

    def __init__(self, text: str = "", *, final: bool = True, cut: str = "") -> None:
        self.scan = JsonScan()
        self.cut = cut
        self._visible = array("I")
        self._folded: set[int] = set()
        self._taken = 0
        self.feed(text, final=final)

    def feed(self, text: str, *, final: bool) -> None:
        """The text goes on."""
        self.scan.feed(text, final=final)
        self.work()

    @property
    def fault(self) -> str:
        """Why the tree ends before the text does; empty if it does not."""
        at = self.scan.fault
        if at is None:
            return ""
        if self.scan.cut:
            return self.cut or "the text ends here, in the middle of a value"
        return f"not JSON from character {at + 1:,} on"

    def __len__(self) -> int:
        return len(self._visible) + (self.scan.fault is not None)

    def work(self) -> bool:
        changed = self.scan.work(_TOKENS)
        self._take()
        return changed

    def _take(self) -> None:
        """Let new rows be seen, unless a container round them was folded meanwhile."""
        rows = len(self.scan)
        if not self._folded:
            self._visible.extend(range(self._taken, rows))
        else:
            for row in range(self._taken, rows):
                parent = self.scan.parent[row]
                if parent == row or self._seen(parent):
                    self._visible.append(row)
        self._taken = rows

    def _seen(self, container: int) -> bool:
        if container in self._folded:
            return False
        at = bisect_left(self._visible, container)
        return at < len(self._visible) and self._visible[at] == container

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        if index >= len(self._visible):
            return False
        row = self._visible[index]
        if not self.scan.count[row]:
            return False
        folded = row in self._folded
        if opened is not None and opened is not folded:
            return False
        if folded:
            self._unfold(index, row)
        else:
            self._fold(index, row)
        return True

    def _fold(self, index: int, row: int) -> None:
        self._folded.add(row)
        after = bisect_left(self._visible, self._last(row) + 1)
        del self._visible[index + 1 : after]

    def _unfold(self, index: int, row: int) -> None:
        self._folded.discard(row)
        shown = array("I")
        at, last = row + 1, self._last(row)
        for folded in sorted(inner for inner in self._folded if row < inner <= last):
            if folded >= at:
                shown.extend(range(at, folded + 1))
                at = self._last(folded) + 1
        shown.extend(range(at, last + 1))
        self._visible[index + 1 : index + 1] = shown

    def _last(self, row: int) -> int:
        # One that is not closed yet goes on to the end.
        return self.scan.last[row] if self.scan.end[row] else self._taken - 1

    def parent(self, index: int) -> int:
        if index >= len(self._visible):
            return index
        return bisect_left(self._visible, self.scan.parent[self._visible[index]])

    def text(self, index: int) -> str:
        if index >= len(self._visible):
            return self.fault
        scan, row = self.scan, self._visible[index]
        if scan.source[scan.start[row]] in "}]":
            row = scan.parent[row]
        value = scan.source[scan.start[row] : scan.end[row] or len(scan.source)]
        if value.startswith('"'):
            try:
                return str(json.loads(value, strict=False))
            except (ValueError, RecursionError):
                pass
        return value

    def cells(self, index: int, width: int, look: Look) -> Cells:
        if index >= len(self._visible):
            glyph = look.glyphs.raised
            return [Segment(fit(f"   {glyph} {self.fault}", width, look), look.warn)]
        row = self._visible[index]
        cells = [*self._lead(row, look), *self._name(row, width, look)]
        room = width - sum(segment.cell_length for segment in cells)
        return [*cells, *self._value(row, max(room, 1), look)]

    def _lead(self, row: int, look: Look) -> Cells:
        depth = self.scan.depth[row]
        shown = min(depth, _DEEPEST_INDENT)
        deep = f"{depth}{look.glyphs.cut} " if depth > shown else ""
        fold = " "
        if self.scan.count[row]:
            fold = look.glyphs.folded if row in self._folded else look.glyphs.opened
        return [Segment(f" {'  ' * shown}{deep}{fold} ", look.faint)]

    def _name(self, row: int, width: int, look: Look) -> Cells:
        start, end = self.scan.name[row], self.scan.name_end[row]
        if start == end:
            return []
        name = _string(self.scan.source, start, end)
        room = max(1, width // 2)
        shown = fit(name, room, look) if cell_len(name) > room else name
        return [Segment(shown, look.accent), Segment(": ", look.faint)]

    def _value(self, row: int, width: int, look: Look) -> Cells:
        scan = self.scan
        start, end = scan.start[row], scan.end[row]
        first = scan.source[start]
        if first in "{[":
            return self._container(row, first, look)
        if first in "}]":
            return [Segment(first, look.faint)]
        if first == '"':
            return [Segment(fit(_string(scan.source, start, end), width, look), look.good)]
        ink = look.after if first in "tfn" else look.notice
        return [Segment(fit(scan.source[start:end], width, look), ink)]

    def _container(self, row: int, first: str, look: Look) -> Cells:
        count = self.scan.count[row]
        closer = "}" if first == "{" else "]"
        if not count:
            return [Segment(first + (closer if self.scan.end[row] else ""), look.faint)]
        word = ("member" if first == "{" else "item") + ("" if count == 1 else "s")
        if row in self._folded:
            shown = f"{first}{look.glyphs.cut}{closer}  {count:,} {word}"
            return [Segment(shown, look.dim)]
        return [
            Segment(first, look.faint),
            Segment(f"  {count:,}" if count > 9 else "", look.faint),
        ]


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
