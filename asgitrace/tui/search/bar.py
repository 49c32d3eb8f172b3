"""The line in which one types what is searched for in a pane.

It stands there as long as the search is on: while one types, each match is gone to at once; then n
and N go from one to the next.
"""

from functools import partial
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from asgitrace.settings import State
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.filter.history import History
from asgitrace.tui.hints import Hint, HintBar
from asgitrace.tui.keymap import keymap_of
from asgitrace.tui.line_input import LineInput
from asgitrace.tui.search.count import SearchCount
from asgitrace.tui.search.hunt import Hunt
from asgitrace.tui.search.pane import SearchPane
from asgitrace.views.look import ASCII
from asgitrace.views.needle import LONGEST, Needle, NeedleError

_TICK: Final = 1 / 30
_WIDE: Final = 100
"""From this width on there is room for the keys."""

KEYS: Final[tuple[Hint, ...]] = (
    ("enter", "keep", "search_key('enter')"),
    ("esc", "back to where it began", "search_key('dismiss')"),
    ("tab", "next match", "search_key('step')"),
    ("\u2191\u2193", "history", ""),
    ("/re/", "regular expression", ""),
)
"""What the keys do in the bar."""


@runtime_checkable
class HasState(Protocol):
    """An app that keeps what was searched for."""

    state: State


def searches(app: object) -> list[str]:
    """What was searched for, the newest first, as every pane and screen shares it."""
    return app.state.searches if isinstance(app, HasState) else []


