"""Places in a list of events, which are kept when it is shown otherwise."""

from dataclasses import dataclass
from typing import Final

AROUND: Final = 32
"""Lines before and behind a moment that are looked through for the one that is meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a line stands for; the line of what was overwritten stands for nothing."""

    event: int | None = None
    wire: int | None = None
    at: int | None = None
    """Monotonic ns."""

    def distance(self, other: "Place") -> tuple[int, int]:
        """How far another line is from this; the least is the one to go to."""
        if self.at is None or other.at is None:
            return (0 if self.at is other.at else 3), 0
        if self.event is not None and self.event == other.event:
            return 0, 0
        same = self.wire is not None and self.wire == other.wire
        return (1 if same else 2), abs(self.at - other.at)


@dataclass(frozen=True, slots=True)
class Sought:
    """A place that may not be among the lines yet."""

    place: Place
    row: int = -1
    """The row of the window it is to be in; any with -1."""
    cursor: int = -1
    """The line that stands for it meanwhile."""
