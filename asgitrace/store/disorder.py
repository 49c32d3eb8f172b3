"""Exchanges whose records came out of order: begun anew, and summed anew."""

from typing import Final

from asgitrace.store.entry import Entry
from asgitrace.store.model import Process, State
from asgitrace.store.segments import Segments
from asgitrace.store.timing import fold, spans_of

_SETTLED: Final = 4 / 3
"""An open exchange whose stamps are out of order is summed anew when it has grown by a third:
linear on the whole."""


def begin_anew(entry: Entry, process: Process, called: int) -> None:
    """Its scope came after other records of it."""
    _start(entry, process, called)
    if entry.state == State.REFUSED:
        entry.reopen()
    if entry.events > 1 or entry.state == State.LOST:
        # Another thread's record of this exchange came first, or its process's end.
        entry.disordered = True
    else:
        entry.restart(called)


def sum_anew(entry: Entry, process: Process, segments: Segments) -> None:
    """Sum an exchange from all of its records, whose stamps were out of order."""
    if not entry.whole_record:
        entry.disordered = False
        entry.at = entry.started + sum(entry.parts)
        return
    if entry.ended is None and entry.events < entry.folded * _SETTLED:
        return
    headers = segments.headers(entry.exchange, entry.first, entry.last)
    spans = spans_of(headers, trailers=entry.trailers)
    if not entry.scoped:
        _start(entry, process, min([entry.started, *(span.called for span in spans)]))
    entry.adopt(fold(spans, entry.started, entry.ended))
    entry.folded = entry.events


def _start(entry: Entry, process: Process, called: int) -> None:
    entry.started = called
    entry.started_wall = process.anchor.wall(called)
