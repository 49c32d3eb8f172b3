"""A feeder, a ring and the screen on it, put up together and always taken down."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from asgitrace.ring import runtime_directory
from benchmarks.processes import ROOT, ServerProcess, end
from benchmarks.ui.feeder import READ
from benchmarks.ui.watch import Control, Watch, watching

_READY: Final = 20.0
_FILL: Final = 240.0
_SETTLE: Final = 0.6
_PORTION: Final = 50_000
_VISITS: Final = 500


class StageFailed(Exception):
    """Something did not come up; the text says what."""


class Feeder:
    """The process that writes the ring."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.events_each = float(self._answer(_READY)["events_each"])
        """Events of an exchange, on average."""

    def fill(self, exchanges: int) -> dict[str, Any]:
        """Write so many exchanges as fast as they are read; the counts since the start."""
        return self._order(f"fill {exchanges}", _FILL)

    def rate(self, events: int) -> dict[str, Any]:
        """From now on so many events a second; the counts since the start."""
        return self._order(f"rate {events}", _READY)

    def counts(self) -> dict[str, Any]:
        """What has been written since the start."""
        return self._order("written", _READY)

    def _order(self, order: str, timeout: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()
        return self._answer(timeout)

    def _answer(self, timeout: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            raise StageFailed("the feeder does not answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass(frozen=True, slots=True)
class Stage:
    """All of it."""

    feeder: Feeder
    watch: Watch
    control: Control
    ring: Path

    @property
    def process(self) -> ServerProcess:
        """The screen's process, for its CPU time and memory."""
        return ServerProcess(self.watch.process.pid, 0)

    def fill(self, exchanges: int) -> dict[str, Any]:
        """Bring so many exchanges into the list, and wait until they are there; what the viewer
        then tells."""
        self.control.ask("hurry")
        written = self.feeder.fill(exchanges)
        deadline = time.monotonic() + _FILL
        facts = self.control.ask("steady")
        while facts["taken"] + facts["missed"] < written["events"]:
            if time.monotonic() > deadline or self.watch.process.poll() is not None:
                raise StageFailed(f"the list was not filled: {self.watch.last_words()}")
            time.sleep(0.05)
            facts = self.control.ask("steady")
        time.sleep(_SETTLE)
        return facts


@contextlib.contextmanager
def stage(
    *, wire: bool = False, limit: int | None = None, visits: int = _VISITS, keep: bool = False
) -> Iterator[Stage]:
    """Put it up. Raises StageFailed.

    ``wire``: with what the server tells of the wire; ``limit``: bytes of the store; ``keep``: all
    that is painted."""
    ring = runtime_directory() / f"benchmark-{os.getpid()}-{os.urandom(4).hex()}.ring"
    try:
        with _feeding(ring, visits, wire=wire) as feeder:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                command = [sys.executable, "-m", "benchmarks.ui.viewer", str(ring)]
                command.append(str(theirs.fileno()))
                if limit is not None:
                    command.append(str(limit))
                with watching(command, pass_fds=[theirs.fileno()], keep=keep) as watch:
                    # Its own is the only one now: when it ends, questions fail.
                    theirs.close()
                    if watch.wait(lambda frame: b"127.0.0.1:8000" in frame.text, _READY) is None:
                        raise StageFailed(f"no screen came: {watch.last_words()}")
                    yield Stage(feeder, watch, Control(ours), ring)
    finally:
        for left in (ring, Path(f"{ring}{READ}")):
            left.unlink(missing_ok=True)


@contextlib.contextmanager
def _feeding(ring: Path, visits: int, *, wire: bool) -> Iterator[Feeder]:
    kind = "wire" if wire else "plain"
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.ui.feeder", str(ring), str(visits), kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Feeder(process)
    finally:
        end(process)
