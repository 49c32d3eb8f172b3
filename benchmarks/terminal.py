"""A program in a pseudo-terminal of 120 × 40 cells, watched by what it paints."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from benchmarks.processes import ROOT

_COLUMNS, _LINES = 120, 40
_END_TIMEOUT: Final = 8.0
ASKED: Final = b"\x1b[?2026$p"
"""Whether updates can be synchronised."""
ANSWER: Final = b"\x1b[?2026;2$y"
"""Synchronised output is known and off: without an answer Textual takes it for missing."""
_CONTROL: Final = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
)


class Terminal:
    """The terminal's side: reads, answers, and notes when what was painted."""

    def __init__(self, fd: int, started: float) -> None:
        self._fd = fd
        self._started = started
        self._answered = 0
        self.painted = b""
        """All that was written to the terminal."""

    def until(self, seen: Callable[[bytes], bool], timeout: float) -> float | None:
        """Seconds from the start to the first read after which ``seen(painted)``; None if the
        time ran out or the program ended."""
        while (left := self._started + timeout - time.perf_counter()) > 0:
            if seen(self.painted):
                return time.perf_counter() - self._started
            ready, _, _ = select.select([self._fd], [], [], left)
            if not ready or not self._read():
                break
        return None

    def last_words(self) -> str:
        """The last painted line, without control sequences."""
        lines = plain(self.painted).decode(errors="replace").split("\n")
        words = [" ".join(line.split()) for line in lines if line.strip()]
        return words[-1][-120:] if words else "it painted nothing"

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # On Linux the end of the other side is an input/output error.
            return False
        self.painted += data
        asked = self.painted.count(ASKED)
        if asked > self._answered:
            os.write(self._fd, ANSWER * (asked - self._answered))
            self._answered = asked
        return bool(data)

    def drain(self) -> None:
        """Read what there is, so that the program does not block on its way out."""
        ready, _, _ = select.select([self._fd], [], [], 0.05)
        if ready and not self._read():
            time.sleep(0.05)


def plain(painted: bytes) -> bytes:
    """Painted bytes without control sequences."""
    return _CONTROL.sub(b"", painted)


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[Terminal]:
    """Run a program in a new terminal, and end it and its group afterwards."""
    with spawned(command) as (fd, process, started):
        terminal = Terminal(fd, started)
        try:
            yield terminal
        finally:
            _end(process, terminal)


@contextlib.contextmanager
def spawned(
    command: Sequence[str],
    *,
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """A program in a new terminal: the terminal's side, the process, and when it was started.

    Whoever asks for it ends it; what then still runs of its group is killed."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_environment(), **(environment or {})},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            pass_fds=pass_fds,
        )
        os.close(theirs)
        try:
            yield ours, process, started
        finally:
            _kill(process)
    finally:
        os.close(ours)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def _end(process: subprocess.Popen[bytes], terminal: Terminal) -> None:
    process.terminate()
    deadline = time.monotonic() + _END_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        terminal.drain()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        # It leads its own session, so the group is the program and its children only.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
