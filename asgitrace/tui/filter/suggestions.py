"""How one can go on typing: the language's own ways, and the saved filters."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from asgitrace.filter.model import Completion
from asgitrace.tui.filter.reading import usable

Suggest = Callable[[str, int], Sequence[Completion]]
"""The language's completions of a text at a cursor."""

_MOST: Final = 200
_NAME: Final = re.compile(r"(?<![^\s(!-])@([\w.-]*)$")


def suggestions(
    text: str, cursor: int, saved: Mapping[str, str], suggest: Suggest
) -> Sequence[Completion]:
    """What could stand at the cursor; nothing where all of it is there already."""
    name = _NAME.search(text, 0, cursor)
    found = _saved_like(name, saved) if name else list(suggest(text, cursor))[:_MOST]
    others = [each for each in found if text[each.start : each.end] != each.text]
    return found if others else ()


def all_saved(saved: Mapping[str, str], end: int) -> Sequence[Completion]:
    """Every saved filter, to be put in place of what is there up to ``end``."""
    return [
        Completion(text, 0, end, f"@{name}" if usable(name) else name, text)
        for name, text in saved.items()
    ]


def _saved_like(name: re.Match[str], saved: Mapping[str, str]) -> list[Completion]:
    begun = name[1].casefold()
    return [
        Completion(f"@{each}", name.start(), name.end(), f"@{each}", text)
        for each, text in saved.items()
        if usable(each) and each.casefold().startswith(begun)
    ]
