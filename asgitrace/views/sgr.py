"""The colours that an app gives its output, safely: of all that a terminal would obey only SGR
(ECMA-48, 8.3.117) is kept, as styles; what else there is of sequences is taken out.

Colours are made to be read on the ground they are drawn on: the sixteen of the terminal become
those of the look, others are moved towards the text's colour until they differ enough from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from asgitrace.views.clean import clean
from asgitrace.views.colours import Colours
from asgitrace.views.look import Look

_SEQUENCE: Final = re.compile(
    r"\x1b\[([0-?]*+)([ -/]*+[@-~])"  # control sequences, SGR among them
    r"|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)"  # operating system commands
    r"|\x1b[PX^_][^\x1b]*+\x1b\\"  # other strings
    r"|\x1b[ -/]*+[0-~]"
)

_NUMBERS: Final = re.compile(r"[0-9:;]*")
_MOST: Final = 32
"""Parameters of one sequence that are looked at."""

_READABLE: Final = 3.0
"""Least contrast of a colour that the app chose (WCAG 2.2, 1.4.11)."""
_STEPS: Final = 10

Rgb = tuple[int, int, int]

_CODES: Final[dict[int, dict[str, Any]]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    39: {"fore": None},
    49: {"back": None},
}
_ANSI_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_NAMES: Final = ("faint", "bad", "good", "warn", "accent", "after", "notice", "text")
_BRIGHT: Final = ("dim", *_NAMES[1:])
"""Which colours of the look stand for the sixteen."""


@dataclass(frozen=True, slots=True)
class Ink:
    """What SGR has set."""

    fore: int | Rgb | None = None
    """Number in the palette of 256, or red, green and blue; None: as it is without."""
    back: int | Rgb | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


PLAIN: Final = Ink()


class Piece(NamedTuple):
    """Text in one style."""

    text: str
    ink: Ink


def without_ansi(text: str) -> str:
    """Text without all sequences."""
    return _SEQUENCE.sub("", text) if "\x1b" in text else text


def pieces(text: str) -> Iterator[Piece]:
    """A text taken apart at its sequences, as it came but for these."""
    at, ink = 0, PLAIN
    for found in _SEQUENCE.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()], ink)
        at = found.end()
        if found[2] == "m" and _NUMBERS.fullmatch(found[1]):
            ink = changed(ink, found[1])
    if at < len(text):
        yield Piece(text[at:], ink)


def changed(ink: Ink, parameters: str) -> Ink:
    """What is set behind a sequence with these parameters."""
    # In the newer form a colour's parts are divided by colons, and may begin with a colour space.
    numbers = iter(parameters.split(";")[:_MOST])
    for part in numbers:
        if ":" in part:
            ink = _with_colour(ink, *_of_colons(part))
            continue
        code = _number(part)
        if code == 0:
            ink = PLAIN
        elif code in _CODES:
            ink = replace(ink, **_CODES[code])
        elif code in (38, 48, 58):
            kind = _number(next(numbers, ""))
            if kind == 5:
                ink = _with_colour(ink, code, _number(next(numbers, "")))
            elif kind == 2:
                rgb = [_number(next(numbers, "")) for _ in range(3)]
                ink = _with_colour(ink, code, (rgb[0], rgb[1], rgb[2]))
        else:
            ink = _with_sixteen(ink, code)
    return ink


def _of_colons(part: str) -> tuple[int, int | Rgb | None]:
    numbers = [_number(each) for each in part.split(":")]
    if len(numbers) >= 3 and numbers[1] == 5:
        return numbers[0], numbers[2]
    if len(numbers) >= 5 and numbers[1] == 2:
        red, green, blue = numbers[-3:] if len(numbers) == 5 else numbers[3:6]
        return numbers[0], (red, green, blue)
    return 0, None


def _with_sixteen(ink: Ink, code: int) -> Ink:
    for first, number in ((30, 0), (90, 8)):
        if first <= code < first + 8:
            return replace(ink, fore=code - first + number)
        if first + 10 <= code < first + 18:
            return replace(ink, back=code - first - 10 + number)
    return ink


def _with_colour(ink: Ink, code: int, colour: int | Rgb | None) -> Ink:
    parts = colour if isinstance(colour, tuple) else (colour or 0,)
    if colour is None or max(parts) > 255:
        return ink
    if code == 38:
        return replace(ink, fore=colour)
    return replace(ink, back=colour) if code == 48 else ink


def _number(text: str) -> int:
    return int(text[:4]) if text.isdecimal() and text.isascii() else 0


def segments(text: str, width: int, look: Look, base: Style) -> list[Segment]:
    """A line cleaned and coloured, in ``width`` cells at most, with a mark where it was cut."""
    found: list[Segment] = []
    room = width
    # More characters than this cannot be seen, however narrow they are.
    for piece in pieces(text[: width * 16]):
        shown = clean(piece.text[: room * 4 + 4])
        taken = cell_len(shown)
        style = base + style_of(piece.ink, look) if piece.ink is not PLAIN else base
        if taken > room:
            found.append(Segment(set_cell_size(shown, max(room - 1, 0)) + look.glyphs.cut, style))
            return found
        found.append(Segment(shown, style))
        room -= taken
    if len(text) > width * 16 and room:
        found.append(Segment(look.glyphs.cut, base))
    return found


def style_of(ink: Ink, look: Look) -> Style:
    """The style in the colours of a look."""
    return _style(ink, look.colours)


@lru_cache(maxsize=1024)
def _style(ink: Ink, colours: Colours) -> Style:
    back = None if ink.back is None else _named(ink.back, colours)
    if colours.ansi:
        fore = None if ink.fore is None else _named(ink.fore, colours)
    else:
        ground = back or colours.ground
        wanted = colours.text if ink.fore is None else _named(ink.fore, colours)
        fore = _readable(wanted, ground, colours) if ink.fore is not None or back else None
    return Style(
        color=fore,
        bgcolor=back,
        bold=ink.bold or None,
        dim=ink.dim or None,
        italic=ink.italic or None,
        underline=ink.underline or None,
        reverse=ink.reverse or None,
    )


def _named(colour: int | Rgb, colours: Colours) -> str:
    """A colour as Rich names it."""
    if isinstance(colour, tuple):
        return "#{:02x}{:02x}{:02x}".format(*colour)
    if colours.ansi:
        if colour < 8:
            return _ANSI_NAMES[colour]
        return f"bright_{_ANSI_NAMES[colour - 8]}" if colour < 16 else f"color({colour})"
    if colour < 16:
        names = _NAMES if colour < 8 else _BRIGHT
        found: str = getattr(colours, names[colour % 8])
        return found
    return Color.from_ansi(colour).get_truecolor().hex


def _readable(fore: str, back: str, colours: Colours) -> str:
    """A colour that can be read on another: itself, or on the way to that of the text or the
    ground."""
    ink, ground = _rgb(fore), _rgb(back)
    ends = max((_rgb(colours.text), _rgb(colours.ground)), key=lambda end: _contrast(end, ground))
    ways = (
        [round(one + (end - one) * step / _STEPS) for one, end in zip(ink, ends, strict=True)]
        for step in range(_STEPS)
    )
    found = ((red, green, blue) for red, green, blue in ways)
    readable = (colour for colour in found if _contrast(colour, ground) >= _READABLE)
    return "#{:02x}{:02x}{:02x}".format(*next(readable, ends))


def _rgb(colour: str) -> Rgb:
    red, green, blue = Color.parse(colour).get_truecolor()
    return red, green, blue


def _contrast(one: Rgb, other: Rgb) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
