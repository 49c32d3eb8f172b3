"""How much is measured: the counts and durations of a run."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """Counts and durations, so that a whole run is bounded in time."""

    rounds: int
    """Rounds of the in-process loops; in each, every variant has its turn."""
    sample_seconds: float
    """CPU time that one turn of an in-process loop should take."""
    lap: int
    """Exchanges before measuring: with more than 30,000 a ring of 64 MiB has been written once."""
    load_warm_up: int
    """Rounds under load that do not count."""
    load_rounds: int
    """Rounds under load from a client process."""
    load_seconds: int
    """Seconds of one turn under load."""
    starts: int
    """How often each program is started."""
    server_rounds: int
    """Rounds in which every server has its turn; one before them does not count."""
    server_seconds: float
    """Seconds of one such turn."""
    idle: int
    """Connections held idle."""
    transfer: int
    """Bytes of one upload or download."""
    few: bool
    """Whether a few servers do where each is started many times."""


FULL: Final = Effort(15, 0.15, 40_000, 1, 6, 3, 15, 3, 1.0, 10_000, 1 << 30, False)
QUICK: Final = Effort(5, 0.04, 40_000, 1, 3, 1, 5, 1, 0.4, 1_000, 1 << 26, False)
SMOKE: Final = Effort(2, 0.0, 20, 0, 1, 1, 1, 1, 0.03, 20, 1 << 20, True)
"""Shows that everything runs; its figures mean nothing."""
