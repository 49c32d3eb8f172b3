"""Tests of what is escaped in forms and query strings."""

import pytest

from asgitrace.views.urlencoded import unescaped


def test_a_plus_is_a_space_and_what_is_no_escape_stays() -> None:
    assert unescaped(b"a+b%20c%2Bd%zz%") == b"a b c+d%zz%"


@pytest.mark.parametrize("before", range(3))
def test_a_long_value_is_read_in_pieces(before: int) -> None:
    data = b"x" * before + b"%41" * 50_000
    assert unescaped(data) == b"x" * before + b"A" * 50_000
