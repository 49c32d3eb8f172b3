"""Text of any length is broken at the width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.views.clean import clean
from asgitrace.views.lines import clean_text
from asgitrace.views.wrap import _SIMPLE, RowIndex, TextLines
from tests.views.drawn import HOSTILE, drawn


def rows(text: str, width: int) -> list[str]:
    index = RowIndex(text, width)
    while not index.complete:
        index.work()
    return [index.row(number) for number in range(len(index.starts))]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, []),
        ("a", 10, ["a"]),
        ("a\nb\n", 10, ["a", "b"]),
        ("a\r\n\nb", 10, ["a", "", "b"]),
        ("abcdef", 3, ["abc", "def"]),
        ("abcdefg\nh", 3, ["abc", "def", "g", "h"]),
        ("日本語x", 4, ["日本", "語x"]),
        ("日本語", 1, ["日", "本", "語"]),
        ("\tab", 4, ["\t", "ab"]),
    ],
)
def test_rows(text: str, width: int, expected: list[str]) -> None:
    assert rows(text, width) == expected


@given(st.text(st.characters(), max_size=300), st.integers(1, 40))
def test_nothing_is_lost_and_each_row_fits(text: str, width: int) -> None:
    found = rows(text, width)
    assert (
        "".join(found) == text.replace("\r\n", "\n").replace("\n", "").rstrip("\r") or "\r" in text
    )
    for row in found:
        # A single character may take more room than there is.
        assert len(row) <= 1 or sum(cell_len(clean(each)) for each in row) <= width


@given(st.lists(st.text(st.characters(), max_size=60), max_size=6), st.integers(1, 30))
def test_text_that_grows_is_broken_like_text_that_was_there(parts: list[str], width: int) -> None:
    index = RowIndex("", width)
    for part in parts:
        index.extend(part)
        while not index.complete:
            index.work()
    assert [index.row(n) for n in range(len(index.starts))] == rows("".join(parts), width)


@pytest.mark.parametrize("text", ["x" * 30_000, "日" * 30_000, "x\x1b日" * 9_000, "\n" * 9_000])
def test_work_goes_on_where_the_budget_ended(text: str) -> None:
    index = RowIndex(text, 80)
    steps = 0
    while not index.complete:
        index.work(5_000)
        steps += 1
    assert steps > 1
    assert [index.row(n) for n in range(len(index.starts))] == rows(text, 80)


def test_a_line_of_10_mb() -> None:
    lines = TextLines("x" * 10_000_000)
    lines.reflow(80)
    assert len(lines) > 1_000
    assert drawn(lines, 80)[0].strip() == "x" * 79
    assert len(lines) == -(-10_000_000 // 79)


def test_simple_characters_take_one_cell_as_they_are() -> None:
    for code in range(0x3000):
        if _SIMPLE.fullmatch(chr(code)):
            assert cell_len(clean(chr(code))) == 1, hex(code)


@pytest.mark.parametrize("text", HOSTILE)
def test_rows_are_inert(text: str) -> None:
    for width in (1, 4, 9, 80):
        drawn(TextLines(text * 30), width)


def test_copied_text_keeps_its_lines_and_nothing_that_is_obeyed() -> None:
    assert clean_text("a\tb\r\nc\x1b[201~d\u202e") == "a\tb\nc␛[201~d‹U+202E›"
