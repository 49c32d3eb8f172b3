"""What tracing costs an app under uvicorn in its fastest configuration."""

import contextlib
from functools import partial
from typing import Final

from benchmarks.effort import Effort
from benchmarks.load import cpu_of, repeated
from benchmarks.peers import PeerMissing, load
from benchmarks.processes import serving
from benchmarks.questions import JSON
from benchmarks.report import Budget, Section, absent, compared, figure
from benchmarks.series import difference
from benchmarks.wrk import CONNECTIONS, wrk, wrk_missing

_TITLE: Final = "Small JSON app under uvicorn (httptools, uvloop), one worker"
_THROUGHPUT: Final = Budget("≥", 0.80, "ratio")


def run(effort: Effort) -> Section:
    """Measure the app untraced and traced, with wrk."""
    missing = wrk_missing() or _missing_parts()
    if missing:
        return Section("recorder_uvicorn", _TITLE, (absent("throughput", missing),))
    client = partial(wrk, JSON, CONNECTIONS, effort.load_seconds)
    with contextlib.ExitStack() as stack:
        start = partial(serving, "uvicorn-httptools")
        servers = {
            "untraced": stack.enter_context(start()),
            "traced": stack.enter_context(start("off")),
        }
        turns = repeated(servers, client, effort)
    plain, traced = ([turn.rate for turn in turns[name]] for name in ("untraced", "traced"))
    rows = [
        figure("untraced", "req/s", plain),
        compared("traced", "req/s", traced, "untraced", plain, _THROUGHPUT),
    ]
    plain, traced = (cpu_of(turns[name]) for name in ("untraced", "traced"))
    if plain and traced:
        rows += [
            figure("untraced, CPU a request", "µs", plain),
            compared("traced, CPU a request", "µs", traced, "untraced", plain),
            figure("  added by asgitrace, CPU", "µs", difference(traced, plain)),
        ]
    return Section("recorder_uvicorn", _TITLE, tuple(rows))


def _missing_parts() -> str | None:
    try:
        for module in ("uvicorn", "httptools", "uvloop"):
            load(module)
    except PeerMissing as missing:
        return str(missing)
    return None
