"""What is made of times and frames."""

import math
import random
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.report import Budget, Row, absent, figure
from benchmarks.ui.watch import Frame, Watch

UP: Final = b"\x1b[A"
DOWN: Final = b"\x1b[B"
_PATIENCE: Final = 5.0


def share(times: Sequence[float], part: float) -> float:
    """The time that this part of the others does not exceed."""
    ordered = sorted(times)
    return ordered[max(math.ceil(len(ordered) * part) - 1, 0)]


def one(name: str, unit: str, value: float, budget: Budget | None = None) -> Row:
    """A row of a single figure."""
    return figure(name, unit, [value], budget)


def at_most(limit: float) -> Budget:
    """A figure that must not be larger."""
    return Budget("≤", limit, "median")


def at_least(limit: float) -> Budget:
    """A figure that must not be smaller."""
    return Budget("≥", limit, "median")


def key_times(watch: Watch, count: int, *, shortest: float = 0.03) -> list[float]:
    """Milliseconds from a key that moves the cursor to the end of the frame that shows it moved;
    at random intervals, as fixed ones lock to the frames. A key without an answer counts as the
    time that was waited."""
    times = []
    for number in range(count):
        time.sleep(random.uniform(shortest, shortest + 0.1))
        before = watch.selected()

        def moved(frame: Frame, before: int | None = before) -> bool:
            return frame.selected is not None and frame.selected != before

        pressed = watch.press(DOWN if number % 2 else UP)
        frame = watch.wait(moved, _PATIENCE, since=pressed)
        times.append((_PATIENCE if frame is None else frame.at - pressed) * 1e3)
    return times


def key_rows(name: str, times: Sequence[float], p50: float | None, p95: float | None) -> list[Row]:
    """The middle, the 95th percentile and the worst."""
    if not times:
        return [absent(name, "no key was pressed")]
    return [
        one(f"{name}, p50", "ms", share(times, 0.5), at_most(p50) if p50 else None),
        one(f"{name}, p95", "ms", share(times, 0.95), at_most(p95) if p95 else None),
        one(f"{name}, worst", "ms", max(times)),
    ]
