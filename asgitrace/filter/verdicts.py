"""How open rows were judged by their records: not again until something changes."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.filter.judges import ExchangeTerm, Judge, walk
from asgitrace.filter.model import Mask
from asgitrace.filter.view import View
from asgitrace.store.model import State

MOST: Final = 65_536
"""Rows of which it is kept."""


class Verdicts:
    """What came of open rows, each as it was then.

    Args:
        judge: what they are judged by.
    """

    def __init__(self, judge: Judge) -> None:
        self._deciding = [
            part
            for part in walk(judge)
            if isinstance(part, ExchangeTerm) and part.field.columns.decides
        ]
        self._kept: dict[int, tuple[Sequence[int], bool]] = {}

    def recall(self, view: View) -> dict[int, bool]:
        """What is known of the rows of a view, by their places in it."""
        known: dict[int, bool] = {}
        if self._kept:
            for place in np.flatnonzero(view.column("state") == State.OPEN).tolist():
                kept = self._kept.get(int(view.column("numbers")[place]))
                if kept is not None and kept[0] == self._key(view, place):
                    known[place] = kept[1]
        return known

    def keep(self, view: View, places: npt.NDArray[np.int64], shown: Mask) -> None:
        """What came of those of these rows that are open; ``shown`` is of all in the view."""
        for place in places[view.column("state")[places] == State.OPEN].tolist():
            if len(self._kept) >= MOST:
                self._kept.clear()
            number = int(view.column("numbers")[place])
            self._kept[number] = self._key(view, place), bool(shown[place])

    def _key(self, view: View, place: int) -> Sequence[int]:
        """Changes with all on which the verdict depends."""
        told = (int(judge.masks(view).sure[place]) for judge in self._deciding)
        return int(view.column("weight")[place]), int(view.column("missed")[place]), *told
