"""Where the facts of several servers differ: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from asgitrace.versus.facts import APP_PARTS, NOT_CALLED, NOTHING, PARTS, UNKNOWN, Facts, Name

_CALLS: Final = Name("events", "order")
_STATUS: Final = Name("response", "status")
_ORDER: Final = {part: place for place, part in enumerate(PARTS)}


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, as it is under each server; of all exchanges in which it is so."""

    name: Name
    values: tuple[str, ...]
    """One a server, in their order; NOTHING where the server has none, UNKNOWN where there was no
    occasion to see it."""
    plays: tuple[str, ...]
    """The exchanges."""

    @property
    def differs(self) -> bool:
        """Whether two servers that had occasion to show it disagree."""
        return len({*self.values} - {UNKNOWN}) > 1


def compare(facts: Mapping[str, Sequence[Facts]]) -> list[Row]:
    """All facts, by part; those that are the same in several exchanges are one row.

    Args:
        facts: by exchange, one for each server, in the same order.
    """
    merged: dict[tuple[Name, tuple[str, ...]], list[str]] = {}
    for play, each in facts.items():
        for name in _names(each):
            values = tuple(_value(found, name) for found in each)
            merged.setdefault((name, values), []).append(play)
    rows = [Row(name, values, tuple(plays)) for (name, values), plays in merged.items()]
    # The order of a part's names is that in which they were met; sorting keeps it.
    met = {name: place for place, name in enumerate(dict.fromkeys(row.name for row in rows))}
    return sorted(rows, key=lambda row: (_ORDER.get(row.name.part, len(_ORDER)), met[row.name]))


def _value(facts: Facts, name: Name) -> str:
    found = facts.get(name)
    if found is not None:
        return found
    called = facts.get(_CALLS) != NOT_CALLED
    # A header's absence tells nothing where there is no response.
    seen = called if name.part in APP_PARTS else called and _STATUS in facts
    return NOTHING if seen else UNKNOWN


def _names(facts: Sequence[Facts]) -> Iterator[Name]:
    yield from dict.fromkeys(name for found in facts for name in found)


def merge(values: Sequence[str]) -> list[int]:
    """For each value the place of the first that is the same: its own, if there is none before."""
    first: dict[str, int] = {}
    return [first.setdefault(value, place) for place, value in enumerate(values)]
