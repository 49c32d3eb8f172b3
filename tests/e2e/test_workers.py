"""``app = asgitrace.trace(app)`` in other people's servers: each worker has its own ring, made
after the fork, removed at a good end, and kept after a crash."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from asgitrace.events import Kind
from asgitrace.process.found import find_rings
from asgitrace.ring import RingReader, decode
from tests.e2e.conftest import APPS, PATIENCE, environment, eventually, free_port

GUNICORN = ("gunicorn", "--bind", "127.0.0.1:PORT", "--no-control-socket", "--worker-class")
SERVERS = {
    "uvicorn": ("uvicorn", "--port", "PORT", "--workers", "2"),
    "hypercorn": ("hypercorn", "--bind", "127.0.0.1:PORT", "--workers", "2"),
    "granian": (
        *("granian", "--interface", "asgi", "--port", "PORT", "--workers", "2"),
        *("--runtime-threads", "2"),
    ),
    "gunicorn": (*GUNICORN, "asgi", "--workers", "2", "--preload"),
    "gunicorn with uvicorn's workers": (*GUNICORN, "uvicorn.workers.UvicornWorker", "-w", "2"),
}
DAPHNE = ("daphne", "--port", "PORT")
RECYCLED = (*GUNICORN, "asgi", "--workers", "1", "--max-requests", "1")


class Service:
    """A server with the traced app, in processes of its own."""

    def __init__(self, folder: Path, arguments: tuple[str, ...]) -> None:
        self.port = free_port()
        self.directory = folder / "asgitrace"
        told = (part.replace("PORT", str(self.port)) for part in arguments)
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", *told, "worker_app:app"],
                cwd=APPS,
                env={**environment(folder), "ASGITRACE_BUFFER": "1MiB", "PYTHONPATH": str(APPS)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def ask(self) -> int:
        """The number of the process that answers; 0 where none does."""
        with contextlib.suppress(httpx.TransportError):
            return int(httpx.get(f"http://127.0.0.1:{self.port}/", timeout=PATIENCE).text)
        return 0

    def answered(self, count: int = 1) -> set[int]:
        """The processes that answer, as soon as there were so many."""
        found: set[int] = set()

        def all_answered() -> bool:
            found.update({self.ask()} - {0})
            return len(found) >= count

        eventually(all_answered, f"answers from {count} workers")
        return found

    def running(self, count: int) -> set[int]:
        """The processes whose rings say that they run, as soon as they are so many: their lifespan
        makes them. Which of them gets a request is for the system to say."""

        def all_run() -> set[int]:
            found = {pid for pid, state in self.rings().items() if state == "running"}
            return found if len(found) >= count else set()

        workers: set[int] = eventually(all_run, f"rings of {count} workers")
        return workers

    def rings(self) -> dict[int, str]:
        """By process: the state of its ring."""
        return {ring.pid: ring.state for ring in find_rings(self.directory)}

    def answers_in(self, pid: int) -> set[int]:
        """Which processes answered, as the ring of one tells."""
        (path,) = self.directory.glob(f"{pid}-*.ring")
        reader = RingReader.open(path)
        records = [record for record in reader.poll().records() if record.header.kind == Kind.SEND]
        reader.close()
        bodies = [(decode(record.payload) or {}).get("body") for record in records]
        return {int(body) for body in bodies if body}

    def end(self) -> None:
        """As a service manager ends it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[tuple[str, ...]], Service]]:
    running: list[Service] = []

    def started(arguments: tuple[str, ...]) -> Service:
        running.append(Service(tmp_path, arguments))
        return running[-1]

    yield started
    for service in running:
        service.kill()


@pytest.mark.parametrize("name", SERVERS)
def test_each_worker_has_its_own_ring(
    serve: Callable[[tuple[str, ...]], Service], name: str
) -> None:
    service = serve(SERVERS[name])
    workers = service.running(2)
    asked = service.answered() | {service.ask() for _ in range(10)}
    assert asked <= workers
    answers = {pid: service.answers_in(pid) for pid in workers}
    assert answers == {pid: {pid} & asked for pid in workers}
    # The parent records nothing, and neither does what imported the app before the fork.
    assert service.process.pid not in service.rings()
    service.end()
    eventually(lambda: not service.rings(), "the end of the rings")


def test_daphne(serve: Callable[[tuple[str, ...]], Service]) -> None:
    service = serve(DAPHNE)
    assert service.answered() == {service.process.pid}
    assert service.rings() == {service.process.pid: "running"}
    service.end()
    assert service.rings() == {}


def test_a_worker_that_is_killed_leaves_its_ring_and_its_successor_has_another(
    serve: Callable[[tuple[str, ...]], Service],
) -> None:
    service = serve(SERVERS["gunicorn"])
    victim, other = service.running(2)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: service.rings()[victim] == "crashed", "the end of the killed one")
    successor = service.running(2) - {other}
    assert len(successor) == 1
    service.end()
    eventually(lambda: service.rings() == {victim: "crashed"}, "what was left by the killed one")


def test_workers_that_are_replaced_take_their_rings_along(
    serve: Callable[[tuple[str, ...]], Service],
) -> None:
    service = serve(RECYCLED)
    workers = service.answered(2)
    eventually(lambda: len(service.rings().keys() & workers) <= 1, "the end of the first workers")
    service.end()
    eventually(lambda: not service.rings(), "the end of the rings")
