"""What a kind of records says of itself: where they are, what stands on their line, what they open
to."""

from collections.abc import Callable
from dataclasses import dataclass

from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look


class Unreadable(Exception):
    """The records end here; the message tells why, in a few words."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a record is: its bytes, and where to go on."""

    start: int
    end: int
    after: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What the line of a record is made of."""

    data: bytes
    """Its first bytes."""
    size: int
    number: int

    @property
    def whole(self) -> bool:
        """The first bytes are all of it."""
        return len(self.data) == self.size


def _always(glance: Glance) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of records."""

    find: Callable[[bytearray, int, int, bool], Found | int]
    """From the data, a place where a record begins, another one up to which was looked, and whether
    nothing more comes: the next record, or up to where was looked. Raises Unreadable."""
    head: Callable[[Glance, Look], Cells]
    """The line of a record."""
    content: Callable[[bytes, int], Lines]
    """What it opens to, from its bytes and its number."""
    text: Callable[[bytes], str]
    """A record as a copy gives it, and as a search sees it."""
    opened: int = 0
    """How many of the first are open from the beginning, unless they are inside of others."""
    opens: Callable[[Glance], bool] = _always
    """Whether there is more to show of a record than its line."""
