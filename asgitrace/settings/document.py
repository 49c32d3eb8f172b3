"""The configuration as it is in force, written as a configuration file with comments.

What is as usual is commented out, so that the file stays short in meaning and follows the program
where that changes; everything else is marked. Read back, it says what was said before.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import asdict

from asgitrace.settings.model import Settings
from asgitrace.settings.options import FILTERS_HELP, KEYS_HELP, OPTIONS, Option

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH: Final = 36
"""Where the comment behind a key begins."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One command: its name, its keys as they are written, the usual ones, what it does."""

    name: str
    keys: str
    usual: str
    help: str


@dataclass(frozen=True, slots=True)
class KeySection:
    """Commands about one subject."""

    title: str
    lines: Sequence[KeyLine]


def written(settings: Settings, sections: Sequence[KeySection], heading: Sequence[str]) -> str:
    """The whole file; ``heading`` are its first comments."""
    return "\n".join(_lines(settings, sections, heading)) + "\n"


def _lines(
    settings: Settings, sections: Sequence[KeySection], heading: Sequence[str]
) -> Iterator[str]:
    yield from _comments(heading)
    usual, given = asdict(Settings()), asdict(settings)
    for option in OPTIONS:
        yield ""
        yield from _comments(option.help)
        yield _option(option, given[option.name], usual[option.name])
    yield from ("", "[keys]")
    yield from _comments(KEYS_HELP)
    for section in sections:
        yield from ("", f"# {section.title}")
        yield from map(_key, section.lines)
    yield from ("", "[filters]")
    yield from _comments(FILTERS_HELP)
    for name, text in settings.filters.items():
        yield f"{_quoted_name(name)} = {_text(text)}"
    if not settings.filters:
        yield '# slow = "dur>500ms or wait.backpressure>100ms"'


def _comments(lines: Sequence[str]) -> Iterator[str]:
    return (f"# {line}".rstrip() for line in lines)


def _option(option: Option, given: object, usual: object) -> str:
    if given == usual:
        shown = option.example if usual is None else usual
        return f"# {option.name} = {_value(shown)}"
    was = f"  # usually {_value(usual)}" if usual is not None else "  # usually not set"
    return f"{option.name} = {_value(given)}{was}"


def _key(line: KeyLine) -> str:
    said = f"{line.name} = {_text(line.keys)}"
    if line.keys == line.usual:
        return f"# {said:<{_WIDTH}}  # {line.help}"
    return f"{said:<{_WIDTH + 2}}  # {line.help} (usually {_text(line.usual)})"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_text, value))}]"
    return _text(str(value))


def _text(text: str) -> str:
    """A basic string of TOML, which is one of JSON but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quoted_name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)
