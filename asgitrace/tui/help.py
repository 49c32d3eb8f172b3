"""The help screen: keys by subject, glyphs, colours, and what the waterfall means."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from asgitrace.tui.boxes import is_beside
from asgitrace.tui.commands import ALL, BY_NAME, Subject, bind
from asgitrace.tui.copying import TERMINAL_LIMIT
from asgitrace.tui.help_box import HelpBox
from asgitrace.tui.help_panes import ELSEWHERE, PANES, PaneHelp
from asgitrace.tui.help_section import HelpLine, HelpSection
from asgitrace.tui.help_signs import ladder_lines, status_lines, time_lines
from asgitrace.tui.hints import Hint, HintBar
from asgitrace.tui.keymap import Keymap, keymap_of
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.taking import TakesKeys
from asgitrace.views.look import Look

_FILTERS: Final = (
    ("status=5xx or exc", "server errors, and what raised"),
    ("dur>500ms -path:/health", "slow ones, but not these"),
    ("type=ws close.code=1006", "sessions whose client went away"),
)
_PALETTE_ONLY: Final = ("theme-", "layout-")
"""Commands of these kinds are told by the one that goes through them."""
_LEFT: Final = (
    Subject.MOVING, Subject.FILTER, Subject.SEARCH, Subject.LIST, Subject.MARKS, Subject.OVERVIEW,
)  # fmt: skip
_RIGHT: Final = (Subject.DETAIL, Subject.SCREEN, Subject.APP)


def key_lines(subject: Subject, look: Look, keymap: Keymap, *, plain: bool) -> Iterator[HelpLine]:
    """What the keys do that are about a subject; a click does it too."""
    for command in ALL:
        if command.subject is not subject or command.name.startswith(_PALETTE_ONLY):
            continue
        keys = keymap.shown(command.name, plain=plain)
        if keys:
            yield HelpLine(keys, look.accent, command.help, command.name)
        else:
            palette = f"{keymap.first('palette', plain=plain)} {command.label}"
            yield HelpLine(palette, look.dim, command.help, command.name)


def filter_lines(look: Look) -> Iterator[HelpLine]:
    """A taste of the language of filters."""
    for example, words in _FILTERS:
        yield HelpLine(example, look.notice, words)


def copy_lines(look: Look) -> Iterator[HelpLine]:
    """What is to be known of the clipboard."""
    yield HelpLine("OSC 52", look.text, "asks the terminal to take it; whether it did is not told")
    yield HelpLine("limit", look.text, f"{TERMINAL_LIMIT // 1000} kB; more goes to a file")
    yield HelpLine("in tmux", look.text, "needs: set -s set-clipboard on")
    yield HelpLine("desktop", look.text, "wl-copy, xclip, xsel or pbcopy, where one is there")


_NARROW: Final = 10
"""Cells of the signs and keys of a pane, at least."""
_TITLES: Final = {pane.title for pane in PANES.values()}
_SIGNS: Final = (
    ("Status", status_lines),
    ("Where the time went", time_lines),
    ("Ladder", ladder_lines),
)


def _here(words: str) -> str:
    """What a command does, without the pane in which it does so."""
    place, colon, rest = words.partition(": ")
    told = colon and {part.capitalize() for part in place.split(", ")} & _TITLES
    return rest[:1].upper() + rest[1:] if told else words


def help_of(screen: Screen[Any], look: Callable[[], Look], tab: str = "") -> "HelpScreen":
    """The help of a screen, or of a tab of the detail; ``tab`` is its name."""
    pane = PANES.get(tab or type(screen).__name__, ELSEWHERE)
    bars = screen.query(HintBar)
    hints = bars.first().shown if bars and not pane.commands else ()
    return HelpScreen(look, pane, hints)


class HelpScreen(TakesKeys, ModalScreen[str | None]):
    """Scrolls where there is not room for all; any of the ways back closes it. Returns the name of
    the command whose line was clicked."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        *(bind(name, "dismiss(None)") for name in ("back", "close", "help")),
        Binding("enter", "dismiss(None)", "Close", show=False),
        bind("down", "scroll(1)"),
        bind("up", "scroll(-1)"),
        bind("page-down", "page(1)"),
        bind("page-up", "page(-1)"),
        bind("first", "end(-1)"),
        bind("last", "end(1)"),
    ]

    def __init__(
        self, look: Callable[[], Look], pane: PaneHelp = ELSEWHERE, hints: Sequence[Hint] = ()
    ) -> None:
        """``pane`` is what the user is in; ``hints`` its keys, where its help does not tell
        them."""
        super().__init__()
        self._look = look()
        self._pane = pane
        self._hints = hints

    def compose(self) -> ComposeResult:
        look = self._look
        with HelpBox(id="help-box"):
            with Vertical(id="help-pane"):
                yield Static(Content.styled(self._pane.title, "bold"))
                yield Static(Content(self._pane.about), id="help-about")
                with Horizontal(classes="help-columns"):
                    with Vertical(classes="help-column"):
                        yield HelpSection("Keys here", self._keys_here(), look, least=_NARROW)
                    with Vertical(classes="help-column"):
                        for heading, signs in self._pane.signs:
                            yield HelpSection(heading, signs(look), look, least=_NARROW)
            if not self._pane.alone:
                yield from self._elsewhere()
        yield SearchBar()

    def _elsewhere(self) -> ComposeResult:
        """What is the same for all panes."""
        with Horizontal(classes="help-columns"):
            with Vertical(classes="help-column"):
                yield from self._keys(_LEFT)
            with Vertical(classes="help-column"):
                yield from self._keys(_RIGHT)
                yield from self._other_signs()
                yield HelpSection("The clipboard", copy_lines(self._look), self._look)

    def _keys_here(self) -> Iterator[HelpLine]:
        look, keymap, plain = self._look, keymap_of(self), self._look.glyphs.cursor.isascii()
        for name in self._pane.commands:
            keys = keymap.shown(name, plain=plain)
            if keys:
                yield HelpLine(keys, look.accent, _here(BY_NAME[name].help), name)
        for key, label, _ in self._hints:
            yield HelpLine(key, look.accent, label)

    def _other_signs(self) -> Iterator[HelpSection]:
        """Those that the pane does not have."""
        told = {heading for heading, _ in self._pane.signs}
        for heading, signs in _SIGNS:
            if heading not in told:
                yield HelpSection(heading, signs(self._look), self._look)

    def _keys(self, subjects: tuple[Subject, ...]) -> Iterator[HelpSection]:
        look, keymap, plain = self._look, keymap_of(self), self._look.glyphs.cursor.isascii()
        for subject in subjects:
            lines = [*key_lines(subject, look, keymap, plain=plain)]
            if lines:
                yield HelpSection(subject.value, lines, look)
            if subject is Subject.FILTER:
                yield HelpSection("Filters, for example", filter_lines(look), look)

    def on_mount(self) -> None:
        box = self.query_one("#help-box")
        box.border_title = "Help"
        box.border_subtitle = "a click does it   esc closes"
        box.focus()

    def on_click(self, event: events.Click) -> None:
        if is_beside(event, self, self.query_one("#help-box")):
            self.dismiss(None)

    @on(HelpSection.Chosen)
    def _chosen(self, message: HelpSection.Chosen) -> None:
        self.dismiss(message.command)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-box").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        box = self.query_one("#help-box")
        box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)

    def action_end(self, direction: int) -> None:
        box = self.query_one("#help-box")
        if direction < 0:
            box.scroll_home(animate=False)
        else:
            box.scroll_end(animate=False)
