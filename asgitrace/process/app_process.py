"""One run of the app's process, seen from the parent: its reports, its output, its end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec

from asgitrace.process.spec import AppSpec, Orders, Report
from asgitrace.store.model import LogLine

_CHUNK: Final = 65_536
_LINE_LIMIT: Final = 65_536
"""Bytes of one line of output that are kept; longer ones are cut into several."""

_BACKLOG: Final = 20_000
"""Lines that wait for the viewer at most; beyond it the oldest are dropped and counted."""


class AppProcess:
    """Starts the app's process and reads what it says. Nothing here waits."""

    def __init__(self, spec: AppSpec, listener: socket.socket, ring: str) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "asgitrace.process.child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(), listener.fileno()),
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                # Not in our process group: an interrupt typed at the terminal is ours to pass on.
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.ring = ring
        self._lines: deque[LogLine] = deque()
        self._dropped = 0
        self._control = ours
        self._rest = {"control": b"", "stdout": b"", "stderr": b""}
        ours.sendall(msgspec.json.encode(Orders(spec, ring, listener.fileno())) + b"\n")
        ours.setblocking(False)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._pipes = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        for pipe in self._pipes.values():
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """The exit status once the process has ended (negative: the signal that ended it), else
        None."""
        return self._process.poll()

    def reports(self) -> list[Report]:
        """What the process has reported since the last time."""
        try:
            data = self._control.recv(_CHUNK)
        except (BlockingIOError, ConnectionError):
            return []
        *lines, self._rest["control"] = (self._rest["control"] + data).split(b"\n")
        return [msgspec.json.decode(line, type=Report) for line in lines]

    def lines(self, source: int) -> Iterator[LogLine]:
        """The output read so far, once, as that of a process with this number."""
        if self._dropped:
            text = f"\u2026 {self._dropped:,} lines were dropped here: too many at once \u2026"
            first = self._lines[0]
            yield LogLine(source, first.time_ns, first.stream, text)
            self._dropped = 0
        while self._lines:
            yield replace(self._lines.popleft(), source=source)

    def read_output(self) -> None:
        """Read what the process wrote, 64 KiB of each stream at a time."""
        for stream, pipe in self._pipes.items():
            try:
                data = os.read(pipe.fileno(), _CHUNK)
            except (BlockingIOError, ValueError):
                continue
            self._split(stream, data)

    def drain_output(self) -> None:
        """After the end: take all that is left, and a last line without its newline."""
        for stream, pipe in self._pipes.items():
            while not pipe.closed:
                try:
                    data = os.read(pipe.fileno(), _CHUNK)
                except BlockingIOError:
                    break  # Somebody else, a child of the app's, holds the pipe open.
                if not data:
                    break
                self._split(stream, data)
            if self._rest[stream]:
                self._split(stream, b"\n")

    def _split(self, stream: str, data: bytes) -> None:
        now = time.time_ns()
        *lines, rest = (self._rest[stream] + data).split(b"\n")
        while len(rest) > _LINE_LIMIT:
            lines.append(rest[:_LINE_LIMIT])
            rest = rest[_LINE_LIMIT:]
        self._rest[stream] = rest
        for line in lines:
            for start in range(0, max(len(line), 1), _LINE_LIMIT):
                text = line[start : start + _LINE_LIMIT].decode("utf-8", "backslashreplace")
                self._lines.append(LogLine(0, now, stream, text.removesuffix("\r")))
        while len(self._lines) > _BACKLOG:
            self._lines.popleft()
            self._dropped += 1

    def terminate(self) -> None:
        """Ask the process to end in good order; asked again, it ends at once."""
        if self.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process and what it started, without asking."""
        if self.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()

    def close(self) -> None:
        """Give up the pipes and end what the process has started and left; it must have ended."""
        self._process.wait()
        # As an interrupt typed at a terminal would reach them, or a hangup.
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._control.close()
        for pipe in self._pipes.values():
            pipe.close()


def describe_exit(status: int) -> str:
    """An exit status in words: ``exited with status 3``, ``killed by SIGKILL``."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"killed by {name}"
