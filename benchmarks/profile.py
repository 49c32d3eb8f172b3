"""Where the time of one request and of one echo goes in the embedded server.

By elimination, which disturbs nothing: what the machines, the app and an empty asyncio protocol
cost by themselves, and what the server costs under the same load. And by cProfile, which shows
shares within Python and makes all of it slower."""

import contextlib
import pstats
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.apps import HTTP_SCOPE
from benchmarks.bare import app_call, cost, h11_exchange, wsproto_echo
from benchmarks.clients import ask
from benchmarks.effort import Effort
from benchmarks.hosts import EMBEDDED, FLOOR, Tracing
from benchmarks.load import Client, cpu_of, under_load
from benchmarks.processes import ServerProcess, serving
from benchmarks.questions import JSON, Talk, echoes, requests
from benchmarks.report import Board, Row, Section
from benchmarks.series import difference, ratio
from benchmarks.shares import Shares, shares
from benchmarks.site_app import site

_TITLE: Final = "Where the CPU time goes in the embedded server (asyncio)"
_TRACINGS: Final[tuple[Tracing, ...]] = ("no", "off", "events", "bytes")
_WARM_UP: Final = 0.2
_FUNCTIONS: Final = 16
"""How many of the most expensive functions are named."""
_TALKS: Final[dict[str, tuple[Talk, int]]] = {
    "GET of small JSON": (requests(JSON), 32),
    "WebSocket echo of 64 bytes": (echoes(1), 16),
}


class Alone(NamedTuple):
    """µs of CPU time for parts in a loop by themselves."""

    name: str
    """The protocol machine's."""
    machine: float
    app: float = 0.0


def run(effort: Effort) -> Section:
    """Both ways, for requests and for echoes."""
    rows = _by_elimination(effort)
    for words, (talk, connections) in _TALKS.items():
        for tracing in ("no", "events"):
            rows += _by_profile(words, talk, connections, tracing, effort)
    return Section("profile", _TITLE, tuple(rows))


def _by_elimination(effort: Effort) -> list[Row]:
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        servers: dict[str, ServerProcess] = {FLOOR: stack.enter_context(serving(FLOOR))}
        for tracing in _TRACINGS:
            servers[tracing] = stack.enter_context(serving(EMBEDDED, tracing, lap=True))
        for words, (talk, connections) in _TALKS.items():
            client: Client = partial(ask, talk, connections, effort.server_seconds)
            warm_up = partial(ask, talk, connections, min(effort.server_seconds, _WARM_UP))
            turns = under_load(servers, client, effort.server_rounds, warm_up)
            costs = {name: cpu_of(taken) for name, taken in turns.items()}
            if all(len(taken) == effort.server_rounds for taken in costs.values()):
                rows += _eliminated(words, costs, _alone(talk, effort))
            else:
                board = Board(_parts(words), "")
                board.leave_out(words, "the system does not tell the CPU time of a process")
                rows += board.rows
    return rows


def _alone(talk: Talk, effort: Effort) -> Alone:
    seconds = effort.sample_seconds
    if talk.opening:
        return Alone("wsproto", cost(wsproto_echo(), seconds))
    scope = {**HTTP_SCOPE, "method": "GET", "path": "/json"}
    return Alone("h11", cost(h11_exchange(), seconds), cost(app_call(site, scope), seconds))


def _eliminated(words: str, costs: Mapping[str, list[float]], alone: Alone) -> list[Row]:
    whole = "untraced, in all"
    board = Board(_parts(words), whole)
    untraced = costs["no"]
    board.put(whole, "CPU each", "µs", untraced)
    rest = [all_of_it - alone.app for all_of_it in difference(untraced, costs[FLOOR])]
    near = f"{ratio(rest, [alone.machine] * len(rest)):.2f} × {alone.name} alone"
    lines = {
        "sockets, system calls, event loop": costs[FLOOR],
        "the app": [alone.app] if alone.app else [],
        "asgitrace's server, protocol included: the rest": rest,
        "more when traced: recorder": difference(costs["off"], untraced),
        "more when traced: wire events": difference(costs["events"], costs["off"]),
        "more when traced: raw bytes": difference(costs["bytes"], costs["events"]),
        f"for comparison: {alone.name} alone, both ways": [alone.machine],
    }
    for name, series in lines.items():
        same = series * len(untraced) if len(series) == 1 else series
        remark = near if name.endswith("the rest") else ""
        board.put(name, "CPU each", "µs", same, compare=True, remark=remark)
    return board.rows


def _parts(words: str) -> str:
    return f"{words}: parts by elimination"


def _by_profile(
    words: str, talk: Talk, connections: int, tracing: Tracing, effort: Effort
) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "profile")
        with serving(EMBEDDED, tracing, lap=True, profile=file) as server:
            server.start_profile()
            done = ask(talk, connections, effort.server_seconds, server.port).done
        found = shares(pstats.Stats(str(file)), _FUNCTIONS)
    named = "untraced" if tracing == "no" else f"traced, wire {tracing}"
    return _profiled(f"{words}, {named}: under cProfile", found, done)


def _profiled(title: str, found: Shares, done: int) -> list[Row]:
    packages = Board(f"{title}, by package", "")
    for name, part in found.packages.items():
        packages.put(name, "share", "%", [part * 100])
    functions = Board(f"{title}, the most expensive functions", "")
    for name, (part, calls) in found.functions.items():
        functions.put(name, "share", "%", [part * 100])
        functions.put(name, "calls each", "", [calls / done])
    return [*packages.rows, *functions.rows]
