"""Asks under which name to save."""

from pathlib import Path

from asgitrace.tui.prompt import Prompt


class SavePrompt(Prompt[Path | None]):
    """A file name, or None where it was called off. An existing file is never overwritten."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"Save {what} as JSON lines", "save", text=name)

    def answer(self, text: str) -> None:
        if not text.strip():
            return
        path = Path(text.strip()).expanduser()
        if path.exists():
            self.wrong("There is a file of this name; choose another.")
        else:
            self.dismiss(path)
