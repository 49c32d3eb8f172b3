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
    rows: int
    """Exchanges in the list of the screen."""
    keys: int
    """Keys pressed for one figure of the screen."""
    watched: float
    """Seconds for which the screen is watched under load."""
    trace: int
    """Bytes of a trace file that is opened."""
    flows: int
    """Exchanges in a file that mitmproxy opens too."""


FULL: Final = Effort(
    15, 0.15, 40_000, 1, 6, 3, 15, 3, 1.0, 10_000, 1 << 30, False,
    1_000_000, 120, 60.0, 10**9, 20_000,
)  # fmt: skip
QUICK: Final = Effort(
    5, 0.04, 40_000, 1, 3, 1, 5, 1, 0.4, 1_000, 1 << 26, False,
    50_000, 30, 5.0, 10**7, 2_000,
)  # fmt: skip
SMOKE: Final = Effort(
    2, 0.0, 20, 0, 1, 1, 1, 1, 0.03, 20, 1 << 20, True,
    500, 2, 0.2, 10**5, 50,
)  # fmt: skip
"""Shows that everything runs; its figures mean nothing."""
