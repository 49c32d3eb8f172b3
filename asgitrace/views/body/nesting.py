"""Values of binary formats put together as their heads are read: without recursion, so that no
nesting is too deep, and in place, so that what was read before a damage is there."""

from collections.abc import Callable
from typing import Any, Final

from asgitrace.views.body.model import CannotRender, Rating, Sample
from asgitrace.views.body.values import Pairs, Tagged, ValueLines
from asgitrace.views.lines import Lines

ENDLESS: Final = -1
"""Count of a container that is ended by a mark."""

_PROBE: Final = 32
"""Heads that are read for a guess."""

_DAMAGED: Final = "damaged"
_CUT: Final = "the data ends here, in the middle of a value"


def take(data: bytes, at: int, size: int) -> bytes:
    """So many bytes from a place on. Raises Cut where there are fewer."""
    end = at + size
    if end > len(data):
        raise Cut
    return data[at:end]


def number(data: bytes, at: int, size: int) -> int:
    """An unsigned number of so many bytes. Raises Cut where there are fewer."""
    return int.from_bytes(take(data, at, size), "big")


class Damaged(Exception):
    """The data is not what it says; the message tells in a few words."""


class Cut(Exception):
    """The data ends in the middle of a value."""


class Nest:
    """Outermost values, and the containers that are open."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._add: Callable[[Any], None] = self.values.append
        self._left = ENDLESS
        self._done: Callable[[], None] | None = None
        self._stack: list[tuple[Callable[[Any], None], int, Callable[[], None] | None]] = []

    @property
    def depth(self) -> int:
        """How many containers are open."""
        return len(self._stack)

    @property
    def endless(self) -> bool:
        """Whether the innermost container is ended by a mark."""
        return bool(self._stack) and self._left < 0

    def add(self, value: Any) -> None:
        """A value that holds no others."""
        self._add(value)
        self._left -= self._left > 0
        self._settle()

    def open_list(self, count: int) -> None:
        """``count`` values follow."""
        items: list[Any] = []
        self._open(items, items.append, count)

    def open_pairs(self, count: int) -> None:
        """``count`` names with their values follow."""
        pairs = Pairs([])
        self._open(pairs, _Members(pairs).take, 2 * count if count > 0 else count)

    def open_tag(self, name: str, meaning: Callable[[Any], str]) -> None:
        """One value follows, of which the tag tells more."""
        tagged = Tagged(name)

        def hold(value: Any) -> None:
            tagged.value = value

        def note() -> None:
            tagged.note = meaning(tagged.value)

        self._open(tagged, hold, 1, note)

    def _open(
        self,
        container: Any,
        add: Callable[[Any], None],
        count: int,
        done: Callable[[], None] | None = None,
    ) -> None:
        self._add(container)
        self._left -= self._left > 0
        self._stack.append((self._add, self._left, self._done))
        self._add, self._left, self._done = add, count, done
        self._settle()

    def end(self) -> None:
        """The mark was met that ends the innermost container."""
        self._close()
        self._settle()

    def _settle(self) -> None:
        """Close what is full."""
        while not self._left:
            self._close()

    def _close(self) -> None:
        if self._done is not None:
            self._done()
        self._add, self._left, self._done = self._stack.pop()


class _Members:
    """Makes pairs of what comes."""

    def __init__(self, pairs: Pairs) -> None:
        self._items = pairs.items
        self._name: Any = None
        self._named = False

    def take(self, value: Any) -> None:
        if self._named:
            self._items.append((self._name, value))
        else:
            self._name = value
        self._named = not self._named


Head = Callable[[bytes, int, Nest], int]
"""Reads what is at a place into the nest and gives the place behind it; raises Damaged, or Cut."""


def read(data: bytes, head: Head, steps: int) -> tuple[list[Any], str]:
    """Values after one another: these, and why they end before the data does.

    At most ``steps`` heads are read."""
    nest = Nest()
    at = 0
    fault = ""
    try:
        while at < len(data) and steps:
            at = head(data, at, nest)
            steps -= 1
        if at < len(data):
            fault = f"not read from byte {at:,} on: too many values"
        elif nest.depth:
            fault = _CUT
    except Cut:
        fault = _CUT
    except Damaged as error:
        fault = f"{_DAMAGED} at byte {at:,}: {error}"
    return nest.values, fault


def shown(values: list[Any], fault: str) -> Lines:
    """What was read, as trees. Raises CannotRender where there is nothing."""
    if not values:
        raise CannotRender(fault or "there is nothing")
    return ValueLines(*values, note=fault)


def rated(sample: Sample, head: Head) -> Rating:
    """How much a body of no such type looks like the format: what most applications send is a map
    with names."""
    values, fault = read(sample.start, head, _PROBE)
    if not values or fault.startswith(_DAMAGED):
        return Rating.NO
    first = values[0]
    while isinstance(first, Tagged):
        first = first.value
    complete = not fault and sample.size == len(sample.start)
    match first:
        case Pairs([(str(name), _), *_]) if name.isprintable():
            return Rating.LIKELY
        case Pairs() if not complete:
            return Rating.NO
    return Rating.ABLE
