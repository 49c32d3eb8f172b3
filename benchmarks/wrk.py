"""wrk as a client: one thread, keep-alive, every response looked at by a script of ours."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from benchmarks.load import Latency, Load
from benchmarks.questions import Request

CONNECTIONS: Final = 32
_GRACE: Final = 15.0
_SCRIPT: Final = Path(__file__).with_name("wrk.lua")
_TOLD: Final = re.compile(r"told (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)")


def wrk_missing() -> str | None:
    """Why there can be no load from wrk; None if there can."""
    return None if shutil.which("wrk") else "not installed: wrk"


def wrk(request: Request, connections: int, seconds: int, port: int) -> Load:
    """Put a request again and again. Raises RuntimeError where an answer is wrong or missing."""
    told = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_SCRIPT),
         f"http://127.0.0.1:{port}{request.path}", "--",
         request.method, request.body, request.answer],
        capture_output=True,
        text=True,
        timeout=seconds + _GRACE,
    )  # fmt: skip
    found = _TOLD.search(told.stdout)
    if found is None:
        raise RuntimeError(f"wrk failed: {' '.join((told.stdout + told.stderr).split())}")
    done, micros, wrong, errors, *times = map(int, found.groups())
    if wrong or errors or not done:
        raise RuntimeError(f"wrk: of {done} answers {wrong} were wrong; {errors} errors")
    p50, p99, worst = (time / 1e3 for time in times)
    return Load(done, done / micros * 1e6, Latency(p50, p99, worst))
