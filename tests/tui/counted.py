"""A store with a busy quarter of an hour in it, always the same."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from asgitrace.store.model import Lag, Row, RowKind, Split, State
from tests.tui.conftest import Stage
from tests.tui.fakes import MS, NOW_NS, FakeSession, FakeStore, make_row

SECOND = 1_000_000_000
SPAN = 600
"""Seconds of traffic, up to the moment that the stage's clock shows."""

_ROUTES = (
    # path, method, weight, median ms, spread, share that fails, bytes out
    ("/api/items", "GET", 30, 9.0, 0.5, 0.002, 18_000),
    ("/api/items/{}", "GET", 24, 4.0, 0.4, 0.004, 1_900),
    ("/api/items/{}/reviews", "GET", 9, 21.0, 0.7, 0.01, 7_000),
    ("/api/cart", "POST", 8, 14.0, 0.5, 0.03, 220),
    ("/api/checkout", "POST", 3, 240.0, 0.8, 0.14, 480),
    ("/api/search?q=tea&page={}", "GET", 7, 95.0, 0.9, 0.0, 22_000),
    ("/static/app.3f2a9c.js", "GET", 10, 0.6, 0.3, 0.0, 88_000),
    ("/health", "GET", 6, 0.4, 0.2, 0.0, 15),
    ("/reports/2024-05-{:02}", "GET", 1, 1800.0, 0.6, 0.2, 640_000),
)


def busy_rows() -> list[Row]:
    """Rows in the order of their beginning."""
    chance = random.Random(7)
    begun = sorted(_beginnings(chance))
    rows = [_exchange(chance, number, at) for number, at in enumerate(begun, 1)]
    for place in range(40, len(rows), 170):
        rows[place] = _session(chance, rows[place])
    return rows


def _beginnings(chance: random.Random) -> Iterator[float]:
    at = 0.0
    while at < SPAN:
        busy = 3.2 + 2.2 * np.sin(at / 55) + (6 if 380 < at < 430 else 0)
        at += chance.expovariate(float(busy))
        yield at


def _exchange(chance: random.Random, number: int, at: float) -> Row:
    weights = [route[2] for route in _ROUTES]
    path, method, _, median, spread, fails, size = chance.choices(_ROUTES, weights)[0]
    slow = 3.0 if 380 < at < 440 else 1.0
    took = round(median * slow * chance.lognormvariate(0, spread) * MS)
    status, state = 200, State.RETURNED
    if chance.random() < fails * slow:
        status, state = 500, chance.choice((State.RAISED, State.RETURNED))
    elif chance.random() < 0.03:
        status = chance.choice((304, 404, 404, 422, 401))
    if at > SPAN - 1 and chance.random() < 0.5:
        status, state = 0, State.OPEN
    return make_row(
        number,
        started_ns=NOW_NS + round(at * SECOND),
        path=path.format(chance.randrange(1, 29)),
        method=method,
        status=status,
        state=state,
        split=Split(took * 7 // 10, took // 10, took // 10, took - took * 9 // 10),
        received=chance.randrange(900) if method == "POST" else 0,
        sent=round(size * chance.uniform(0.4, 1.6)) if status else 0,
        connection=1 + number // 9 % 40,
        client=f"10.0.{number % 7}.{number % 3 + 1}",
    )


def _session(chance: random.Random, row: Row) -> Row:
    took = round(chance.uniform(20, 200) * SECOND)
    state, status = State.RETURNED, chance.choice((1000, 1000, 1001, 1006))
    if row.started_ns + took > NOW_NS + SPAN * SECOND:
        state, status = State.OPEN, 0
    return replace(
        row,
        kind=RowKind.WEBSOCKET,
        method="WS",
        path="/chat/room/7",
        state=state,
        status=status,
        split=Split(app=took // 50, client=took - took // 50),
        received=9_000,
        sent=64_000,
    )


class CountedStore(FakeStore):
    """The columns that groups and statistics want besides."""

    def columns_changed(self) -> None:
        super().columns_changed()
        self.string_epoch = (0, 0)
        self._durations = np.array([row.duration_ns for row in self.rows.values()], np.int64)
        self.lags: list[Lag] = [
            Lag(0, NOW_NS + n * SECOND, (3 + n % 5 + (70 if n % 90 == 5 else 0)) * MS // 4)
            for n in range(SPAN)
        ]

    def durations(self, now_ns: int, chosen: Any = slice(None)) -> Any:
        return self._durations[chosen].copy()


def busy_stage(rows: list[Row] | None = None, *, live: bool = True) -> Stage:
    """A stage with this store; its clock stands at the end of the traffic."""
    session = FakeSession()
    session.live = live
    made = Stage(CountedStore(busy_rows() if rows is None else rows), session)
    made.now_ns = SPAN * SECOND
    return made
