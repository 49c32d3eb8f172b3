"""Attaching to what runs in other people's servers: real workers, killed and started anew."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from asgitrace.process.attached import AttachedSession
from asgitrace.process.found import find_rings
from asgitrace.process.selection import select_running
from asgitrace.store import Store
from tests.e2e.conftest import PATIENCE, Recording, environment, eventually, rings
from tests.e2e.test_workers import SERVERS, Service

TARGET = "worker_app:app"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Service]]:
    """Starts a server with two workers, and waits for both."""
    with contextlib.ExitStack() as stack:

        def started(name: str) -> Service:
            service = Service(tmp_path, SERVERS[name])
            stack.callback(service.kill)
            service.running(2)
            return service

        yield started


@contextlib.contextmanager
def attached(folder: Path, name: str, which: str, said: str = "recording") -> Iterator[Recording]:
    """A recording of processes that run already."""
    output = folder / f"{name}.jsonl"
    # As a stream: what it has taken in is then seen at once.
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "asgitrace", "attach", "--record", "-", which],
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
        )
    with process:
        recording = Recording(process, output)
        recording.follow()
        try:
            recording.said(said)
            yield recording
        finally:
            process.kill()


def successors(service: Service, victim: int) -> set[int]:
    """Who was started in place of one that was killed, as soon as the server has noticed."""
    before = frozenset(service.rings())
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(service.running(2) - before) == 1, "a successor")
    return service.running(2) - before


def contains(path: Path, texts: Sequence[str]) -> bool:
    """Whether all these stand in a file."""
    content = path.read_text()
    return all(text in content for text in texts)


def test_two_viewers_follow_the_workers_as_they_come_and_go(
    serve: Callable[[str], Service], tmp_path: Path
) -> None:
    """A worker is killed, the server starts another one; one viewer leaves, the server ends, and
    with it the other viewer."""
    service = serve("uvicorn")
    before = frozenset(service.rings())
    victim, survivor = sorted(before)
    with (
        attached(tmp_path, "by-parent", str(service.process.pid)) as one,
        attached(tmp_path, "by-name", TARGET) as other,
    ):
        (successor,) = successors(service, victim)
        told = f'"pid":{successor}'
        answered = service.answered()
        texts = [f'"body":"{pid}"' for pid in answered]
        for each in (one, other):
            eventually(partial(contains, each.output, [told, *texts]), "what the workers tell")
        assert other.stop() == 0, other.stderr
        service.end()
        assert one.wait() == 0, one.stderr
    for recording in (one, other):
        trace = recording.read()
        processes = trace.of("process")
        assert [line["worker"] for line in processes] == [1, 2, 3]
        assert {line["pid"] for line in processes} == {victim, survivor, successor}
        assert all(line["server"].startswith("uvicorn ") for line in processes)
        assert f"{TARGET} (pid {victim}) was killed or crashed" in trace.notes
        lifespans = {processes[each.process]["pid"] for each in trace.lifespans}
        assert lifespans == {victim, survivor, successor}
        answers = [
            (int(exchange.response_body), processes[exchange.process]["pid"])
            for exchange in trace.exchanges("/")
        ]
        assert all(told == pid for told, pid in answers)
        assert {told for told, _ in answers} >= answered
    ended = {f"{TARGET} (pid {pid}) ended" for pid in (survivor, successor)}
    assert ended <= set(one.read().notes)
    # What the one that was killed has left is still there, and nothing else.
    assert service.rings() == {victim: "crashed"}
    with attached(tmp_path, "crashed", str(victim), "loaded") as crashed:
        assert crashed.wait() == 0, crashed.stderr
    (lifespan,) = crashed.read().lifespans
    assert lifespan.pending


def test_workers_of_gunicorn_are_followed(
    serve: Callable[[str], Service], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    service = serve("gunicorn")
    before = frozenset(service.rings())
    contents = {path: path.stat().st_size for path in rings(tmp_path)}
    session, store = AttachedSession(select_running(find_rings())), Store()

    def states() -> set[tuple[int, str]]:
        session.poll(store)
        return {(each.process.pid, each.state) for each in session.status().processes}

    eventually(lambda: states() == {(pid, "running") for pid in before}, "both workers")
    assert {path: path.stat().st_size for path in rings(tmp_path)} == contents
    victim = min(before)
    (successor,) = successors(service, victim)
    running = {(pid, "running") for pid in (max(before), successor)}
    eventually(lambda: states() == {*running, (victim, "crashed")}, "its successor")
    assert session.status().address.startswith("gunicorn ")
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(PATIENCE)
    eventually(lambda: not states() & running and session.over, "the end of all")
    session.close()
