"""Names of keys: as they are written in the configuration, and as they are shown."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final
from unicodedata import lookup

from textual.keys import Keys, _character_to_key

_ALIASES: Final = {
    "esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown",
    "pgdown": "pagedown", "del": "delete", "ins": "insert", "spacebar": "space",
}  # fmt: skip
_SIGNS: Final = {
    _character_to_key(sign): sign for sign in map(chr, range(33, 0x300)) if not sign.isalnum()
}
"""Signs by the names that Textual has for them, from which not all can be told."""
_NAMED: Final = frozenset(
    key.value
    for key in Keys
    if "+" not in key.value and not key.value.startswith("<") and key.value != "ignore"
)
_MODIFIERS: Final = ("ctrl", "alt", "shift")
_SHOWN: Final = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "delete": "del",
                 "insert": "ins"}  # fmt: skip
_ARROWS: Final = {"up": "↑", "down": "↓", "left": "←", "right": "→"}
FIXED: Final = frozenset({"ctrl+q", "ctrl+c", "ctrl+p"})
"""Keys that always quit, tell how to, and open the palette, whatever else is configured."""


class KeyNameError(ValueError):
    """A key has a name that there is not; the text says which, and perhaps which is meant."""


def read_keys(text: str) -> tuple[str, ...]:
    """The keys in ``f, /, ctrl+up`` as Textual names them, each once; raises KeyNameError."""
    return tuple(dict.fromkeys(_read(part) for part in _parts(text)))


def _parts(text: str) -> Iterator[str]:
    """What is between the commas."""
    if text.strip():
        for part in text.split(","):
            yield part.strip() if part.strip() else part[:1]


def _read(text: str) -> str:
    if len(text) == 1 and text.isprintable() and text != " ":
        return _character_to_key(text)
    *modifiers, name = text.split("+") if text != "+" else ["+"]
    modifiers = [modifier.strip().lower() for modifier in modifiers]
    unknown = next((each for each in modifiers if each not in _MODIFIERS), None)
    if unknown is not None:
        raise KeyNameError(_sentence(unknown, _MODIFIERS))
    name = name.strip()
    if len(name) == 1 and name.isprintable():
        name = _with_letter(name, modifiers)
    else:
        name = _ALIASES.get(name.lower(), name.lower())
        if name not in _NAMED and not _sign(name):
            raise KeyNameError(_sentence(name, (*_NAMED, *_SIGNS, *_ALIASES)))
    held = [modifier for modifier in _MODIFIERS if modifier in modifiers]
    return "+".join((*held, name))


def _sign(name: str) -> str:
    """The character that Textual has this name for; empty where it is none."""
    if name in _NAMED:
        return ""
    try:
        return _SIGNS.get(name) or lookup(name.replace("_", " "))
    except KeyError:
        return ""


def _with_letter(letter: str, modifiers: list[str]) -> str:
    """A letter is sent in upper case rather than with shift, and in lower case with ctrl."""
    if "ctrl" in modifiers:
        return _character_to_key(letter.lower())
    if "shift" in modifiers and letter.isalpha():
        modifiers.remove("shift")
        return letter.upper()
    return _character_to_key(letter)


def _sentence(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no key {name!r}" + (meant or ", write for example f, /, space or ctrl+up")


def shown_key(key: str, *, plain: bool = False) -> str:
    """A key as people read it; in ASCII where that is wanted."""
    *modifiers, name = key.split("+")
    if not plain:
        name = _ARROWS.get(name, name)
    return "+".join((*modifiers, _SHOWN.get(name) or _sign(name) or name))


def written_keys(keys: tuple[str, ...]) -> str:
    """Keys as they are written in the configuration; `read_keys` gives them back."""
    return ", ".join(key if key == "comma" else shown_key(key, plain=True) for key in keys)
