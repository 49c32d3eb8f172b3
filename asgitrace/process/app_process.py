"""One run of the app's process, seen from the parent: its reports, its output, its end."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final

import msgspec

from asgitrace.process.output_frames import MARK_BYTES
from asgitrace.process.output_reader import StreamReader
from asgitrace.process.spec import Answer, AppSpec, Orders, Report
from asgitrace.store.model import LogLine

_CHUNK: Final = 65_536
_PIECE: Final = 4096
_PIECES: Final = 64
_ENOUGH: Final = 1000
"""A stream is read in pieces, so many at a time at most, and no more once there are so many lines.
"""

_PIPE: Final = 256 * 1024
_F_SETPIPE_SZ: Final = 1031
"""Linux; elsewhere a pipe is as large as it is."""

_AT_ONCE: Final = 1500
"""Lines that are handed on at a time."""

_ASTRAY_NS: Final = 1_000_000_000
"""Times that are later by so much are no times to wait for: the clock was set."""

_END_OF_TIME: Final = 2**63
_TIME: Final = attrgetter("time_ns")
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
        self._rest = b""
        mark = os.urandom(MARK_BYTES)
        ours.sendall(msgspec.json.encode(Orders(spec, ring, listener.fileno(), mark)) + b"\n")
        ours.setblocking(False)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        pipes = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        self._pipes = [(pipe, StreamReader(stream, mark)) for stream, pipe in pipes.items()]
        for pipe, _ in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            # Frames take more room than what is in them.
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE)
        self._before = self._until = 0
        """When reading began, wall time in ns: whatever is older was read; and
        when it began the time before."""

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
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [msgspec.json.decode(line, type=Report) for line in lines]

    def answer(self, answer: Answer, fd: int | None = None) -> None:
        """Answer a report that waits for it, with a file descriptor where there is one to give."""
        with contextlib.suppress(OSError):
            fds = [] if fd is None else [fd]
            socket.send_fds(self._control, [msgspec.json.encode(answer) + b"\n"], fds)

    def lines(self, source: int) -> Iterator[LogLine]:
        """Of the output read so far, what is next, as that of a process with this number. The
        numbers of exchanges are the process's."""
        if self._dropped and self._lines:
            text = f"\u2026 {self._dropped:,} lines were dropped here: too many at once \u2026"
            first = self._lines[0]
            yield LogLine(source, first.time_ns, first.stream, text)
            self._dropped = 0
        for _ in range(_AT_ONCE):
            if not self._lines or self._is_early(self._lines[0]):
                return
            yield replace(self._lines.popleft(), source=source)

    @property
    def has_lines(self) -> bool:
        """Whether there are lines that were not handed on yet."""
        return bool(self._lines)

    def unfinished(self, source: int) -> list[LogLine]:
        """The lines that are begun and not finished."""
        return [
            replace(line, source=source)
            for _, reader in self._pipes
            for line in reader.unfinished()
        ]

    def read_output(self) -> None:
        """Read what the process wrote, some of each stream."""
        self._before, self._until = self._until, time.time_ns()
        for pipe, reader in self._pipes:
            for _ in range(_PIECES):
                if len(reader.lines) >= _ENOUGH:
                    break
                try:
                    data = os.read(pipe.fileno(), _PIECE)
                except (BlockingIOError, ValueError):
                    break
                if not data:
                    break
                reader.feed(data, self._until)
            reader.settle(self._until)
        self._collect()

    def drain_output(self) -> None:
        """After the end: take all that is left, and a last line without its newline."""
        now = time.time_ns()
        self._before, self._until = self._until, _END_OF_TIME
        for pipe, reader in self._pipes:
            while not pipe.closed:
                try:
                    data = os.read(pipe.fileno(), _CHUNK)
                except BlockingIOError:
                    break  # Somebody else, a child of the app's, holds the pipe open.
                if not data:
                    break
                reader.feed(data, now)
            reader.finish(now)
        self._collect()

    def _collect(self) -> None:
        """Bring the lines of both streams into the order of their times."""
        found = [line for _, reader in self._pipes for line in reader.lines]
        if not found:
            return
        for _, reader in self._pipes:
            reader.lines.clear()
        # What waits because the other stream was read before it: that may now have brought more.
        waiting: list[LogLine] = []
        while self._lines and self._lines[-1].time_ns > self._before:
            waiting.append(self._lines.pop())
        found += reversed(waiting)
        self._lines.extend(sorted(found, key=_TIME))
        while len(self._lines) > _BACKLOG:
            self._lines.popleft()
            self._dropped += 1

    def _is_early(self, line: LogLine) -> bool:
        """Whether the other stream may yet bring what was written before."""
        return 0 < line.time_ns - self._until < _ASTRAY_NS

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
        for pipe, _ in self._pipes:
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
