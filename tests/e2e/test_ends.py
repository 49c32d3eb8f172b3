"""However asgitrace or its app ends: the trace is whole, and nothing is left behind."""

import contextlib
import os
import signal
from pathlib import Path

import httpx
import pytest

from asgitrace.ring import RingReader
from tests.e2e.conftest import (
    PATIENCE,
    Record,
    Recording,
    eventually,
    is_alive,
    is_open,
    rings,
)

QUICK = ("--timeout-graceful-shutdown", "100ms")


def fetch(recording: Recording, path: str) -> httpx.Response:
    """A request of its own connection."""
    return httpx.get(recording.address + path, timeout=PATIENCE)


def app_pid(recording: Recording) -> int:
    """The app's process, by its own word."""
    return int(fetch(recording, "/pid").text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(record: Record, tmp_path: Path, number: int) -> None:
    recording = record("unruly_app:app")
    pid, port = app_pid(recording), recording.port
    assert recording.stop(number) == 0, recording.stderr
    trace = recording.read()
    assert trace.lifespans[0].story[-2:] == ["lifespan.shutdown.complete", "return"]
    assert trace.exchange("/pid").response_body == str(pid).encode()
    assert trace.notes == [f"unruly_app:app (pid {pid}) exited with status 0"]
    assert not is_alive(pid)
    assert not is_open(port)
    assert rings(tmp_path) == []
    assert "1 exchange, " in recording.stderr


def test_a_request_that_hangs_is_cancelled_and_said_so(record: Record, tmp_path: Path) -> None:
    recording = record("unruly_app:app", *QUICK)
    pid = app_pid(recording)
    with httpx.stream("GET", f"{recording.address}/hang", timeout=PATIENCE) as response:
        assert next(response.iter_raw()) == b"begun\n"
        trace = recording.finished()
    hang = trace.exchange("/hang")
    assert hang.story[-1] == "raise"
    assert (hang.events[-1]["outcome"], hang.exception["type"]) == ("cancelled", "CancelledError")
    assert trace.lifespans[0].story[-1] == "return"
    assert "1 exchanges were not over after 0.1 seconds" in "\n".join(trace.log)
    assert not is_alive(pid)
    assert rings(tmp_path) == []


def test_asked_twice_it_does_not_wait_for_a_request_that_hangs(record: Record) -> None:
    recording = record("unruly_app:app", "--timeout-graceful-shutdown", "10m")
    pid = app_pid(recording)
    with httpx.stream("GET", f"{recording.address}/hang", timeout=PATIENCE) as response:
        next(response.iter_raw())
        recording.process.send_signal(signal.SIGINT)
        recording.said("stopping; interrupt again")
        assert recording.stop() == 0, recording.stderr
    assert recording.read().exchange("/hang").story[-1] == "raise"
    assert not is_alive(pid)


def test_an_app_that_blocks_its_loop_is_ended_by_force(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNRULY_SHUTDOWN", "block")
    recording = record("unruly_app:app", *QUICK)
    pid, port = app_pid(recording), recording.port
    trace = recording.finished()
    assert trace.lifespans[0].story[-1] == "lifespan.shutdown"
    assert trace.notes == [f"unruly_app:app (pid {pid}) killed by SIGKILL"]
    assert trace.log == ["blocking"]
    assert not is_alive(pid)
    assert not is_open(port)
    assert rings(tmp_path) == []


def test_asked_twice_an_app_that_blocks_its_loop_ends_at_once(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNRULY_SHUTDOWN", "block")
    recording = record("unruly_app:app", "--timeout-graceful-shutdown", "10m")
    pid = app_pid(recording)
    recording.process.send_signal(signal.SIGINT)
    recording.said("stopping; interrupt again")
    assert recording.stop() == 0, recording.stderr
    assert not is_alive(pid)


def test_an_app_that_is_killed_leaves_its_last_events_and_its_ring(
    record: Record, tmp_path: Path
) -> None:
    recording = record("unruly_app:app", "--buffer", "1MiB")
    pid = app_pid(recording)
    with pytest.raises(httpx.HTTPError):
        fetch(recording, "/die")
    assert recording.wait() == 1
    trace = recording.read()
    assert trace.exchange("/die").story == ["http", "http.response.start"]
    assert trace.notes == [f"unruly_app:app (pid {pid}) killed by SIGKILL"]
    assert "The app was killed by SIGKILL." in recording.stderr

    (ring,) = rings(tmp_path)
    assert f"its ring is kept: asgitrace open {ring}" in recording.stderr
    with contextlib.closing(RingReader.open(ring)) as reader:
        count = 0
        while (batch := reader.poll()).count:
            count += batch.count
        assert reader.damage is None
        assert reader.about.app == "unruly_app:app"
    assert count == sum(len(trace.of(kind)) for kind in ("event", "wire", "loop"))


def test_killed_from_outside_during_traffic(record: Record) -> None:
    recording = record("unruly_app:app")
    pid = app_pid(recording)
    with httpx.stream("GET", f"{recording.address}/hang", timeout=PATIENCE) as response:
        next(response.iter_raw())
        # The bytes can be here before the app's send() has returned; with another answer it has.
        httpx.get(f"{recording.address}/", timeout=PATIENCE)
        os.kill(pid, signal.SIGKILL)
        assert recording.wait() == 1
    trace = recording.read()
    assert trace.exchange("/hang").response_body == b"begun\n"
    assert trace.exchange("/hang").story[-1] == "http.response.body"
    assert trace.lifespans[0].pending[0]["event"] == "receive"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/exit", 1, "exited with status 5"),
        ("/exit-at-once", 1, "exited with status 7"),
        ("/interrupt", 1, "killed by SIGINT"),
    ],
)
def test_an_app_that_ends_itself(record: Record, path: str, status: int, words: str) -> None:
    recording = record("unruly_app:app")
    with pytest.raises(httpx.HTTPError):
        fetch(recording, path).raise_for_status()
    assert recording.wait() == status, recording.stderr
    trace = recording.read()
    assert trace.exchange(path).story[:2] == ["http", "http.response.start"]
    assert trace.notes[0].endswith(words)
    assert words in recording.stderr


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import sys\nsys.exit(4)", "gone:app cannot be imported: SystemExit: 4"),
        ("import os\nos._exit(7)", "The app exited with status 7."),
        ("raise KeyboardInterrupt", "gone:app cannot be imported: KeyboardInterrupt"),
        ("app = print('up') or 1 / 0", "gone:app cannot be imported: ZeroDivisionError"),
        ("def app(:", "gone:app cannot be imported: SyntaxError"),
        ("import os\nos.kill(os.getpid(), 9)", "The app was killed by SIGKILL."),
    ],
)
def test_a_module_that_does_not_get_as_far_as_an_app(
    record: Record, tmp_path: Path, source: str, words: str
) -> None:
    (tmp_path / "gone.py").write_text(source + "\n")
    recording = record("gone:app", app_dir=tmp_path)
    assert recording.wait() == 1, recording.stderr
    assert words in recording.stderr
    assert "asgitrace/process" not in recording.stderr
    assert len(recording.read().notes) == 1


@pytest.mark.parametrize("blocks", [False, True])
def test_without_its_parent_the_app_ends_by_itself(
    record: Record, monkeypatch: pytest.MonkeyPatch, blocks: bool
) -> None:
    if blocks:
        monkeypatch.setenv("UNRULY_SHUTDOWN", "block")
    recording = record("unruly_app:app", *QUICK)
    pid, port = app_pid(recording), recording.port
    try:
        assert recording.stop(signal.SIGKILL) == -signal.SIGKILL
        eventually(lambda: not is_alive(pid), "the end of the orphan")
        assert not is_open(port)
    finally:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_process_the_app_has_started_does_not_outlive_it(record: Record) -> None:
    """It holds the pipe of the app's output open, which nobody may wait for, nor the port."""
    recording = record("unruly_app:app")
    child = int(fetch(recording, "/spawn").text)
    try:
        port = recording.port
        recording.finished()
        assert not is_open(port)
        eventually(lambda: not is_alive(child), "the end of the app's own process")
    finally:
        if is_alive(child):
            os.kill(child, signal.SIGKILL)
