"""Asks for the name under which a filter is saved."""

from collections.abc import Mapping

from asgitrace.tui.filter.reading import usable
from asgitrace.tui.prompt import Prompt
from asgitrace.views.clean import clean

_LONGEST = 40


class NamePrompt(Prompt[str | None]):
    """A name, or None where it was called off. A name in use is given a second time only when that
    was confirmed."""

    def __init__(self, text: str, saved: Mapping[str, str]) -> None:
        in_use = next((name for name, kept in saved.items() if kept == text), "")
        super().__init__(
            f"Save the filter  {clean(text)}",
            "save",
            text=in_use,
            placeholder="a name, such as slow",
            longest=_LONGEST,
        )
        self._text = text
        self._saved = saved
        self._asked = ""
        """The name that was found to be in use."""

    def answer(self, text: str) -> None:
        name = text.strip().removeprefix("@")
        if not usable(name):
            self.wrong("A name is made of letters, digits and - _ .")
        elif self._saved.get(name, self._text) != self._text and self._asked != name:
            self._asked = name
            self.wrong(f"@{name} is {self._saved[name]}: enter again replaces it")
        else:
            self.dismiss(name)
