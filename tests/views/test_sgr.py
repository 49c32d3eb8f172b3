"""Colours of the app's output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.colours import PALETTES
from asgitrace.views.look import look
from asgitrace.views.sgr import PLAIN, Ink, Piece, pieces, segments, style_of, without_ansi
from tests.views.drawn import HOSTILE

LOOKS = [look(colours=colours) for colours in PALETTES.values()]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a", "a"),
        ("\x1b[1;31mred\x1b[0m!", "red!"),
        ("\x1b]0;title\x07x\x1b]8;;u\x1b\\y", "xy"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x1b(Bx\x1b", "x\x1b"),
    ],
)
def test_sequences_are_taken_out(text: str, plain: str) -> None:
    assert without_ansi(text) == plain
    assert "".join(piece.text for piece in pieces(text)) == plain


@pytest.mark.parametrize(
    ("sequence", "ink"),
    [
        ("31", Ink(fore=1)),
        ("1;3;4;7;2", Ink(bold=True, italic=True, underline=True, reverse=True, dim=True)),
        ("97;101", Ink(fore=15, back=9)),
        ("38;5;208", Ink(fore=208)),
        ("48;5;17;1", Ink(back=17, bold=True)),
        ("38;2;1;2;3", Ink(fore=(1, 2, 3))),
        ("38:2:1:2:3", Ink(fore=(1, 2, 3))),
        ("38:2::1:2:3", Ink(fore=(1, 2, 3))),
        ("48:5:9", Ink(back=9)),
        ("31;0", PLAIN),
        ("", PLAIN),
        ("31;39;1;22;4;24", PLAIN),
        ("38;2;999;2;3", PLAIN),
        ("38;5", Ink(fore=0)),
        ("38:9:1", PLAIN),
        ("58;5;1", PLAIN),
        ("8;9;5", PLAIN),
        ("?25", PLAIN),
    ],
)
def test_what_is_set(sequence: str, ink: Ink) -> None:
    *_, last = pieces(f"\x1b[{sequence}mx")
    assert last == Piece("x", ink)


def test_pieces() -> None:
    found = list(pieces("a\x1b[32mb\x1b[2Kc\x1b[md"))
    green = Ink(fore=2)
    assert found == [
        Piece("a", PLAIN), Piece("b", green), Piece("c", green), Piece("d", PLAIN)
    ]  # fmt: skip


def luminous(text: str) -> float:
    value = int(text[1:], 16)
    parts = (value >> 16 & 255, value >> 8 & 255, value & 255)
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(
    st.one_of(st.none(), st.integers(0, 255), st.tuples(*[st.integers(0, 255)] * 3)),
    st.one_of(st.none(), st.integers(0, 255), st.tuples(*[st.integers(0, 255)] * 3)),
)
def test_colours_can_be_read(fore: int | None, back: int | None) -> None:
    for drawn in LOOKS:
        style = style_of(Ink(fore=fore, back=back), drawn)
        if drawn.colours.ansi or style.color is None:
            continue
        one = luminous(style.color.get_truecolor().hex)
        ground = style.bgcolor.get_truecolor().hex if style.bgcolor else drawn.colours.ground
        light, dark = sorted((one, luminous(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 2.9


def test_the_terminals_own_colours_stay() -> None:
    ansi = look(colours=PALETTES["ansi"])
    assert style_of(Ink(fore=1, back=12), ansi).color == style_of(Ink(fore=1), ansi).color
    assert str(style_of(Ink(fore=9, back=200), ansi)) == "bright_red on color(200)"


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 1_000_000, "\x1b[31m" * 10_000 + "x"])
def test_nothing_raw_is_left(text: str) -> None:
    for width in (0, 1, 7, 80):
        drawn = segments(text, width, LOOKS[0], LOOKS[0].text)
        assert all(segment.text.isprintable() for segment in drawn)
        assert sum(segment.cell_length for segment in drawn) <= max(width, 1)


def test_a_cut_is_marked() -> None:
    shown = segments("abc\x1b[31mdefgh", 6, LOOKS[0], LOOKS[0].text)
    assert "".join(segment.text for segment in shown) == "abcde…"
