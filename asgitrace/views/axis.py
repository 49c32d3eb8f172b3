"""The window of a time axis: where it lies, how it moves, and where its ticks are.

All times are in ns. The window of a live list moves in steps of a fraction of its own length, and
one that shows everything grows in steps too, so that the bars rest between them.
"""

import time
from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 1_000
LONGEST: Final = 10**17
STEPS: Final = 8
"""In how many steps a window that follows moves on by its own length."""
_PAN: Final = 4
_LEAD: Final = 10
"""What was looked for stands at this fraction of the window."""
_CLOSEST: Final = 8
"""Cells between ticks, at least."""
_NICE: Final = (1, 2, 5)
_S: Final = 1_000_000_000
_DAY_S: Final = 86_400
_CLOCK_STEPS: Final = tuple(
    seconds * _S
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
                    43200, _DAY_S)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time."""

    start: int
    span: int

    @property
    def end(self) -> int:
        return self.start + self.span

    def holds(self, start: int, end: int) -> bool:
        """Whether any of that time lies inside."""
        return start < self.end and end >= self.start

    def zoomed(self, factor: float, at: int) -> "Window":
        """Shorter or longer by a factor; the instant ``at`` stays where it is."""
        span = _bounded(round(self.span * factor))
        return Window(at - (at - self.start) * span // self.span, span)

    def panned(self, steps: int) -> "Window":
        """Moved by so many quarters of its length."""
        return Window(self.start + self.span * steps // _PAN, self.span)

    def showing(self, start: int, end: int) -> "Window":
        """The same where it holds any of that time; else moved so that it begins near its left
        edge."""
        if self.holds(start, end):
            return self
        return Window(start - self.span // _LEAD, self.span)


def following(newest: int, span: int) -> Window:
    """The window of a length that ends with the newest, or up to a step later."""
    span = _bounded(span)
    step = max(1, span // STEPS)
    return Window((newest // step + 1) * step - span, span)


def whole(first: int, last: int, *, growing: bool) -> Window:
    """The window that shows everything; while that is growing its length is a round one."""
    span = _bounded(last - first)
    return Window(first, _round_up(span) if growing else span)


def _bounded(span: int) -> int:
    return max(SHORTEST, min(span, LONGEST))


def _round_up(span: int) -> int:
    scale: int = 10 ** (len(str(span)) - 1)
    return next(scale * n for n in (1, 2, 3, 5, 7, 10) if scale * n >= span)


def tick_step(span: int, most: int) -> int:
    """The time between ticks, a round one, so that there are at most so many of them."""
    least = max(1, -(-span // max(1, most)))
    if least > _CLOCK_STEPS[-1]:
        return -(-least // _CLOCK_STEPS[-1]) * _CLOCK_STEPS[-1]
    if least > _S // 2:
        return next(step for step in _CLOCK_STEPS if step >= least)
    scale: int = 10 ** (len(str(least)) - 1)
    return next(scale * n for n in (*_NICE, 10) if scale * n >= least)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis."""

    cell: int
    label: str


def ticks(window: Window, width: int) -> list[Tick]:
    """The ticks on an axis of ``width`` cells, each at a round time of the local clock and with
    room for its label."""
    step = tick_step(window.span, width // _CLOSEST)
    label = clock_label(window.start, step)
    if step * width // window.span < len(label) + 2:
        step = tick_step(window.span, width // (len(label) + 2))
    shift = _local_shift(window.start)
    first = -(-(window.start + shift) // step) * step - shift
    return [
        Tick((at - window.start) * width // window.span, clock_label(at, step))
        for at in range(first, window.end, step)
    ]


def _local_shift(wall: int) -> int:
    """What the local clock is ahead, so that ticks of hours stand at its hours."""
    try:
        return time.localtime(wall // _S).tm_gmtoff * _S
    except (OverflowError, ValueError, OSError):  # a made-up time in a file somebody sent
        return 0


def clock_label(wall: int, step: int) -> str:
    """A time as exactly as ticks at this distance need it: ``12:03``, ``12:03:04``, ``04.25s``."""
    seconds, rest = divmod(wall, _S)
    try:
        local = time.localtime(seconds)
    except (OverflowError, ValueError, OSError):
        return "--:--"
    if step >= _DAY_S * _S:
        return time.strftime("%m-%d", local)
    if step >= 60 * _S:
        return time.strftime("%H:%M", local)
    if step >= _S:
        return time.strftime("%H:%M:%S", local)
    digits = next(n for n in range(1, 10) if step * 10**n >= _S)
    return f"{local.tm_sec:02}.{rest // 10 ** (9 - digits):0{digits}}s"
