"""How late an event loop is: a timer of ours that notes when it should have run and when it did."""

from collections.abc import Callable
from time import monotonic_ns
from typing import Final, Protocol

from asgitrace.events import Kind, pack_what
from asgitrace.recorder.recorder import Recorder

PERIOD: Final = 0.1
"""Seconds from one timer to the next."""

_PERIOD_NS: Final = 100_000_000
_LATE_NS: Final = 5_000_000
"""From this on each one is told."""

_KEPT: Final = 10
"""Of so many that were on time the latest is told."""

_LOOP: Final = pack_what(Kind.LOOP)


class Timer(Protocol):
    """What a loop gives for a call that is to come."""

    def cancel(self) -> None: ...


class Timers(Protocol):
    """As much of an event loop as is needed."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer: ...


class LoopMeter:
    """Records how late a loop is, for as long as it runs.

    Only for a loop that is ours: it is one more thing that the loop has to do, ten times a second.
    """

    __slots__ = ("_clock", "_due", "_latest", "_recorder", "_seen", "_timer", "_timers")

    def __init__(
        self, recorder: Recorder, timers: Timers, clock: Callable[[], int] = monotonic_ns
    ) -> None:
        self._recorder = recorder
        self._timers = timers
        self._clock = clock
        self._due = 0
        self._seen = 0
        self._latest = (0, 0)
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin; to be called in the loop."""
        self._due = self._clock() + _PERIOD_NS
        self._timer = self._timers.call_later(PERIOD, self._ran)

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()

    def excuse(self, span: int) -> None:
        """The loop stood for so many ns because it was made to: that is no lateness."""
        self._due += span

    def _ran(self) -> None:
        due, now = self._due, self._clock()
        late = now - due
        if not self._seen or late > self._latest[1] - self._latest[0]:
            self._latest = due, now
        self._seen += 1
        if late >= _LATE_NS or self._seen == _KEPT:
            self._seen = 0
            self._write(*self._latest)
        self.start()

    def _write(self, due: int, ran: int) -> None:
        try:
            self._recorder.write(_LOOP, 0, 0, due, ran, 0, b"")
        except Exception:
            self._recorder.fault()
