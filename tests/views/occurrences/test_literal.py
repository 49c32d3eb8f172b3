"""The literal of an expression is in everything that the expression matches."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.occurrences.literal import literal_of


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("need.e", "need"),
        ("items/[0-9]+/x", "items/"),
        (r"a\.b\.c", "a.b.c"),
        ("ab?cde*f", "cd"),
        ("ab{0,2}cd", "cd"),
        ("abc+d", "abc"),
        ("(abc)+d", "d"),
        (r"\d\w", ""),
        ("abc|d", ""),
        ("(?i)abc", ""),
        ("[]a]b", "b"),
        ("[^]a]bc", "bc"),
        ("", ""),
    ],
)
def test_what_must_be_there(pattern: str, literal: str) -> None:
    assert literal_of(pattern) == literal


@given(
    st.lists(
        st.sampled_from([*"abc.?*+()[]^$\\{}1,|", "[ab]", "a+", r"\.", r"\d", "(a", "b)"]),
        max_size=8,
    ).map("".join),
    st.text("abc.1d", max_size=12),
)
def test_it_is_in_every_match(pattern: str, text: str) -> None:
    try:
        compiled = regex.compile(pattern)
    except regex.error:
        return
    if compiled.search(text, timeout=1):
        assert literal_of(pattern) in text
