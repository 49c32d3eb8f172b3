"""What a field is, and what columns can tell of one."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Item, Subject
from asgitrace.filter.values import Condition, Scalar, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.model import RowKind

if TYPE_CHECKING:
    from asgitrace.store.store import Store

NAME: Final = "NAME"
"""Stands in the name of a field for what the user puts there."""


class Columns(Protocol):
    """What columns tell of a field, or for a field of events, of whether some event has it."""

    def masks(self, view: View, condition: Condition) -> Masks: ...

    @property
    def decides(self) -> bool:
        """Whether they leave nothing open."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A word of the language: everything that is to be known of it."""

    name: str
    type: Type
    help: str
    """One line."""
    example: str
    """A filter with it."""
    columns: Columns
    choices: Mapping[str, str] = field(default_factory=dict)
    """For a field with a choice of words, these with what they mean."""
    usual: Sequence[str] = ()
    """Values to be proposed though they were not seen."""
    names: Sequence[str] = ()
    """Where the user gives a part of the name, what is often given."""
    seen: "Callable[[Store], Iterable[str]] | None" = None
    """The distinct values in a store, in any order, at least some of them."""
    timed: bool = False
    """Whether it changes while time passes in an open exchange."""
    aging: bool = False
    """Whether it changes while time passes in any exchange."""
    noted: bool = False
    """Whether it changes with what the user notes."""
    logged: bool = False
    """Whether it changes with lines of the log."""

    @property
    def by_name(self) -> bool:
        """Whether the user gives a part of its name."""
        return self.name.endswith(NAME)

    @property
    def prefix(self) -> str:
        """Its name without what the user gives of it."""
        return self.name.removesuffix(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeField(Field):
    """A field of the exchange as a whole."""

    read: Callable[[Subject], Iterable[Scalar]] = lambda subject: ()
    """Its values; none where it is not there."""
    bind: "Callable[[str], Bound] | None" = None
    """Where the user gives a part of the name, what there is for that."""

    def named(self, name: str) -> "ExchangeField":
        """The field that the user has given a name."""
        assert self.bind is not None
        read, columns = self.bind(name)
        return replace(self, name=self.prefix + name, read=read, columns=columns, bind=None)


Bound: TypeAlias = tuple[Callable[[Subject], Iterable[Scalar]], Columns]
"""What reads a field, and what columns tell of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField(Field):
    """A field of single events."""

    read: Callable[[Item], Iterable[Scalar]]
    """Its values; none where the event does not have it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers."""

    values: Callable[[View], npt.NDArray[Any]]
    there: Callable[[npt.NDArray[Any]], Mask] | None = None
    """Which of them are no stand-in for nothing; None: all."""
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        values = self.values(view)
        found = condition.array(values)
        return Masks.exact(found if self.there is None else found & self.there(values))


@dataclass(frozen=True, slots=True)
class Strings:
    """A column of numbers of distinct strings, or of tuples of them."""

    column: str
    table: str
    part: Callable[[Any], str]
    """What of an entry of the table is meant; empty where it is not there."""
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        key = (self, condition)
        memo = view.remembered(key, lambda: StringMemo(self.part, condition))
        return Masks.exact(memo.mask(view, view.column(self.column), self.table))


_UNKNOWN, _NO, _YES = range(3)
_AT_ONCE: Final = 4096
_PATTERNS: Final = 16
_TEXTS: Final = 1024
"""Texts that are looked at between two looks at the clock."""


class StringMemo:
    """What was found out about the entries of a table, each once as long as it keeps its
    number."""

    def __init__(self, part: Callable[[Any], str], condition: Condition) -> None:
        self._part = part
        self._condition = condition
        self._epoch: Hashable = None
        self._known = np.zeros(0, np.uint8)
        self._breath = _PATTERNS if condition.pattern else _TEXTS

    def mask(self, view: View, numbers: npt.NDArray[Any], table: str) -> Mask:
        """Which rows have an entry that passes, by the numbers of their entries."""
        entries = getattr(view.listing, table)
        self._make_room(view.listing.string_epoch, len(entries))
        found = self._known[numbers]
        unknown = np.flatnonzero(view.asked(found == _UNKNOWN))
        for start in range(0, len(unknown), _AT_ONCE):
            some = numbers[unknown[start : start + _AT_ONCE]]
            some = np.unique(some[self._known[some] == _UNKNOWN])
            self._learn(view, entries, some)
        if len(unknown):
            found = self._known[numbers]
        passed: Mask = found == _YES
        return passed

    def _make_room(self, epoch: Hashable, count: int) -> None:
        if epoch != self._epoch:
            self._epoch = epoch
            self._known = np.zeros(0, np.uint8)
        if count > len(self._known):
            grown = np.zeros(max(count, 2 * len(self._known)), np.uint8)
            grown[: len(self._known)] = self._known
            self._known = grown

    def _learn(self, view: View, entries: Sequence[Any], numbers: npt.NDArray[Any]) -> None:
        part, test, negated = self._part, self._condition.test, self._condition.negated
        learnt: list[int] = []
        try:
            for number in numbers.tolist():
                text = part(entries[number])
                learnt.append(_YES if text and bool(test(text)) != negated else _NO)
                if len(learnt) % self._breath == 0:
                    view.breathe()
        finally:
            self._known[numbers[: len(learnt)]] = learnt


@dataclass(frozen=True)
class Words:
    """A field with a choice of words, of which a row may have several."""

    rules: Mapping[str, Callable[[View], Mask]]
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        everything = self.rules.keys()
        chosen = everything if condition.words is None else condition.words
        found = self._some(view, chosen)
        if condition.negated:
            found = self._some(view, everything) & ~found
        return Masks.exact(found)

    def _some(self, view: View, words: Iterable[str]) -> Mask:
        found = view.nowhere()
        for word in words:
            found |= self.rules[word](view)
        return found

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that has no values: it is there or not."""

    mask: Callable[[View], Mask]
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        return Masks.exact(self.mask(view))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A field that only the events can tell; columns say which exchanges cannot have it."""

    possible: Callable[[View], Mask]
    decides: bool = False

    def masks(self, view: View, condition: Condition) -> Masks:
        return Masks.perhaps(self.possible(view))


def exchanges(view: View) -> Mask:
    """All rows but notes on processes."""
    found: Mask = view.column("kind") != RowKind.PROCESS
    return found


def wired(view: View) -> Mask:
    """Those of which anything of the wire was recorded."""
    found: Mask = view.column("connection") > 0
    return found
