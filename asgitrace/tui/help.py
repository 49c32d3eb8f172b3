"""The help screen: keys by subject, glyphs, colours, and what the waterfall means."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen

from asgitrace.tui.boxes import is_beside
from asgitrace.tui.commands import ALL, Subject, bind
from asgitrace.tui.help_section import HelpLine, HelpSection
from asgitrace.tui.keymap import Keymap, keymap_of
from asgitrace.views.gaps import gap_mark
from asgitrace.views.look import Look
from asgitrace.views.waterfall import PARTS

_PART_HELP: Final = {
    "app": "the app's own code, and what it awaited",
    "client": "the app waited in receive()",
    "backpressure": "the app waited in send()",
    "after": "after the end of the response",
}
_SCALE: Final = (
    "the whole duration, on a logarithmic scale from 100 µs to 10 s: tenfold is a fifth longer"
)
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


def status_lines(look: Look) -> Iterator[HelpLine]:
    """What the glyphs beside a status mean."""
    glyphs = look.glyphs
    yield HelpLine(glyphs.pending, look.accent, "still open")
    yield HelpLine(glyphs.raised, look.bad, "the app raised")
    yield HelpLine(glyphs.left, look.dim, f"the client left; {glyphs.raised} in the list")
    yield HelpLine(glyphs.cancelled, look.warn, "the app was cancelled")
    yield HelpLine(glyphs.lost, look.bad, "its process ended first")
    yield HelpLine(glyphs.refused, look.bad, "refused by the server; app not called")
    yield HelpLine(glyphs.alert, look.warn, "error status, bad close code, no response")


def ladder_lines(look: Look) -> Iterator[HelpLine]:
    """What the glyphs of the ladder mean."""
    glyphs = look.glyphs
    yield HelpLine(glyphs.knot, look.text, "one step on both sides of the server")
    yield HelpLine(glyphs.edge, look.bad, "the server: error, refusal, time-out")
    yield HelpLine(_held(look), look.warn, "waits in the server: from, on, until")
    yield HelpLine("since", look.dim, "after the line above, from 1 ms on")
    yield HelpLine(_gaps(look), look.dim, "the same, drawn: the fuller, the longer")
    yield HelpLine("more last", look.dim, "parts: more of them follow, or none")
    yield HelpLine(glyphs.differs, look.dim, "differs, as it may: header added")
    yield HelpLine(glyphs.alert, look.warn, "lost, late or never sent: look at it")


def _held(look: Look) -> str:
    glyphs = look.glyphs
    return " ".join(dict.fromkeys((glyphs.holds, glyphs.held, glyphs.lets_go)))


def _gaps(look: Look) -> str:
    """The marks of ever longer gaps."""
    marks = (gap_mark(10**exponent, look) for exponent in (7, 8, 9, 11))
    return " ".join(dict.fromkeys(marks))


def time_lines(look: Look) -> Iterator[HelpLine]:
    """What the parts of the waterfall mean."""
    for name in PARTS:
        glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
        yield HelpLine(f"{glyph * 2} {name}", getattr(look, name), _PART_HELP[name])
    yield HelpLine("length", look.text, _SCALE)


class HelpScreen(ModalScreen[str | None]):
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

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look()

    def compose(self) -> ComposeResult:
        look = self._look
        with VerticalScroll(id="help-box"), Horizontal(id="help-columns"):
            with Vertical(classes="help-column"):
                yield from self._keys(_LEFT)
            with Vertical(classes="help-column"):
                yield from self._keys(_RIGHT)
                yield HelpSection("Status", status_lines(look), look)
                yield HelpSection("Where the time went", time_lines(look), look)
                yield HelpSection("Ladder", ladder_lines(look), look)

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
