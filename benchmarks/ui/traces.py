"""A large trace file, opened: how soon there is something to see, and to do."""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import big_trace
from benchmarks.effort import Effort
from benchmarks.processes import ServerProcess
from benchmarks.report import Row, absent
from benchmarks.ui.figures import at_most, key_rows, key_times, one
from benchmarks.ui.watch import Watch, watching

_PATIENCE: Final = 20.0
_LOADING: Final = 240.0
_STILL: Final = 1.5
_MIB: Final = 1 << 20


def trace_rows(effort: Effort) -> Iterator[Row]:
    """Write a file of the effort's size and open it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.jsonl")
        with path.open("wb") as file:
            big_trace.write(file, effort.trace)
        command = [sys.executable, "-m", "asgitrace", "open", str(path)]
        with watching(command) as watch:
            yield from _loaded(watch, effort)


def _loaded(watch: Watch, effort: Effort) -> Iterator[Row]:
    name = f"open a trace of {effort.trace / 1e6:,.0f} MB"
    first = watch.wait(lambda frame: frame.selected is not None, _PATIENCE)
    if first is None:
        yield absent(name, f"nothing was shown: {watch.last_words()}")
        return
    yield one(f"{name}: first rows", "s", first.at - watch.started, at_most(1.0))
    watch.press(b"g")
    time.sleep(0.3)
    times = key_times(watch, effort.keys // 2)
    loading = _is_loading(watch)
    meanwhile = "key to repaint meanwhile" if loading else "key to repaint"
    yield from key_rows(f"{name}: {meanwhile}", times, None, 100)
    done = _wait_for_end(watch)
    yield one(f"{name}: all of it", "s", done - watch.started)
    peak = ServerProcess(watch.process.pid, 0).peak()
    if peak is not None:
        yield one(f"{name}: most that was resident", "MiB", peak / _MIB)


def _is_loading(watch: Watch) -> bool:
    """Whether it is still said so."""
    frames = watch.between(time.perf_counter() - 1.0, time.perf_counter())
    return any(b"%" in frame.text for frame in frames)


def _wait_for_end(watch: Watch) -> float:
    """When the process and what it started were at rest."""
    process = ServerProcess(watch.process.pid, 0)
    used, since = process.cpu_seconds() or 0.0, time.perf_counter()
    until = since + _LOADING
    while time.perf_counter() < until and time.perf_counter() - since < _STILL:
        time.sleep(0.1)
        now = process.cpu_seconds() or 0.0
        if now - used > 0.2 * (time.perf_counter() - since + 0.1):
            used, since = now, time.perf_counter()
    return since
