"""The nodes of a filter made ready: each can be asked of columns, of an exchange and of an event.

Asked of columns, a node says which rows pass for sure and which possibly do; ``not`` swaps the two
in its way, and what lies between is left to the exact question. A term on events asked of an
exchange means any event. Within a quantifier it is asked of one event, and so is all that is
and-ed to it there; a term on the exchange then means the exchange of the event.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from asgitrace.filter.fields import EventField, ExchangeField
from asgitrace.filter.subject import Item, Subject
from asgitrace.filter.values import Condition
from asgitrace.filter.view import Masks, View

Line = Sequence[Item]
"""Events that are shown as one: a message with its frames. A term on events passes where one of
them does, so that of a line too a term and its opposite never both pass."""


class Judge(Protocol):
    """One node."""

    @property
    def parts(self) -> "Sequence[Judge]":
        """The nodes below it."""
        ...

    def masks(self, view: View) -> Masks:
        """Which rows pass."""
        ...

    def some(self, view: View) -> Masks:
        """Which rows have an event that passes."""
        ...

    def holds(self, subject: Subject) -> bool:
        """Whether an exchange passes."""
        ...

    def passes(self, item: Item) -> bool:
        """Whether an event passes."""
        ...

    def keeps(self, line: Line) -> bool | None:
        """Whether a line of events passes by itself; None where that is no question to single
        events."""
        ...


# Compared by identity: what a view has worked out is kept by its term.
@dataclass(frozen=True, slots=True, eq=False)
class ExchangeTerm:
    """A term on the exchange as a whole."""

    field: ExchangeField
    condition: Condition
    parts: Sequence[Judge] = ()

    def masks(self, view: View) -> Masks:
        return view.masks(self, lambda view: self.field.columns.masks(view, self.condition))

    def some(self, view: View) -> Masks:
        return Masks.perhaps(self.masks(view).possible)

    def holds(self, subject: Subject) -> bool:
        if subject.view is not None and self.field.columns.decides:
            return bool(self.masks(subject.view).sure[subject.place])
        return self.condition.holds(self.field.read(subject))

    def passes(self, item: Item) -> bool:
        return self.holds(item.subject)

    def keeps(self, line: Line) -> bool | None:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class EventTerm:
    """A term on events."""

    field: EventField
    condition: Condition
    parts: Sequence[Judge] = ()

    def masks(self, view: View) -> Masks:
        return view.masks(self, lambda view: self.field.columns.masks(view, self.condition))

    def some(self, view: View) -> Masks:
        return self.masks(view)

    def holds(self, subject: Subject) -> bool:
        return any(map(self.passes, subject.items))

    def passes(self, item: Item) -> bool:
        return self.condition.holds(self.field.read(item))

    def keeps(self, line: Line) -> bool | None:
        return any(map(self.passes, line))


@dataclass(frozen=True, slots=True)
class Negation:
    """What does not pass."""

    part: Judge

    @property
    def parts(self) -> Sequence[Judge]:
        return (self.part,)

    def masks(self, view: View) -> Masks:
        return self.part.masks(view).opposite()

    def some(self, view: View) -> Masks:
        return Masks.perhaps(view.everywhere())

    def holds(self, subject: Subject) -> bool:
        return not self.part.holds(subject)

    def passes(self, item: Item) -> bool:
        return not self.part.passes(item)

    def keeps(self, line: Line) -> bool | None:
        kept = self.part.keeps(line)
        return None if kept is None else not kept


@dataclass(frozen=True, slots=True)
class Conjunction:
    """What passes all parts."""

    parts: Sequence[Judge]

    def masks(self, view: View) -> Masks:
        found = self.parts[0].masks(view)
        for part in self.parts[1:]:
            with view.only(found.possible):
                found = found.both(part.masks(view))
        return found

    def some(self, view: View) -> Masks:
        possible = view.everywhere()
        for part in self.parts:
            with view.only(possible):
                possible = possible & part.some(view).possible
        return Masks.perhaps(possible)

    def holds(self, subject: Subject) -> bool:
        return all(part.holds(subject) for part in self.parts)

    def passes(self, item: Item) -> bool:
        return all(part.passes(item) for part in self.parts)

    def keeps(self, line: Line) -> bool | None:
        found = [part.keeps(line) for part in self.parts]
        return False if False in found else None if None in found else True


@dataclass(frozen=True, slots=True)
class Disjunction:
    """What passes one part."""

    parts: Sequence[Judge]

    def masks(self, view: View) -> Masks:
        found = self.parts[0].masks(view)
        for part in self.parts[1:]:
            with view.only(~found.sure):
                found = found.either(part.masks(view))
        return found

    def some(self, view: View) -> Masks:
        found = self.parts[0].some(view)
        for part in self.parts[1:]:
            found = found.either(part.some(view))
        return found

    def holds(self, subject: Subject) -> bool:
        return any(part.holds(subject) for part in self.parts)

    def passes(self, item: Item) -> bool:
        return any(part.passes(item) for part in self.parts)

    def keeps(self, line: Line) -> bool | None:
        found = [part.keeps(line) for part in self.parts]
        return True if True in found else None if None in found else False


class _OfExchange:
    """What a quantifier is to single events: a fact of their exchange."""

    __slots__ = ()

    def some(self: Any, view: View) -> Masks:
        return Masks.perhaps(self.masks(view).possible)

    def passes(self: Any, item: Item) -> bool:
        kept = item.subject.kept
        key = str(id(self))
        if key not in kept:
            kept[key] = self.holds(item.subject)
        return bool(kept[key])

    def keeps(self, line: Line) -> bool | None:
        return None


class Tally(_OfExchange):
    """How many events pass, of those that have one of the fields asked for.

    Args:
        part: what they are to pass.
        enough: whether so many, of so many, are as it should be.
        zero: the same where none passes.
        one: the same where it is only known that some do; None where that is open.
    """

    __slots__ = ("_enough", "_fields", "_one", "_zero", "parts")

    def __init__(self, part: Judge, enough: "Enough", *, zero: bool, one: bool | None) -> None:
        self.parts: Sequence[Judge] = (part,)
        self._enough = enough
        self._zero = zero
        self._one = one
        self._fields = tuple(event_fields(part))

    def masks(self, view: View) -> Masks:
        some = self.parts[0].some(view)
        sure = ~some.possible if self._zero else view.nowhere()
        possible = view.everywhere() if self._zero else some.possible
        if self._one is True:
            sure = sure | some.sure
        elif self._one is False:
            possible = possible & ~some.sure
        return Masks(sure, possible)

    def holds(self, subject: Subject) -> bool:
        part = self.parts[0]
        if self._one is not None:
            some = any(part.passes(item) and self._concerns(item) for item in subject.items)
            return self._one if some else self._zero
        asked = passed = 0
        for item in subject.items:
            if self._concerns(item):
                asked += 1
                passed += part.passes(item)
        return self._enough(passed, asked)

    def _concerns(self, item: Item) -> bool:
        fields = self._fields
        return not fields or any(_is_there(field, item) for field in fields)


def _is_there(field: EventField, item: Item) -> bool:
    for _ in field.read(item):
        return True
    return False


class Succession(_OfExchange):
    """Events in an order: each later than the one before it.

    Args:
        parts: what they are to pass, one after the other.
        within: ns from the first to the last at most; None for any time.
    """

    __slots__ = ("_within", "parts")

    def __init__(self, parts: Sequence[Judge], within: int | None) -> None:
        self.parts = parts
        self._within = within

    def masks(self, view: View) -> Masks:
        possible = view.everywhere()
        for part in self.parts:
            possible &= part.some(view).possible
        return Masks.perhaps(possible)

    def holds(self, subject: Subject) -> bool:
        # For each step the latest beginning of a succession that has come so far: if that one is
        # not within the time, none is.
        begun: list[int | None] = [None] * len(self.parts)
        last = len(self.parts) - 1
        for item in subject.items:
            at = item.at
            for step in range(last, -1, -1):
                start = at if step == 0 else begun[step - 1]
                if start is None or (self._within is not None and at - start > self._within):
                    continue
                if self.parts[step].passes(item):
                    if step == last:
                        return True
                    known = begun[step]
                    begun[step] = start if known is None else max(known, start)
        return False


Enough = Callable[[int, int], bool]
"""Whether so many events that pass, of so many that were asked, are as it should be."""

QUANTIFIERS: Final[dict[str, tuple[Enough, bool, bool | None]]] = {
    "any": (lambda passed, asked: passed > 0, False, True),
    "all": (lambda passed, asked: 0 < passed == asked, False, None),
    "none": (lambda passed, asked: passed == 0, True, False),
}
"""See `Tally`. ``all`` wants one event at least: that no message was late says nothing where there
was no message."""


def walk(judge: Judge) -> Iterator[Judge]:
    """A node and all below it."""
    yield judge
    for part in judge.parts:
        yield from walk(part)


def event_fields(judge: Judge) -> Iterator[EventField]:
    """The fields of events that are asked for by a node, not by the quantifiers within."""
    if isinstance(judge, EventTerm):
        yield judge.field
    elif not isinstance(judge, _OfExchange):
        for part in judge.parts:
            yield from event_fields(part)
