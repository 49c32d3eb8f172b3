"""Server processes: started, awaited, their CPU time read, and always ended."""

import contextlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""Where ``python -m benchmarks`` works."""

_START_TIMEOUT: Final = 20.0
_END_TIMEOUT: Final = 5.0
_POLL: Final = 0.02


class ServerFailed(Exception):
    """A server did not come up; the text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that answers."""

    pid: int
    port: int

    def cpu_seconds(self) -> float | None:
        """CPU time it has used up to now; None where the system does not tell."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        # The second field is the name in parentheses, which may hold blanks.
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(server: str, app: str, *, traced: bool = False) -> Iterator[ServerProcess]:
    """Run ``benchmarks.launch`` until it answers, and end it afterwards. Raises ServerFailed."""
    command = [sys.executable, "-m", "benchmarks.launch", server, app]
    if traced:
        command.append("--traced")
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
        try:
            deadline = time.monotonic() + _START_TIMEOUT
            port = _read_port(process, deadline)
            if port is None or not _answers(port, deadline):
                raise ServerFailed(f"{server} did not start: {_last_line(errors)}")
            yield ServerProcess(process.pid, port)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process of ours to end, and insist."""
    process.terminate()
    try:
        process.wait(_END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _read_port(process: subprocess.Popen[bytes], deadline: float) -> int | None:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], max(deadline - time.monotonic(), 0))
    line = process.stdout.readline().strip() if ready else b""
    return int(line) if line.isdigit() else None


def _answers(port: int, deadline: float) -> bool:
    while time.monotonic() < deadline:
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
