"""Exchanges with their events, read from their records when somebody asks for them."""

from collections.abc import Iterator, Sequence
from typing import Final

from asgitrace.events import Record
from asgitrace.store.assembly import Assemblies, Assembly
from asgitrace.store.columns import ending
from asgitrace.store.directory import Directory
from asgitrace.store.model import Connection, Exchange
from asgitrace.store.rows import Rows
from asgitrace.store.source import Source
from asgitrace.store.stops import Stops

_PORTION: Final = 2048
"""Records of an exchange that are decoded at a time."""


class Exchanges:
    """Reads them; keeps the events of those that were looked at lately, bounded by bytes."""

    def __init__(
        self, limit: int, rows: Rows, sources: Sequence[Source], directory: Directory, stops: Stops
    ) -> None:
        self._rows = rows
        self._sources = sources
        self._directory = directory
        self._stops = stops
        self._kept = Assemblies(limit)

    @property
    def bytes_used(self) -> int:
        """Memory of the events that are kept."""
        return self._kept.bytes_used

    @property
    def numbers(self) -> list[int]:
        """The rows whose events are kept."""
        return self._kept.numbers()

    def drop(self, number: int) -> None:
        """Forget the events of a row, if they are kept."""
        self._kept.drop(number)

    def exchange(self, number: int, now: int) -> Exchange | None:
        """See Store."""
        if self._locate(number) is None:
            return None
        return self._read(number, now, self._kept.of(number), _PORTION, keep=True)

    def peek(self, number: int, now: int) -> Exchange | None:
        """See Store."""
        return self._read(number, now, Assembly(), None)

    def read_through(self, number: int, now: int) -> Iterator[Exchange | None]:
        """See Store."""
        assembly = Assembly()
        while (found := self._read(number, now, assembly, _PORTION)) is not None:
            if found.whole:
                yield found
                return
            yield None

    def records(self, number: int) -> Iterator[tuple[int, Record]]:
        """See Store."""
        where = self._locate(number)
        if where is None:
            return iter(())
        origin, exchange, first, last, *_ = where
        source = origin.process.source
        return ((source, record) for record in origin.segments.exchange(exchange, first, last))

    def _read(
        self,
        number: int,
        now: int,
        assembly: Assembly,
        most: int | None,
        *,
        keep: bool = False,
    ) -> Exchange | None:
        """One exchange with what was read of it so far and so many records more."""
        where = self._locate(number)
        if where is None:
            return None
        origin, exchange, first, last, missed, wire_missed = where
        records = origin.segments.exchange(exchange, first, last, assembly.cursor)
        assembly.take(records, most)
        if keep:
            self._kept.keep(number, assembly)
        row = self._rows.row(number, now)
        if row.debugged and assembly.whole:
            assembly.hold(self._stops.of_others(row, origin.process))
        return Exchange(
            row,
            origin.process,
            assembly.events(),
            missed + assembly.hidden,
            assembly.wire.events(),
            self._connection(origin.process.source, row.connection, rows=keep),
            wire_missed + assembly.wire.hidden,
            assembly.whole,
        )

    def _connection(self, source: int, number: int, *, rows: bool) -> Connection | None:
        if not number:
            return None
        return (self._directory.one if rows else self._directory.facts)(source, number)

    def _locate(self, number: int) -> tuple[Source, int, int, int, int, int] | None:
        """Process, exchange, first and last sequence and missed events, of either side, of a row;
        None where it is no exchange."""
        place = self._rows.columns.place(number)
        if place is None:
            return None
        names = ("exchange", "source", "first", "span", "missed", "wire_missed")
        exchange, source, first, span, missed, wire_missed = self._rows.columns.values(place, names)
        if not exchange:
            return None
        return self._sources[source], exchange, first, ending(first, span), missed, wire_missed
