"""The screen of a search in all exchanges: a line to type in, and what was found."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from asgitrace.store.model import Row
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.filter.history import History
from asgitrace.tui.hints import HintBar
from asgitrace.tui.line_input import LineInput
from asgitrace.tui.search.bar import SearchBar, searches
from asgitrace.tui.search.count import SearchCount
from asgitrace.tui.search.inquiry import Inquiry
from asgitrace.tui.search.options import KEYS, OptionLine, switch
from asgitrace.tui.taking import TakesKeys
from asgitrace.views.lines import NoLines
from asgitrace.views.needle import LONGEST, Needle
from asgitrace.views.occurrences.lines import ResultLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from asgitrace.views.look import Look

_TICK: Final = 1 / 30
_BEGIN: Final = "Type what to look for in all exchanges, and press enter."
_NOTHING: Final = "It is nowhere in what was searched."
_TYPING: Final = (
    ("enter", "search", "enter"),
    ("esc", "back", "back"),
    ("\u2191\u2193", "history", ""),
    ("tab", "what was found, options", "other"),
)
_LOOKING: Final = (
    ("enter", "go there", "go"),
    ("back", "back", "back"),
    ("tab", "type", "other"),
    ("1-7", "what, and how", ""),
    ("r", "search again", "again"),
    ("copy", "copy", "copy"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to go."""

    number: int
    """Of the row; 0 for the log."""
    tab: str = ""
    event: int | None = None
    text: Needle | None = None


class EverywhereScreen(TakesKeys, Screen[Target | None]):
    """Returns what is to be gone to, or None."""

    DEFAULT_CSS = """
    #everywhere-line { height: 1; background: $panel; }
    #everywhere-mark { width: auto; padding: 0 1; color: $accent; }
    #everywhere-input { width: 1fr; background: $panel; }
    #everywhere-input:focus { background-tint: transparent; }
    #everywhere-line > SearchCount { width: 4fr; max-width: 100; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back"),
        bind("everywhere", "back"),
        bind("copy"),
        bind("quit", "app.quit"),
        Binding("tab,shift+tab", "other", "Type, or look", show=False, priority=True),
        Binding("r", "again", "Search again", show=False),
        *(Binding(key, f"switch('{key}')", "An option", show=False) for key in KEYS),
    ]

    def __init__(
        self, inquiry: Inquiry, moment: "Callable[[], int]", look: "Callable[[], Look]"
    ) -> None:
        """``moment``: up to when open exchanges last, monotonic ns."""
        super().__init__()
        self._inquiry = inquiry
        self._moment = moment
        self._lines: ResultLines | None = None
        self._input = EverywhereInput(
            inquiry.typed,
            placeholder="a token, a name, /a regular expression/",
            compact=True,
            select_on_focus=False,
            max_length=LONGEST,
            id="everywhere-input",
        )
        self._told = SearchCount(look)
        self._options = OptionLine(inquiry, look)
        self._list = LineList(empty=_BEGIN, id="everywhere")
        self._hints = HintBar(look)

    def compose(self) -> ComposeResult:
        with Horizontal(id="everywhere-line"):
            yield Static("search all", markup=False, id="everywhere-mark")
            yield self._input
            yield self._told
        yield self._options
        yield self._list
        yield SearchBar()
        yield self._hints

    def on_mount(self) -> None:
        self.history = History(searches(self.app))
        self.set_interval(_TICK, self.tick)
        inquiry = self._inquiry
        if inquiry.sweep is None:
            self._input.focus()
        else:
            cursor = inquiry.cursor
            self._show_results()
            self._list.select(cursor)
            self._list.focus()
        self.tick()

    def on_unmount(self) -> None:
        self._inquiry.rest()

    # What is shown

    def tick(self) -> None:
        """Search on, and show what came of it."""
        inquiry = self._inquiry
        inquiry.work()
        if self._lines is not None and self._lines.update():
            self._list.grown()
        self._tell()

    def _show_results(self) -> None:
        sweep = self._inquiry.sweep
        self._lines = None if sweep is None else ResultLines(sweep, self._row)
        self._list.show_lines(NoLines() if self._lines is None else self._lines)

    def _row(self, number: int) -> Row | None:
        try:
            return self._inquiry.store.row(number, self._moment())
        except KeyError:
            return None

    def _tell(self) -> None:
        inquiry, sweep = self._inquiry, self._inquiry.sweep
        groups = 0 if self._lines is None else self._lines.groups
        wrong = bool(inquiry.wrong or (sweep is not None and sweep.failure))
        self._told.show(inquiry.told(groups), wrong=wrong)
        answer = "Searching \u2026" if inquiry.running else _NOTHING
        empty = _BEGIN if sweep is None else answer
        if empty != self._list.empty:
            self._list.empty = empty
            self._list.repaint()
        self._hints.show_keys(_TYPING if self._input.has_focus else _LOOKING)

    # What the keys do

    def action_enter(self) -> None:
        """Search for what is typed."""
        inquiry = self._inquiry
        inquiry.typed = self._input.value
        self.history.add(inquiry.typed)
        self._begin()
        if inquiry.sweep is not None:
            self.set_focus(self._list)

    def _begin(self) -> None:
        self._inquiry.begin(self._moment())
        self._show_results()
        self.tick()

    def action_again(self) -> None:
        """Search for the same once more, in what came meanwhile too."""
        self._begin()

    def action_switch(self, key: str) -> None:
        """Switch an option; what was searched for is searched for again."""
        switch(self._inquiry, key)
        self._options.refresh()
        if self._inquiry.typed:
            self._begin()

    @on(OptionLine.Switched)
    def _switched(self, message: OptionLine.Switched) -> None:
        self.action_switch(message.key)

    def action_recall(self, step: int) -> None:
        """A search before, or behind."""
        history, shown = self.history, self._input.value
        found = history.older(shown) if step < 0 else history.newer()
        if found is not None:
            self._input.put(found)

    def action_other(self) -> None:
        """Between the line and what was found."""
        self.set_focus(self._list if self._input.has_focus else self._input)
        self._tell()

    def action_back(self) -> None:
        """Stop the search; or if there is none, leave."""
        if self._inquiry.running:
            self._inquiry.stop()
            self.tick()
            return
        self._inquiry.cursor = self._list.cursor
        self.dismiss(None)

    def action_copy(self) -> None:
        """The line under the cursor, into the clipboard."""
        text = self._list.copy_text()
        if text is None:
            self._hints.say("Nothing is selected")
            return
        self.app.copy_to_clipboard(text)
        self._hints.say("Copied")

    def action_go(self) -> None:
        """Go to what is under the cursor."""
        lines, index, sweep = self._lines, self._list.current, self._inquiry.sweep
        if lines is None or index is None or sweep is None:
            return
        self._inquiry.cursor = index
        found, number = lines.occurrence(index), lines.number(index)
        if number and self._row(number) is None:
            self._hints.say(f"#{number} is no longer kept")
            return
        needle = sweep.query.needle
        if found is None:
            self.dismiss(Target(number, "" if number else "log", None, needle))
        else:
            self.dismiss(Target(number, found.tab, found.event, needle))

    @on(LineList.Chosen)
    def _chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        self.action_go()


class EverywhereInput(LineInput):
    """The line in which one types what to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.enter", "Search", show=False, priority=True),
        Binding("up", "screen.recall(-1)", "Older", show=False, priority=True),
        Binding("down", "screen.recall(1)", "Newer", show=False, priority=True),
        Binding("escape", "screen.back", "Back", show=False, priority=True),
    ]
