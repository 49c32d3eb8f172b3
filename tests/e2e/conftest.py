"""Real processes: ``asgitrace record`` on the apps beside this file, ended by the test at the latest."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parent / "apps"
PATIENCE = 60.0
"""Seconds after which a wait has failed."""

_ADDRESS = re.compile(r"recording (\S+)")


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

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        status = self.process.wait(PATIENCE)
        assert self._reader is not None
        self._reader.join(PATIENCE)
        return status

    def stop(self) -> int:
        """Interrupt it, as ctrl+c would, and wait."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def trace(self) -> list[dict[str, Any]]:
        """All lines of the trace."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]

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


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Start ``asgitrace record TARGET`` with options; all that are left are killed at the end."""
    running: list[Recording] = []

    def start(target: str, *options: str, app_dir: Path = APPS) -> Recording:
        output = tmp_path / f"{len(running)}.jsonl"
        command = [
            *(sys.executable, "-m", "asgitrace", "record", target, "-o", str(output)),
            *("--port", "0", "--app-dir", str(app_dir), *options),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )
        recording = Recording(process, output)
        recording.follow()
        running.append(recording)
        return recording

    yield start
    for recording in running:
        if recording.process.poll() is None:
            recording.process.kill()
        recording.wait()
        assert recording.process.stderr is not None
        recording.process.stderr.close()
