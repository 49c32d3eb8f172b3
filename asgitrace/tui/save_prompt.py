"""Asks under which name to save."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from asgitrace.tui.prompt import Prompt
from asgitrace.views.clean import clean

if TYPE_CHECKING:
    from asgitrace.tui.detail.held import Held


def new_path(prompt: Prompt[Any], text: str) -> Path | None:
    """The path that was typed, if there is no file; the prompt says what is wrong with it."""
    if not text.strip():
        return None
    try:
        path = Path(text.strip()).expanduser()
        taken = path.exists() or path.is_symlink()
    except (OSError, RuntimeError, ValueError) as error:
        prompt.wrong(f"That is no name for a file: {error}")
        return None
    if taken:
        prompt.wrong("There is a file of this name; choose another.")
        return None
    return path


class SavePrompt(Prompt[Path | None]):
    """A file name, or None where it was called off. An existing file is never overwritten."""

    def __init__(self, what: str, name: str, *, form: str = "JSON lines") -> None:
        """``what`` is to be saved, as what ``form``; empty: as it is."""
        title = f"Save {what}" + (f" as {form}" if form else "")
        super().__init__(title, "save", text=name)

    def answer(self, text: str) -> None:
        path = new_path(self, text)
        if path is not None:
            self.dismiss(path)


class BodyPrompt(Prompt[tuple[Path, bool] | None]):
    """A file name for a body, and whether it is to be written as it was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "switch", "Decoded or as sent", show=False, priority=True)
    ]

    def __init__(self, held: "Held", name: str) -> None:
        self._held = held
        self._as_sent = False
        super().__init__(self._words, "save", text=name)

    def on_mount(self) -> None:
        super().on_mount()
        if self._held.sent is not None:
            switch = ("tab", "decoded or as sent", "switch")
            self._hints.show_keys(
                (("enter", "save", "submit"), switch, ("esc", "cancel", "cancel"))
            )

    @property
    def _words(self) -> str:
        held = self._held
        if held.sent is not None and self._as_sent:
            return f"Save the {held.name} as sent: {held.encoding}, {len(held.sent):,} bytes"
        decoded = ", decoded" if held.sent is not None else ""
        cut = "" if held.complete else "; not all of it is there"
        return f"Save the {held.name}{decoded}: {len(held.data):,} bytes{cut}"

    def action_switch(self) -> None:
        """Decoded, or as it was sent."""
        if self._held.sent is not None:
            self._as_sent = not self._as_sent
            self.query_one("#prompt-title", Static).update(Content(clean(self._words)))

    def answer(self, text: str) -> None:
        path = new_path(self, text)
        if path is not None:
            self.dismiss((path, self._as_sent))
