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
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from benchmarks.processes import ROOT

_COLUMNS, _LINES = 120, 40
_END_TIMEOUT: Final = 8.0
_ASKED: Final = b"\x1b[?2026$p"
_ANSWER: Final = b"\x1b[?2026;2$y"
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
        asked = self.painted.count(_ASKED)
        if asked > self._answered:
            os.write(self._fd, _ANSWER * (asked - self._answered))
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
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        terminal = Terminal(ours, started)
        try:
            yield terminal
        finally:
            _end(process, terminal)
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
    if process.poll() is None:
        # It leads its own session, so the group is the program and its children only.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
