"""Durations, sizes and times fit their columns."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.units import (
    format_clock,
    format_count,
    format_duration,
    format_offset,
    format_size,
)


@pytest.mark.parametrize(
    ("ns", "shown"),
    [
        (-5, "0"),
        (0, "0"),
        (640, "640ns"),
        (812_000, "812µs"),
        (999_499, "999µs"),
        (999_500, "1.00ms"),
        (3_421_000, "3.42ms"),
        (12_345_678, "12.3ms"),
        (999_499_999, "999ms"),
        (1_200_000_000, "1.20s"),
        (59_949_999_999, "59.9s"),
        (59_950_000_000, "1m00s"),
        (123_000_000_000, "2m03s"),
        (3_723_000_000_000, "1h02m"),
        (90_000_000_000_000, "1d01h"),
        (86_400_000_000_000 * 400, "400d"),
        (86_400_000_000_000 * 200_000, ">99kd"),
    ],
)
def test_duration(ns: int, shown: str) -> None:
    assert format_duration(ns) == shown


@given(st.integers(-(2**63), 2**63))
def test_duration_fits_six_cells(ns: int) -> None:
    assert len(format_duration(ns)) <= 6


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0"),
        (512, "512B"),
        (999, "999B"),
        (1000, "1.0k"),
        (1229, "1.2k"),
        (65_536, "64k"),
        (1_048_000, "1.0M"),
        (35_651_584, "34M"),
        (2**90, "huge"),
    ],
)
def test_size(size: int, shown: str) -> None:
    assert format_size(size) == shown


@given(st.integers(0, 2**64))
def test_size_and_count_fit_four_cells(size: int) -> None:
    assert len(format_size(size)) <= 4
    assert len(format_count(size)) <= 4


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (-1, "0"),
        (987, "987"),
        (9999, "9999"),
        (10_000, "10k"),
        (5_600_000, "5.6M"),
        (10**18, "many"),
    ],
)
def test_count(count: int, shown: str) -> None:
    assert format_count(count) == shown


def test_offset_has_a_sign() -> None:
    assert [format_offset(ns) for ns in (0, 3_420_000, -12_000)] == ["+0", "+3.42ms", "-12µs"]


@pytest.fixture
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_utc")
def test_clock() -> None:
    assert format_clock(1_700_000_000_123_456_789) == "22:13:20.123"


def test_a_time_beyond_the_calendar() -> None:
    assert format_clock(2**100) == "--:--:--.---"
