"""Contrast, by the formula of WCAG 2.2 (relative luminance, section 1.4.3)."""

import pytest

from asgitrace.views.colours import ANSI, CONTRAST, DARK, LIGHT, PALETTES, Colours
from asgitrace.views.look import ASCII, UNICODE, look

INKS = ("text", "accent", "good", "notice", "warn", "bad")
GROUNDS = ("ground", "raised", "cursor")
BARS = ("app", "client", "backpressure", "after")


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def worst(colours: Colours, ink: str, *grounds: str) -> float:
    return min(ratio(getattr(colours, ink), getattr(colours, ground)) for ground in grounds)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=lambda colours: colours.name)
def test_contrast(colours: Colours) -> None:
    for ink in INKS:
        assert worst(colours, ink, *GROUNDS) >= 4.5, ink
    assert worst(colours, "dim", *GROUNDS) >= 3
    for ink in ("faint", *BARS):
        assert worst(colours, ink, "ground") >= 3, ink


def test_high_contrast() -> None:
    for ink in (*INKS, "dim"):
        assert worst(CONTRAST, ink, *GROUNDS) >= 7, ink
    assert worst(CONTRAST, "faint", *GROUNDS) >= 4.5
    for bar in BARS:
        assert worst(CONTRAST, bar, *GROUNDS) >= 3, bar


def test_the_terminals_palette_has_no_colour_of_ours() -> None:
    shown = look(colours=ANSI)
    for name in (*INKS, *BARS, "dim", "faint", "strong", "ground", "raised", "cursor"):
        style = getattr(shown, name)
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_default or colour.number < 8, name
    assert shown.cursor.reverse
    assert shown.ground.bgcolor is not None
    assert shown.ground.bgcolor.is_default


def test_names() -> None:
    assert list(PALETTES) == ["dark", "light", "contrast", "ansi"]
    assert look(dark=False).colours is LIGHT


def test_ascii_glyphs_are_ascii_and_as_wide() -> None:
    for name in UNICODE.__dataclass_fields__:
        glyph, plain = getattr(UNICODE, name), getattr(ASCII, name)
        assert plain.isascii(), name
        assert len(plain) == len(glyph), name