class SearchBar(Horizontal):
    """The line, and beside it what came of it."""

    DEFAULT_CSS = """
    SearchBar { display: none; height: 1; background: $panel; }
    SearchBar > #search-mark { width: auto; padding: 0 1; color: $accent; }
    SearchBar > #search-input { width: 1fr; background: $panel; }
    SearchBar > #search-input:focus { background-tint: transparent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the line has them: what it would do with them comes later than what is typed next.
        Binding("enter", "enter", "Keep the search", show=False, priority=True),
        Binding("escape", "dismiss", "Search no more", show=False, priority=True),
        Binding("tab", "step(1)", "Next match", show=False, priority=True),
        Binding("shift+tab", "step(-1)", "Previous match", show=False, priority=True),
        Binding("up", "older", "Older", show=False, priority=True),
        Binding("down", "newer", "Newer", show=False, priority=True),
    ]

    class FocusChanged(Message):
        """The bar got the keys, or gave them away."""

    def __init__(self) -> None:
        super().__init__()
        self._hunt: Hunt | None = None
        self._read_text = ""
        self._wrong = ""
        """Why what stands in the line cannot be searched for."""
        look = partial(look_of, self)
        self._input = LineInput(
            placeholder="text, or /regular expression/",
            compact=True,
            select_on_focus=False,
            max_length=LONGEST,
            id="search-input",
        )
        self._told = SearchCount(look)

    @classmethod
    def open_on(cls, screen: Screen[Any], pane: SearchPane) -> None:
        """Open the bar of a screen, which gets one where it has none."""
        bar = next(iter(screen.query(cls)), None)
        if bar is not None:
            bar.open(pane)
            return
        bar = cls()
        hints = next(iter(screen.query(HintBar)), None)
        screen.mount(bar, before=hints) if hints is not None else screen.mount(bar)
        bar.call_after_refresh(bar.open, pane)

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False, id="search-mark")
        yield self._input
        yield self._told

    def on_mount(self) -> None:
        self.history = History(searches(self.app))
        self._timer = self.set_interval(_TICK, self.tick, pause=True)

    # What is shown

    @property
    def on(self) -> bool:
        """Whether there is a search."""
        return self._hunt is not None

    @property
    def typing(self) -> bool:
        """Whether the bar has the keys."""
        return self.is_mounted and self.screen.focused is self._input

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._input.value

    @property
    def count(self) -> str:
        """What came of it, as it is shown."""
        return self._told.text

    @property
    def pane(self) -> SearchPane | None:
        """Where is searched."""
        return None if self._hunt is None else self._hunt.pane

    @property
    def needle(self) -> Needle | None:
        """What is searched for."""
        return None if self._hunt is None else self._hunt.needle

    def open(self, pane: SearchPane) -> None:
        """Take the keys at once, for a search in this pane."""
        self._leave_pane()
        self._hunt = Hunt(pane)
        self._put("")
        self.display = True
        self._timer.resume()
        # Not `focus()`: that waits its turn, and what is typed meanwhile would go elsewhere.
        self.screen.set_focus(self._input, scroll_visible=False)
        self._tell()
        self.post_message(self.FocusChanged())

    def show(self, pane: SearchPane, needle: Needle, *, moves: bool) -> None:
        """Have a search on that somebody else began; ``moves``: and go to the first match."""
        self._leave_pane()
        self._hunt = Hunt(pane)
        self._put(needle.typed)
        self.display = True
        self._timer.resume()
        if moves:
            self._hunt.look_for(needle, patient=True)
        else:
            self._hunt.aim(needle)
        self._tell()

    def go_on(self, pane: SearchPane, step: int) -> None:
        """The next match, or the one before, in this pane."""
        hunt = self._hunt
        if hunt is None:
            return
        if hunt.pane is not pane:
            needle = hunt.needle
            self._leave_pane()
            self._hunt = hunt = Hunt(pane)
            hunt.aim(needle)
        hunt.go(step)
        self._timer.resume()
        self._tell()

    def end(self) -> None:
        """Search no more; the cursor stays where it is."""
        if self.typing and self._hunt is not None:
            self.screen.set_focus(self._hunt.pane, scroll_visible=False)
        self._leave_pane()
        self.display = False
        self._timer.pause()
        self.post_message(self.FocusChanged())

    def _leave_pane(self) -> None:
        hunt, self._hunt = self._hunt, None
        if hunt is not None and hunt.pane.is_attached:
            hunt.pane.search_mark(None)

    def tick(self) -> None:
        """Read what was typed, and go on."""
        hunt = self._hunt
        if hunt is None:
            self._timer.pause()
            return
        if self.typing:
            self._read()
        hunt.work()
        self._tell()

    def _put(self, text: str) -> None:
        self._input.put(text)
        self._read_text, self._wrong = self._input.value, ""

    def _read(self) -> None:
        """Search for what stands in the line, if that is something else than before."""
        text = self._input.value
        if text == self._read_text or self._hunt is None:
            return
        self._read_text = text
        self.history.rest()
        self._search(text)

    def _search(self, text: str) -> None:
        self._wrong = ""
        needle = None
        try:
            needle = Needle(text) if text else None
        except NeedleError as error:
            self._wrong = str(error)
        if self._hunt is not None:
            self._hunt.look_for(needle)
        self._tell()

    def _tell(self) -> None:
        hunt = self._hunt
        if hunt is None:
            return
        note = hunt.note
        wrong = self._wrong or hunt.failure
        count = hunt.count
        text = f"{note}   {count}" if note and count else note or count
        keys = "" if self.typing or self.size.width < _WIDE else self._keys()
        self._told.show(wrong or f"{keys}{text}", wrong=bool(wrong) or count == "no match")

    def _keys(self) -> str:
        """How to go on, where there is room for it."""
        keymap = keymap_of(self)
        names = (("next-error", "next"), ("previous-error", "previous"), ("back", "ends it"))
        plain = look_of(self).glyphs is ASCII
        shown = ((keymap.first(name, plain=plain), word) for name, word in names)
        return "".join(f"{key} {word}   " for key, word in shown if key)

    # What the keys do

    def key(self, name: str) -> None:
        """Do what a key of the bar does, for a click on its hint."""
        if self.typing:
            getattr(self, f"action_{name}")()

    def action_enter(self) -> None:
        """Keep the search, and give the keys back; with nothing typed, the last one again."""
        self._read()
        newest = self.history.newest
        if not self._input.value and newest:
            self._put(newest)
            self._search(newest)
        hunt = self._hunt
        if hunt is None or hunt.needle is None:
            if not self._wrong:
                self.end()
            return
        self.history.add(self._input.value)
        self.screen.set_focus(hunt.pane, scroll_visible=False)
        self.post_message(self.FocusChanged())

    def action_dismiss(self) -> None:
        """Back to where the search began."""
        if self._hunt is not None:
            self._hunt.back()
        self.end()

    def action_step(self, step: int = 1) -> None:
        """The next match while typing."""
        self._read()
        if self._hunt is not None:
            self._hunt.go(step)
            self._tell()

    def action_older(self) -> None:
        self._read()
        self._recall(self.history.older(self._input.value))

    def action_newer(self) -> None:
        self._read()
        self._recall(self.history.newer())

    def _recall(self, text: str | None) -> None:
        if text is not None:
            self._put(text)
            self._search(text)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        self.post_message(self.FocusChanged())

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        self.post_message(self.FocusChanged())
        hunt = self._hunt
        if hunt is not None and not self.typing and hunt.needle is None:
            self.end()
