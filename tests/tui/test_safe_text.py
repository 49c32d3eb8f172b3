"""Whatever a widget draws, nothing that a terminal obeys leaves the application."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from asgitrace.tui.safe_text import Ascii, Inert

BLACK = Color(0, 0, 0)
BOLD = Style(bold=True)


def through(filter_: Inert | Ascii, text: str) -> str:
    (segment,) = filter_.apply([Segment(text, BOLD)], BLACK)
    assert segment.style == BOLD
    return segment.text


def test_plain_lines_are_not_copied() -> None:
    line = [Segment("plain ✓", BOLD)]
    assert Inert().apply(line, BLACK) is line


@given(st.text(st.characters()))
def test_inert(text: str) -> None:
    shown = through(Inert(), text)
    assert shown.isprintable()
    assert cell_len(shown) == cell_len(text)


@given(st.text(st.characters()))
def test_ascii(text: str) -> None:
    shown = through(Ascii(), through(Inert(), text))
    assert shown.isascii()
    assert shown.isprintable()
    assert cell_len(shown) == cell_len(text)


def test_ascii_resembles() -> None:
    assert through(Ascii(), "╭─ µs ✗ ● → 日") == "+- us x * > ??"
