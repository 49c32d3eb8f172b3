"""What comes out of clean() can be written to a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.views.clean import clean, clean_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/plain?a=1", "/plain?a=1"),
        ("[red]x[/]", "[red]x[/]"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b\nc\x7f", "a␀b␊c␡"),
        ("\x9b31m", "‹U+009B›31m"),
        ("user\u202efdp.exe", "user‹U+202E›fdp.exe"),
        ("a\u200bb\u200dc\ufeff", "a‹U+200B›b‹U+200D›c‹U+FEFF›"),
        ("a\u3164b", "a‹U+3164›b"),
        ("a\tb", "a    b"),
        ("a\u00a0b\u3000c", "a b  c"),
        ("\u2028", "‹U+2028›"),
        ("❤\ufe0f 1\ufe0f\u20e3 👍\U0001f3fd", "❤ 1 👍"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("\udc80\ud800", "\\x80‹U+D800›"),
        ("\u0301x", "◌\u0301x"),
        ("caf\u0301e 日本", "caf\u0301e 日本"),
        ("", ""),
    ],
)
def test_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_bytes() -> None:
    assert clean_bytes(b"ok \xc3\xa9 \xff\x1b") == "ok é \\xff␛"


@given(st.text(st.characters()))
def test_result_is_printable_and_encodable(text: str) -> None:
    shown = clean(text)
    assert shown.isprintable()
    shown.encode()


@given(st.text(st.characters()))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_each_character_takes_a_cell(text: str) -> None:
    shown = clean(text)
    assert cell_len(shown) == len(shown)


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    assert clean_bytes(data).isprintable()
