"""Load on a server process: rounds in which every server has its turn."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.effort import Effort
from benchmarks.processes import ServerProcess
from benchmarks.series import interleave

_CONNECTIONS: Final = 32
_GRACE: Final = 15.0
_TOTAL: Final = re.compile(r"(\d+) requests in")
_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")


@dataclass(frozen=True, slots=True)
class Load:
    """What a client got done."""

    done: int
    rate: float
    """A second."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one server."""

    rate: float
    cpu: float | None
    """µs of the server process's CPU time for each request or message."""


Client = Callable[[int], Load]
"""Puts load on a port for a while."""


def under_load(
    servers: Mapping[str, ServerProcess], client: Client, effort: Effort
) -> dict[str, list[Turn]]:
    """Rounds of turns; the servers stay up throughout, one at a time under load."""
    turns = {name: partial(_turn, server, client) for name, server in servers.items()}
    interleave(turns, effort.load_warm_up)
    return interleave(turns, effort.load_rounds)


def cpu_of(turns: list[Turn]) -> list[float]:
    """The CPU times, empty where the system does not tell them."""
    return [turn.cpu for turn in turns if turn.cpu is not None]


def wrk_missing() -> str | None:
    """Why there can be no HTTP load; None if there can."""
    return None if shutil.which("wrk") else "not installed: wrk"


def wrk(seconds: int, port: int) -> Load:
    """Keep-alive requests from one thread of wrk on 32 connections.

    Raises RuntimeError where anything but good answers came back.
    """
    told = subprocess.run(
        ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}/"],
        capture_output=True,
        text=True,
        timeout=seconds + _GRACE,
    )
    total, rate = _TOTAL.search(told.stdout), _RATE.search(told.stdout)
    if total is None or rate is None or "Non-2xx" in told.stdout or "errors" in told.stdout:
        raise RuntimeError(f"wrk failed: {' '.join((told.stdout + told.stderr).split())}")
    return Load(int(total[1]), float(rate[1]))


def _turn(server: ServerProcess, client: Client) -> Turn:
    before = server.cpu_seconds()
    load = client(server.port)
    after = server.cpu_seconds()
    known = before is not None and after is not None and load.done
    cpu = (after - before) / load.done * 1e6 if known else None  # type: ignore[operator]
    return Turn(load.rate, cpu)
