"""Connections as they are looked at: their facts, with the rows of their exchanges."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

import numpy as np

from asgitrace.events import Record
from asgitrace.store.columns import Array
from asgitrace.store.connections import Connections, Known
from asgitrace.store.model import Connection, State
from asgitrace.store.rows import Rows
from asgitrace.store.source import Source
from asgitrace.store.wire_assembly import WireAssembly

EXCHANGES: Final = 1000
"""Rows of a connection that are told, at most."""


class Directory:
    """Looks up connections."""

    def __init__(self, known: Connections, sources: Sequence[Source], rows: Rows) -> None:
        self._known = known
        self._sources = sources
        self._rows = rows

    def one(self, source: int, number: int) -> Connection | None:
        """One connection; None where it is not known."""
        known = self._known.get(source, number)
        return None if known is None else self.describe(known)

    def all(self) -> "Described":
        """All that are known, in the order of their first event."""
        return Described(self, self._known.all())

    def describe(self, known: Known) -> Connection:
        """A connection as it is at present."""
        wire = WireAssembly()
        for record in known.records():
            wire.take(record)
        rows = self._rows.columns
        places = self._places(known)
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
            tuple(rows.column("number")[places[-EXCHANGES:]].tolist()),
            bool((rows.column("state")[places] == State.OPEN).any()),
            wire.events(),
            known.dropped,
        )

    def records(self, numbers: Iterable[int]) -> Iterator[tuple[int, Record]]:
        """The records that belong to these rows' connections, and to no exchange but for their
        ends."""
        arrays = self._rows.columns.arrays
        places = [self._rows.columns.place(number) for number in numbers]
        found = {
            (arrays["source"].item(place), arrays["connection"].item(place))
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

    def _places(self, known: Known) -> Array:
        columns = self._rows.columns
        ours = columns.column("connection") == known.number
        if not known.number:
            # No connection, but what rows without any have in its place.
            return np.zeros(0, np.int64)
        return np.flatnonzero(ours & (columns.column("source") == known.source))


class Described(Sequence[Connection]):
    """Connections, each described when it is looked at: most of a long list never are."""

    def __init__(self, directory: Directory, known: list[Known]) -> None:
        self._directory = directory
        self._known = known

    def __len__(self) -> int:
        return len(self._known)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> "Described": ...
    def __getitem__(self, index: int | slice) -> "Connection | Described":
        if isinstance(index, slice):
            return Described(self._directory, self._known[index])
        return self._directory.describe(self._known[index])
