"""The axis of time below a chart."""

import time
from typing import Final

from asgitrace.views.charts.drawing import axis_labels, axis_line, plot_width
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.statistics.slices import Steps

_SECOND: Final = 1_000_000_000
_DAY: Final = 86_400 * _SECOND
_APART: Final = 14
"""Cells from one tick to the next at least."""

_INTERVALS: Final = (
    *(n * _SECOND // 10 for n in (1, 2, 5)),
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)),
    *(n * 3600 * _SECOND for n in (1, 2, 3, 6, 12)),
)


def time_axis(steps: Steps, width: int, look: Look) -> list[Cells]:
    """Two lines: the axis with its ticks, and the times of day below these."""
    ticks = list(_ticks(steps, plot_width(width)))
    lines = [axis_line(width, look, [column for column, _ in ticks], zero=True)]
    return [*lines, axis_labels(ticks, width, look)]


def _ticks(steps: Steps, columns: int) -> list[tuple[int, str]]:
    """The columns at round times, and what the clock said."""
    wanted = steps.step_ns * _APART
    interval = next((n for n in _INTERVALS if n >= wanted), -(-wanted // _DAY) * _DAY)
    zone = _offset(steps.end_ns)
    first = -(-(steps.start_ns + zone) // interval) * interval - zone
    # The last step is in the last column.
    shift = columns - steps.count
    found = []
    for at in range(first, steps.end_ns, interval):
        column = (at - steps.start_ns) // steps.step_ns + shift
        if 0 <= column < columns:
            found.append((int(column), _clock(at, interval)))
    return found


def _offset(wall_ns: int) -> int:
    try:
        return time.localtime(wall_ns // _SECOND).tm_gmtoff * _SECOND
    except (OverflowError, ValueError, OSError):  # a made-up time in a file somebody sent
        return 0


def _clock(wall_ns: int, interval: int) -> str:
    try:
        local = time.localtime(wall_ns // _SECOND)
    except (OverflowError, ValueError, OSError):
        return ""
    if interval >= _DAY:
        return f"{local.tm_mon:02}-{local.tm_mday:02}"
    text = f"{local.tm_hour:02}:{local.tm_min:02}"
    if interval < 60 * _SECOND:
        text += f":{local.tm_sec:02}"
    if interval < _SECOND:
        text += f".{wall_ns % _SECOND // (_SECOND // 10)}"
    return text
