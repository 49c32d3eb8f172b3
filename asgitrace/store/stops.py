"""The times that recorded processes stood in a debugger, and which exchanges that held up."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from asgitrace.ring import decode
from asgitrace.store.entry import DEBUGGED, Entry
from asgitrace.store.model import Process, Row, RowKind, State, Stop
from asgitrace.store.scope import TEXT_LIMIT, cut

_KEPT: Final = 1000
_WAITING: Final = (RowKind.LIFESPAN, RowKind.PROCESS)
"""What only waits, or is no exchange, is not held up."""


class Stops:
    """The latest stops of all processes, oldest first."""

    def __init__(self) -> None:
        self._stops: deque[Stop] = deque(maxlen=_KEPT)

    def __iter__(self) -> Iterator[Stop]:
        return iter(self._stops)

    def add(self, stop: Stop, entries: Iterable[Entry]) -> list[Entry]:
        """Take in a stop; returns those of its process's entries that it is told of."""
        self._stops.append(stop)
        told = [
            entry
            for entry in entries
            if entry.number == stop.row or _is_held(entry.kind, entry.started, entry.ended, stop)
        ]
        for entry in told:
            entry.seen |= DEBUGGED
        return told

    def of_others(self, row: Row, process: Process) -> list[Stop]:
        """When a debugger in another exchange, or in none, held this one up."""
        started = row.started_ns - process.anchor.wall(0)
        ended = None if row.state is State.OPEN else started + row.duration_ns
        return [
            stop
            for stop in self._stops
            if stop.source == process.source
            and stop.row != row.number
            and _is_held(row.kind, started, ended, stop)
        ]


def stop_of(
    process: Process, row: int, call: int, called: int, returned: int, number: int, payload: bytes
) -> Stop:
    """A stop from its record; ``row`` is that of its exchange, 0 where it has none."""
    content = decode(payload)
    place = content.get("place") if isinstance(content, dict) else None
    text = cut(place, TEXT_LIMIT) if isinstance(place, str) else ""
    return Stop(process.source, call, called, max(returned, called), row, number > 0, text)


def _is_held(kind: int, started: int, ended: int | None, stop: Stop) -> bool:
    """Whether an exchange was open while the loop stood."""
    if not stop.held or kind in _WAITING:
        return False
    return started < stop.returned and (ended is None or ended > stop.called)
