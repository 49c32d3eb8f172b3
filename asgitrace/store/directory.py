"""Connections as they are looked at: their facts, with the rows of their exchanges."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, overload

import numpy as np

from asgitrace.events import Record
from asgitrace.store.columns import Array
from asgitrace.store.connections import Connections, Known
from asgitrace.store.model import Connection, State
from asgitrace.store.rows import Rows
from asgitrace.store.source import Source

EXCHANGES: Final = 1000
"""Rows of a connection that are told, at most."""

_SOURCE_SHIFT: Final = 32
_NO_ROWS: Final = np.zeros(0, np.int64)
_NONE: Final = -1
"""No row's connection: those without a wire have the number 0."""


class Directory:
    """Looks up connections."""

    def __init__(self, known: Connections, sources: Sequence[Source], rows: Rows) -> None:
        self._known = known
        self._sources = sources
        self._columns = rows.columns

    def one(self, source: int, number: int) -> Connection | None:
        """One connection; None where it is not known."""
        known = self._known.get(source, number)
        if known is None:
            return None
        columns = self._columns
        ours = columns.column("connection") == (number or _NONE)
        places = np.flatnonzero(ours & (columns.column("source") == source))
        return self.describe(
            known, columns.column("number")[places], columns.column("state")[places]
        )

    def facts(self, source: int, number: int) -> Connection | None:
        """One connection without its rows, which all rows had to be looked through for."""
        known = self._known.get(source, number)
        return None if known is None else self.describe(known, _NO_ROWS, _NO_ROWS)

    def all(self) -> "ConnectionList":
        """All that are known, in the order of their first event."""
        columns = self._columns
        carried = np.flatnonzero(columns.column("connection"))
        keys = columns.column("source")[carried].astype(np.int64) << _SOURCE_SHIFT
        keys |= columns.column("connection")[carried]
        order = np.argsort(keys, kind="stable")
        numbers, states = (columns.column(name)[carried[order]] for name in ("number", "state"))
        return ConnectionList(self, self._known.all(), Exchanges(keys[order], numbers, states))

    def describe(self, known: Known, numbers: Array, states: Array) -> Connection:
        """A connection with its rows, given by their numbers and states."""
        received, sent, requests = known.exact or (known.received, known.sent, known.requests)
        return Connection(
            self._sources[known.source].process,
            known.number,
            known.opened,
            known.closed,
            known.peer,
            known.local,
            known.tls,
            known.end,
            received,
            sent,
            requests,
            tuple(numbers[-EXCHANGES:].tolist()),
            State.OPEN in states.tolist(),
            known.events(),
            known.dropped,
        )

    def records(self, numbers: Iterable[int]) -> Iterator[tuple[int, Record]]:
        """The records that belong to these rows' connections, and to no exchange but for their
        ends."""
        columns = self._columns
        places = [columns.place(number) for number in numbers]
        found = {
            tuple(columns.values(place, ("source", "connection")))
            for place in places
            if place is not None
        }
        for source, number in sorted(found):
            known = self._known.get(source, number)
            if known is None:
                continue
            for record in known.records():
                yield source, record
            if known.within is not None:
                exchange, sequence = known.within
                segments = self._sources[source].segments
                for record in segments.exchange(exchange, sequence, sequence, sequence - 1):
                    if record.header.sequence == sequence:
                        yield source, record


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Rows of all connections: those of one lie together, in their order."""

    keys: Array
    """Whose they are: number of the process and of the connection in one."""
    numbers: Array
    states: Array

    def of(self, known: Known) -> tuple[Array, Array]:
        """Numbers and states of a connection's rows."""
        key = known.source << _SOURCE_SHIFT | known.number
        first, last = self.keys.searchsorted((key, key + 1)).tolist()
        return self.numbers[first:last], self.states[first:last]


class ConnectionList(Sequence[Connection]):
    """Connections as they are at one moment, each described when it is looked at: most of a long
    list never are."""

    def __init__(self, directory: Directory, known: list[Known], exchanges: Exchanges) -> None:
        self._directory = directory
        self._known = known
        self._exchanges = exchanges

    @property
    def open(self) -> int:
        """How many of them are not closed."""
        return sum(known.closed is None for known in self._known)

    @property
    def busy(self) -> int:
        """How many of those have an exchange that is open."""
        keys = self._exchanges.keys[self._exchanges.states == State.OPEN]
        busy = set(keys.tolist())
        return sum(
            known.closed is None and known.source << _SOURCE_SHIFT | known.number in busy
            for known in self._known
        )

    def find(self, source: int, number: int) -> int | None:
        """Where a connection of a process is; None where it is not known."""
        for index, known in enumerate(self._known):
            if known.number == number and known.source == source:
                return index
        return None

    def __len__(self) -> int:
        return len(self._known)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> "ConnectionList": ...
    def __getitem__(self, index: int | slice) -> "Connection | ConnectionList":
        known = self._known[index]
        if isinstance(known, list):
            return ConnectionList(self._directory, known, self._exchanges)
        return self._directory.describe(known, *self._exchanges.of(known))
