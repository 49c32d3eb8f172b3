"""Saving rows of a store to a trace file, in the order in which it all happened."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import chain, groupby
from pathlib import Path

import numpy as np

from asgitrace.events import Record
from asgitrace.export import Exporter, Introduction, JsonLinesWriter, Note, create_trace
from asgitrace.store import Gap, LogLine, Process, Store

Entry = tuple[int, Callable[[], None]]
"""Wall time in ns, and what writes it."""


def save(store: Store, numbers: Sequence[int] | None, path: Path) -> None:
    """Write the rows to a new file, with the log lines that are known to be theirs; None:
    everything, with all log lines, the loops' lateness and gaps. Raises TraceFileError."""
    with create_trace(path, created=datetime.now(UTC)) as exporter:
        write(exporter, store, numbers)


def as_json(store: Store, number: int) -> str:
    """One row in the trace's own form, as JSON lines that can be opened."""
    out = BytesIO()
    exporter = JsonLinesWriter(out, created=datetime.now(UTC), name="memory")
    write(exporter, store, [number])
    exporter.close()
    return out.getvalue().decode()


def write(exporter: Exporter, store: Store, numbers: Sequence[int] | None) -> None:
    """Write the rows, or everything, to an exporter, with their numbers and annotations. Rows that
    the store has no more are left out."""
    if numbers is not None:
        numbers = np.intersect1d(numbers, store.numbers, assume_unique=True).tolist()
    for process in store.processes:
        exporter.process(process)
    rows = _Rows(exporter, store, numbers)
    parts = [
        _records(exporter, rows, store.processes[source], [record for _, record in group], gaps)
        for source, group, gaps in _by_process(store, numbers)
    ]
    parts += [rows.notes(), _logs(exporter, store, rows, None if numbers is None else set(numbers))]
    if numbers is None:
        parts.append(_lags(exporter, store))
        _tell_evicted(exporter, store)
    for _, write_one in heapq.merge(*parts, key=lambda entry: entry[0]):
        write_one()
    rows.finish()


class _Rows:
    """Introduces rows, in the order of their numbers, each before the first of its records."""

    def __init__(self, exporter: Exporter, store: Store, numbers: Sequence[int] | None) -> None:
        self._exporter = exporter
        self._store = store
        self._numbers = store.numbers.tolist() if numbers is None else numbers
        places = store.numbers.searchsorted(self._numbers)
        sources, exchanges = store.source[places].tolist(), store.exchange_numbers[places].tolist()
        self._places = list(zip(sources, exchanges, strict=True))
        self._indexes = {place: index for index, place in enumerate(self._places) if place[1] > 0}
        self._next = 0

    def reach(self, source: int, exchange: int) -> None:
        """A record of this exchange comes next."""
        index = self._indexes.get((source, exchange))
        if index is not None:
            self._introduce(index + 1)

    def exchange_of(self, number: int) -> int:
        """The exchange of a row by its number in its process; 0 where it is none of these."""
        index = bisect_left(self._numbers, number)
        found = index < len(self._numbers) and self._numbers[index] == number
        return self._places[index][1] if found else 0

    def notes(self) -> Iterator[Entry]:
        """The notes among the rows."""
        for index, number in enumerate(self._numbers):
            if not self._places[index][1]:
                yield self._store.row(number, 0).started_ns, partial(self._introduce, index + 1)

    def finish(self) -> None:
        """Nothing more comes."""
        self._introduce(len(self._numbers))

    def _introduce(self, end: int) -> None:
        while self._next < end:
            index, self._next = self._next, self._next + 1
            number, (source, exchange) = self._numbers[index], self._places[index]
            annotation = self._store.annotations.of(number)
            if exchange:
                self._exporter.introduce(Introduction(source, exchange, number, annotation))
            else:
                row = self._store.row(number, 0)
                time_ns, text = row.started_ns, row.path
                self._exporter.note(Note(None, time_ns, row.status, text, number, annotation))


def chosen_records(store: Store, numbers: Sequence[int]) -> list[tuple[int, Record]]:
    """The records of rows, and what is known of their connections, with the numbers of their
    processes: process by process, each in the order of its ring."""
    own = (pair for number in numbers for pair in store.records(number))
    # The end of a connection may be in one of the rows too.
    chosen = {
        (source, record.header.sequence): (source, record)
        for source, record in chain(own, store.connection_records(numbers))
    }
    return [chosen[place] for place in sorted(chosen)]


def _by_process(
    store: Store, numbers: Sequence[int] | None
) -> Iterator[tuple[int, Iterable[tuple[int, Record]], list[Gap]]]:
    """The records of each process in the order of its ring, and what is missing between them."""
    found = store.all_records() if numbers is None else iter(chosen_records(store, numbers))
    for source, group in groupby(found, key=lambda pair: pair[0]):
        gaps = [] if numbers is not None else [gap for gap in store.gaps if gap.source == source]
        yield source, list(group), gaps


def _records(
    exporter: Exporter, rows: _Rows, process: Process, records: list[Record], gaps: list[Gap]
) -> Iterator[Entry]:
    time_ns = 0
    waiting = list(gaps)
    for record in records:
        header = record.header
        # Never back in time: the order of the ring is what counts within a process.
        time_ns = max(time_ns, process.anchor.wall(header.returned or header.called))
        while waiting and waiting[0].sequence <= header.sequence:
            gap = waiting.pop(0)
            yield time_ns, partial(exporter.missed, process.source, gap.count)
        yield time_ns, partial(_record, exporter, rows, process.source, record)


def _record(exporter: Exporter, rows: _Rows, source: int, record: Record) -> None:
    rows.reach(source, record.header.exchange)
    exporter.record(source, record)


def _tell_evicted(exporter: Exporter, store: Store) -> None:
    """Where exchanges are missing at the beginning, the file says so there."""
    if store.evicted_total and len(store):
        text = f"{store.evicted_total} earlier exchanges are not in this file: no room was left"
        exporter.note(Note(None, int(store.started[0]), 0, text))


def _logs(
    exporter: Exporter, store: Store, rows: _Rows, chosen: set[int] | None
) -> Iterator[Entry]:
    for line in store.logs:
        if chosen is None or line.exchange in chosen:
            yield line.time_ns, partial(_log, exporter, rows, line)


def _log(exporter: Exporter, rows: _Rows, line: LogLine) -> None:
    exchange = rows.exchange_of(line.exchange)
    if exchange:
        # By the clocks it may have been written before the first record.
        rows.reach(line.source, exchange)
    exporter.log(replace(line, exchange=exchange))


def _lags(exporter: Exporter, store: Store) -> Iterator[Entry]:
    for lag in store.lags:
        yield lag.time_ns, partial(exporter.lag, lag)
