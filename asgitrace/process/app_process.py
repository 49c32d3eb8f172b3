"""One run of the app's process, seen from the parent: its reports, its output, its end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import Final

import msgspec

from asgitrace.process.output_frames import MARK_BYTES
from asgitrace.process.output_pipes import OutputPipes
from asgitrace.process.spec import Answer, AppSpec, Orders, Report

_CHUNK: Final = 65_536


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
        self._control = ours
        self._rest = b""
        mark = os.urandom(MARK_BYTES)
        ours.sendall(msgspec.json.encode(Orders(spec, ring, listener.fileno(), mark)) + b"\n")
        ours.setblocking(False)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        pipes = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        self.output = OutputPipes(pipes, mark)
        """What the process writes."""

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
        self.output.close()


def describe_exit(status: int) -> str:
    """An exit status in words: ``exited with status 3``, ``killed by SIGKILL``."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"killed by {name}"
