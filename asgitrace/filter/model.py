"""What the filter language gives to those who use it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from asgitrace.store.model import Event, Exchange, WireEvent

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on typing a filter."""

    text: str
    """What is put in place of the characters from ``start`` to ``end``."""
    start: int
    end: int
    label: str
    """How it is shown."""
    help: str
    """One line: what it means."""


class Predicate(Protocol):
    """A filter that was read and is ready to be used; made by ``compile_filter``."""

    @property
    def text(self) -> str:
        """As it was typed."""
        ...

    @property
    def by_event(self) -> bool:
        """Whether it has terms that single events answer, so that it can filter a timeline."""
        ...

    def accepts(self, exchange: "Exchange", now: int) -> bool:
        """Whether one exchange passes, judged by all its events; ``now`` in monotonic ns."""
        ...

    def lines(
        self, exchange: "Exchange", lines: "Iterable[tuple[Event | None, Sequence[WireEvent]]]"
    ) -> Iterator[bool]:
        """For each line of events, an ASGI event with the wire events that are shown as one with
        it, whether it passes by itself. Terms on the exchange as a whole, and the quantifiers, let
        every line pass here."""
        ...


class Matcher(Protocol):
    """Which rows of a store pass, kept up to date in slices; made by ``match``."""

    @property
    def numbers(self) -> Numbers:
        """The rows that pass as far as is known, ascending; valid until the store's next change."""
        ...

    @property
    def done(self) -> bool:
        """Whether every row was judged as it was at the last ``advance``."""
        ...

    @property
    def progress(self) -> float:
        """Share of the rows that were judged, 0 to 1."""
        ...

    @property
    def failure(self) -> str:
        """A sentence where matching was stopped, because a pattern took too long; else empty."""
        ...

    def advance(self, now: int, go_on: Callable[[], bool]) -> bool:
        """Judge rows that are new or changed, as long as ``go_on`` says so (asked after each small
        slice); returns whether ``numbers`` changed. Rows whose columns decide are judged at once.
        """
        ...
