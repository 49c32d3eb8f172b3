"""Server processes: started, awaited, their CPU time and memory read, and always ended."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from asgitrace.ring import runtime_directory
from benchmarks.hosts import Tracing
from benchmarks.launch import PROFILE_SIGNAL

ROOT: Final = Path(__file__).resolve().parent.parent
"""Where ``python -m benchmarks`` works."""

_START_TIMEOUT: Final = 10.0
_END_TIMEOUT: Final = 8.0
_POLL: Final = 0.02
_KIB: Final = 1024
_CPUCLOCK_SCHED: Final = 2
"""Of linux/posix-timers.h: the clock of a process counts its threads, also those that ended."""
_RESET_PEAK: Final = "5"
"""For clear_refs, see proc(5)."""


class ServerFailed(Exception):
    """A server did not come up; the text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a server's processes, in bytes."""

    resident: int
    """RSS."""
    proportional: int
    """PSS: pages shared with other processes are counted in parts."""
    anonymous: int
    """The part of the PSS that belongs to no file: without code, and without the ring."""


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that answers."""

    pid: int
    port: int

    def cpu_seconds(self) -> float | None:
        """CPU time it and its children have used up to now; None where the system does not
        tell."""
        try:
            return sum(_cpu_clock(pid) for pid in self.family())
        except OSError:
            return None

    def memory(self) -> Memory | None:
        """What it and its children occupy; None where the system does not tell."""
        try:
            told = [_fields(f"/proc/{pid}/smaps_rollup") for pid in self.family()]
        except OSError:
            return None
        return Memory(*(sum(one.get(key, 0) for one in told) for key in ("Rss", "Pss", "Pss_Anon")))

    def reset_peak(self) -> None:
        """Begin a new `peak`; where the system cannot, it stays that since the start."""
        for pid in self.family():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")

    def peak(self) -> int | None:
        """The most it and its children had resident (VmHWM), in bytes."""
        try:
            return sum(_fields(f"/proc/{pid}/status").get("VmHWM", 0) for pid in self.family())
        except OSError:
            return None

    def start_profile(self) -> None:
        """From now on, if it was started with a file for it."""
        os.kill(self.pid, PROFILE_SIGNAL)

    def family(self) -> list[int]:
        """The process and its descendants."""
        family = [self.pid]
        for pid in family:
            with contextlib.suppress(OSError):
                for children in Path(f"/proc/{pid}/task").glob("*/children"):
                    family += map(int, children.read_text(encoding="ascii").split())
        return family


@contextlib.contextmanager
def serving(
    server: str,
    tracing: Tracing = "no",
    *,
    lap: bool = False,
    environment: Mapping[str, str] | None = None,
    profile: Path | None = None,
) -> Iterator[ServerProcess]:
    """Run ``benchmarks.launch`` until it answers, and end it afterwards. Raises ServerFailed."""
    command = [sys.executable, "-m", "benchmarks.launch", server, "--trace", tracing]
    if lap:
        command.append("--lap")
    if profile is not None:
        command += ["--profile", str(profile)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            # Its children are in its group, and a Ctrl-C is for us only.
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + _START_TIMEOUT
            port = _read_port(process, deadline)
            if port is None or not _answers(process, port, deadline):
                raise ServerFailed(f"{server} did not start: {_last_line(errors)}")
            yield ServerProcess(process.pid, port)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process of ours to end, and insist; its children end with it."""
    process.terminate()
    try:
        process.wait(_END_TIMEOUT)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # It leads its own session, so the group is the server and its children only.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for ring in runtime_directory().glob(f"benchmark-{process.pid}-*.ring"):
            ring.unlink(missing_ok=True)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _cpu_clock(pid: int) -> float:
    return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)


def _fields(path: str) -> dict[str, int]:
    """The sizes in a file of ``Name: 12 kB`` lines, in bytes. Raises OSError."""
    sizes = {}
    for line in Path(path).read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":
            sizes[words[0].rstrip(":")] = int(words[1]) * _KIB
    return sizes


def _read_port(process: subprocess.Popen[bytes], deadline: float) -> int | None:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], max(deadline - time.monotonic(), 0))
    line = process.stdout.readline().strip() if ready else b""
    return int(line) if line.isdigit() else None


def _answers(process: subprocess.Popen[bytes], port: int, deadline: float) -> bool:
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if sock.recv(64).startswith(b"HTTP/1.1 200"):
                return True
        time.sleep(_POLL)
    return False


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="backslashreplace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
