"""Lines that are made only when they are looked at: what every list of the detail pane shows.

A list of 100,000 events or a body of 10 MB is never laid out as a whole. A `Lines` knows how many
there are and makes those that are on the screen."""

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

Cells = list[Segment]


class Lines:
    """Lines by their index. The methods below the first three have a plain answer that will do for
    lines of a fixed number."""

    def __len__(self) -> int:
        raise NotImplementedError

    def cells(self, index: int, width: int, look: Look) -> Cells:
        """One line, cleaned, ``width`` cells at most if its columns fit in them; else it is cut."""
        raise NotImplementedError

    def text(self, index: int) -> str:
        """What a copy of this line gives."""
        raise NotImplementedError

    def reflow(self, width: int) -> None:
        """Break the lines anew for ``width`` cells."""

    def work(self) -> bool:
        """Go on with what was postponed, for a few milliseconds; True if the lines changed."""
        return False

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        """Fold or unfold; with ``opened`` only in that direction. True if the lines changed."""
        return False

    def parent(self, index: int) -> int:
        """The line this one is folded into, or itself."""
        return index

    def live(self, index: int) -> bool:
        """Whether this line changes with the time."""
        return False


class NoLines(Lines):
    """Nothing."""

    def __len__(self) -> int:
        return 0

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return []

    def text(self, index: int) -> str:
        return ""


class Notes(Lines):
    """A few short lines of our own words, in one style."""

    def __init__(self, notes: Sequence[str], style: str = "dim") -> None:
        self._notes = notes
        self._style = style

    def __len__(self) -> int:
        return len(self._notes)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(fit(self._notes[index], width, look), style_of(look, self._style))]

    def text(self, index: int) -> str:
        return self._notes[index]


class Stack(Lines):
    """Lines below one another."""

    def __init__(self, parts: Sequence[Lines]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def cells(self, index: int, width: int, look: Look) -> Cells:
        part, _, inside = self._find(index)
        return part.cells(inside, width, look)

    def text(self, index: int) -> str:
        part, _, inside = self._find(index)
        return part.text(inside)

    def reflow(self, width: int) -> None:
        for part in self._parts:
            part.reflow(width)

    def work(self) -> bool:
        # One at a time, so that many parts take no longer than one.
        return any(part.work() for part in self._parts)

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        part, _, inside = self._find(index)
        return part.toggle(inside, opened)

    def parent(self, index: int) -> int:
        part, start, inside = self._find(index)
        return start + part.parent(inside)

    def live(self, index: int) -> bool:
        part, _, inside = self._find(index)
        return part.live(inside)

    def _find(self, index: int) -> tuple[Lines, int, int]:
        start = 0
        for part in self._parts:
            if index - start < len(part):
                return part, start, index - start
            start += len(part)
        raise IndexError(index)


def style_of(look: Look, name: str) -> Style:
    """A style of the look by its name."""
    found: Style = getattr(look, name)
    return found


_KEPT: Final = str.maketrans({"\r": None})


def clean_text(text: str) -> str:
    """Text of several lines made inert, its line ends and tabs kept: for the clipboard."""
    lines = text.translate(_KEPT).split("\n")
    return "\n".join("\t".join(map(clean, line.split("\t"))) for line in lines)
