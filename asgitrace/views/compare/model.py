"""What a comparison consists of: sections of rows, each with both sides."""

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import IntEnum

from asgitrace.store.model import Event


class Mark(IntEnum):
    """How the two sides of a row are to one another."""

    SAME = 0
    CHANGED = 1
    REMOVED = 2
    """Only on the left."""
    ADDED = 3
    """Only on the right."""
    NOTE = 4
    """Good to know of both; no difference: times never agree."""

    @property
    def differs(self) -> bool:
        return self in (Mark.CHANGED, Mark.REMOVED, Mark.ADDED)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing as both have it; nothing of it is cleaned yet."""

    label: str
    left: str | None
    """None where it is not there."""
    right: str | None
    mark: Mark = Mark.SAME
    delta: str = ""
    """The difference where it is a number or a time."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of each exchange, or of one of them."""

    left: Event | None
    right: Event | None
    mark: Mark
    left_at: int = 0
    """When it happened, in ns from the exchange's start."""
    right_at: int = 0
    shift: int = 0
    """How much more time passed on the right than on the left since the events before that both
    have, in ns."""


AnyRow = Row | EventRow


@dataclass(slots=True)
class Section:
    """Rows about one subject."""

    title: str
    how: str = ""
    """By what it was compared, where there is a choice."""
    rows: list[AnyRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left out, and why."""
    differences: int = 0
    """As far as they were counted."""
    more: int = 0
    """Differences that were found and have no row."""

    def add(self, *rows: AnyRow) -> None:
        """One more row at its end."""
        for row in rows:
            self.rows.append(row)
            self.differences += row.mark.differs


Work = Generator[None, None, None]
"""Fills a section step by step."""


def valued(label: str, left: str | None, right: str | None, delta: str = "") -> Row:
    """A row of two values, marked by whether they are the same."""
    if left is None:
        mark = Mark.ADDED
    elif right is None:
        mark = Mark.REMOVED
    else:
        mark = Mark.SAME if left == right else Mark.CHANGED
    return Row(label, left, right, mark, delta)
