"""The lines of the dialog in which columns are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.segment import Segment

from asgitrace.views.columns.layout import WIDEST, Layout, Wanted
from asgitrace.views.columns.registry import COLUMNS, PATH
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

BOX: Final = 5
"""A click on these first cells of a line shows or hides its column."""
_NAME: Final = 14
_WIDTH: Final = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    wanted: Wanted
    shown: bool

    @property
    def name(self) -> str:
        return self.wanted.name


class ColumnLines(Lines):
    """All columns: those that are shown in their order, and at first behind them the others.

    A column that is hidden stays where it is, so that nothing jumps while one chooses.
    """

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.sort = ""
        self.descending = False
        self.plan: Layout | None = None
        """What there is room for."""
        self._entries: list[_Entry] = []
        self.set(wanted)

    def set(self, wanted: Sequence[Wanted]) -> None:
        """Show these."""
        names = {entry.name for entry in wanted}
        hidden = (Wanted(name) for name in COLUMNS if name not in names)
        self._entries = [_Entry(entry, True) for entry in wanted]
        self._entries += [_Entry(entry, False) for entry in hidden]

    @property
    def wanted(self) -> list[Wanted]:
        """Those that are shown, in their order."""
        return [entry.wanted for entry in self._entries if entry.shown]

    def name(self, index: int) -> str:
        """The column of a line."""
        return self._entries[index].name

    def switch(self, index: int) -> bool:
        """Show or hide a column; the last one that is shown stays."""
        entry = self._entries[index]
        if entry.shown and len(self.wanted) == 1:
            return False
        self._entries[index] = replace(entry, shown=not entry.shown)
        return True

    def move(self, index: int, distance: int) -> int:
        """Move a column up or down; returns where it is then."""
        to = max(0, min(index + distance, len(self._entries) - 1))
        self._entries.insert(to, self._entries.pop(index))
        return to

    def widen(self, index: int, cells: int) -> bool:
        """Make a column wider, or narrower; not that of the path, which takes what is left."""
        entry = self._entries[index]
        if entry.name == PATH:
            return False
        width = max(1, min(_width(entry.wanted) + cells, WIDEST))
        self._entries[index] = replace(entry, wanted=Wanted(entry.name, width))
        return True

    def __len__(self) -> int:
        return len(self._entries)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        entry = self._entries[index]
        column = entry.wanted.column
        glyph = look.glyphs.down if self.descending else look.glyphs.up
        sort = glyph if entry.name == self.sort else " "
        cells = "rest" if entry.name == PATH else str(_width(entry.wanted))
        drawn = [
            Segment(" [x] " if entry.shown else " [ ] ", look.accent if entry.shown else look.dim),
            Segment(entry.name.ljust(_NAME), look.text if entry.shown else look.dim),
            Segment(cells.rjust(_WIDTH), look.dim),
            Segment(f" {sort}  ", look.strong),
        ]
        used = BOX + _NAME + _WIDTH + 4
        room = self.plan is None or not entry.shown or self.plan.of(entry.name) is not None
        words = column.help if room else "(no room on this screen)"
        drawn.append(Segment(fit(words, max(1, width - used), look), look.dim))
        return drawn

    def text(self, index: int) -> str:
        entry = self._entries[index]
        return f"{entry.name}: {entry.wanted.column.help}"


def _width(wanted: Wanted) -> int:
    return wanted.width or wanted.column.width
