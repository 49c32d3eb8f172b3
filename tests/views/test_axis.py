"""The window of the time axis moves as it says, and its ticks stand at round times."""

import os
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.axis import (
    LONGEST,
    SHORTEST,
    STEPS,
    Window,
    clock_label,
    following,
    tick_step,
    ticks,
    whole,
)

MS = 1_000_000
S = 1000 * MS
NOON = 1_700_049_600 * S
"""12:00 UTC."""


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    os.environ.pop("TZ")
    time.tzset()


starts = st.integers(-(10**18), 4 * 10**18)
spans = st.integers(SHORTEST, LONGEST)
windows = st.builds(Window, starts, spans)


@given(windows, st.floats(0.01, 0.99), st.floats(0.1, 10))
def test_zoom_holds_the_instant(window: Window, share: float, factor: float) -> None:
    at = window.start + int(window.span * share)
    zoomed = window.zoomed(factor, at)
    assert SHORTEST <= zoomed.span <= LONGEST
    before = (at - window.start) / window.span
    after = (at - zoomed.start) / zoomed.span
    assert abs(before - after) < 0.01


@given(windows, st.integers(-20, 20))
def test_pan_keeps_the_length(window: Window, steps: int) -> None:
    moved = window.panned(steps)
    assert moved.span == window.span
    assert abs((moved.start - window.start) - window.span * steps / 4) <= max(
        1, abs(window.span * steps) * 1e-12
    )


@given(windows, starts, st.integers(0, 10**12))
def test_what_is_looked_for_is_shown(window: Window, start: int, length: int) -> None:
    shown = window.showing(start, start + length)
    assert shown.holds(start, start + length)
    assert shown.span == window.span
    assert window.showing(window.start, window.start) == window


@given(st.integers(0, 4 * 10**18), st.integers(SHORTEST, 10**15), st.integers(0, 100))
def test_a_window_that_follows_rests_between_steps(newest: int, span: int, parts: int) -> None:
    window = following(newest, span)
    step = span // STEPS
    assert window.span == span
    assert window.start <= newest < window.end
    assert window.end - newest <= step
    later = newest + step * parts // 100
    moved = following(later, span)
    assert moved.start - window.start in (0, step)


@given(starts, st.integers(0, 10**16))
def test_everything_is_shown(first: int, length: int) -> None:
    last = first + length
    exact = whole(first, last, growing=False)
    assert (exact.start, exact.span) == (first, max(SHORTEST, length))
    growing = whole(first, last, growing=True)
    assert growing.start == first
    assert growing.end >= last
    assert growing.span <= max(SHORTEST, length) * 2


def test_a_window_of_everything_grows_in_steps() -> None:
    lengths = {whole(0, second * S, growing=True).span for second in range(1, 101)}
    assert len(lengths) == 11


@given(windows, st.integers(1, 200))
def test_ticks_are_on_the_axis_and_apart(window: Window, width: int) -> None:
    marks = ticks(window, width)
    assert all(0 <= mark.cell < width for mark in marks)
    assert len(marks) <= width // 4 + 2
    for one, next_one in pairwise(marks):
        assert next_one.cell - one.cell > len(one.label)


@given(spans, st.integers(1, 50))
def test_the_step_is_the_least_that_will_do(span: int, most: int) -> None:
    assert tick_step(span, most) * most >= span


@pytest.mark.parametrize(
    ("wall", "step", "label"),
    [
        (NOON, 86_400 * S, "11-15"),
        (NOON, 60 * S, "12:00"),
        (NOON + 4 * S, 2 * S, "12:00:04"),
        (NOON + 4 * S + 250 * MS, 50 * MS, "04.25s"),
        (NOON + 4 * S + 250 * MS + 7000, 1000, "04.250007s"),
        (NOON + 500 * MS, 500 * MS, "00.5s"),
        (2**62 * S, 60 * S, "--:--"),
    ],
)
@pytest.mark.usefixtures("utc")
def test_labels(wall: int, step: int, label: str) -> None:
    assert clock_label(wall, step) == label


@pytest.mark.usefixtures("utc")
def test_ticks_stand_at_round_times() -> None:
    marks = ticks(Window(NOON - 300 * MS, 10 * S), 60)
    assert [(mark.cell, mark.label) for mark in marks] == [
        (1, "12:00:00"),
        (13, "12:00:02"),
        (25, "12:00:04"),
        (37, "12:00:06"),
        (49, "12:00:08"),
    ]


def test_a_made_up_time_has_ticks_too() -> None:
    assert {mark.label for mark in ticks(Window(2**62 * S, 100 * S), 60)} == {"--:--"}
