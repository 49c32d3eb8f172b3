"""The screen of a comparison: what differs between two exchanges, section by section."""

import time
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from asgitrace.store.model import Exchange
from asgitrace.tui.commands import bind
from asgitrace.tui.compare.sides import Sides
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import Hint, HintBar
from asgitrace.tui.overviews.statistics_top import TopLine
from asgitrace.views.compare import CompareLines, Comparison
from asgitrace.views.compare.model import EventRow
from asgitrace.views.lines import clean_text
from asgitrace.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from asgitrace.tui.feed import Feed
    from asgitrace.views.look import Look

_TICK: Final = 1 / 30
_BUDGET_NS: Final = 10_000_000
"""How long the comparison goes on before the screen has its turn."""
_LOOKS_AHEAD: Final = 50
"""Portions of lines that are made at once to find a line again."""
_VIEWS: Final = ("everything", "differences")
_TABS: Final = {
    "Request body": "body",
    "Response body": "body",
    "Events": "timeline",
}
"""Where in the detail the rows of a section are found; the others are among the headers."""


class Jump(NamedTuple):
    """Where to go from here."""

    number: int
    tab: str
    event: int | None


class CompareScreen(Screen[Jump | None]):
    """Returns where to go, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back", "back"),
        bind("close", "back"),
        bind("compare", "again"),
        bind("compare-only"),
        bind("compare-side"),
        bind("next-error", "difference(1)"),
        bind("previous-error", "difference(-1)"),
        bind("copy"),
        bind("quit", "app.quit"),
    ]

    def __init__(
        self,
        feed: "Feed",
        clock: "Callable[[], int]",
        look: "Callable[[], Look]",
        numbers: tuple[int, int],
    ) -> None:
        super().__init__()
        self._feed = feed
        self._clock = clock
        self._numbers = numbers
        self._lines: CompareLines | None = None
        self._side = 1
        """The one that is gone to: 0 or 1."""
        left, right = numbers
        self._bar = TopLine(look, f"Compare #{left} with #{right}", _VIEWS)
        self._sides = Sides(look)
        self._list = LineList(empty="They are being read \u2026", id="comparison")
        self._hints = HintBar(look)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._sides
        yield self._list
        yield self._hints

    def on_mount(self) -> None:
        self._sides.choose(self._side)
        self._tell_keys()
        self._list.focus()
        self.tick()
        self.set_interval(_TICK, self.tick)

    # Comparing

    def tick(self) -> None:
        """Go on reading, then comparing."""
        if self._lines is None:
            self._begin()
            return
        comparison = self._lines.comparison
        if comparison.done:
            return
        end = time.perf_counter_ns() + _BUDGET_NS
        while time.perf_counter_ns() < end and comparison.work():
            pass
        if self._lines.work():
            self._list.grown()
        else:
            self._list.repaint()
        self._tell()

    def _begin(self) -> None:
        """Compare them as they are now, once all of both is read."""
        found = [self._fetch(number) for number in self._numbers]
        left, right = found
        if left is None or right is None:
            gone = self._numbers[0 if left is None else 1]
            self._list.empty = f"#{gone} is no longer kept."
            self._list.repaint()
            return
        self._sides.show((left.row, right.row))
        if not (left.whole and right.whole):
            self._bar.say("reading \u2026")
            return
        only = self._bar.chosen == 1
        self._lines = CompareLines(Comparison(left, right))
        self._lines.only = only
        self._list.show_lines(self._lines)
        self.tick()

    def _fetch(self, number: int) -> Exchange | None:
        try:
            return self._feed.store.exchange(number, self._feed.moment(self._clock()))
        except KeyError:
            return None

    def _tell(self) -> None:
        if self._lines is None:
            return
        comparison = self._lines.comparison
        count = comparison.differences
        words = counted(count, "difference") if count else "no difference"
        if not comparison.done:
            words = f"{words} so far \u2026" if count else "comparing \u2026"
        self._bar.say(words)

    # What the keys do

    def _tell_keys(self) -> None:
        keys: tuple[Hint, ...] = (
            ("back", "back", "back"),
            ("choose", f"open #{self._numbers[self._side]}", "open"),
            ("compare-side", "the other", "other_one"),
            ("compare-only", "all, differences", "only_differences"),
            ("next-error", "next difference", "difference(1)"),
            ("fold", "fold", "focused.fold"),
            ("search", "search", "focused.search"),
            ("copy", "copy", "copy"),
        )
        self._hints.show_keys(keys)

    def action_back(self) -> None:
        self.dismiss(None)

    def action_again(self) -> None:
        """Compare them anew, as they are by now."""
        self._lines = None
        self.tick()

    def action_only_differences(self) -> None:
        """Show only what differs, or everything; the cursor stays near what it is on."""
        self._choose(1 - self._bar.chosen)

    @on(TopLine.Chosen)
    def _chosen_by_mouse(self, message: TopLine.Chosen) -> None:
        message.stop()
        if message.index != self._bar.chosen:
            self._choose(message.index)

    def _choose(self, view: int) -> None:
        self._bar.choose(view)
        lines, index = self._lines, self._list.current
        if lines is None:
            return
        place = None if index is None else lines.place(index)
        lines.show_only(view == 1)
        for _ in range(_LOOKS_AHEAD):
            if lines.reaches(place) or not lines.work():
                break
        self._list.show_lines(lines)
        self._list.select(lines.nearest(place))

    def action_other_one(self) -> None:
        """Go to the other of the two from now on."""
        self._side = 1 - self._side
        self._sides.choose(self._side)
        self._tell_keys()

    def action_difference(self, step: int) -> None:
        """The next difference, or the one before."""
        index, lines = self._list.current, self._lines
        found = None if lines is None or index is None else lines.difference(index, step)
        if found is None:
            there = lines is not None and lines.comparison.differences
            words = (
                f"no difference {'below' if step > 0 else 'above'}" if there else "no difference"
            )
            self._hints.say(words[:1].upper() + words[1:])
        else:
            self._list.select(found)

    def action_copy(self) -> None:
        text = self._list.copy_text()
        if not text:
            self._hints.say("There is nothing to copy on this line")
            return
        self.app.copy_to_clipboard(clean_text(text))
        self._hints.say("Copied")

    @on(LineList.Chosen)
    def _line_chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        self.action_open()

    def action_open(self) -> None:
        """Show in the detail what the line under the cursor is about."""
        lines, index = self._lines, self._list.current
        if lines is None or index is None:
            self._hints.say("There is nothing to open yet")
            return
        tab = _TABS.get(lines.subject(index), "headers")
        row = lines.row(index)
        side, event = self._side, None
        if isinstance(row, EventRow):
            found = (row.left, row.right)[side]
            if found is None:
                side = 1 - side
                found = row.left or row.right
            event = None if found is None else found.index
        self.dismiss(Jump(self._numbers[side], tab, event))
