"""Passes, a few milliseconds at a time."""

from collections.abc import Generator

from asgitrace.tui.overviews.statistics_work import Passes


class Clock:
    """A clock that goes on by a millisecond whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def passes(clock: Clock, *results: str | None, steps: int = 100) -> Passes[str]:
    wanted = iter(results)

    def run() -> Generator[None, None, str | None]:
        for _ in range(steps):
            yield
        return next(wanted)

    return Passes(run, clock)


def until_done(made: Passes[str]) -> tuple[str, int]:
    for times in range(1, 1000):
        found = made.work(changed=True)
        if found is not None:
            return found, times
    raise AssertionError


def test_works_in_parts() -> None:
    made = passes(Clock(), "first", "second")
    found, times = until_done(made)
    assert (found, made.waiting) == ("first", False)
    assert times > 3


def test_rests_between_passes() -> None:
    clock = Clock()
    made = passes(clock, "first", "second", steps=1)
    assert made.work(changed=True) == "first"
    assert made.work(changed=True) is None
    clock.now += 1
    assert made.work(changed=False) is None
    assert made.work(changed=True) == "second"


def test_goes_on_slowly_without_a_change() -> None:
    clock = Clock()
    made = passes(clock, "first", "second", steps=1)
    assert made.work(changed=True) == "first"
    clock.now += 10
    assert made.work(changed=False) == "second"


def test_restarts_at_once() -> None:
    made = passes(Clock(), "first", "second", steps=1)
    assert made.work(changed=True) == "first"
    made.restart()
    assert made.waiting
    assert made.work(changed=False) == "second"


def test_begins_anew_where_a_pass_came_to_nothing() -> None:
    made = passes(Clock(), None, "second", steps=1)
    assert made.work(changed=True) is None
    assert made.work(changed=True) == "second"
