"""How late a loop was: told where it matters, and else once a second."""

from collections.abc import Callable

import pytest

from asgitrace.recorder.loop import LoopMeter
from tests.recorder.conftest import Recording
from tests.recorder.timed import MS, Loop, told


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
