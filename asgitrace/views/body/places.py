"""Where in a body a line is, and folding by level: what only some lines can tell and do."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from asgitrace.views.lines import Lines


@runtime_checkable
class Places(Protocol):
    """Lines that know where they are."""

    def place(self, index: int) -> str:
        """A path, an offset, the number of a line, short enough to be shown."""


@runtime_checkable
class Paths(Protocol):
    """Lines with a path to each."""

    def path(self, index: int) -> str:
        """The whole of it, as jq writes it without the dot at its start; empty at the outermost
        value."""


@runtime_checkable
class Levels(Protocol):
    """Lines that fold by level."""

    def fold_by(self, levels: int) -> bool:
        """Open some levels more, or with a negative number fold some away; True if the lines
        changed."""


@runtime_checkable
class Covers(Protocol):
    """Lines that stand for others."""

    def inside(self, index: int) -> tuple[Lines, int]:
        """The lines that have a line, and its index among them."""

    @property
    def parts(self) -> Sequence[Lines]:
        """All of them."""


def place_of(lines: Lines, index: int) -> str:
    """The place of a line; empty for lines that know none."""
    lines, index = _innermost(lines, index)
    return lines.place(index) if isinstance(lines, Places) else ""


def path_of(lines: Lines, index: int) -> str:
    """The path to a line, as jq writes it; empty for lines that know none."""
    lines, index = _innermost(lines, index)
    return f".{lines.path(index)}" if isinstance(lines, Paths) else ""


def fold_by(lines: Lines, levels: int) -> bool:
    """Fold lines by level where they can be."""
    if isinstance(lines, Covers):
        changed = False
        for part in lines.parts:
            changed = fold_by(part, levels) or changed
        return changed
    return isinstance(lines, Levels) and lines.fold_by(levels)


def _innermost(lines: Lines, index: int) -> tuple[Lines, int]:
    while isinstance(lines, Covers) and 0 <= index < len(lines):
        lines, index = lines.inside(index)
    return lines, index
