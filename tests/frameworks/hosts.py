"""The processes of one framework: under ``asgitrace record``, and under uvicorn."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asgitrace
from asgitrace.cli.headless import ExportSink
from asgitrace.export import create_trace
from asgitrace.library import LoadedTrace
from asgitrace.process.taking import take_records
from asgitrace.ring import RingReader
from tests.frameworks.features import Framework
from tests.frameworks.witness import LEGACY, LOG, MODULE

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 30.0
"""Seconds after which a wait has failed."""

_TARGET: Final = "tests.frameworks.witnessed:app"
_RECORDING: Final = re.compile(r"recording http://127\.0\.0\.1:(\d+)")
_PORTS: Final = re.compile(r"\{.*\}")

Seen = dict[int, list[dict[str, Any]]]
"""The witness's events by the number of the exchange, from 1."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of one process: the trace, and what the witness in it has seen."""

    trace: LoadedTrace
    witness: Seen


def witness_of(log: Path) -> Seen:
    """What a witness has written into its file."""
    return dict(json.loads(line) for line in log.read_text().splitlines())


class Host:
    """A process that serves an app, from its start to its trace.

    Its ring, log and files are in a folder of its own."""

    def __init__(self, framework: Framework, folder: Path, *command: str) -> None:
        folder.mkdir(mode=0o700)
        self.folder = folder
        self._log = folder / "witness.jsonl"
        self._output = folder / "output"
        environment = {
            **os.environ,
            MODULE: framework.module,
            LOG: str(self._log),
            LEGACY: "1" if framework.legacy else "",
            "XDG_RUNTIME_DIR": str(folder),
            "ASGITRACE_CONFIG": str(folder / "config.toml"),
            "ASGITRACE_STATE": str(folder / "state.json"),
            "PYTHONPATH": str(ROOT),
        }
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self._output.read_text(errors="backslashreplace")

    def said(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait until it has written this."""
        until = time.monotonic() + PATIENCE
        while not (found := pattern.search(self.output)):
            assert self._process.poll() is None, f"it ended: {self.output}"
            assert time.monotonic() < until, f"no {pattern.pattern} in {self.output}"
            time.sleep(0.01)
        return found

    def end(self) -> None:
        """Interrupt it, as ctrl+c would, and wait."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def witness(self) -> Seen:
        """What the witness has written."""
        return witness_of(self._log)


class Embedded(Host):
    """``asgitrace record``."""

    def __init__(self, framework: Framework, folder: Path) -> None:
        self._trace = folder / "trace.jsonl"
        options = ("-o", str(self._trace), "--port", "0", "--wire", "events")
        super().__init__(framework, folder, "asgitrace", "record", _TARGET, *options)

    def port(self) -> int:
        """Where the traced app listens; waits for it."""
        return int(self.said(_RECORDING)[1])

    def finish(self) -> Recorded:
        """End it and read the trace that it wrote."""
        self.end()
        assert "crashed" not in self.output, self.output
        return Recorded(asgitrace.load(self._trace), self.witness())


class Uvicorn(Host):
    """``asgitrace.trace(app)`` under uvicorn, and the bare app beside it."""

    def __init__(self, framework: Framework, folder: Path) -> None:
        super().__init__(framework, folder, "tests.frameworks.under_uvicorn")
        self._reader: RingReader | None = None

    def ports(self) -> tuple[int, int]:
        """Where the traced and the bare app listen; waits for it."""
        ports = json.loads(self.said(_PORTS)[0])
        return ports["traced"], ports["bare"]

    def attach(self) -> None:
        """Open the ring, which is gone once the process has ended in good order."""
        (path,) = (self.folder / "asgitrace").glob("*.ring")
        self._reader = RingReader.open(path)

    def finish(self) -> Recorded:
        """End it and read its ring."""
        assert self._reader is not None
        self.end()
        path = self.folder / "trace.jsonl"
        with create_trace(path, created=datetime.now(UTC)) as exporter:
            _export(self._reader, ExportSink(exporter, lambda _: None))
        return Recorded(asgitrace.load(path), self.witness())


def _export(reader: RingReader, sink: ExportSink) -> None:
    """All that a ring has."""
    layout = reader.layout
    process = sink.add_process(layout.pid, layout.anchor, _TARGET)
    while take_records(reader, sink, process.source).more:
        pass
    state = reader.state()
    assert (reader.damage, state.refused, state.faults) == (None, 0, 0)
    reader.close()
