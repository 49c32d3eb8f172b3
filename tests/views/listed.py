"""A listing made of given rows."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from asgitrace.clock import ClockAnchor
from asgitrace.store.model import Process, Row, RowKind, Split, State

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

T = TypeVar("T")

NOW_NS = 1_700_000_000_000_000_000
MS = 1_000_000
SECOND = 1_000_000_000


def row(number: int, **changes: object) -> Row:
    """A finished GET of a millisecond, one each second, with what is given changed."""
    plain = Row(
        number=number,
        kind=RowKind.HTTP,
        state=State.RETURNED,
        started_ns=NOW_NS + number * SECOND,
        method="GET",
        path=f"/items/{number}",
        status=200,
        received=0,
        sent=100,
        events=5,
        split=Split(MS),
        pending="",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


class Columns:
    """The columns that groups and statistics look at."""

    def __init__(
        self, rows: Iterable[Row] = (), *, sources: Sequence[int] = (), workers: bool = False
    ) -> None:
        self.epoch = 0
        self.sources = sources
        self.processes = [
            Process(at, 4711 + at, ClockAnchor(0, 0), "shop:app", "", (at + 1) * workers)
            for at in range(max(sources, default=0) + 1)
        ]
        self.set_rows(list(rows))

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.paths = list(dict.fromkeys(row.path for row in rows))
        self.clients = list(dict.fromkeys(getattr(row, "client", "") for row in rows))
        self.numbers = np.array([row.number for row in rows], np.int64)
        self.kind = np.array([row.kind for row in rows], np.uint8)
        self.state = np.array([row.state for row in rows], np.uint8)
        self.status = np.array([row.status for row in rows], np.int32)
        self.path = np.array([self.paths.index(row.path) for row in rows], np.int32)
        self.client = np.array(
            [self.clients.index(getattr(row, "client", "")) for row in rows], np.int32
        )
        self.connection = np.array([row.connection for row in rows], np.uint32)
        self.source = np.array(list(self.sources) or [0] * len(rows), np.int32)
        self.received = np.array([row.received for row in rows], np.int64)
        self.sent = np.array([row.sent for row in rows], np.int64)
        self.started = np.array([row.started_ns for row in rows], np.int64)
        self._durations = np.array([row.duration_ns for row in rows], np.int64)

    @property
    def string_epoch(self) -> tuple[int, ...]:
        return (self.epoch,)

    def durations(self, now: int, chosen: Any = slice(None)) -> Any:
        return self._durations[chosen].copy()


def listing(
    rows: Iterable[Row], *, sources: Sequence[int] = (), workers: bool = False
) -> "Listing":
    """A listing of these rows, of processes with these numbers, which are workers or not."""
    return cast("Listing", Columns(rows, sources=sources, workers=workers))


def failed(listing: "Listing", places: Any) -> Any:
    """Those with an error status."""
    return listing.status[places] >= 500


def finished(run: Generator[None, None, T]) -> T:
    """What a pass over the rows comes to."""
    while True:
        try:
            next(run)
        except StopIteration as stop:
            return cast("T", stop.value)
