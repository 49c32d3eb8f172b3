"""As many saved exchanges opened in asgitrace and in mitmproxy's console: terminal, keys and filter
alike. mitmproxy is taken from the environment variable BENCHMARK_MITMPROXY, or from the PATH."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from asgitrace.export.saving import save
from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.store import Store
from benchmarks.effort import Effort
from benchmarks.processes import ServerProcess
from benchmarks.report import Board, Row
from benchmarks.ui.feeder import RING_SIZE, Player
from benchmarks.ui.figures import DOWN, UP, key_times, share
from benchmarks.ui.scene import record
from benchmarks.ui.watch import Watch, watching

MITMPROXY: Final = "BENCHMARK_MITMPROXY"
_VERSION: Final = re.compile(r"Mitmproxy:\s*(\S+)")
_VISITS: Final = 500
_PATIENCE: Final = 60.0
_REST: Final = 0.4
_OURS: Final = "asgitrace"
_FAILED: Final = re.compile(rb"([0-9][0-9,.]*) of [0-9]")


def beside_rows(effort: Effort) -> Iterator[Row]:
    """Both, on as many exchanges as the effort says."""
    board = Board(f"{effort.flows:,} saved exchanges opened, beside mitmproxy", _OURS)
    with tempfile.TemporaryDirectory() as folder:
        _open_ours(board, Path(folder, "trace.jsonl"), effort)
        command = os.environ.get(MITMPROXY) or shutil.which("mitmproxy")
        if command is None:
            board.leave_out("mitmproxy", "not installed")
        else:
            _open_theirs(board, command, Path(folder), effort)
    yield from board.rows


def _open_ours(board: Board, path: Path, effort: Effort) -> None:
    count = _save(path, effort.flows)
    with watching([sys.executable, "-m", "asgitrace", "open", str(path)]) as watch:
        first = watch.wait(lambda frame: frame.selected is not None, _PATIENCE)
        watch.press(b"G")
        last = watch.wait(lambda frame: frame.selected == count, _PATIENCE)
        if first is None or last is None:
            board.leave_out(_OURS, f"nothing was shown: {watch.last_words()}")
            return
        board.put(_OURS, "first rows", "s", [first.at - watch.started])
        board.put(_OURS, "all there", "s", [last.at - watch.started])
        watch.press(UP * 2)
        time.sleep(_REST)
        _put_keys(board, _OURS, key_times(watch, effort.keys))
        _put_memory(board, _OURS, watch)
        watch.press(b"f")
        time.sleep(_REST)
        pressed = watch.press(b"status=503")
        hits = watch.wait(lambda frame: _FAILED.search(frame.text), _PATIENCE, since=pressed)
        if hits is not None:
            board.put(_OURS, "filter", "ms", [(hits.at - pressed) * 1e3], compare=True)


def _save(path: Path, count: int) -> int:
    """A trace file of the benchmark's traffic; how many exchanges are in it."""
    store = Store()
    with tempfile.TemporaryDirectory() as folder:
        writer = RingWriter(RingMemory.create(Path(folder, "save.ring"), RING_SIZE))
        player = Player(record(min(count, _VISITS), wire=False), writer)
        reader = RingReader.open(Path(folder, "save.ring"))
        layout = reader.layout
        source = store.add_process(layout.pid, layout.anchor, "benchmarks.ui.shop:shop").source
        start = layout.anchor.monotonic_ns
        for turn in range(-(-count // player.scene.exchanges)):
            for _ in player.play(start + turn * 100_000_000, 100_000_000):
                pass
            while batch := reader.poll():
                store.take(source, batch)
        reader.close()
        writer.close(unlink=True)
    save(store, None, path)
    return len(store.numbers)


def _open_theirs(board: Board, command: str, folder: Path, effort: Effort) -> None:
    told = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60)
    found = _VERSION.search(told.stdout)
    name = f"mitmproxy {found[1] if found else ''}".strip()
    path, count = folder / "flows", effort.flows
    python = Path(command).with_name("python")
    writer = Path(__file__).with_name("flows.py")
    subprocess.run([str(python), str(writer), str(path), str(count)], check=True, timeout=300)
    options = ["-n", "-r", str(path), "--set", f"confdir={folder}"]
    with watching([command, *options], keep=True) as watch:
        first = _await(watch, lambda painted: b">>" in painted)
        last = _await(watch, lambda painted: f"/{count}]".encode() in painted)
        if first is None or last is None:
            board.leave_out(name, "nothing was shown")
            return
        board.put(name, "first rows", "s", [first - watch.started], compare=True)
        board.put(name, "all there", "s", [last - watch.started], compare=True)
        time.sleep(_REST)
        times = []
        for number in range(effort.keys):
            time.sleep(_REST / 4)
            times.append(_answer(watch, UP if number % 2 else DOWN, b">>"))
        _put_keys(board, name, times)
        _put_memory(board, name, watch)
        watch.press(b"f")
        time.sleep(_REST)
        board.put(name, "filter", "ms", [_answer(watch, b"~c 503\r", b"]")], compare=True)


def _put_keys(board: Board, name: str, times: list[float]) -> None:
    board.put(name, "key to repaint, p50", "ms", [share(times, 0.5)], compare=True)
    board.put(name, "key to repaint, p95", "ms", [share(times, 0.95)], compare=True)


def _put_memory(board: Board, name: str, watch: Watch) -> None:
    memory = ServerProcess(watch.process.pid, 0).memory()
    if memory is not None:
        board.put(name, "resident in all", "MiB", [memory.resident / (1 << 20)], compare=True)


def _answer(watch: Watch, keys: bytes, shown: bytes) -> float:
    """Milliseconds to the first output that has this in it: it does not tell where a frame ends."""
    before = len(watch.raw or b"")
    pressed = watch.press(keys)
    at = _await(watch, lambda painted: shown in painted[before:])
    return (_PATIENCE if at is None else at - pressed) * 1e3


def _await(watch: Watch, seen: Callable[[bytes], bool]) -> float | None:
    deadline = time.perf_counter() + _PATIENCE
    known = -1
    while time.perf_counter() < deadline and watch.process.poll() is None:
        painted = watch.raw or bytearray()
        if len(painted) != known:
            known = len(painted)
            if seen(bytes(painted)):
                return time.perf_counter()
        time.sleep(0.0005)
    return None
