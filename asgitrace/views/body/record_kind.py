"""What a kind of records says of itself: where they are, what stands on their line, what they open
to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look

WINDOW: Final = 1 << 18
"""Bytes that are looked at in one go."""


class Unreadable(Exception):
    """The records end here; the message tells why, in a few words."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a record is: its bytes, and where to go on."""

    start: int
    end: int
    after: int


@dataclass(frozen=True, slots=True)
class Looked:
    """No record so far."""

    at: int
    """Where it begins at the earliest."""
    until: int
    """Up to where was looked; before the end of the data there is more to look at."""


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

    find: Callable[[bytearray, int, int, bool], Found | Looked]
    """The next record, from the data, the place where it begins at the earliest, the place up to
    which was looked, and whether nothing more comes. Looks at no more than a WINDOW. Raises
    Unreadable."""
    head: Callable[[Glance, Look], Cells]
    """The line of a record."""
    content: Callable[[bytes], Lines]
    """What it opens to; may be called beside the screen."""
    text: Callable[[bytes], str]
    """A record as a copy gives it, and as a search sees it."""
    opened: int = 0
    """How many of the first are open from the beginning, unless they are inside of others."""
    opens: Callable[[Glance], bool] = _always
    """Whether there is more to show of a record than its line."""


def skipped(data: bytearray, at: int, blank: re.Pattern[bytes]) -> int:
    """Behind what may be between records, or as much of it as is looked at in one go."""
    found = blank.match(data, at, at + WINDOW)
    return found.end() if found else at


def rest(data: bytearray, at: int, start: int, final: bool) -> Found | Looked:
    """What is left where no end of a record was found: one without an end, if nothing more
    comes."""
    if final and start < len(data):
        return Found(start, len(data), len(data))
    return Looked(at if start == len(data) else start, len(data))


def ended_by(mark: bytes, blank: re.Pattern[bytes]) -> Callable[..., Found | Looked]:
    """What finds records that a mark ends, with blanks between them."""

    def find(data: bytearray, at: int, looked: int, final: bool) -> Found | Looked:
        start = skipped(data, at, blank)
        if start == at + WINDOW:
            return Looked(start, start)
        end = data.find(mark, max(start, looked))
        return Found(start, end, end + len(mark)) if end >= 0 else rest(data, at, start, final)

    return find
