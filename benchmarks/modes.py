"""What each way of using asgitrace costs an app under uvicorn in its fastest configuration, beside
what else one would use to see what it does."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.effort import Effort
from benchmarks.hosts import HOSTS, Tracing
from benchmarks.load import Turn, cpu_of, repeated
from benchmarks.processes import ROOT, ServerFailed, ServerProcess, end, serving
from benchmarks.questions import JSON
from benchmarks.report import Board, Row, Section, absent
from benchmarks.wrk import CONNECTIONS, wrk, wrk_missing

_TITLE: Final = "Every mode under uvicorn (httptools, uvloop), small JSON, one worker"
_TABLE: Final = "Modes under uvicorn (httptools, uvloop), 32 connections (client: wrk)"
_UNTOUCHED: Final = "untouched"
_HTTPTOOLS: Final = "uvicorn-httptools"
_PATIENCE: Final = 15.0
_POLL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Mode:
    """One line of the table."""

    name: str
    host: str = _HTTPTOOLS
    tracing: Tracing = "off"
    environment: Mapping[str, str] = field(default_factory=dict)
    attached: bool = False
    """Whether somebody reads what is recorded meanwhile, and writes it to a file."""

    def start(self) -> AbstractContextManager[ServerProcess]:
        served = serving(self.host, self.tracing, environment=self.environment)
        return _read_by_another(served) if self.attached else served


_MODES: Final = (
    Mode(_UNTOUCHED, tracing="no"),
    Mode("ASGITRACE=0", environment={"ASGITRACE": "0"}),
    Mode("sampled out", environment={"ASGITRACE_SAMPLE": "0"}),
    Mode("1 of 100 recorded", environment={"ASGITRACE_SAMPLE": "0.01"}),
    Mode(
        "1 of 100 recorded, errors kept",
        environment={"ASGITRACE_SAMPLE": "0.01", "ASGITRACE_KEEP_ERRORS": "1"},
    ),
    Mode("all recorded"),
    Mode("all recorded, another process reads", attached=True),
    Mode("OpenTelemetry", "uvicorn-opentelemetry", "no"),
    Mode("uvicorn --log-level trace", "uvicorn-trace-log", "no"),
)
_FEW: Final = tuple(mode for mode in _MODES if mode.name in (_UNTOUCHED, "1 of 100 recorded"))
_SERVED: Final = "asgitrace record --server uvicorn"


def run(effort: Effort) -> Section:
    """All modes take turns, under load from wrk."""
    if missing := wrk_missing():
        return Section("modes", _TITLE, (absent("throughput", missing),))
    client = partial(wrk, JSON, CONNECTIONS, effort.load_seconds)
    starts: dict[str, Callable[[], AbstractContextManager[ServerProcess]]] = {}
    rows: list[Row] = []
    for mode in _FEW if effort.few else _MODES:
        if lacking := HOSTS[mode.host].missing():
            rows.append(absent(mode.name, lacking))
        else:
            starts[mode.name] = mode.start
    if not effort.few:
        starts[_SERVED] = _served
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(start()) for name, start in starts.items()}
        turns = repeated(servers, client, effort)
    return Section("modes", _TITLE, (*_table(turns), *rows))


def _table(turns: Mapping[str, list[Turn]]) -> list[Row]:
    board = Board(_TABLE, _UNTOUCHED)
    for name, taken in turns.items():
        board.put(name, "req/s", "req/s", [turn.rate for turn in taken], compare=True)
        if cpu := cpu_of(taken):
            board.put(name, "CPU each", "µs", cpu, compare=True)
    return board.rows


@contextlib.contextmanager
def _read_by_another(
    served: AbstractContextManager[ServerProcess],
) -> Iterator[ServerProcess]:
    with served as server:
        command = ["attach", str(server.pid), "--record", os.devnull, "--force"]
        with _asgitrace(*command):
            yield server


@contextlib.contextmanager
def _served() -> Iterator[ServerProcess]:
    """The server as asgitrace starts it, without the process that does."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    command = [
        *("record", "benchmarks.site_app:site", "--output", os.devnull, "--force"),
        *("--server", "uvicorn", "--port", str(port), "--lifespan", "off"),
        *("--", "--http", "httptools", "--loop", "uvloop", "--no-access-log"),
    ]
    with _asgitrace(*command) as process:
        until = time.monotonic() + _PATIENCE
        while not (found := _listener(process.pid, port)):
            if process.poll() is not None or time.monotonic() > until:
                raise ServerFailed("asgitrace record --server uvicorn did not start")
            time.sleep(_POLL)
        yield ServerProcess(found, port)


def _listener(parent: int, port: int) -> int:
    """The process below another one that is uvicorn; 0 as long as nobody answers."""
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", port)):
            return 0
    for pid in ServerProcess(parent, port).family():
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"uvicorn" in words and b"asgitrace" not in words:
                return pid
    return 0


@contextlib.contextmanager
def _asgitrace(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "asgitrace", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)
