"""Lines that are made only when they are looked at: what every list of the detail pane shows.

A list of 100,000 events or a body of 10 MB is never laid out as a whole. A `Lines` knows how many
there are and makes those that are on the screen."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle, Span
from asgitrace.views.rows import fit

Cells = list[Segment]

_SLICE: Final = 16
"""Lines that are searched without a pause."""
_SLICE_TEXT: Final = 65_536
"""Characters that end a slice before."""


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

    def searched(self, index: int) -> str:
        """What a search finds in this line, where that is not what a copy gives: of a line that
        stands for more than it shows, what is its own."""
        return self.text(index)

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        """The lines with a match, each once, from ``start`` on, down with a positive ``step`` and
        up with a negative one; None now and then, so that others get their turn. Whoever folds
        lines away unfolds those in which it finds something, at the moment it gives their index.
        Raises NeedleError where the needle takes too long."""
        return self.matching(needle, start, step)

    def matching(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        """The same among the lines as they are now, of which none is unfolded: for counting."""
        done = 0
        index = start
        while 0 <= index < len(self):
            text = self.searched(index)
            if len(text) <= _SLICE_TEXT:
                if needle.found_in(text):
                    yield index
            else:
                for span in needle.walk(text):
                    if span is not None:
                        yield index
                        break
                    yield None
            index += 1 if step > 0 else -1
            done += _SLICE_TEXT // _SLICE + len(text)
            if done >= _SLICE_TEXT:
                done = 0
                yield None

    def marks(self, index: int, needle: Needle) -> list[Span] | None:
        """Where matches are in the line as it is drawn, in characters; None where the drawn text
        tells."""
        return None


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

    def searched(self, index: int) -> str:
        part, _, inside = self._find(index)
        return part.searched(inside)

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        return self._each(start, step, lambda part, inside: part.search(needle, inside, step))

    def matching(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        return self._each(start, step, lambda part, inside: part.matching(needle, inside, step))

    def marks(self, index: int, needle: Needle) -> list[Span] | None:
        part, _, inside = self._find(index)
        return part.marks(inside, needle)

    def _each(
        self, start: int, step: int, ask: Callable[[Lines, int], Iterator[int | None]]
    ) -> Iterator[int | None]:
        """Ask the parts one after the other, each from where the way through all of them enters
        it."""
        if not 0 <= start < len(self):
            return
        begun, _, inside = self._find(start)
        places = range(len(self._parts))
        first = next(place for place in places if self._parts[place] is begun)
        for place in places[first:] if step > 0 else places[first::-1]:
            part = self._parts[place]
            if place != first:
                inside = 0 if step > 0 else len(part) - 1
            for found in ask(part, inside):
                # Counted now: what was found in a part may have unfolded some of its lines.
                before = sum(map(len, self._parts[:place]))
                yield None if found is None else before + found

    def inside(self, index: int) -> tuple[Lines, int]:
        """The lines that have a line, and its index among them."""
        part, _, inside = self._find(index)
        return part, inside

    @property
    def parts(self) -> Sequence[Lines]:
        """From top to bottom."""
        return self._parts

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
