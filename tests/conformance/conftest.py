"""A site for clients that are not ours: served with nobody watching, and recorded."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance.apps.playground import app
from tests.e2e.conftest import recorder
from tests.server.requirements.bench import bench

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"
LIMIT = 60.0
"""Seconds after which a wait has failed."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the app is served."""

    port: int

    def url(self, path: str = "/", scheme: str = "http") -> str:
        """The URL of a path."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def ws(self, path: str = "/ws") -> str:
        """The URL of a WebSocket."""
        return self.url(path, "ws")


@pytest.fixture(scope="module", params=["plain", "traced"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The app in this process with no recorder, then in `asgitrace record` with wire events."""
    if request.param == "plain":
        with bench(app) as running:
            yield Site(running.address[1])
        return
    with recorder(tmp_path_factory.mktemp("traced")) as start:
        recording = start("playground:app", "--wire", "events", app_dir=APPS)
        yield Site(recording.port)
        assert recording.stop() == 0, recording.stderr
        assert "Traceback" not in recording.stderr


def program(name: str, package: str) -> str:
    """The path of a program; skips the test without it."""
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return found


def modules(name: str) -> str:
    """The folder with a module of Node's; skips the test without it."""
    packages = ROOT / ".venv-node" / "node_modules"
    if not (packages / name).is_dir():
        pytest.skip(f"no {name} for Node here: npm install --prefix .venv-node {name}")
    return str(packages)


def output(command: Sequence[str], **environment: str) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(
        command,
        capture_output=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.decode()


@contextlib.contextmanager
def running(command: Sequence[str], stderr: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the background, ended with all that it started."""
    with stderr.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        # The leader may be gone and its children not: they are its group.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.wait(10)
        process.wait(10)


Curl = Callable[..., str]


@pytest.fixture(scope="module")
def curl() -> Curl:
    """Run curl with these arguments; returns what it prints."""
    path = program("curl", "curl")

    def run(*arguments: str) -> str:
        return output([path, "--silent", "--show-error", "--max-time", "30", *arguments])

    return run
