"""Where the facts of several servers differ: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from asgitrace.versus.facts import NOTHING, PARTS, Facts, Name

_ORDER: Final = {part: place for place, part in enumerate(PARTS)}


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, as it is under each server; of all exchanges in which it is so."""

    name: Name
    values: tuple[str, ...]
    """One a server, in their order; NOTHING where the server has none."""
    plays: tuple[str, ...]
    """The exchanges."""

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def compare(facts: Mapping[str, Sequence[Facts]]) -> list[Row]:
    """All facts, by part; those that are the same in several exchanges are one row.

    Args:
        facts: by exchange, one for each server, in the same order.
    """
    merged: dict[tuple[Name, tuple[str, ...]], list[str]] = {}
    for play, each in facts.items():
        for name in _names(each):
            values = tuple(found.get(name, NOTHING) for found in each)
            merged.setdefault((name, values), []).append(play)
    rows = [Row(name, values, tuple(plays)) for (name, values), plays in merged.items()]
    # The order of a part's names is that in which they were met; sorting keeps it.
    met = {name: place for place, name in enumerate(dict.fromkeys(row.name for row in rows))}
    return sorted(rows, key=lambda row: (_ORDER.get(row.name.part, len(_ORDER)), met[row.name]))


def _names(facts: Sequence[Facts]) -> Iterator[Name]:
    yield from dict.fromkeys(name for found in facts for name in found)


def merge(values: Sequence[str]) -> list[int]:
    """For each value the place of the first that is the same: its own, if there is none before."""
    first: dict[str, int] = {}
    return [first.setdefault(value, place) for place, value in enumerate(values)]
