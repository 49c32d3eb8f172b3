"""The embedded server against uvicorn on the same protocol machines and event loop."""

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Final

from benchmarks.echoes import echo
from benchmarks.effort import Effort
from benchmarks.launch import EMBEDDED
from benchmarks.load import Client, cpu_of, under_load, wrk, wrk_missing
from benchmarks.peers import PeerMissing, load
from benchmarks.processes import ServerProcess, serving
from benchmarks.report import Budget, Row, Section, absent, compared, figure

_UVICORN: Final = "uvicorn"
_UNTRACED: Final = "embedded, untraced"
_TRACED: Final = "embedded, traced"
_HTTP: Final = {_UNTRACED: Budget("≥", 1.4, "ratio"), _TRACED: Budget("≥", 1.0, "ratio")}
_WEBSOCKET: Final = {_TRACED: Budget("≥", 1.0, "ratio")}
_BATCHES: Final = (1, 16)


def run(effort: Effort) -> Section:
    """Measure requests with wrk and WebSocket echoes with a client of our own."""
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        servers: dict[str, ServerProcess] = {}
        try:
            load("uvicorn")
            servers[_UVICORN] = stack.enter_context(serving("uvicorn-h11", "hello"))
        except PeerMissing as missing:
            rows.append(absent(_UVICORN, str(missing)))
        servers[_UNTRACED] = stack.enter_context(serving(EMBEDDED, "hello"))
        servers[_TRACED] = stack.enter_context(serving(EMBEDDED, "hello", traced=True))
        rows += _requests(servers, effort)
        rows += _echoes(servers, effort)
    title = "Embedded server against uvicorn (h11, wsproto, asyncio)"
    return Section("server", title, tuple(rows))


def _requests(servers: Mapping[str, ServerProcess], effort: Effort) -> list[Row]:
    if missing := wrk_missing():
        return [absent("HTTP", missing)]
    client = partial(wrk, effort.load_seconds)
    return _rows("HTTP", "req/s", servers, client, effort, _HTTP)


def _echoes(servers: Mapping[str, ServerProcess], effort: Effort) -> list[Row]:
    rows: list[Row] = []
    for batch in _BATCHES:
        client = partial(echo, batch, effort.load_seconds / 2)
        title = "WebSocket" if batch == 1 else f"WebSocket, {batch} at once"
        rows += _rows(title, "echoes/s", servers, client, effort, _WEBSOCKET)
    return rows


def _rows(
    title: str,
    unit: str,
    servers: Mapping[str, ServerProcess],
    client: Client,
    effort: Effort,
    budgets: Mapping[str, Budget],
) -> list[Row]:
    """Throughput and CPU time of all servers, as ratios to uvicorn's."""
    turns = under_load(servers, client, effort)
    rates = {name: [turn.rate for turn in taken] for name, taken in turns.items()}
    costs = {name: cpu_of(taken) for name, taken in turns.items() if cpu_of(taken)}
    rows: list[Row] = []
    for name, rate in rates.items():
        label = f"{title}, {name}"
        if name == _UVICORN or _UVICORN not in rates:
            rows.append(figure(label, unit, rate))
        else:
            base = rates[_UVICORN]
            rows.append(compared(label, unit, rate, _UVICORN, base, budgets.get(name)))
    for name, cost in costs.items():
        label = f"{title}, {name}, CPU each"
        if name == _UVICORN or _UVICORN not in costs:
            rows.append(figure(label, "µs", cost))
        else:
            rows.append(compared(label, "µs", cost, _UVICORN, costs[_UVICORN]))
    return rows
