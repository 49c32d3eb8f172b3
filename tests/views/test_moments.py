"""Times as people type them."""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.moments import NoMoment, moment

S = 1_000_000_000
BASE = 1_700_000_000 * S  # 22:13:20


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    os.environ.pop("TZ")
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+30s", BASE + 30 * S),
        (" -2m ", BASE - 120 * S),
        ("+1h30m", BASE + 5400 * S),
        ("-1.5s", BASE - 1_500_000_000),
        ("+250ms", BASE + 250_000_000),
        ("@1699999999", 1_699_999_999 * S),
        ("@1699999999.25", 1_699_999_999 * S + 250_000_000),
        ("22:13", BASE - 20 * S),
        ("22:13:20", BASE),
        ("22:13:20.5", BASE + S // 2),
        ("9:00", BASE - (13 * 3600 + 13 * 60 + 20) * S),
        ("2023-11-14 22:13:20", BASE),
        ("2023-11-15T00:00", BASE + 6400 * S),
    ],
)
def test_moment(text: str, expected: int) -> None:
    assert moment(text, BASE) == expected


@pytest.mark.parametrize(
    "text", ["", "x", "30s", "+", "+3", "@", "24:00", "12:60", "2023-02-30 1:00"]
)
def test_no_moment(text: str) -> None:
    with pytest.raises(NoMoment, match=r"Expected a time|no such time"):
        moment(text, BASE)


@given(st.text(max_size=30), st.integers(-(2**61), 2**61))
def test_any_text_is_a_time_or_says_that_it_is_none(text: str, base: int) -> None:
    try:
        assert abs(moment(text, base)) <= 2**61
    except NoMoment:
        return
