"""The record of a stop in a debugger."""

from collections.abc import Callable

from asgitrace.events import Kind
from asgitrace.recorder.loop import LoopMeter
from asgitrace.recorder.stop import record_stop
from tests.recorder.conftest import Recording
from tests.recorder.timed import MS, Loop, told


def test_what_is_told(make_recording: Callable[..., Recording]) -> None:
    recording = make_recording()
    record_stop(recording.recorder, 1, 7, 5, "app.py:3 in \ud800", held=True)
    record_stop(recording.recorder, 2, 0, 6, "", held=False)
    first, second = recording.events(Kind.DEBUGGER)
    header = first.header
    assert (header.exchange, header.call, header.number, header.called) == (7, 1, 1, 5)
    assert header.returned > header.called
    assert first.content["place"].startswith("app.py:3 in ")
    assert (second.header.exchange, second.header.call, second.header.number) == (0, 2, 0)
    assert second.header.length == 0


def test_an_error_is_counted(make_recording: Callable[..., Recording]) -> None:
    recording = make_recording()
    record_stop(recording.recorder, -1, 0, 0, "", held=False)
    assert recording.faults == 1


def test_it_is_no_lateness_of_the_loop(make_recording: Callable[..., Recording]) -> None:
    recording = make_recording()
    loop = Loop()
    meter = LoopMeter(recording.recorder, loop, loop.clock)
    meter.start()
    meter.excuse(900 * MS)
    loop.run(907 * MS)
    assert [late for _, late in told(recording)] == [7]
