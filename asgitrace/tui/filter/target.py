"""What a filter is typed for: the list, or the events of one exchange."""

from dataclasses import dataclass
from typing import Protocol

from asgitrace.filter.model import Predicate


@dataclass(frozen=True, slots=True)
class Told:
    """How much of it a filter shows."""

    shown: int
    total: int
    progress: float | None = None
    """Share of the rows that were judged, while not all are."""
    failure: str = ""
    """Why it was stopped."""

    @property
    def text(self) -> str:
        """As it stands in the bar."""
        count = f"{self.shown:,} of {self.total:,}"
        if self.progress is None:
            return count
        return f"stopped  {count}" if self.failure else f"{self.progress:.0%} judged  {count}"


class Target(Protocol):
    """Something that has rows and a filter."""

    @property
    def what(self) -> str:
        """What the rows are, in the plural."""
        ...

    @property
    def filter_typed(self) -> str:
        """The filter in force as it was typed; empty where there is none."""
        ...

    def use(self, typed: str, predicate: Predicate | None) -> None:
        """Show only what passes; with None everything."""
        ...

    def told(self) -> Told | None:
        """What came of the filter in force; None where there is none."""
        ...

    def take_keys(self) -> None:
        """The keys are for its rows again."""
        ...
