"""Rows within rows as lines that fold: what trees of JSON and of other values share."""

import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, Protocol

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.marks import GAP
from asgitrace.views.needle import Needle
from asgitrace.views.rows import fit

_DEEPEST_INDENT: Final = 12
_STEPS_SHOWN: Final = 40
"""Steps of a path that are shown: 100,000 levels have one each."""


class Rows(Protocol):
    """The rows of a tree from top to bottom, more of which may come at the end. A container's
    rows lie between its opening and its closing one."""

    depth: "array[int]"
    parent: "array[int]"
    """Row of the container; for a closing row, of its opening one. An outermost row points to
    itself."""
    last: "array[int]"
    """The last row that belongs to a value, once it is closed."""
    count: "array[int]"
    """How many items a container has so far."""
    place: "array[int]"
    """Which item of its container it is, from 0."""

    def __len__(self) -> int: ...

    def closed(self, row: int) -> bool:
        """Whether nothing more comes to a container."""


class TreeLines(Lines):
    """The rows that are not folded away, and a note under them where there is something to say.
    A tree of its own says what stands in a row."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._visible = array("I")
        self._folded: set[int] = set()
        self._taken = 0
        self._level: int | None = None
        """How deep what lies is that was left open by level; None for all of it."""

    # What stands in a row

    @property
    def note(self) -> str:
        """Why the tree ends where it does; empty if that needs no word."""
        raise NotImplementedError

    def _name(self, row: int, look: Look) -> str:
        """What is before the value, cleaned; empty if nothing is."""
        raise NotImplementedError

    def _value(self, row: int, width: int, look: Look) -> Cells:
        """The value, or the bracket of a container."""
        raise NotImplementedError

    def _whole(self, row: int) -> str:
        """A value with all that is in it."""
        raise NotImplementedError

    def _own(self, row: int) -> str:
        """What a search finds in a row: its name and its value, but not what is within."""
        raise NotImplementedError

    def _step(self, row: int) -> str:
        """How a path leads from its container to this row."""
        raise NotImplementedError

    # Lines

    def __len__(self) -> int:
        return len(self._visible) + bool(self.note)

    def _take(self) -> None:
        """Let new rows be seen, unless a container round them was folded meanwhile."""
        rows = len(self._rows)
        if not self._folded and self._level is None:
            self._visible.extend(range(self._taken, rows))
        else:
            for row in range(self._taken, rows):
                parent = self._rows.parent[row]
                if self._level is not None and self._rows.depth[row] == self._level + 1:
                    self._folded.add(parent)
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
        if not self._rows.count[row]:
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

    def fold_by(self, levels: int, index: int) -> int | None:
        """Leave some levels more open than before, or with a negative number some less. Where a
        line is then, or what it was folded into; None if there is nothing to fold."""
        import numpy as np

        rows = self._rows
        depth = np.array(rows.depth[: self._taken])
        if not len(depth):
            return None
        row = self._visible[index] if index < len(self._visible) else len(depth) - 1
        deepest = int(depth.max())
        level = max(1, (deepest if self._level is None else self._level) + levels)
        self._level = level if level < deepest else None
        self._folded = set()
        shown = np.arange(len(depth))
        if self._level is not None:
            parent = np.array(rows.parent[: self._taken])
            closing = (depth == depth[parent]) & (parent != shown)
            at_level = depth == level
            held = np.array(rows.count[: self._taken]) > 0
            self._folded = set(np.flatnonzero(at_level & held).tolist())
            shown = np.flatnonzero((depth < level) | (at_level & ~closing))
        self._visible = array("I", shown.astype("I").tobytes())
        while self._level is not None and (
            rows.depth[row] > self._level
            or (self._is_closing(row) and rows.parent[row] in self._folded)
        ):
            row = rows.parent[row]
        return bisect_left(self._visible, row)

    def _last(self, row: int) -> int:
        # One that is not closed yet goes on to the end.
        return self._rows.last[row] if self._rows.closed(row) else self._taken - 1

    def parent(self, index: int) -> int:
        if index >= len(self._visible):
            return index
        return bisect_left(self._visible, self._rows.parent[self._visible[index]])

    def text(self, index: int) -> str:
        return self._whole(self._visible[index]) if index < len(self._visible) else self.note

    @property
    def rows(self) -> int:
        """How many rows there are, folded ones too."""
        return len(self._rows)

    def row_text(self, row: int) -> str:
        """What a search finds in a row, folded or not."""
        return self._own(row) if row < len(self._rows) else self.note

    def searched(self, index: int) -> str:
        return self._own(self._visible[index]) if index < len(self._visible) else self.note

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        row = self._visible[start] if start < len(self._visible) else self._taken
        for found in _AllRows(self).matching(needle, row, step):
            yield found if found is None else self._reveal(found)

    def _reveal(self, row: int) -> int:
        """Unfold what is round a row; its index."""
        if row >= len(self._rows):
            return len(self._visible)
        folded = []
        at = row
        while self._rows.parent[at] != at:
            at = self._rows.parent[at]
            if at in self._folded:
                folded.append(at)
        for container in reversed(folded):
            self._unfold(bisect_left(self._visible, container), container)
        return bisect_left(self._visible, row)

    def place(self, index: int) -> str:
        """The end of the path to a line, as it is shown."""
        return self._way(index, _STEPS_SHOWN)

    def path(self, index: int) -> str:
        """The way from the outermost value to this line, as ``items[3].name``; empty at the
        outermost one."""
        return self._way(index, len(self._rows)).removeprefix(".")

    def _way(self, index: int, most: int) -> str:
        """The last steps to a line."""
        if index >= len(self._visible):
            return ""
        row = self._visible[index]
        if self._is_closing(row):
            row = self._rows.parent[row]
        steps: list[str] = []
        while self._rows.parent[row] != row and len(steps) < most:
            steps.append(self._step(row))
            row = self._rows.parent[row]
        way = "".join(reversed(steps))
        if self._rows.parent[row] != row:
            return GAP + way
        return way if way.startswith(".") else f".{way}"

    def _is_closing(self, row: int) -> bool:
        parent = self._rows.parent[row]
        return parent != row and self._rows.closed(parent) and self._rows.last[parent] == row

    # Drawing

    def cells(self, index: int, width: int, look: Look) -> Cells:
        if index >= len(self._visible):
            glyph = look.glyphs.raised
            return [Segment(fit(f"   {glyph} {self.note}", width, look), look.warn)]
        row = self._visible[index]
        cells = [*self._lead(row, look), *self._named(row, width, look)]
        room = width - sum(segment.cell_length for segment in cells)
        return [*cells, *self._value(row, max(room, 1), look)]

    def _lead(self, row: int, look: Look) -> Cells:
        depth = self._rows.depth[row]
        shown = min(depth, _DEEPEST_INDENT)
        deep = f"{depth}{look.glyphs.cut} " if depth > shown else ""
        fold = " "
        if self._rows.count[row]:
            fold = look.glyphs.folded if row in self._folded else look.glyphs.opened
        return [Segment(f" {'  ' * shown}{deep}{fold} ", look.faint)]

    def _named(self, row: int, width: int, look: Look) -> Cells:
        name = self._name(row, look)
        if not name:
            return []
        room = max(1, width // 2)
        shown = fit(name, room, look) if cell_len(name) > room else name
        return [Segment(shown, look.accent), Segment(": ", look.faint)]

    def _container(self, row: int, brackets: str, look: Look) -> Cells:
        """A container's opening row: its brackets, and how much there is."""
        count = self._rows.count[row]
        first, closer = brackets[0], brackets[1]
        if not count:
            return [Segment(first + (closer if self._rows.closed(row) else ""), look.faint)]
        word = ("member" if first == "{" else "item") + ("" if count == 1 else "s")
        if row in self._folded:
            return [Segment(f"{first}{look.glyphs.cut}{closer}  {count:,} {word}", look.dim)]
        return [
            Segment(first, look.faint),
            Segment(f"  {count:,}" if count > 9 else "", look.faint),
        ]


class _AllRows(Lines):
    """Every row of a tree, folded or not, as a search sees it."""

    def __init__(self, tree: TreeLines) -> None:
        self._tree = tree

    def __len__(self) -> int:
        return self._tree.rows + bool(self._tree.note)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        raise NotImplementedError("it is searched, not drawn")

    def text(self, index: int) -> str:
        return self._tree.row_text(index)


_WORD: Final = re.compile(r"[^\W\d]\w*")


def member_step(name: str) -> str:
    """How a path leads to a member with this name."""
    return f".{name}" if _WORD.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
