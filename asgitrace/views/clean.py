"""Text from the network made inert: what a terminal would obey is shown as something to look at.

Every string that passes from the store to a cell goes through here. The result is printable
throughout, so that no escape sequence, bidi control or lone surrogate reaches the terminal, and its
width is one that terminals agree on.
"""

import re
import unicodedata
from typing import Final

TAB: Final = "    "

_PICTURES: Final = 0x2400
_DOTTED_CIRCLE: Final = "\u25cc"
_TABLE_LIMIT: Final = 4096

# Terminals disagree about the width of what these modify, so they are left out: variation
# selectors, emoji skin tones, the enclosing keycap.
_LEFT_OUT: Final = (
    range(0xFE00, 0xFE10),
    range(0xE0100, 0xE01F0),
    range(0x180B, 0x180E),
    range(0x1F3FB, 0x1F400),
    range(0x20E3, 0x20E4),
)

# Printable by their category, and yet nothing is seen of them.
_BLANK: Final = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))

# A joiner between emoji is part of one picture; anywhere else it hides something.
_EMOJI_JOINER: Final = re.compile(
    "([\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)\u200d"
)


class _Inert(dict[int, str]):
    """What stands for each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        shown = _stand_in(code)
        if len(self) < _TABLE_LIMIT:
            self[code] = shown
        return shown


def _stand_in(code: int) -> str:
    character = chr(code)
    if any(code in codes for codes in _LEFT_OUT):
        return ""
    if code in _BLANK:
        return _named(code)
    if character.isprintable():
        return character
    if code == 0x09:
        return TAB
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return chr(_PICTURES + 0x21)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, see PEP 383
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) == "Zs":
        return "  " if code == 0x3000 else " "
    return _named(code)


def _named(code: int) -> str:
    return f"‹U+{code:04X}›"


_INERT: Final = _Inert()


def clean(text: str) -> str:
    """``text`` with everything a terminal would obey shown instead."""
    if text.isascii() and text.isprintable():
        return text
    if "\u200d" in text:
        text = _EMOJI_JOINER.sub(r"\1", text)
    shown = text.translate(_INERT)
    if shown and unicodedata.category(shown[0]) in ("Mn", "Me", "Mc"):
        return _DOTTED_CIRCLE + shown
    return shown


def utf8_text(data: bytes) -> str:
    """Bytes as UTF-8 text; those that are no UTF-8 as lone surrogates, which are drawn as such."""
    return data.decode("utf-8", "surrogateescape")


def clean_bytes(data: bytes) -> str:
    """Bytes as UTF-8 text, cleaned; those that are no UTF-8 as ``\\xff``."""
    return clean(utf8_text(data))
