"""Saving rows of a store to a trace file, in the order in which it all happened."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain, groupby
from pathlib import Path

from asgitrace.events import Record
from asgitrace.export import Exporter, Note, create_trace
from asgitrace.store import Gap, Process, RowKind, Store

Entry = tuple[int, Callable[[], None]]
"""Wall time in ns, and what writes it."""


def save(store: Store, numbers: Sequence[int] | None, path: Path) -> None:
    """Write the rows to a new file; None: everything, with log lines and gaps. Raises
    TraceFileError."""
    with create_trace(path, created=datetime.now(UTC)) as exporter:
        for process in store.processes:
            exporter.process(process)
        parts = [
            _records(exporter, store.processes[source], [record for _, record in group], gaps)
            for source, group, gaps in _by_process(store, numbers)
        ]
        parts.append(_notes(exporter, store, numbers))
        if numbers is None:
            parts.append(_logs(exporter, store))
            _tell_evicted(exporter, store)
        for _, write in heapq.merge(*parts, key=lambda entry: entry[0]):
            write()


def _by_process(
    store: Store, numbers: Sequence[int] | None
) -> Iterator[tuple[int, Iterable[tuple[int, Record]], list[Gap]]]:
    """The records of each process in the order of its ring, and what is missing between them. Rows
    come with what is known of their connections."""
    if numbers is None:
        found = store.all_records()
    else:
        own = (pair for number in numbers for pair in store.records(number))
        shared = store.connection_records(numbers)
        # The end of a connection may be in one of the rows too.
        chosen = {
            (source, record.header.sequence): (source, record)
            for source, record in chain(own, shared)
        }
        found = iter([chosen[place] for place in sorted(chosen)])
    for source, group in groupby(found, key=lambda pair: pair[0]):
        gaps = [] if numbers is not None else [gap for gap in store.gaps if gap.source == source]
        yield source, list(group), gaps


def _records(
    exporter: Exporter, process: Process, records: list[Record], gaps: list[Gap]
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
        yield time_ns, partial(exporter.record, process.source, record)


def _notes(exporter: Exporter, store: Store, numbers: Sequence[int] | None) -> Iterator[Entry]:
    for number in store.numbers.tolist() if numbers is None else numbers:
        row = store.row(number, 0)
        if row.kind is RowKind.PROCESS:
            note = Note(None, row.started_ns, row.status, row.path)
            yield row.started_ns, partial(exporter.note, note)


def _tell_evicted(exporter: Exporter, store: Store) -> None:
    """Where exchanges are missing at the beginning, the file says so there."""
    if store.evicted_total and len(store):
        text = f"{store.evicted_total} earlier exchanges are not in this file: no room was left"
        exporter.note(Note(None, int(store.started[0]), 0, text))


def _logs(exporter: Exporter, store: Store) -> Iterator[Entry]:
    for line in store.logs:
        yield line.time_ns, partial(exporter.log, line)
