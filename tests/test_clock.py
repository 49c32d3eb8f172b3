import time

import pytest

from asgitrace.clock import ClockAnchor


def test_the_anchor_turns_monotonic_stamps_into_wall_time() -> None:
    anchor = ClockAnchor(monotonic_ns=1_000, wall_ns=5_000_000)
    assert anchor.wall(1_000) == 5_000_000
    assert anchor.wall(1_250) == 5_000_250
    assert anchor.wall(0) == 4_999_000


def test_now_reads_the_wall_clock_between_two_readings_of_the_monotonic_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = iter([100, 110])
    monkeypatch.setattr(time, "monotonic_ns", lambda: next(readings))
    monkeypatch.setattr(time, "time_ns", lambda: 7_000)
    assert ClockAnchor.now() == ClockAnchor(105, 7_000)


def test_now_lies_between_readings_before_and_after() -> None:
    before = time.monotonic_ns()
    anchor = ClockAnchor.now()
    assert before <= anchor.monotonic_ns <= time.monotonic_ns()
