"""The intake: the records of one process become its exchanges' entries."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import HEADER, MESSAGE_CODES, Kind, Phase, Record
from asgitrace.ring import Batch
from asgitrace.store.connections import Connections
from asgitrace.store.disorder import begin_anew, sum_anew
from asgitrace.store.entry import ANSWER_MARKS, ENDING_MARKS, SEEN_BITS, Entry, state_of
from asgitrace.store.headers import count_refused, renumber, select, unpack
from asgitrace.store.intake import FRAME_MARKS, IN_MARKS, OUT_MARKS, TELLING_MARKS, WireIntake
from asgitrace.store.intervals import Intervals
from asgitrace.store.model import Lag, Process, State
from asgitrace.store.recent import Recent
from asgitrace.store.rows import Rows
from asgitrace.store.scope import title_of
from asgitrace.store.segments import Segments
from asgitrace.store.stops import Stops, stop_of
from asgitrace.store.timing import effect_of
from asgitrace.store.unpacked import Unpacked
from asgitrace.wire import CLOSE, Wire

_ENTRY_BYTES: Final = 1280
_CALL_BYTES: Final = 136
_HEADER_BYTES: Final = HEADER.size
_SOURCE_BYTES: Final = 2048
_SEQUENCE: Final = attrgetter("header.sequence")

_SCOPE, _RECEIVE, _SEND = int(Kind.SCOPE), int(Kind.RECEIVE), int(Kind.SEND)
_RETURN, _RAISE, _WIRE = int(Kind.RETURN), int(Kind.RAISE), int(Kind.WIRE)
_LOOP, _DEBUGGER = int(Kind.LOOP), int(Kind.DEBUGGER)
_CALLED, _RETURNED = int(Phase.CALLED), int(Phase.RETURNED)
_REQUEST: Final = MESSAGE_CODES["http.request"]
_DISCONNECT: Final = MESSAGE_CODES["websocket.disconnect"]
_RESPONSE: Final = int(Wire.RESPONSE)


class Source:
    """One process: its records, its exchanges that may still change, and those that were
    evicted."""

    def __init__(
        self, process: Process, rows: Rows, connections: Connections,
        lags: deque[Lag], stops: Stops, unpacked: Unpacked,
    ) -> None:  # fmt: skip
        self.process = process
        self.segments = Segments(unpacked)
        self.entries: dict[int, Entry] = {}
        """By exchange: the open ones, ended ones with a call still pending, and some that ended
        lately."""
        self.introduced: dict[int, Entry] = {}
        """By exchange: those whose rows are there and of which there is no record yet."""
        self.gone = Intervals()
        self.next_sequence = 0
        """The least that the next record can have."""
        self.events = 0
        """Events ever taken in, those of the wire not counted."""
        self.refused = 0
        """Records that came after their exchange had been evicted."""
        self._rows = rows
        self._seen = Intervals()
        """Exchanges that had an entry, and some more when they are very scattered."""
        self._touched: list[Entry] = []
        """Entries that changed in this take."""
        self._connections = connections
        self._lags = lags
        self._stops = stops
        self._wire = WireIntake(process.source, connections, self.entries, self._touched)
        self._recent = Recent(self.entries)
        self._calls = 0
        """Calls that the entries hold."""

    @property
    def bytes_used(self) -> int:
        return (
            self.segments.bytes_used
            + self.gone.bytes_used
            + self._seen.bytes_used
            + (len(self.entries) + len(self.introduced)) * _ENTRY_BYTES
            + self._calls * _CALL_BYTES
            + _SOURCE_BYTES
        )

    def take(self, batch: Batch) -> list[Entry]:
        """Take in records; returns the entries that changed."""
        headers, payload = unpack(batch)
        if renumber(headers, self.next_sequence):
            batch = replace(batch, headers=headers.tobytes())
        self.next_sequence = int(headers["sequence"][-1]) + 1
        refused = self._fold(batch)
        if refused:
            stays = ~np.isin(headers["exchange"], list(refused))
            self.refused += count_refused(headers[~stays])
            headers, payload = select(headers, payload, stays)
        if len(headers):
            self.segments.append(headers, payload)
        touched = self._touched.copy()
        self._touched.clear()
        for entry in touched:
            if entry.disordered:
                sum_anew(entry, self.process, self.segments)
            self._calls += len(entry.calls) - entry.counted
            entry.counted = len(entry.calls)
            self.events += entry.events - entry.counted_events
            entry.counted_events = entry.events
            if entry.ended is not None:
                self._recent.retire(entry)
        return touched

    def miss(self, count: int) -> list[Entry]:
        """Records were overwritten: any of the open exchanges may have lost some."""
        found = [entry for entry in self.entries.values() if entry.ended is None]
        for entry in found:
            entry.doubt += count
        return found

    def number_of(self, exchange: int) -> int:
        """The number of an exchange's row; 0 where there is none (any more)."""
        entry = self.entries.get(exchange) or self.introduced.get(exchange)
        if entry is not None:
            return entry.number
        if exchange in self.gone or exchange not in self._seen:
            return 0
        return self._rows.number_of(self.process.source, exchange)

    def introduce(self, exchange: int, number: int) -> int:
        """A row for an exchange that is to come, with this number if it can have it; returns the
        one it has, 0 if the exchange was there before."""
        if exchange in self._seen or exchange in self.introduced:
            return 0
        entry = self.introduced[exchange] = self._rows.introduce(self.process, exchange, number)
        return entry.number

    def lose(self, now: int) -> list[Entry]:
        """The process is gone: its open exchanges ended then, or with their last event."""
        self._connections.lose(self.process.source, now)
        found = [entry for entry in self.entries.values() if entry.ended is None]
        for entry in found:
            entry.finish(State.LOST, max(entry.at, now))
            if entry.disordered:
                sum_anew(entry, self.process, self.segments)
            self._recent.retire(entry)
        return found

    def forget(self, exchanges: npt.NDArray[np.uint32], first: int, last: int) -> None:
        """Exchanges were evicted: their records (between two sequences) die, later ones are
        refused."""
        exchanges = np.unique(exchanges)
        self.segments.kill(exchanges, first, last)
        self.gone.add(exchanges)
        for exchange in exchanges.tolist():
            self.introduced.pop(exchange, None)
            entry = self.entries.pop(exchange, None)
            if entry is not None:
                self._calls -= entry.counted

    def trim(self, exchange: int, need: int) -> tuple[Entry, int, int]:
        """Give up the oldest events of an open exchange, ``need`` bytes or more where it has them;
        returns how many, and their bytes."""
        entry = self.entries.get(exchange) or self.introduced[exchange]
        count, wires, freed = self.segments.kill_oldest(
            exchange, entry.first, entry.last, need, _SCOPE
        )
        entry.dropped += count - wires
        entry.wire_dropped += wires
        entry.weight -= freed
        entry.whole_record = False
        return entry, count, freed

    def records(self) -> Iterator[Record]:
        """All records, as they came out of the ring."""
        alone = self._connections.records(self.process.source)
        return merge(self.segments.all(), alone, key=_SEQUENCE)

    def _fold(self, batch: Batch) -> set[int]:
        """Fold the records into their entries; returns the exchanges that were evicted, 0 where
        there are records of none. One long loop: a call for each record would double its time."""
        payload, origin = batch.payload, batch.origin
        find = self.entries.get
        touched = self._touched
        refused: set[int] = set()
        for (
            sequence, called, returned, size, position, exchange, call, length,
            number, flags, kind, phase, outcome, message, checksum,
        ) in HEADER.iter_unpack(batch.headers):  # fmt: skip
            entry = find(exchange)
            if entry is None:
                if exchange:
                    entry = self._entry(exchange, kind, called, sequence)
                if entry is None:
                    refused.add(exchange)
                    if kind == _WIRE:
                        start = position - origin
                        piece = payload[start : start + length]
                        known = self._wire.alone(message, call, called, returned, piece)
                        if not exchange:
                            fields = (
                                sequence, called, returned, size, position, 0, call, len(piece),
                                number, flags, kind, phase, outcome, message, checksum,
                            )  # fmt: skip
                            self._wire.keep(known, fields, piece)
                    elif kind == _LOOP and not exchange:
                        ran = self.process.anchor.wall(returned)
                        self._lags.append(Lag(self.process.source, ran, max(returned - called, 0)))
                    elif kind == _DEBUGGER and not exchange:
                        piece = payload[position - origin : position - origin + length]
                        self._stop(0, call, called, returned, number, piece)
                    continue
            if not entry.touched:
                entry.touched = True
                touched.append(entry)
            entry.weight += length + _HEADER_BYTES
            entry.last = sequence
            if kind == _SEND:
                if phase == _CALLED:
                    fresh = entry.called(call, called, True)
                elif phase == _RETURNED:
                    fresh = not entry.returned(call, called, returned, True)
                else:
                    fresh = True
                    if entry.doubt:
                        entry.settle(call)
                    entry.events += 1
                    entry.whole(called, returned, True)
                if fresh:
                    entry.sent += size
                    entry.seen |= SEEN_BITS[message]
                    if ANSWER_MARKS[message]:
                        start = position - origin
                        piece = payload[start : start + length]
                        entry.tell_answer(message, called, number, piece)
                if ENDING_MARKS[message] and phase != _CALLED and not outcome:
                    entry.change(effect_of(True, message, flags, trailers=entry.trailers))
            elif kind == _RECEIVE:
                if phase == _CALLED:
                    entry.called(call, called, False)
                    continue
                if phase == _RETURNED:
                    entry.returned(call, called, returned, False)
                else:
                    if entry.doubt:
                        entry.settle(call)
                    entry.events += 1
                    entry.whole(called, returned, False)
                if outcome:
                    continue
                entry.received += size
                entry.seen |= SEEN_BITS[message]
                if message == _REQUEST:
                    entry.change(effect_of(False, message, flags, trailers=False))
                elif message == _DISCONNECT:
                    start = position - origin
                    entry.change(effect_of(False, message, flags, trailers=False))
                    entry.tell_disconnect(number, payload[start : start + length])
            elif kind == _WIRE:
                on = entry.known
                if on is None or on.number != call:
                    on = self._wire.meet(entry, call)
                on.at = returned or called
                if phase != _RETURNED:
                    if OUT_MARKS[message]:
                        on.sent += size
                        if not entry.scoped:
                            entry.sent += size
                        elif message == _RESPONSE:
                            entry.answered(number)
                    elif IN_MARKS[message]:
                        on.received += size
                        if not entry.scoped:
                            entry.received += size
                if TELLING_MARKS[message]:
                    start = position - origin
                    piece = payload[start : start + length]
                    self._wire.tell(entry, on, message, called, number, piece)
                elif FRAME_MARKS[message] and number & 15 == CLOSE:
                    start = position - origin
                    entry.tell_close(payload[start : start + length])
            elif kind == _SCOPE:
                start = position - origin
                self._scope(entry, called, payload[start : start + length])
            elif kind == _RETURN:
                entry.events += 1
                entry.finish(State.RETURNED, called)
            elif kind == _RAISE:
                entry.events += 1
                entry.finish(state_of(outcome), called)
            elif kind == _DEBUGGER:
                entry.events += 1
                piece = payload[position - origin : position - origin + length]
                self._stop(entry.number, call, called, returned, number, piece)
        return refused

    def _stop(self, row: int, *record: Any) -> None:
        """The process stood in a debugger, in the exchange of a row or (0) outside of them."""
        stop = stop_of(self.process, row, *record)
        for entry in self._stops.add(stop, self.entries.values()):
            if not entry.touched:
                entry.touched = True
                self._touched.append(entry)

    def _entry(self, exchange: int, kind: int, called: int, sequence: int) -> Entry | None:
        """The entry of an exchange that has none at present; None if the exchange was evicted."""
        if exchange in self.gone:
            return None
        entry = self.introduced.pop(exchange, None) if self.introduced else None
        if entry is not None:
            entry.begin_at(called, sequence)
            entry.started_wall = self.process.anchor.wall(called)
            self._seen.add_one(exchange)
            if kind == _WIRE:
                entry.read()
        elif kind != _SCOPE and exchange in self._seen:
            entry = self._rows.revive(self.process, exchange)
        if entry is None:
            entry = self._rows.open(self.process, exchange, called, sequence)
            self._seen.add_one(exchange)
            if kind == _WIRE:
                entry.read()
        self.entries[exchange] = entry
        return entry

    def _scope(self, entry: Entry, called: int, payload: bytes) -> None:
        entry.events += 1
        if entry.scoped:
            return
        entry.scoped = True
        self._rows.title(entry, title_of(payload))
        entry.head = b""
        if entry.last != entry.first:
            begin_anew(entry, self.process, called)
