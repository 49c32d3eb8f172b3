"""How late a loop was: told where it matters, and else once a second."""

from collections.abc import Callable

import pytest

from asgitrace.events import Kind
from asgitrace.recorder.loop import PERIOD, LoopMeter
from tests.recorder.conftest import Recording

MS = 1_000_000


class Loop:
    """Runs what is called later when it is told to."""

    def __init__(self) -> None:
        self.now = 0
        self.waiting: Callable[[], None] | None = None

    def clock(self) -> int:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> "Loop":
        assert delay == PERIOD
        self.waiting = callback
        return self

    def cancel(self) -> None:
        self.waiting = None

    def run(self, late: int) -> None:
        """Let the timer run so much too late."""
        self.now += 100 * MS + late
        callback, self.waiting = self.waiting, None
        assert callback is not None
        callback()


def told(recording: Recording) -> list[tuple[int, int]]:
    """When each was due, and how late."""
    headers = [event.header for event in recording.events(Kind.LOOP)]
    assert all(header.exchange == header.call == header.length == 0 for header in headers)
    return [(header.called // MS, (header.returned - header.called) // MS) for header in headers]


@pytest.fixture
def recording(make_recording: Callable[..., Recording]) -> Recording:
    return make_recording()


def test_the_latest_of_each_second_is_told(recording: Recording) -> None:
    loop = Loop()
    LoopMeter(recording.recorder, loop, loop.clock).start()
    for late in (0, 1, 4, 2, 0, 0, 0, 0, 0, 3, 0, 0):
        loop.run(late * MS)
    assert told(recording) == [(301, 4)]


def test_each_that_was_really_late_is_told_at_once(recording: Recording) -> None:
    loop = Loop()
    LoopMeter(recording.recorder, loop, loop.clock).start()
    for late in (0, 5, 0, 900, *([0] * 9)):
        loop.run(late * MS)
    assert told(recording) == [(200, 5), (405, 900)]
    loop.run(0)
    assert told(recording)[2:] == [(1405, 0)]


def test_nothing_comes_after_the_end(recording: Recording) -> None:
    loop = Loop()
    meter = LoopMeter(recording.recorder, loop, loop.clock)
    meter.stop()
    meter.start()
    meter.stop()
    assert loop.waiting is None


def test_an_error_in_it_is_counted_and_harms_nobody(recording: Recording) -> None:
    def fail(*_: object) -> None:
        raise ValueError("broken")

    loop = Loop()
    recording.recorder.write = fail
    LoopMeter(recording.recorder, loop, loop.clock).start()
    loop.run(7 * MS)
    loop.run(7 * MS)
    assert recording.faults == 2
    assert loop.waiting is not None
