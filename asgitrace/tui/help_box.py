"""The box of the help: scrolls, and can be searched."""

from typing import Final, cast

from textual.containers import VerticalScroll

from asgitrace.tui.help_section import HelpSection
from asgitrace.tui.search.pane import SearchPane, Way
from asgitrace.views.needle import Needle

_ABOVE: Final = 3
"""Lines that are left above a match."""


class HelpTally:
    """The lines of the help with a match: they are few, and counted at once."""

    done = True

    def __init__(self, hits: list[int]) -> None:
        self._hits = hits

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._hits)

    def place_of(self, place: int) -> int:
        """Which of them a line is, from 1; 0 where it is none."""
        return self._hits.index(place) + 1 if place in self._hits else 0

    def work(self) -> bool:
        """There is nothing more to do."""
        return False


class HelpBox(SearchPane, VerticalScroll, can_focus=True):
    """Its places are the lines of all sections."""

    # Rules are inherited along the first base only.
    DEFAULT_CSS = """
    HelpBox { layout: vertical; overflow: hidden auto; }
    """

    _at = 0

    def _lines(self) -> list[tuple[HelpSection, int]]:
        sections = self.query(HelpSection)
        return [(section, row) for section in sections for row in range(len(section.texts))]

    def search_places(self) -> tuple[int, int] | None:
        count = len(self._lines())
        return (0, count - 1) if count else None

    def search_here(self) -> int | None:
        return self._at

    def search_beside(self, place: int, step: int) -> int | None:
        return place + step if 0 <= place + step < len(self._lines()) else None

    def search_from(self, needle: Needle, place: int, step: int) -> Way:
        lines = self._lines()
        for at in range(place, len(lines)) if step > 0 else range(place, -1, -1):
            section, row = lines[at]
            if needle.found_in(section.texts[row]):
                yield at
            yield None

    def search_tally(self, needle: Needle) -> HelpTally:
        return HelpTally([at for at in self.search_from(needle, 0, 1) if at is not None])

    def search_go(self, place: int) -> None:
        self._at = place
        section, row = self._lines()[place]
        for each in self.query(HelpSection):
            each.current = row if each is section else None
        self.scroll_to(y=section.virtual_region.y + row - _ABOVE, animate=False)

    def search_keep(self) -> object:
        return self._at, self.scroll_y

    def search_restore(self, kept: object) -> None:
        self._at, top = cast("tuple[int, float]", kept)
        self.scroll_to(y=top, animate=False)

    def search_mark(self, needle: Needle | None) -> None:
        for section in self.query(HelpSection):
            section.mark(needle)
