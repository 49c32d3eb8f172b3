"""The embedded server and its peers under load: requests and WebSocket echoes."""

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from benchmarks.clients import ask
from benchmarks.contenders import ALL, BASE, Contender
from benchmarks.effort import Effort
from benchmarks.load import Client, Turn, cpu_of, under_load
from benchmarks.processes import ServerFailed, ServerProcess, serving
from benchmarks.questions import ECHO, JSON, Request, echoes, requests
from benchmarks.report import Board, Budget, Row, Section
from benchmarks.wrk import wrk, wrk_missing

_TITLE: Final = "Embedded server and its peers under load"
_REQUESTS: Final = {"GET of small JSON": JSON, "POST of 1 KiB, echoed": ECHO}
_CONNECTIONS: Final = (1, 32)
_ECHO_CONNECTIONS: Final = (1, 16)
_BATCH: Final = 16
_WARM_UP: Final = 0.2
_HTTP: Final = {
    "asgitrace": Budget("≥", 1.4, "ratio"),
    "asgitrace, wire events": Budget("≥", 1.0, "ratio"),
}
_WEBSOCKET: Final = {"asgitrace, wire events": Budget("≥", 1.0, "ratio")}
_CLIENT_BOUND: Final = (
    "the client was at its limit and the server was not: it can do more than this rate; its CPU "
    "time is what counts"
)


def run(effort: Effort) -> Section:
    """Measure requests and echoes, every server in every round."""
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        servers: dict[str, ServerProcess] = {}
        missing: dict[str, str] = {}
        for contender in ALL:
            try:
                servers[contender.name] = stack.enter_context(_started(contender))
            except ServerFailed as failed:
                missing[contender.name] = str(failed)
        for title, client, warm_up, unit, budgets in _loads(effort):
            turns = under_load(servers, client, effort.server_rounds, warm_up)
            rows += _board(title, unit, turns, budgets, missing)
    return Section("server", _TITLE, tuple(rows))


@contextlib.contextmanager
def _started(contender: Contender) -> Iterator[ServerProcess]:
    if missing := contender.missing():
        raise ServerFailed(missing)
    with serving(contender.host, contender.tracing, lap=True) as server:
        yield server


def _loads(
    effort: Effort,
) -> Iterator[tuple[str, Client, Client, str, Mapping[str, Budget]]]:
    seconds = effort.server_seconds
    for words, request in _REQUESTS.items():
        for connections in _CONNECTIONS:
            client, tool = _http_client(request, connections, seconds)
            warm_up = partial(ask, requests(request), connections, min(seconds, _WARM_UP))
            title = f"{words}, {_counted(connections)} (client: {tool})"
            yield title, client, warm_up, "req/s", _HTTP if connections > 1 else {}
    for connections, batch in ((1, 1), (_ECHO_CONNECTIONS[1], 1), (_ECHO_CONNECTIONS[1], _BATCH)):
        talk = echoes(batch)
        at_once = f", {batch} at once on each" if batch > 1 else ""
        title = f"WebSocket echo of 64 bytes, {_counted(connections)}{at_once}"
        client = partial(ask, talk, connections, seconds)
        warm_up = partial(ask, talk, connections, min(seconds, _WARM_UP))
        yield title, client, warm_up, "echoes/s", _WEBSOCKET if connections > 1 else {}


def _http_client(request: Request, connections: int, seconds: float) -> tuple[Client, str]:
    """wrk where there is one, and time for it: it knows whole seconds only."""
    if wrk_missing() is None and seconds >= 1:
        return partial(wrk, request, connections, int(seconds)), "wrk"
    return partial(ask, requests(request), connections, seconds), "our own"


def _counted(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"


def _board(
    title: str,
    unit: str,
    turns: Mapping[str, list[Turn]],
    budgets: Mapping[str, Budget],
    missing: Mapping[str, str],
) -> list[Row]:
    board = Board(title, BASE)
    for name, taken in turns.items():
        bound = sum(turn.client_bound for turn in taken) * 2 > len(taken)
        board.put(
            name,
            unit,
            unit,
            [turn.rate for turn in taken],
            compare=True,
            budget=budgets.get(name) if BASE in turns else None,
            remark=_CLIENT_BOUND if bound else "",
        )
        board.put(name, "CPU each", "µs", cpu_of(taken), compare=True)
        latencies = [turn.latency for turn in taken if turn.latency is not None]
        board.put(name, "p50", "ms", [latency.p50 for latency in latencies])
        board.put(name, "p99", "ms", [latency.p99 for latency in latencies])
        board.put(name, "max", "ms", [latency.worst for latency in latencies])
        board.put(name, "client's CPU", "%", [turn.client_share * 100 for turn in taken])
    for name, note in missing.items():
        board.leave_out(name, note)
    return board.rows
