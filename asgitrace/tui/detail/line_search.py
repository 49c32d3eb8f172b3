"""Search in a list of lines: the way to the next match, their number, and what marks them."""

import time
from array import array
from bisect import bisect_left
from typing import Final, cast

from asgitrace.tui.search.pane import SearchPane, SearchScope, Way
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.match_marks import marked, marks_of, with_glyph
from asgitrace.views.needle import Needle, NeedleError

_SEEK_NS: Final = 5_000_000


class LineTally:
    """Counts the lines with a match, again where the lines are others, on where there are more."""

    def __init__(self, shown: "SearchedLines", needle: Needle) -> None:
        self._shown = shown
        self._needle = needle
        self._hits = array("q")
        self._begin()

    def _begin(self) -> None:
        self._change, self._gone = self._shown.change, self._shown.gone
        self._way: Way | None = None
        self._counted = 0
        del self._hits[:]

    @property
    def total(self) -> int:
        """How many were found so far."""
        return len(self._hits)

    @property
    def done(self) -> bool:
        """Whether all were."""
        return self._way is None and self._counted >= len(self._shown.lines)

    def place_of(self, place: int) -> int:
        """Which of them a line is, from 1; 0 where it is none."""
        at = bisect_left(self._hits, place)
        return at + 1 if at < len(self._hits) and self._hits[at] == place else 0

    def work(self) -> bool:
        """Count on, for a moment; False where there is nothing to do."""
        shown = self._shown
        if shown.change != self._change or len(shown.lines) < self._counted:
            self._begin()
        if shown.gone != self._gone:
            self._shift(shown.gone - self._gone)
        if self._way is None:
            if self._counted == len(shown.lines):
                return False
            self._way = shown.lines.matching(self._needle, self._counted, 1)
        try:
            found = next(self._way)
        except StopIteration:
            self._way = None
            self._counted = len(shown.lines)
        else:
            if found is not None:
                self._hits.append(found)
        return True

    def _shift(self, gone: int) -> None:
        """So many lines left at the front."""
        self._gone += gone
        self._hits = array("q", (hit - gone for hit in self._hits if hit >= gone))
        self._counted = max(0, self._counted - gone)
        if self._way is not None:
            self._way = None
            self._counted = self._hits[-1] + 1 if self._hits else 0


def way(shown: "SearchedLines", needle: Needle, place: int, step: int) -> Way:
    """The lines with a match from one on; it ends where others are shown."""
    lines, change = shown.lines, shown.change
    for found in lines.search(needle, place, step):
        if shown.change != change:
            return
        yield found


class SearchedLines(SearchPane):
    """A list of lines as a search sees it."""

    lines: Lines
    cursor: int
    follow: bool
    change = 0
    """Another number where other lines are shown than before, or in another order."""
    gone = 0
    """Lines that left at the front so far."""
    _known: int
    _top: int
    _needle: Needle | None = None
    """What is marked."""
    _seeking: Way | None = None
    """The way to the first match, while it is to be brought into view."""

    def grown(self, *, gone: int = 0) -> None:
        """The lines changed in number."""
        raise NotImplementedError

    def select(self, index: int) -> None:
        """Put the cursor on a line and let it be seen."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw all lines in view again."""
        raise NotImplementedError

    def _scroll_top(self, top: int) -> None:
        raise NotImplementedError

    def _watch_work(self) -> None:
        raise NotImplementedError

    def search_places(self) -> tuple[int, int] | None:
        return (0, len(self.lines) - 1) if len(self.lines) else None

    def search_here(self) -> int | None:
        return self.cursor if self.cursor < len(self.lines) else None

    def search_beside(self, place: int, step: int) -> int | None:
        return place + step if 0 <= place + step < len(self.lines) else None

    def search_from(self, needle: Needle, place: int, step: int) -> Way:
        return way(self, needle, place, step)

    def search_tally(self, needle: Needle) -> LineTally:
        return LineTally(self, needle)

    def search_go(self, place: int) -> None:
        self.follow = False
        if len(self.lines) != self._known:
            # What was found had been folded away.
            self.change += 1
            self.grown()
        self.select(place)

    def search_keep(self) -> object:
        return self.cursor, self._top, self.follow, self.change

    def search_restore(self, kept: object) -> None:
        cursor, top, follow, change = cast("tuple[int, int, bool, int]", kept)
        if change != self.change or (cursor, top) == (self.cursor, self._top):
            return
        self.follow = follow
        self._scroll_top(top)
        self.select(cursor)

    def search_mark(self, needle: Needle | None) -> None:
        scope = next((each for each in self.ancestors if isinstance(each, SearchScope)), None)
        others = (
            [] if scope is None else [each for each in scope.query(SearchedLines) if each != self]
        )
        self.mark(needle)
        for other in others:
            other.mark(needle)
            other._seek()

    def mark(self, needle: Needle | None) -> None:
        """Underline the matches from now on, or no more."""
        if needle != self._needle:
            self._needle, self._seeking = needle, None
            self.repaint()

    def _marked(self, index: int, cells: Cells, look: Look, *, current: bool) -> Cells:
        """The cells with the matches in them underlined; with a glyph before them where the match
        is not to be seen."""
        needle = self._needle
        assert needle is not None
        spans, unseen = marks_of(self.lines, index, cells, needle)
        if unseen and not current:
            return with_glyph(cells, look.glyphs.match, look.accent)
        return marked(cells, spans, look, current=current) if spans else cells

    def _seek(self) -> None:
        """Bring the first match into view, in lines that are shown beside those that are
        searched."""
        self._seeking = None
        if self._needle is not None and self.has_class("-content") and not self.has_focus:
            self._seeking = self.lines.matching(self._needle, 0, 1)
            self._watch_work()

    def _seek_on(self) -> bool:
        """Look on for the first match; whether there is more to look through."""
        end = time.perf_counter_ns() + _SEEK_NS
        try:
            while self._seeking is not None and time.perf_counter_ns() < end:
                found = next(self._seeking)
                if found is not None:
                    self._seeking = None
                    self.select(found)
        except (StopIteration, NeedleError):
            self._seeking = None
        return self._seeking is not None
