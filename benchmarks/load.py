"""Load on a server process: rounds in which every server has its turn."""

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.effort import Effort
from benchmarks.processes import ServerProcess
from benchmarks.series import interleave

_BUSY: Final = 0.9
"""From this share of a processor on, a single-threaded client is at its limit."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times from question to answer, in ms."""

    p50: float
    p99: float
    worst: float


@dataclass(frozen=True, slots=True)
class Load:
    """What a client got done, with every answer looked at."""

    done: int
    rate: float
    """A second."""
    latency: Latency | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one server."""

    rate: float
    cpu: float | None
    """µs of the server's CPU time for each request or message."""
    latency: Latency | None
    server_share: float | None
    """How much of one processor the server used."""
    client_share: float
    """How much of one processor the client used."""

    @property
    def client_bound(self) -> bool:
        """Whether the client was at its limit, and the server not."""
        server = self.server_share
        return self.client_share >= _BUSY and server is not None and server < _BUSY


Client = Callable[[int], Load]
"""Puts load on a port for a while. Raises RuntimeError where an answer is not as it should be."""


def under_load(
    servers: Mapping[str, ServerProcess],
    client: Client,
    rounds: int,
    warm_up: Client | None = None,
) -> dict[str, list[Turn]]:
    """Rounds of turns; the servers stay up throughout, one at a time under load."""
    if warm_up is not None:
        for server in servers.values():
            warm_up(server.port)
    return interleave(
        {name: partial(_turn, server, client) for name, server in servers.items()}, rounds
    )


def repeated(
    servers: Mapping[str, ServerProcess], client: Client, effort: Effort
) -> dict[str, list[Turn]]:
    """`under_load` with the rounds of an effort, after those that do not count."""
    under_load(servers, client, effort.load_warm_up)
    return under_load(servers, client, effort.load_rounds)


def cpu_of(turns: list[Turn]) -> list[float]:
    """The CPU times, empty where the system does not tell them."""
    return [turn.cpu for turn in turns if turn.cpu is not None]


def _turn(server: ServerProcess, client: Client) -> Turn:
    ours, theirs, started = _cpu_of_clients(), server.cpu_seconds(), time.perf_counter()
    load = client(server.port)
    elapsed, after = time.perf_counter() - started, server.cpu_seconds()
    used = after - theirs if theirs is not None and after is not None else None
    return Turn(
        load.rate,
        used / load.done * 1e6 if used and load.done else None,
        load.latency,
        None if used is None else used / elapsed,
        (_cpu_of_clients() - ours) / elapsed,
    )


def _cpu_of_clients() -> float:
    """Of this process, and of its children that have ended: a client is one or the other."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
