"""Keeping the store within its limit.

The oldest finished rows go first, whole, and among them the open ones that may have ended unseen:
an end that was overwritten never comes, and such rows must not fill the store. Then the largest
open exchanges lose their oldest events. At the very last the oldest open ones go too. Some more
than needed goes each time, so that most takes find room.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from asgitrace.store.columns import ROW_BYTES, Array, ending
from asgitrace.store.entry import Entry
from asgitrace.store.model import State
from asgitrace.store.rows import Rows
from asgitrace.store.source import Source

_SLACK: Final = 256
_LEAST: Final = 64 * 1024
"""This fraction of the limit is freed at a time, or so many bytes: little, so that no take takes
long."""

_WASTE: Final = 4
"""A segment is written anew when this fraction of it is dead."""

_PACKS: Final = 2
"""So many packed segments are written anew at a time, while there is something to evict."""

_SLICE: Final = 4096
_ANY: Final = 2**62


class Evictor:
    """Evicts rows and records of these sources until they fit."""

    def __init__(self, sources: Sequence[Source], rows: Rows) -> None:
        self._sources = sources
        self._rows = rows
        self.rows_evicted = 0
        self.events_dropped = 0

    @property
    def bytes_used(self) -> int:
        return self._rows.bytes_used + sum(source.bytes_used for source in self._sources)

    def bound(self, limit: int) -> list[Entry] | None:
        """Make room if there is too much: the open exchanges that lost events; None if nothing was
        to be done."""
        if self.bytes_used <= limit:
            return None
        trimmed: dict[int, Entry] = {}
        target = limit - max(limit // _SLACK, _LEAST)
        packs, more = _PACKS, 1
        while (need := self.bytes_used - target) > 0:
            if self._reclaim(need, _WASTE, packs):
                continue
            # Packed records give nothing back before all of a segment's are dead.
            if self._evict(need * more, finished=True):
                packs, more = 0, 2 * more
                continue
            if self._reclaim(need, _ANY, _ANY):
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
        self._rows.remove(doomed, self._entries)

    def reclaim_all(self) -> None:
        """Give back the room of all dead records."""
        self._reclaim(_ANY, _ANY, _ANY)

    def _entries(self) -> Iterator[Entry]:
        return (
            entry
            for source in self._sources
            for entries in (source.entries, source.introduced)
            for entry in entries.values()
        )

    def _reclaim(self, need: int, share: int, packs: int) -> int:
        freed = 0
        for source in self._sources:
            if freed < need:
                freed += source.segments.reclaim(need - freed, share, packs)
        return freed

    def _evict(self, need: int, *, finished: bool) -> bool:
        """Evict the oldest rows that weigh ``need`` together, of the finished (or doubtful) or of
        the others."""
        columns = self._rows.columns
        state, doubtful, weight = map(columns.column, ("state", "doubtful", "weight"))
        raw = sum(source.segments.raw_bytes for source in self._sources)
        used = sum(source.segments.bytes_used for source in self._sources)
        packed = used / raw if raw else 1.0
        chosen: list[Array] = []
        # From the oldest on, which are nearly always enough: a million rows are not looked through.
        start, step = 0, _SLICE
        while start < len(columns) and need > 0:
            piece = slice(start, start + step)
            over = (state[piece] != State.OPEN) | (doubtful[piece] > 0)
            found = np.flatnonzero(over == finished) + start
            weights = np.cumsum(weight[found] * packed + ROW_BYTES)
            found = found[: int(np.searchsorted(weights, need)) + 1]
            if len(found):
                need -= int(weights[len(found) - 1])
                chosen.append(found)
            start, step = start + step, 2 * step
        if not chosen:
            return False
        doomed = np.concatenate(chosen)
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
