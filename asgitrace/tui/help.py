"""The help screen: keys, glyphs, colours, and what the waterfall means."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from asgitrace.tui.commands import ALL
from asgitrace.tui.keymap import Keymap, keymap_of
from asgitrace.views.arrows import gap_mark
from asgitrace.views.look import Look
from asgitrace.views.waterfall import PARTS

if TYPE_CHECKING:
    from rich.style import Style

_PART_HELP: Final = {
    "app": "the app's own code, and what it awaited",
    "client": "the app waited in receive()",
    "backpressure": "the app waited in send()",
    "after": "after the end of the response",
}
_SCALE: Final = (
    "the whole duration, on a logarithmic scale from 100 µs to 10 s: tenfold is a fifth longer"
)
_FILTER_HELP: Final = (
    ("shop post", "has both, in path, method or status"),
    ("-health", "does not have it"),
    ("404 4xx 1xxx", "status, class of status, close codes"),
)

_Line = tuple[str, "Style", str]


def key_lines(look: Look, keymap: Keymap) -> Iterator[_Line]:
    """What the keys do."""
    for command in ALL:
        yield keymap.shown(command.name), look.accent, command.help


def status_lines(look: Look) -> Iterator[_Line]:
    """What the glyphs beside a status mean."""
    glyphs = look.glyphs
    yield glyphs.pending, look.accent, "still open"
    yield glyphs.raised, look.bad, "the app raised"
    yield (
        glyphs.left,
        look.dim,
        f"the client left; {glyphs.raised} in the list",
    )
    yield glyphs.cancelled, look.warn, "the app was cancelled"
    yield glyphs.lost, look.bad, "its process ended first"
    yield glyphs.refused, look.bad, "refused by the server; app not called"
    yield glyphs.alert, look.warn, "error status, bad close code, no response"


def ladder_lines(look: Look) -> Iterator[_Line]:
    """What the glyphs of the ladder mean."""
    glyphs = look.glyphs
    yield glyphs.knot, look.text, "one step on both sides of the server"
    yield glyphs.edge, look.bad, "the server: error, refusal, time-out"
    yield _held(look), look.warn, "waits in the server: from, on, until"
    yield "since", look.dim, "after the line above, from 1 ms on"
    yield _gaps(look), look.dim, "the same, drawn: the fuller, the longer"
    yield "more last", look.dim, "parts: more of them follow, or none"
    yield glyphs.differs, look.dim, "differs, as it may: header added"
    yield glyphs.alert, look.warn, "lost, late or never sent: look at it"


def _held(look: Look) -> str:
    glyphs = look.glyphs
    return " ".join(dict.fromkeys((glyphs.holds, glyphs.held, glyphs.lets_go)))


def _gaps(look: Look) -> str:
    """The marks of ever longer gaps."""
    marks = (gap_mark(10**exponent, look) for exponent in (7, 8, 9, 11))
    return " ".join(dict.fromkeys(marks))


def time_lines(look: Look) -> Iterator[_Line]:
    """What the parts of the waterfall mean."""
    for name in PARTS:
        glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
        yield f"{glyph * 2} {name}", getattr(look, name), _PART_HELP[name]
    yield "length", look.text, _SCALE


def section(title: str, lines: Iterator[_Line], look: Look) -> Table:
    """Lines under a heading: what in one column, why in the other."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=12)
    table.add_column()
    table.add_row(Text(title, look.strong), "")
    for what, style, why in lines:
        table.add_row(Text(what, style), Text(why, look.dim))
    table.add_row("", "")
    return table


class HelpScreen(ModalScreen[None]):
    """Scrolls where there is not room for all; any of the ways back closes it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss(None)", "Close", show=False),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def compose(self) -> ComposeResult:
        look = self._look
        filters = ((what, look.accent, why) for what, why in _FILTER_HELP)
        with VerticalScroll(id="help-box"), Horizontal(id="help-columns"):
            with Vertical(classes="help-column"):
                yield Static(section("Keys", key_lines(look, keymap_of(self)), look))
                yield Static(section("Filter", filters, look))
            with Vertical(classes="help-column"):
                yield Static(section("Status", status_lines(look), look))
                yield Static(section("Where the time went", time_lines(look), look))
                yield Static(section("Ladder", ladder_lines(look), look))

    def on_mount(self) -> None:
        box = self.query_one("#help-box")
        box.border_title = "Help"
        box.border_subtitle = "esc closes"
        box.focus()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-box").scroll_relative(y=lines, animate=False)
