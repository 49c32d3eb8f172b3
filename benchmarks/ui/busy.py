"""The list full of exchanges, under load and idle: frames, keys, stalls, CPU time, memory, filters.

All on one screen, which is filled once."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.effort import Effort
from benchmarks.report import Row, absent
from benchmarks.ui.figures import UP, at_least, at_most, key_rows, key_times, one, share
from benchmarks.ui.filters import filter_rows
from benchmarks.ui.stage import Stage, stage

RATE: Final = 50_000
"""Events a second."""
_WARM_UP: Final = 1.0
_SETTLE: Final = 0.3
_PATIENCE: Final = 3.0
_SLOW_READ: Final = 0.02
_MIB: Final = 1 << 20
_RSS: Final = re.compile(r"^Rss:\s+(\d+) kB", re.MULTILINE)


def busy_rows(effort: Effort) -> Iterator[Row]:
    """With the events of the ASGI boundary, on as many exchanges as the effort says."""
    with stage() as it:
        facts = it.fill(effort.rows)
        yield one("exchanges in the list", "", facts["rows"], at_least(effort.rows))
        yield one("memory of the store, a row", "B", facts["bytes_used"] / max(facts["rows"], 1))
        yield from _idle(it, effort)
        yield from filter_rows(it, facts["rows"])
        yield from _loaded(it, effort)


def wire_rows(effort: Effort) -> Iterator[Row]:
    """With the events of the wire as well, as the command line records: fewer exchanges for as many
    events."""
    with stage(wire=True) as it:
        it.fill(min(effort.rows, 50_000))
        it.feeder.rate(RATE)
        time.sleep(min(_WARM_UP, effort.watched))
        seconds = min(effort.watched, 10.0)
        yield one("with wire events: CPU of the screen", "%", _cpu(it, seconds), at_most(25))
        yield _frames(it, "with wire events: frames", seconds)
        _let_go(it)
        keys = key_times(it.watch, max(effort.keys // 2, 1))
        yield from key_rows("with wire events: key to repaint", keys, 8, 35)


def _idle(it: Stage, effort: Effort) -> Iterator[Row]:
    it.feeder.rate(0)
    _let_go(it)
    time.sleep(min(_WARM_UP, effort.watched))
    yield one("idle: CPU of the screen", "%", _cpu(it, min(effort.watched, 10.0)), at_most(8))
    yield from key_rows("idle: key to repaint", key_times(it.watch, effort.keys), 5, None)
    memory = it.process.memory()
    if memory is not None:
        own = (memory.resident - _mapped(it)) / _MIB
        yield one("idle: resident, without the ring", "MiB", own, at_most(200))


def _loaded(it: Stage, effort: Effort) -> Iterator[Row]:
    """Following first, as somebody who watches; then with the cursor on a row."""
    it.watch.press(b"G")
    it.feeder.rate(RATE)
    time.sleep(min(_WARM_UP, effort.watched))
    it.watch.forget()
    yield one("loaded: CPU of the screen", "%", _cpu(it, min(effort.watched, 10.0)), at_most(25))
    yield from _watched(it, effort.watched)
    _let_go(it)
    yield from key_rows("loaded: key to repaint", key_times(it.watch, effort.keys), 8, 35)
    it.watch.pause = _SLOW_READ
    slow = key_times(it.watch, max(effort.keys // 4, 1), shortest=0.2)
    yield one("slow terminal: key to repaint, p95", "ms", share(slow, 0.95), at_most(250))
    it.watch.pause = 0.0
    it.feeder.rate(0)


def _let_go(it: Stage) -> None:
    """Stop following: from now on only keys move the cursor."""
    it.watch.press(UP * 3)
    time.sleep(_SETTLE)
    it.watch.forget()
    it.watch.press(UP)
    it.watch.wait(lambda frame: frame.selected is not None, _PATIENCE)


def _watched(it: Stage, seconds: float) -> Iterator[Row]:
    before = it.control.ask("watch")
    resident = _resident(it)
    started = time.perf_counter()
    frames = _frames(it, "loaded: frames that show new rows", seconds)
    lasted = time.perf_counter() - started
    after = it.control.ask("tell")
    yield frames
    yield one("loaded: events taken in", "/s", (after["taken"] - before["taken"]) / lasted)
    lost = after["missed"] + after["dropped"] - before["missed"] - before["dropped"]
    yield one("loaded: events missed or dropped", "", lost, at_most(0))
    late = [ns / 1e6 for ns in after["late_ns"]]
    if late:
        yield one("loaded: loop late, p99", "ms", share(late, 0.99), at_most(16))
        yield one("loaded: loop late, worst", "ms", max(late), at_most(50))
    grown = (_resident(it) - resident) / _MIB
    evicted = after["evicted"] - before["evicted"]
    name = "loaded: resident, grown meanwhile"
    if evicted:
        yield one(f"{name} ({evicted:,} rows evicted)", "MiB", grown, at_most(16))
    else:
        yield absent(name, f"the store was not full; it grew by {grown:.1f} MiB")


def _frames(it: Stage, name: str, seconds: float) -> Row:
    """Frames in which the newest row is another than before; nothing else can be seen to move."""
    start = time.perf_counter()
    time.sleep(seconds)
    end = time.perf_counter()
    shown = {frame.selected for frame in it.watch.between(start, end)} - {None}
    return one(name, "/s", len(shown) / (end - start), at_least(30))


def _cpu(it: Stage, seconds: float) -> float:
    """Per cent of one processor, all threads."""
    began, start = it.process.cpu_seconds() or 0.0, time.perf_counter()
    time.sleep(seconds)
    used = (it.process.cpu_seconds() or 0.0) - began
    return used / (time.perf_counter() - start) * 100


def _resident(it: Stage) -> int:
    memory: Any = it.process.memory()
    return memory.resident - _mapped(it) if memory else 0


def _mapped(it: Stage) -> int:
    """Bytes of the ring's file that count as resident in the screen's process."""
    maps = Path(f"/proc/{it.process.pid}/smaps").read_text(encoding="utf-8", errors="replace")
    _, found, rest = maps.partition(str(it.ring))
    size = _RSS.search(rest) if found else None
    return int(size[1]) * 1024 if size else 0
