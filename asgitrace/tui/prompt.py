"""A box that asks for one line of text."""

from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from asgitrace.tui.detail.look import look_of
from asgitrace.tui.hints import HintBar
from asgitrace.views.clean import clean

Result = TypeVar("Result")


class Prompt(ModalScreen[Result]):
    """What the text stands for is found by `answer`, which dismisses the box, or says what is
    wrong and leaves it open. Escape, or a click on it, calls the question off."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    DEFAULT_CSS = """
    Prompt { align: center middle; }
    #prompt-box { width: 72; max-width: 96%; height: auto; padding: 1 2; background: $panel; }
    #prompt-title { padding-bottom: 1; }
    #prompt-text { margin-bottom: 1; background: $background; }
    #prompt-wrong { display: none; color: $error; padding-bottom: 1; }
    #prompt-wrong.-said { display: block; }
    """

    def __init__(
        self,
        title: str,
        does: str,
        *,
        text: str = "",
        placeholder: str = "",
        longest: int | None = None,
    ) -> None:
        """``does`` is the word for what enter does; ``longest`` the number of characters."""
        super().__init__()
        self._title = title
        self._does = does
        self._input = Input(
            text,
            placeholder=placeholder,
            compact=True,
            select_on_focus=False,
            max_length=longest or 0,
            id="prompt-text",
        )
        self._wrong = Static("", markup=False, id="prompt-wrong")
        self._hints = HintBar(partial(look_of, self), raised=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="prompt-box"):
            yield Static(Content(self._title), id="prompt-title")
            yield self._input
            yield self._wrong
            yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys((("enter", self._does, "submit"), ("esc", "cancel", "cancel")))

    def answer(self, text: str) -> None:
        """Dismiss the box with what the text stands for, or say what is wrong."""
        raise NotImplementedError

    def wrong(self, text: str) -> None:
        """Say what is wrong, and ask again."""
        self._wrong.update(Content(clean(text)))
        self._wrong.add_class("-said")

    @on(Input.Submitted)
    def action_submit(self) -> None:
        self.answer(self._input.value)

    def action_cancel(self) -> None:
        self.dismiss(None)
