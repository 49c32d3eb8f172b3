"""The monotonic clock of the recordings and its anchor to wall time."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ClockAnchor:
    """One instant read from both clocks, in ns; it turns monotonic stamps into wall time."""

    monotonic_ns: int
    wall_ns: int

    @classmethod
    def now(cls) -> Self:
        """Read both clocks; the wall clock between two readings of the monotonic one."""
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        return cls((before + after) // 2, wall)

    def wall(self, monotonic_ns: int) -> int:
        """Wall time (ns since the epoch) of a monotonic stamp."""
        return self.wall_ns + monotonic_ns - self.monotonic_ns
