"""The field `log`: what the app's process wrote while an exchange lasted.

Whose a line is cannot be known: it counts for every exchange of its process that was open when it
arrived.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter.fields.model import ExchangeField, Field
from asgitrace.filter.model import Mask
from asgitrace.filter.values import Condition, Type
from asgitrace.filter.view import Masks, View

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class LogLines:
    """The lines, by when they arrived."""

    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        memo = view.remembered((self, condition), lambda: _Lines(condition))
        memo.advance(view)
        return Masks.exact(memo.mask(view))


class _Lines:
    """When lines arrived that pass, and how far the log was read."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._read = 0
        self._passed: dict[int, list[int]] = {}
        self._failed: dict[int, list[int]] = {}
        """Arrivals of those that do not pass, which matter where none may."""

    def advance(self, view: View) -> None:
        """Take in the lines that are new, and forget those that are gone."""
        store: Store = view.listing  # type: ignore[assignment]
        lines = store.logs_since(self._read)
        self._read = max(self._read, store.log_total - len(lines))
        test = self._condition.test
        for index, line in enumerate(lines):
            if index % _AT_ONCE == _AT_ONCE - 1:
                view.breathe()
            self._read += 1
            passed = test(line.text)
            if passed or self._condition.negated:
                arrivals = self._passed if passed else self._failed
                arrivals.setdefault(line.source, []).append(line.time_ns)
        oldest = store.logs[0].time_ns if store.logs else 0
        for times in (*self._passed.values(), *self._failed.values()):
            del times[: bisect_left(times, oldest)]

    def mask(self, view: View) -> Mask:
        """The rows that were open when a line arrived that passes."""
        found = self._within(view, self._passed)
        if self._condition.negated:
            found = self._within(view, self._failed) & ~found
        return found

    def _within(self, view: View, arrivals: dict[int, list[int]]) -> Mask:
        found = view.nowhere()
        if not arrivals:
            return found
        first = view.column("started")
        last = first + view.durations()
        source = view.column("source")
        for number, times in arrivals.items():
            stamps = np.sort(np.array(times, np.int64))
            some = stamps.searchsorted(first) < stamps.searchsorted(last, side="right")
            found |= (source == number) & some
        return found


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="log", type=Type.TEXT, help="a line the app's process wrote while it lasted",
        example="log:warning", columns=LogLines(), timed=True, logged=True,
    ),
)  # fmt: skip
