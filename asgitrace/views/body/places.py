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

    def fold_by(self, levels: int, index: int) -> int | None:
        """Open some levels more, or with a negative number fold some away. Where a line is then,
        or what it was folded into; None if there is nothing to fold."""


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


def fold_by(lines: Lines, levels: int, index: int) -> int | None:
    """Fold lines by level where they can be; see `Levels`."""
    if isinstance(lines, Covers):
        return _fold_parts(lines.parts, levels, index)
    return lines.fold_by(levels, index) if isinstance(lines, Levels) else None


def _fold_parts(parts: Sequence[Lines], levels: int, index: int) -> int | None:
    place = None
    before = after = 0
    changed = False
    for part in parts:
        inside, size = index - before, len(part)
        found = fold_by(part, levels, max(0, min(inside, size - 1)))
        changed = changed or found is not None
        if 0 <= inside < size:
            place = after + (inside if found is None else found)
        before += size
        after += len(part)
    return place if changed else None


def _innermost(lines: Lines, index: int) -> tuple[Lines, int]:
    while isinstance(lines, Covers) and 0 <= index < len(lines):
        lines, index = lines.inside(index)
    return lines, index
