"""Real processes: asgitrace on the apps beside this file, ended by the test at the latest."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.traces import Trace

APPS = Path(__file__).parent / "apps"
PATIENCE = 60.0
"""Seconds after which a wait has failed."""

_ADDRESS = re.compile(r"recording (\S+)")


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of ``condition``, asked again and again."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.01)
    return value


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def is_open(port: int) -> bool:
    """Whether somebody listens at a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return int(holder.getsockname()[1])


def environment(runtime: Path) -> dict[str, str]:
    """Ours, with ring files and settings where the test looks for them, and no words about a
    terminal."""
    about_ours = {"COLUMNS", "LINES", "NO_COLOR", "ASGITRACE_ASCII"}
    kept = {name: value for name, value in os.environ.items() if name not in about_ours}
    return {
        **kept,
        "XDG_RUNTIME_DIR": str(runtime),
        "ASGITRACE_CONFIG": str(runtime / "config.toml"),
        "ASGITRACE_STATE": str(runtime / "state.json"),
    }


def rings(runtime: Path) -> list[Path]:
    """The ring files that are left."""
    return sorted((runtime / "asgitrace").glob("*"))


@dataclass
class Recording:
    """A running ``asgitrace record`` and what came of it."""

    process: subprocess.Popen[str]
    output: Path
    lines: list[str] = field(default_factory=list)
    _address: threading.Event = field(default_factory=threading.Event)
    _reader: threading.Thread | None = None

    def follow(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if _ADDRESS.search(line):
                self._address.set()
        self._address.set()

    @property
    def stderr(self) -> str:
        return "".join(self.lines)

    @property
    def address(self) -> str:
        """Where the app listens; waits for it."""
        assert self._address.wait(PATIENCE), self.stderr
        found = _ADDRESS.search(self.stderr)
        assert found, self.stderr
        return found[1]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def websocket_address(self) -> str:
        return self.address.replace("http", "ws", 1)

    def said(self, text: str, times: int = 1) -> None:
        """Wait until this is on stderr, so many times."""

        def is_said() -> bool:
            over = self._reader is not None and not self._reader.is_alive()
            found = self.stderr.count(text) >= times
            assert found or not over, f"no {text!r} in {self.stderr}"
            return found

        eventually(is_said, f"{text!r} on stderr")

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        status = self.process.wait(PATIENCE)
        assert self._reader is not None
        self._reader.join(PATIENCE)
        return status

    def stop(self, number: int = signal.SIGINT) -> int:
        """Interrupt it, as ctrl+c would, and wait."""
        self.process.send_signal(number)
        return self.wait()

    def finished(self) -> Trace:
        """Stop it, which has to go well, and read what it wrote."""
        assert self.stop() == 0, self.stderr
        return self.read()

    def read(self) -> Trace:
        """The whole trace, each line of it checked."""
        return Trace.load(self.output)

    def trace(self) -> list[dict[str, Any]]:
        """All lines of the trace."""
        return Trace.lines_of(self.output)

    def events(self, path: str | None = None) -> list[dict[str, Any]]:
        """The events of the exchanges with this path (all: None), in the order of their records."""
        events = [line for line in self.trace() if line["line"] == "event"]
        if path is None:
            return events
        wanted = {
            (event["process"], event["exchange"])
            for event in events
            if event["event"] == "scope" and event["scope"].get("path") == path
        }
        return [event for event in events if (event["process"], event["exchange"]) in wanted]


Record = Callable[..., Recording]


def _somewhere(options: tuple[str, ...]) -> tuple[str, ...]:
    """A free port, unless the options say where to listen."""
    return () if "--uds" in options else ("--port", "0")


@contextlib.contextmanager
def recorder(folder: Path) -> Iterator[Record]:
    """Gives a function that starts ``asgitrace record TARGET`` with options, on a free port unless
    told otherwise; all that still run at the end are killed."""
    running: list[Recording] = []

    def start(target: str, *options: str, app_dir: Path = APPS) -> Recording:
        output = folder / f"{len(running)}.jsonl"
        command = [
            *(sys.executable, "-m", "asgitrace", "record", target, "-o", str(output)),
            *("--app-dir", str(app_dir), *_somewhere(options), *options),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            env=environment(folder),
        )
        recording = Recording(process, output)
        recording.follow()
        running.append(recording)
        return recording

    try:
        yield start
    finally:
        for recording in running:
            if recording.process.poll() is None:
                recording.process.kill()
            recording.wait()
            assert recording.process.stderr is not None
            recording.process.stderr.close()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Start ``asgitrace record TARGET``; ring files are in ``tmp_path``."""
    with recorder(tmp_path) as start:
        yield start
