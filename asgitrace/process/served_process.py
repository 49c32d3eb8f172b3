"""One run of another server with all its workers, seen from asgitrace: its reports, its output, its
end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from asgitrace.process.groups import is_group_alive, signal_group
from asgitrace.process.output_frames import MARK_BYTES
from asgitrace.process.output_pipes import OutputPipes
from asgitrace.process.spec import REPORTS, SERVED, AppSpec, Report, Served
from asgitrace.ring import runtime_directory

_CHUNK: Final = 65_536
_LEFT: Final = 1.0
"""Seconds for workers whose server is no more, before they are killed."""


class ServedProcess:
    """Starts a server in a process group of its own, reads what its processes say, and ends them
    all. Nothing here waits.

    Args:
        command: the server, behind ``python -m``.
        spec: the app that its processes load.
        run: the id of this run, which their rings tell.
    """

    def __init__(self, command: Sequence[str], spec: AppSpec, run: str) -> None:
        self._folder = runtime_directory() / f"{run}.run"
        self._folder.mkdir(mode=0o700)
        os.mkfifo(self._folder / REPORTS, 0o600)
        self._reports = os.open(self._folder / REPORTS, os.O_RDONLY | os.O_NONBLOCK)
        self._rest = b""
        self._left: float | None = None
        self._gone = False
        """There is no process left, and the number of the group may be another's."""
        mark = os.urandom(MARK_BYTES)
        streams = {name: _pipe() for name in ("stdout", "stderr")}
        inner = [end for _, end in streams.values()]
        served = Served(spec, str(self._folder), mark, (_identity(inner[0]), _identity(inner[1])))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=inner[0],
                stderr=inner[1],
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "ASGITRACE_RUN": run,
                    SERVED: msgspec.json.encode(served).decode(),
                },
                # Not in our process group: an interrupt typed at the terminal is ours to pass on.
                start_new_session=True,
            )
        finally:
            for end in inner:
                os.close(end)
        self._guard = _start_guard(self.pid, self._folder, spec.patience)
        self.output = OutputPipes({name: outer for name, (outer, _) in streams.items()}, mark)
        """What they write."""

    @property
    def pid(self) -> int:
        """Process id of the server, and number of the group of all its processes."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit status of the server once it and all its processes have ended, else None."""
        status = self._process.poll()
        if status is None:
            return None
        now = time.monotonic()
        if self._left is None:
            self._left = now + _LEFT
            # As an interrupt typed at a terminal would reach them, or a hangup.
            self._signal(signal.SIGTERM)
        if now < self._left and not self._gone and is_group_alive(self.pid):
            return None
        self._signal(signal.SIGKILL)
        return status

    def reports(self) -> list[Report]:
        """What the processes have reported since the last time."""
        try:
            data = os.read(self._reports, _CHUNK)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return list(_decoded(lines))

    def terminate(self) -> None:
        """Ask the server to end itself and its workers in good order."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End all processes, without asking."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Give up the pipes and the folder of the run; the server must have ended."""
        self._process.wait()
        self._signal(signal.SIGKILL)
        self._gone = True
        self._guard.kill()
        self._guard.wait()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        os.close(self._reports)
        self.output.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        """Signal all that are left."""
        self._gone = self._gone or not signal_group(self.pid, number)


def _decoded(lines: list[bytes]) -> Iterator[Report]:
    """Reports; what an app has written into the pipe is none."""
    for line in lines:
        with contextlib.suppress(msgspec.MsgspecError):
            yield msgspec.json.decode(line, type=Report)


def _pipe() -> tuple[IO[bytes], int]:
    """The end to read from, and that to write to."""
    outer, inner = os.pipe()
    return os.fdopen(outer, "rb", buffering=0), inner


def _identity(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def _start_guard(group: int, folder: Path, patience: float) -> "subprocess.Popen[bytes]":
    """Have somebody end the server should we be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "asgitrace.process.guard", str(group), str(folder), str(patience)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
