"""The fields `log` and `log.level`: what the app's process wrote for an exchange.

Where it is known whose a line is, it counts for that exchange and no other. Else `log` lets it
count for every exchange of its process that was open when it arrived, and `log.level` for none.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter.fields.model import ExchangeField, Field
from asgitrace.filter.model import Mask
from asgitrace.filter.values import Condition, Scalar, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.model import LogLine

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_AT_ONCE: Final = 16


def _text(line: LogLine) -> Scalar:
    return line.text


def _level(line: LogLine) -> Scalar | None:
    return line.level or None if line.exchange else None


@dataclass(frozen=True, slots=True)
class LogLines:
    """The lines."""

    read: Callable[[LogLine], Scalar | None]
    """What is asked of a line; None where it does not have that."""
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        memo = view.remembered((self, condition), lambda: _Lines(self.read, condition))
        memo.advance(view)
        return Masks.exact(memo.mask(view))


class _Found:
    """Lines of which all passed, or none."""

    def __init__(self) -> None:
        self._arrivals: dict[int, list[int]] = {}
        """By process, when those arrived of which nobody knows whose they are."""
        self._own: dict[int, int] = {}
        """By row, when the latest of its own arrived."""

    def add(self, line: LogLine) -> None:
        if line.exchange:
            self._own[line.exchange] = line.time_ns
        else:
            self._arrivals.setdefault(line.source, []).append(line.time_ns)

    def forget(self, oldest: int) -> None:
        """Those that arrived before are gone."""
        for times in self._arrivals.values():
            del times[: bisect_left(times, oldest)]
        gone = [number for number, time_ns in self._own.items() if time_ns < oldest]
        for number in gone:
            del self._own[number]

    def rows(self, view: View) -> Mask:
        """The rows whose own are among them, or that were open when one arrived."""
        own = np.fromiter(self._own, np.int64, len(self._own))
        own.sort()
        found = view.annotated(own)
        if not self._arrivals:
            return found
        first = view.column("started")
        last = first + view.durations()
        source = view.column("source")
        for number, times in self._arrivals.items():
            stamps = np.sort(np.array(times, np.int64))
            some = stamps.searchsorted(first) < stamps.searchsorted(last, side="right")
            found |= (source == number) & some
        return found


class _Lines:
    """The lines that pass and those that do not, and how far the log was read."""

    def __init__(self, read: Callable[[LogLine], Scalar | None], condition: Condition) -> None:
        self._field = read
        self._condition = condition
        self._read = 0
        self._passed = _Found()
        self._failed = _Found()
        """Those that do not pass, which matter where none may."""

    def advance(self, view: View) -> None:
        """Take in the lines that are new, and forget those that are gone."""
        store: Store = view.listing  # type: ignore[assignment]
        lines = store.logs_since(self._read)
        self._read = max(self._read, store.log_total - len(lines))
        asked = self._condition
        for index, line in enumerate(lines):
            if index % _AT_ONCE == _AT_ONCE - 1:
                view.breathe()
            self._read += 1
            value = self._field(line)
            if value is None:
                continue
            passed = asked.there or asked.test(value)
            if passed or asked.negated:
                (self._passed if passed else self._failed).add(line)
        oldest = store.logs[0].time_ns if store.logs else 0
        for found in (self._passed, self._failed):
            found.forget(oldest)

    def mask(self, view: View) -> Mask:
        """The rows that have such a line."""
        found = self._passed.rows(view)
        if self._condition.negated:
            found = self._failed.rows(view) & ~found
        return found


def _nothing(_: object) -> Iterable[Scalar]:
    """Of an exchange alone nobody knows what was logged."""
    return ()


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="log", type=Type.TEXT,
        help="a line the app's process wrote for it; while it lasted, where that is not known",
        example="log:warning", columns=LogLines(_text), read=_nothing, timed=True, logged=True,
    ),
    ExchangeField(
        name="log.level", type=Type.LEVEL, help="level of a log record that is known to be its own",
        example="log.level>=warning", columns=LogLines(_level), read=_nothing, logged=True,
        usual=("debug", "info", "warning", "error", "critical"),
    ),
)  # fmt: skip
