"""The menu of what an exchange can be taken out as, with the start of what that gives."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from asgitrace.tui.boxes import is_beside
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

_PREVIEW_LINES: Final = 200
_PREVIEW_WIDTH: Final = 400
_HINTS: Final = (
    ("enter", "copy", "copy"),
    ("w", "into a file", "file"),
    ("esc", "cancel", "dismiss"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the menu."""

    key: str
    name: str
    label: str
    refusal: str
    """Why it cannot be had; empty where it can."""
    make: Callable[[], Awaitable[str]]
    """The text; takes its time, and never the screen's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was chosen, and the text it gave."""

    offer: Offer
    text: str
    to_file: bool


class OfferLines(Lines):
    """The offers, those that cannot be had with the reason."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self._offers = offers

    def __len__(self) -> int:
        return len(self._offers)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        offer = self._offers[index]
        barred = bool(offer.refusal)
        return [
            Segment(f" {offer.key} ", look.faint if barred else look.accent),
            Segment(f" {offer.name:<11}", look.faint if barred else look.text),
            Segment(fit(clean(offer.refusal or offer.label), max(0, width - 15), look), look.dim),
        ]

    def text(self, index: int) -> str:
        return self._offers[index].name


class Preview(Lines):
    """The first lines of a text."""

    def __init__(self, text: str) -> None:
        lines = text[: _PREVIEW_LINES * _PREVIEW_WIDTH].split("\n", _PREVIEW_LINES)
        self._lines = [clean(line[:_PREVIEW_WIDTH]) for line in lines[:_PREVIEW_LINES]]

    def __len__(self) -> int:
        return len(self._lines)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(fit(f" {self._lines[index]}", width, look), look.dim)]

    def text(self, index: int) -> str:
        return self._lines[index]


class TakeOutMenu(ModalScreen[Taken | None]):
    """A form to copy or to write to a file, or None where that was called off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(bind(name, "dismiss(None)") for name in ("back", "close", "take-out")),
        bind("help", "app.help"),
        Binding("enter", "copy", "Copy", show=False),
        Binding("w", "file", "Into a file", show=False),
    ]

    DEFAULT_CSS = """
    TakeOutMenu { align: center middle; }
    #take-box {
        width: 84; max-width: 96%; height: 80%; max-height: 26; padding: 0 1;
        border: round $text-faint; border-title-color: $foreground; background: $background;
    }
    #take-title { height: 1; margin: 0 1 1 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #take-offers { overflow-y: hidden; }
    #take-preview { margin: 1 0; border-top: solid $panel; }
    #take-preview:focus { border-top: solid $accent; }
    """

    def __init__(self, title: str, offers: Sequence[Offer], look: Callable[[], Look]) -> None:
        super().__init__()
        self._title = clean(title)
        self._offers = offers
        self._made: dict[int, str] = {}
        self._list = LineList(id="take-offers")
        self._preview = LineList(id="take-preview")
        self._hints = HintBar(look)
        for number, offer in enumerate(offers):
            self._bindings.bind(offer.key, f"copy({number})", offer.label, show=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="take-box") as box:
            box.border_title = "Take out"
            # Not as the border's title, which would be read as markup.
            yield Static(Content(self._title), id="take-title")
            self._list.styles.height = len(self._offers)
            yield self._list
            yield self._preview
            yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys(_HINTS)
        self._list.show_lines(OfferLines(self._offers))
        first = next(at for at, offer in enumerate(self._offers) if not offer.refusal)
        self._list.select(first)
        self._list.focus()
        self._show_preview()

    def on_click(self, event: events.Click) -> None:
        if is_beside(event, self, self.query_one("#take-box")):
            self.dismiss(None)

    @on(LineList.Moved, "#take-offers")
    def _show_preview(self) -> None:
        self.run_worker(self._preview_of(self._list.cursor), group="preview", exclusive=True)

    async def _preview_of(self, number: int) -> None:
        self._preview.show_lines(Preview(await self._text(number) or ""))

    async def _text(self, number: int) -> str | None:
        """What an offer gives, made once; None where it cannot be had."""
        offer = self._offers[number]
        if offer.refusal:
            return None
        if number not in self._made:
            try:
                self._made[number] = await offer.make()
            except Exception as error:
                # Made of what anybody sent: that it fails is no reason to end.
                self._hints.say(f"{offer.name} cannot be made of this: {error}", wrong=True)
                return None
        return self._made[number]

    @on(LineList.Chosen, "#take-offers")
    def _chosen(self) -> None:
        self.action_copy()

    def action_copy(self, number: int | None = None) -> None:
        """Copy what is chosen, or an offer by its number."""
        self._take(self._list.cursor if number is None else number, to_file=False)

    def action_file(self) -> None:
        """Write what is chosen to a file."""
        self._take(self._list.cursor, to_file=True)

    def _take(self, number: int, *, to_file: bool) -> None:
        offer = self._offers[number]
        if offer.refusal:
            self._hints.say(f"{offer.name}: {offer.refusal}")
        else:
            self.run_worker(self._finish(number, to_file), group="take", exclusive=True)

    async def _finish(self, number: int, to_file: bool) -> None:
        text = await self._text(number)
        if text is not None and self.is_current:
            self.dismiss(Taken(self._offers[number], text, to_file))
