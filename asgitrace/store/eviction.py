"""Keeping the store within its limit.

The oldest finished rows go first, whole, and among them the open ones that may have ended unseen:
an end that was overwritten never comes, and such rows must not fill the store. Then the largest
open exchanges lose their oldest events. At the very last the oldest open ones go too. Some more
than needed goes each time, so that most takes find room.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from asgitrace.store.columns import ROW_BYTES, Array, ending
from asgitrace.store.entry import Entry
from asgitrace.store.model import State
from asgitrace.store.rows import Rows
from asgitrace.store.source import Source

_SLACK: Final = 64
"""This fraction of the limit is freed at a time."""

_WASTE: Final = 4
"""A segment is written anew when this fraction of it is dead."""

_ANY: Final = 2**62


class Evictor:
    """Evicts rows and records of these sources until they fit."""

    def __init__(self, sources: Sequence[Source], rows: Rows, limit: int) -> None:
        self._sources = sources
        self._rows = rows
        self._limit = limit
        self.rows_evicted = 0
        self.events_dropped = 0

    @property
    def bytes_used(self) -> int:
        return self._rows.bytes_used + sum(source.bytes_used for source in self._sources)

    def bound(self) -> list[Entry] | None:
        """Make room if there is too much: the open exchanges that lost events; None if nothing was
        to be done."""
        if self.bytes_used <= self._limit:
            return None
        trimmed: dict[int, Entry] = {}
        target = self._limit - self._limit // _SLACK
        while (need := self.bytes_used - target) > 0:
            if (
                self._reclaim(need, _WASTE)
                or self._evict(need, finished=True)
                or self._reclaim(need, _ANY)
            ):
                continue
            entry = self._trim(need)
            if entry is not None:
                trimmed[entry.number] = entry
            elif not self._evict(need, finished=False):
                break
        return list(trimmed.values())

    def remove(self, doomed: Array) -> None:
        """Take away rows, by their ascending positions, and their records."""
        columns = self._rows.columns
        exchange, first, span = (columns.column(name) for name in ("exchange", "first", "span"))
        exchanges = doomed[exchange[doomed] > 0]
        sources = columns.column("source")[exchanges]
        for number in np.unique(sources).tolist():
            own = exchanges[sources == number]
            start, end = int(first[own].min()), int((first[own] + span[own]).max())
            end = max(end, ending(start, int(span[own].max())))
            self._sources[number].forget(exchange[own], start, end)
        entries = [
            entry
            for source in self._sources
            for known in (source.entries, source.introduced)
            for entry in known.values()
        ]
        self._rows.remove(doomed, entries)

    def reclaim_all(self) -> None:
        """Give back the room of all dead records."""
        self._reclaim(_ANY, _ANY)

    def _reclaim(self, need: int, share: int) -> int:
        freed = 0
        for source in self._sources:
            if freed < need:
                freed += source.segments.reclaim(need - freed, share)
        return freed

    def _evict(self, need: int, *, finished: bool) -> bool:
        """Evict the oldest rows that weigh ``need`` together, of the finished (or doubtful) or of
        the others."""
        columns = self._rows.columns
        over = (columns.column("state") != State.OPEN) | (columns.column("doubtful") > 0)
        found = np.flatnonzero(over == finished)
        if not len(found):
            return False
        weights = np.cumsum(columns.column("weight")[found] + np.int64(ROW_BYTES))
        doomed = found[: int(np.searchsorted(weights, need)) + 1]
        self.rows_evicted += len(doomed)
        self.remove(doomed)
        return True

    def _trim(self, need: int) -> Entry | None:
        """Take the oldest events of the largest open exchange that has more than its scope."""
        columns = self._rows.columns
        found = np.flatnonzero(columns.column("state") == State.OPEN)
        weights = columns.column("weight")[found].astype(np.int64)
        for place in found[np.argsort(-weights, kind="stable")].tolist():
            source = self._sources[int(columns.column("source")[place])]
            exchange = int(columns.column("exchange")[place])
            # At most half at once, so that exchanges of one size take turns.
            wanted = min(need, int(columns.column("weight")[place]) // 2)
            entry, count, freed = source.trim(exchange, wanted)
            if freed:
                self.events_dropped += count
                self._rows.write([entry])
                return entry
        return None
