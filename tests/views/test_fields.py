"""Values broken at the width."""

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.fields import Field, FieldLines
from tests.views.drawn import drawn


def rows(value: str, width: int) -> list[str]:
    """The rows of a value beside a label of one character."""
    return [line[4:] for line in drawn(FieldLines([Field("x", value)]), width + 4)]


def test_words_and_lists_stay_whole() -> None:
    assert rows("9 bytes dropped: a 204 has no content.", 20) == [
        "9 bytes dropped: a",
        "204 has no content.",
    ]
    assert rows("{version: 3.0, spec_version: 2.5}", 31) == ["{version: 3.0, spec_version:", "2.5}"]
    assert rows("aaaa,bbbb,cccc", 10) == ["aaaa,bbbb,", "cccc"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert rows("a " + "b" * 25, 12) == ["a " + "b" * 10, "b" * 12, "b" * 3]


def test_what_fits_is_one_row() -> None:
    assert rows("twelve cells", 12) == ["twelve cells"]
    assert rows("twelve cell. more", 12) == ["twelve cell.", "more"]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)), st.integers(1, 40))
def test_nothing_is_lost(value: str, width: int) -> None:
    shown = rows(value, width)
    assert "".join(shown).replace(" ", "") == value.replace(" ", "")
