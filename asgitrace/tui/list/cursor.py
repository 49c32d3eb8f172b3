"""Where one is in the list: which rows are in view and in which order, which one is selected,
whether it follows.

The selected row is held as the number of its exchange, never as a position, so that arrivals,
evictions, filters and a live sort move nothing under the reader's eyes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def no_numbers() -> Numbers:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What is to stay on its line: an exchange, the line, and the position that it had."""

    number: int
    line: int
    position: int


@dataclass(slots=True)
class ListCursor:
    """The rows in view, from top to bottom, and the place in them."""

    numbers: Numbers = field(default_factory=no_numbers)
    """Ascending, but where the list is sorted."""
    selected: int | None = None
    """Number of the selected exchange; it may have left the list."""
    follow: bool = True
    """The newest row is selected as it arrives; never where the list is sorted."""
    ascending: bool = True
    """The rows stand in the order of arrival."""
    column: str | None = None
    """Name of the column that the cell cursor is in."""
    _anchor: _Anchor | None = None
    _found: tuple[int, int] | None = None
    """The number that was looked for last, and its position."""

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def index(self) -> int | None:
        """Position of the selected row, or of the one in its place where it has left the list."""
        if not len(self.numbers):
            return None
        if self.selected is None:
            return 0
        return min(self.position(self.selected), len(self.numbers) - 1)

    @property
    def current(self) -> int | None:
        """Number of the exchange that a key would act on."""
        index = self.index
        return None if index is None else int(self.numbers[index])

    def select(self, index: int) -> None:
        """Go to a position; beyond the ends is at the ends."""
        if len(self.numbers):
            index = max(0, min(index, len(self.numbers) - 1))
            self.selected = int(self.numbers[index])
            self._found = self.selected, index

    def move(self, distance: int) -> None:
        """Go up or down from the selected row, and stay there."""
        self.follow = False
        index = self.index
        if index is not None:
            self.select(index + distance)

    def move_cell(self, distance: int, columns: Sequence[str]) -> None:
        """Go to another of these columns; the first step is to the first or the last of them."""
        if not columns:
            self.column = None
        elif self.column not in columns:
            self.column = columns[0 if distance > 0 else -1]
        else:
            place = columns.index(self.column) + distance
            self.column = columns[max(0, min(place, len(columns) - 1))]

    @property
    def held(self) -> bool:
        """Whether rows are taken in so that what was noted stays on its line."""
        return self._anchor is not None and not self.follow

    def note(self, top: int, height: int) -> None:
        """Remember what is on the screen, so that it can stay there when the rows change.

        Held as an exchange and its line: the selected one if it can be seen, else the topmost. At
        the top, and with nothing selected yet, the top itself is held.
        """
        self._anchor = None
        if len(self.numbers) and (top or self.selected is not None):
            index = self.index or 0
            place = index if top <= index < top + height else min(top, len(self.numbers) - 1)
            self._anchor = _Anchor(int(self.numbers[place]), place - top, place)

    def replace(self, numbers: Numbers, height: int, *, ascending: bool = True) -> int:
        """Take new rows in; returns the top at which what was noted stays where it was."""
        self._keep_place()
        self.numbers = numbers
        self.ascending = ascending
        if not ascending:
            self.follow = False
        if self.follow:
            self.select(len(numbers) - 1)
            return max(0, len(numbers) - height)
        anchor = self._anchor
        if anchor is None:
            return 0
        place = self._place(anchor.number)
        if place is None:  # it has left a sorted list: what comes after it takes its line
            place = anchor.position
        else:
            self._anchor = _Anchor(anchor.number, anchor.line, place)
        return max(0, min(place - anchor.line, len(numbers) - height))

    def top_showing(self, top: int, height: int) -> int:
        """The top nearest to ``top`` at which the selected row is on the screen."""
        index = self.index
        if index is None:
            return 0
        return max(index - height + 1, min(top, index), 0)

    def position(self, number: int) -> int:
        """Position of a row, or of the one in its place where it is not in the list."""
        place = self._place(number)
        if place is not None:
            return place
        if self._found is not None and self._found[0] == number:
            return self._found[1]
        return 0

    def _place(self, number: int) -> int | None:
        """Position of a row. In the order of arrival there is always one, that of the next row if
        need be; in another, None where the row is not there."""
        if self.ascending:
            return int(np.searchsorted(self.numbers, number))
        found = self._found
        if found is not None and found[0] == number and self._stands(*found):
            return found[1]
        places = np.flatnonzero(self.numbers == number)  # a third of a millisecond for a million
        if not len(places):
            return None
        if number == self.selected:
            self._found = number, int(places[0])
        return int(places[0])

    def _stands(self, number: int, place: int) -> bool:
        return place < len(self.numbers) and int(self.numbers[place]) == number

    def _keep_place(self) -> None:
        """Remember where the selected row was, should it leave the list."""
        if self.selected is not None and len(self.numbers):
            self._found = self.selected, self.position(self.selected)
