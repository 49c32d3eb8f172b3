"""The store: everything recorded that is still there, as rows, columns, events and records.

Memory is bounded: what is counted in ``bytes_used`` stays within the limit after each call. When
there is too much, the oldest finished exchanges are evicted whole, row and records; see eviction
for what follows when that is not enough.

Nothing in here reads a clock: ``now`` is the monotonic time of the recorded processes, in ns.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.clock import ClockAnchor
from asgitrace.events import Record
from asgitrace.ring import Batch
from asgitrace.store.annotations import NOTHING, Annotation, Annotations
from asgitrace.store.connections import Connections
from asgitrace.store.directory import ConnectionList, Directory
from asgitrace.store.eviction import Evictor
from asgitrace.store.exchanges import Exchanges
from asgitrace.store.listing import Listing
from asgitrace.store.logs import Logs
from asgitrace.store.model import Connection, Exchange, Gap, Lag, LogLine, Process, Row, State
from asgitrace.store.pieces import Pieces, pieces_of
from asgitrace.store.rows import Rows
from asgitrace.store.scope import TEXT_LIMIT, cut
from asgitrace.store.segment import Segment
from asgitrace.store.source import Source
from asgitrace.store.stops import Stops
from asgitrace.store.unpacked import Unpacked

LIMIT: Final = 256 * 1024 * 1024
"""Bytes of a store, unless told otherwise."""

LEAST_LIMIT: Final = 1024 * 1024
"""The least limit that is honoured: an empty store takes a part of it already."""

_LOG_SHARE: Final = 16
_CONNECTION_SHARE: Final = 8
"""Log lines may take a sixteenth of the limit and connections an eighth; what they leave is for
rows and records."""

_EVENT_SHARE: Final = 8
_UNPACKED_SHARE: Final = 64
"""An eighth of the limit is kept for the events of the exchanges looked at, so that looking evicts
nothing, and a sixty-fourth for packed records that were read."""

_GAPS: Final = 1024
_LAGS: Final = 36_000


class Store(Listing):
    """Takes in records, notes and log lines; hands out rows, columns, events and records."""

    def __init__(self, limit_bytes: int = LIMIT) -> None:
        super().__init__(Rows())
        self.limit_bytes = max(limit_bytes, LEAST_LIMIT)
        self.version = 0
        """Changes with every change of a row; that time passes in open exchanges is none."""
        self.missed_total = 0
        """Records overwritten before they were read."""
        self.gaps: deque[Gap] = deque(maxlen=_GAPS)
        """The latest gaps, oldest first."""
        self.lags: deque[Lag] = deque(maxlen=_LAGS)
        """The latest samples of the loops' lateness, oldest first; none where nobody measured."""
        self.stops = Stops()
        """When processes stood in a debugger."""
        self.annotations = Annotations()
        """What the user noted on rows."""
        self._sources: list[Source] = []
        self._logs = Logs(self.limit_bytes // _LOG_SHARE, self._sources)
        self._unpacked = Unpacked(self.limit_bytes // _UNPACKED_SHARE)
        self._connections = Connections(self.limit_bytes // _CONNECTION_SHARE)
        self._directory = Directory(self._connections, self._sources, self._rows)
        self._exchanges = Exchanges(
            self.limit_bytes // _EVENT_SHARE, self._rows, self._sources, self._directory, self.stops
        )
        self._evictor = Evictor(self._sources, self._rows)

    def add_process(
        self, pid: int, anchor: ClockAnchor, target: str, *, server: str = "", worker: int = 0
    ) -> Process:
        """Announce a process; its ``source`` is what the other methods want."""
        target, server = cut(target, TEXT_LIMIT), cut(server, TEXT_LIMIT)
        process = Process(len(self._sources), pid, anchor, target, server, worker)
        self._sources.append(
            Source(process, self._rows, self._connections, self.lags, self.stops, self._unpacked)
        )
        self._rows.processes.append(process)
        return process

    def take(self, source: int, batch: Batch) -> None:
        """Take in consecutive records of one process, as they come out of its ring."""
        origin = self._sources[source]
        if batch.missed:
            self.missed_total += batch.missed
            following = origin.next_sequence + batch.missed
            self.gaps.append(Gap(source, following, batch.missed))
            if not batch.count:
                origin.next_sequence = following
            self._rows.write(origin.miss(batch.missed))
            self.version += 1
        if batch.count:
            self._rows.write(origin.take(batch))
            self._connections.bound()
            self._changed()

    def end_process(self, source: int, exit_status: int | None, text: str, now: int) -> None:
        """A process is gone: what it left open is LOST, and a note says so if there is a text.

        It was open until ``now``, or until its last event where it is not known when the process
        ended (0). A row cannot tell an unknown exit status from 0; the text should.
        """
        origin = self._sources[source]
        unused = sorted(entry.number for entry in origin.introduced.values())
        if unused:
            self.discard(np.array(unused, np.int64))
        self._rows.write(origin.lose(now))
        if text:
            self.note(source, text, exit_status or 0, origin.process.anchor.wall(now))
        self._changed()

    def introduce(self, source: int, exchange: int, number: int, annotation: Annotation) -> None:
        """Add a row for an exchange whose records are yet to come, as from a file that knows its
        number and what was noted on it. A number counts only if it is greater than those before.
        """
        given = self._sources[source].introduce(exchange, number)
        if given:
            if annotation:
                self.annotations.put(given, annotation)
            self._changed()

    def note(
        self,
        source: int | None,
        text: str,
        status: int,
        time_ns: int,
        number: int = 0,
        annotation: Annotation = NOTHING,
    ) -> int:
        """Add a row on the app's process, at a wall time in ns; returns its number, which is the
        one given if that is greater than those before."""
        own = -1 if source is None else source
        given = self._rows.note(own, text, status, time_ns, number)
        if annotation:
            self.annotations.put(given, annotation)
        self._changed()
        return given

    def log(self, line: LogLine) -> None:
        """Add a line that the app's process wrote; its exchange is the number in its process."""
        self._logs.add(line)
        self._bound()

    def locate(self, line: LogLine) -> LogLine:
        """See Logs."""
        return self._logs.locate(line)

    def lag(self, lag: Lag) -> None:
        """Add a sample of a loop's lateness, other than from a ring."""
        self.lags.append(lag)

    def clear(self) -> None:
        """Drop all finished rows and their records, and closed connections; open ones stay."""
        self._connections.forget_closed()
        self.discard(self.numbers[self.state != State.OPEN])

    def discard(self, numbers: npt.NDArray[np.int64]) -> None:
        """Drop these rows, ascending, and their records: they are not needed any more."""
        if len(numbers):
            self._evictor.remove(self.numbers.searchsorted(numbers))
            self._evictor.reclaim_all()
        self._forget_gone()
        self.version += 1

    @property
    def event_total(self) -> int:
        """Events ever taken in."""
        return sum(source.events for source in self._sources)

    @property
    def evicted_total(self) -> int:
        """Rows evicted for want of room."""
        return self._evictor.rows_evicted

    @property
    def dropped_total(self) -> int:
        """Events dropped besides: of open exchanges for want of room, and those that came after
        their row's eviction."""
        return self._evictor.events_dropped + sum(source.refused for source in self._sources)

    @property
    def bytes_used(self) -> int:
        """Memory of all that is kept, in bytes, as near as it can be told; never more than the
        limit."""
        shares = (
            self._evictor, self._logs, self._exchanges, self._connections, self._unpacked
        )  # fmt: skip
        return sum(share.bytes_used for share in shares)

    def row(self, number: int, now: int) -> Row:
        """One row as it is at ``now``; KeyError where there is none of that number (any more)."""
        return self._rows.row(number, now)

    def peek(self, number: int, now: int) -> Exchange | None:
        """As ``exchange``, but nothing of it is kept, and its connection does not name its rows:
        for one who goes through many."""
        return self._exchanges.peek(number, now)

    def read_through(self, number: int, now: int) -> Iterator[Exchange | None]:
        """As ``peek``, in portions: None after each of them, and at last the exchange, or nothing
        where there is none."""
        return self._exchanges.read_through(number, now)

    def segments(self) -> list[tuple[int, list[Segment]]]:
        """The records of each process with its number, the newest first, in segments as they are
        now: for one who looks through all of them."""
        return [
            (source.process.source, source.segments.newest_first())
            for source in reversed(self._sources)
        ]

    def pieces(self, places: npt.NDArray[np.int64]) -> list[Pieces]:
        """The payloads of rows, given by their positions, without events being made."""
        return pieces_of(self._rows.columns, [each.segments for each in self._sources], places)

    def exchange(self, number: int, now: int) -> Exchange | None:
        """One exchange with its events; None for a note, and where there is no such row (any more).

        Only what is new since the last call is decoded, and of that only a portion: while it is not
        ``whole``, the next call has more. Its ``missed`` counts the events evicted from it, the
        overwritten scope, and every record that was overwritten in its process while it was open:
        whose those were cannot be known, so it may be too many, but they are counted no longer once
        the numbers of its calls prove that none was its own.
        """
        return self._exchanges.exchange(number, now)

    def connections(self, now: int) -> ConnectionList:
        """The connections that are known, in the order of their first event, with their rows as
        they are at present.

        A connection's own times are stamps, so nothing of it changes with ``now``.
        """
        return self._directory.all()

    def connection_of(self, source: int, number: int) -> Connection | None:
        """One connection of a process; None where it is not known (any more)."""
        return self._directory.one(source, number)

    @property
    def connection_total(self) -> int:
        """Connections ever heard of."""
        return self._connections.total

    @property
    def connections_forgotten(self) -> int:
        """Those of them that were forgotten for want of room."""
        return self._connections.forgotten

    def records(self, number: int) -> Iterator[tuple[int, Record]]:
        """The records of one row with the number of their process, as they came out of the ring."""
        return self._exchanges.records(number)

    def all_records(self) -> Iterator[tuple[int, Record]]:
        """All records with the number of their process: process by process, as they came out of its
        ring."""
        parts = [(source.process.source, source.records()) for source in self._sources]
        return ((number, record) for number, records in parts for record in records)

    def connection_records(self, numbers: Iterable[int]) -> Iterator[tuple[int, Record]]:
        """The records of these rows' connections that belong to no exchange, and those of their
        ends, with the numbers of their processes."""
        return self._directory.records(numbers)

    @property
    def logs(self) -> Sequence[LogLine]:
        """The lines that are still there, oldest first."""
        return self._logs.lines

    @property
    def log_total(self) -> int:
        """Lines ever added: the index of the next one."""
        return self._logs.total

    def logs_since(self, index: int) -> list[LogLine]:
        """The lines from this index on, those of them that are still there."""
        return self._logs.since(index)

    def _changed(self) -> None:
        self.version += 1
        self._bound()

    def _bound(self) -> None:
        kept = self.limit_bytes // _EVENT_SHARE + self.limit_bytes // _UNPACKED_SHARE
        room = self.limit_bytes - kept - self._logs.bytes_used - self._connections.bytes_used
        trimmed = self._evictor.bound(room)
        if trimmed is not None:
            for entry in trimmed:
                self._exchanges.drop(entry.number)
            self._forget_gone()

    def _forget_gone(self) -> None:
        for number in self._exchanges.numbers:
            if number not in self:
                self._exchanges.drop(number)
        if len(self.annotations):
            gone = [number for number, _ in self.annotations if number not in self]
            self.annotations.forget(gone)
