"""A store and a session made of given rows, with a clock that stands still."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from asgitrace.clock import ClockAnchor
from asgitrace.store.annotations import Annotations
from asgitrace.store.model import (
    Connection,
    Exchange,
    LogLine,
    Origin,
    Process,
    Row,
    RowKind,
    Split,
    State,
)
from asgitrace.store.pieces import Pieces
from asgitrace.store.session import SessionStatus
from tests.tui.detail.wired import Listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOW_NS = 1_700_000_000_000_000_000
MS = 1_000_000
PENDING = ("", "receive", "send")
PROCESS = Process(0, 4242, ClockAnchor(0, NOW_NS), "shop:app")


def make_workers(count: int = 3) -> list[Process]:
    """The workers of one server."""
    return [
        Process(at, 4711 + at, ClockAnchor(0, NOW_NS), "shop:app", "uvicorn 0.38.0", at + 1)
        for at in range(count)
    ]


def make_row(number: int, **changes: object) -> Row:
    """A finished GET, with what is given changed."""
    row = Row(
        number=number,
        kind=RowKind.HTTP,
        state=State.RETURNED,
        started_ns=NOW_NS + number * 37 * MS,
        method="GET",
        path=f"/items/{number}",
        status=200,
        received=0,
        sent=1234,
        events=5,
        split=Split(2 * MS, 1 * MS, MS // 2, MS // 4),
        pending="",
    )
    return replace(row, **changes)  # type: ignore[arg-type]


class FakeStore:
    """The store as the screens use it."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = {row.number: row for row in rows}
        self.version = 1
        self.missed_total = 0
        self.evicted_total = 0
        self.dropped_total = 0
        self.connections_forgotten = 0
        self.logs: list[LogLine] = []
        self.connected: list[Connection] = []
        self.annotations = Annotations()
        self.columns_changed()

    def columns_changed(self) -> None:
        rows = list(self.rows.values())
        self.methods = sorted({row.method for row in rows})
        self.paths = sorted({row.path for row in rows})
        self.string_epoch = (self.version, self.version)
        self.numbers: NDArray[np.int64] = np.array([row.number for row in rows], np.int64)
        self.kind = np.array([row.kind for row in rows], np.uint8)
        self.state = np.array([row.state for row in rows], np.uint8)
        self.status = np.array([row.status for row in rows], np.int32)
        self.method = np.array([self.methods.index(row.method) for row in rows], np.int32)
        self.path = np.array([self.paths.index(row.path) for row in rows], np.int32)
        for name in ("received", "sent", "events", "connection"):
            setattr(self, name, np.array([getattr(row, name) for row in rows], np.int64))
        self.started = np.array([row.started_ns for row in rows], np.int64)
        self.ttfb = np.array([row.ttfb_ns for row in rows], np.int64)
        self.pending = np.array([PENDING.index(row.pending) for row in rows], np.uint8)
        self.clients = sorted({row.client for row in rows})
        self.mimes = sorted({row.mime for row in rows})
        self.client = np.array([self.clients.index(row.client) for row in rows], np.int32)
        self.mime = np.array([self.mimes.index(row.mime) for row in rows], np.int32)
        self.origins = [Origin("1.1", "http", "127.0.0.1:8000")]
        self.origin = np.zeros(len(rows), np.int32)
        self.missed = np.zeros(len(rows), np.int64)
        known = {process.source: process for row in rows if (process := row.process)}
        self.processes = [known[source] for source in sorted(known)] or [PROCESS]
        self.source = np.array([row.process.source if row.process else 0 for row in rows], np.int64)
        self.exchange_numbers = self.numbers * (self.kind != RowKind.PROCESS)
        self.weight = np.array([row.events for row in rows], np.int64)
        # Whatever messages there may be: those who ask look at the events.
        self.seen = np.full(len(rows), 2**31 - 1, np.uint32)
        self.event_total = sum(row.events for row in rows)

    def durations(self, now_ns: int, chosen: Any = slice(None)) -> "NDArray[np.int64]":
        found = np.array([row.duration_ns for row in self.rows.values()], np.int64)
        return cast("NDArray[np.int64]", found[chosen])

    def parts(self, name: str, now_ns: int, chosen: Any = slice(None)) -> "NDArray[np.int64]":
        found = np.array([getattr(row.split, name) for row in self.rows.values()], np.int64)
        return cast("NDArray[np.int64]", found[chosen])

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, number: int) -> bool:
        return number in self.rows

    def add(self, *rows: Row) -> None:
        self.rows |= {row.number: row for row in rows}
        self.version += 1
        self.columns_changed()

    def evict(self, *numbers: int) -> None:
        for number in numbers:
            del self.rows[number]
        self.evicted_total += len(numbers)
        self.version += 1
        self.columns_changed()

    def row(self, number: int, now_ns: int) -> Row:
        return self.rows[number]

    def logs_since(self, index: int) -> list[LogLine]:
        return self.logs[index:]

    @property
    def log_total(self) -> int:
        return len(self.logs)

    def exchange(self, number: int, now_ns: int) -> Exchange | None:
        row = self.rows.get(number)
        return None if row is None else Exchange(row, PROCESS, (), 0)

    def peek(self, number: int, now_ns: int) -> Exchange | None:
        return self.exchange(number, now_ns)

    def pieces(self, places: "NDArray[np.int64]") -> list[Pieces]:
        return [Pieces(None, 0, 0, 0)] * len(places)

    def segments(self) -> list[Any]:
        """No records: there is nothing to be searched."""
        return []

    def connections(self, now_ns: int) -> Listed:
        return Listed(self.connected)

    def clear(self) -> None:
        self.evict(*self.rows)


class FakeSession:
    """A session that is always the same."""

    title = "shop:app"
    live = True

    def __init__(self, status: SessionStatus | None = None) -> None:
        self.current = status or SessionStatus(
            phase="serving", address="http://127.0.0.1:8000", loop="asyncio", fill=0.12
        )
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def poll(self, store: object) -> None:
        pass

    def status(self) -> SessionStatus:
        return self.current

    def restart(self) -> None:
        self.calls.append("restart")

    async def stop(self) -> None:
        self.calls.append("stop")
