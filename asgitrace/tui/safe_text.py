"""The last gate before the terminal: line filters that let no control character through.

Text from the network is cleaned where it leaves the store (``asgitrace.views.clean``). These
filters see every line of every widget, so that one that forgot cannot harm the terminal either.
They keep the width of what they change, because the layout is made by then.
"""

from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_STAND_IN: Final = "·"

_ASCII: Final = str.maketrans(
    {
        **dict.fromkeys("─━╌╍┄┅╴╶╸╺═▁▔", "-"),
        **dict.fromkeys("│┃╎╏┆┇║▏▎▍▌▋▊▉▕▐", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋╔╗╚╝", "+"),
        **dict.fromkeys("█▇▆▅▄▃▂▀", "#"),
        **dict.fromkeys("→▶▸›»", ">"),
        **dict.fromkeys("←◀◂‹«", "<"),
        **dict.fromkeys("↑▲▴", "^"),
        **dict.fromkeys("↓▼▾", "v"),
        **dict.fromkeys("●•◆■", "*"),
        **dict.fromkeys("○◌◦□◯", "o"),
        **dict.fromkeys("✗✘×", "x"),
        **dict.fromkeys("—–‒", "-"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("‘’", "'"),
        "░": ".",
        "▒": "=",
        "▓": "%",
        "µ": "u",
        "…": "~",
        "·": ".",
        "✓": "v",
        "⊘": "/",
        "‡": "?",
        "‖": "=",
    }
)


@lru_cache(4096)
def _printable(text: str) -> str:
    shown = "".join(
        character if character.isprintable() else _STAND_IN * get_character_cell_size(character)
        for character in text
    )
    return set_cell_size(shown, cell_len(text))


@lru_cache(4096)
def _plain(text: str) -> str:
    shown = "".join(
        character if character.isascii() else "?" * get_character_cell_size(character)
        for character in text.translate(_ASCII)
    )
    return set_cell_size(shown, cell_len(text))


class Inert(LineFilter):
    """Whatever is not printable becomes a dot, or nothing where it has no width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [
            segment
            if segment.text.isprintable()
            else Segment(_printable(segment.text), segment.style)
            for segment in segments
        ]


class Ascii(LineFilter):
    """For terminals without Unicode: ASCII that resembles, or a question mark."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(_plain(segment.text), segment.style)
            for segment in segments
        ]
