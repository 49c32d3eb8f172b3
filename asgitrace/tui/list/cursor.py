"""Where one is in the list: which rows are in view, which one is selected, whether it follows.

The selected row is held as the number of its exchange, never as a position, so that arrivals,
evictions and filters move nothing under the reader's eyes.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def no_numbers() -> Numbers:
    return np.empty(0, np.int64)


@dataclass(slots=True)
class ListCursor:
    """The rows in view, ascending by number, and the place in them."""

    numbers: Numbers = field(default_factory=no_numbers)
    selected: int | None = None
    """Number of the selected exchange; it may have left the list."""
    follow: bool = True
    """The newest row is selected as it arrives."""
    _anchor: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def index(self) -> int | None:
        """Position of the selected row, or of the next one where it has left the list."""
        if not len(self.numbers):
            return None
        if self.selected is None:
            return 0
        return min(self._position(self.selected), len(self.numbers) - 1)

    @property
    def current(self) -> int | None:
        """Number of the exchange that a key would act on."""
        index = self.index
        return None if index is None else int(self.numbers[index])

    def select(self, index: int) -> None:
        """Go to a position; beyond the ends is at the ends."""
        if len(self.numbers):
            self.selected = int(self.numbers[max(0, min(index, len(self.numbers) - 1))])

    def move(self, distance: int) -> None:
        """Go up or down from the selected row, and stay there."""
        self.follow = False
        index = self.index
        if index is not None:
            self.select(index + distance)

    def note(self, top: int, height: int) -> None:
        """Remember what is on the screen, so that it can stay there when the rows change.

        Held as an exchange and its line: the selected one if it can be seen, else the topmost.
        """
        self._anchor = None
        if len(self.numbers):
            index = self.index or 0
            place = index if top <= index < top + height else min(top, len(self.numbers) - 1)
            self._anchor = (int(self.numbers[place]), place - top)

    def replace(self, numbers: Numbers, height: int) -> int:
        """Take new rows in; returns the top at which what was noted stays where it was."""
        self.numbers = numbers
        if self.follow:
            self.select(len(numbers) - 1)
            return max(0, len(numbers) - height)
        if self._anchor is None:
            return 0
        number, line = self._anchor
        return max(0, min(self._position(number) - line, len(numbers) - height))

    def top_showing(self, top: int, height: int) -> int:
        """The top nearest to ``top`` at which the selected row is on the screen."""
        index = self.index
        if index is None:
            return 0
        return max(index - height + 1, min(top, index), 0)

    def _position(self, number: int) -> int:
        return int(np.searchsorted(self.numbers, number))
