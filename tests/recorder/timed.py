"""A loop whose timer runs when it is told to."""

from collections.abc import Callable

from asgitrace.events import Kind
from asgitrace.recorder.loop import PERIOD
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
