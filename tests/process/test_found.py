"""Rings that are there: what each says, and what is wrong with those that say nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asgitrace.events import Kind
from asgitrace.process.found import find_rings, ring_folders, ring_paths, survey
from asgitrace.ring import About, RingMemory, directory
from asgitrace.ring.layout import MINIMUM_SIZE, SLOTS_OFFSET
from asgitrace.ring.processes import start_of
from tests.made_up_workers import Workers


def test_where_nothing_is_nothing_is_found(workers: Workers) -> None:
    assert find_rings() == []


def test_a_ring_says_what_its_process_does(workers: Workers) -> None:
    worker = workers.start(41, server="uvicorn 0.38.0", ppid=4)
    now = time.monotonic_ns()
    worker.exchange(now)
    (found,) = find_rings()
    assert (found.path, found.pid, found.state, found.alive) == (worker.path, 41, "running", True)
    assert (found.about.app, found.about.server, found.about.ppid) == (
        "shop:app",
        "uvicorn 0.38.0",
        4,
    )
    assert found.written == 2
    assert 0 < found.fill < 0.1
    assert 0 <= found.idle <= found.age < 60


def test_those_that_run_come_first(workers: Workers) -> None:
    workers.start(1, app="a:app").end()
    workers.start(2, app="b:app").call(1)
    workers.start(3, app="c:app")
    workers.kill(2)
    assert [(each.pid, each.state) for each in find_rings()] == [
        (3, "running"),
        (1, "ended"),
        (2, "crashed"),
    ]


def test_one_that_ended_without_a_word_crashed_only_where_an_exchange_was_open(
    workers: Workers,
) -> None:
    first, second, third = (workers.start(pid) for pid in (1, 2, 3))
    for each in (first, second):
        each.exchange(1)
        # After its end: of the wire, and of a task that goes on.
        each.record(Kind.WIRE, 20)
        each.record(Kind.SEND, 21)
    second.call(22)
    second.exchange(23)
    for pid in (1, 2, 3):
        workers.kill(pid)
    assert {each.pid: each.state for each in find_rings()} == {1: "gone", 2: "crashed", 3: "gone"}
    third.end()
    assert find_rings()[2].state == "ended"


def test_a_process_with_the_number_of_one_that_crashed_is_not_it(
    tmp_path: Path,
) -> None:
    own = start_of(os.getpid())
    for name, started in (("1-own", own), ("2-before", own + "0")):
        RingMemory.create(tmp_path / f"{name}.ring", MINIMUM_SIZE, About(started=started)).close()
    states = {each.path.stem: each.state for each in find_rings(tmp_path)}
    assert states == {"1-own": "running", "2-before": "gone"}


def test_what_is_no_sound_ring_is_told_apart(workers: Workers) -> None:
    sound = workers.start(1)
    empty = workers.directory / "2-a.ring"
    empty.touch()
    damaged = workers.directory / "3-a.ring"
    damaged.write_bytes(sound.path.read_bytes()[:SLOTS_OFFSET])
    (workers.directory / "4-a.ring.new").touch()
    found = survey()
    assert [each.path for each in found.rings] == [sound.path]
    assert set(found.unreadable) == {empty, damaged}
    assert "truncated" in found.unreadable[damaged]


def test_one_that_goes_while_it_is_looked_at(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = workers.start(1)
    paths = [worker.path.with_name("2-a.ring"), worker.path]
    monkeypatch.setattr("asgitrace.process.found.ring_paths", lambda folders: paths)
    found = survey()
    assert [each.path for each in found.rings] == [worker.path]
    assert found.unreadable == {}


def test_fifty_rings_are_looked_at_without_touching_them(workers: Workers) -> None:
    made = [workers.start(pid) for pid in range(1000, 1050)]
    for each in made:
        each.exchange(5)
    before = [(each.path.stat(), each.path.read_bytes()) for each in made]
    assert len(find_rings()) == 50
    after = [(each.path.stat(), each.path.read_bytes()) for each in made]
    for (stat, content), (later, unchanged) in zip(before, after, strict=True):
        assert content == unchanged
        assert (stat.st_size, stat.st_mode, stat.st_mtime_ns, stat.st_ino) == (
            later.st_size,
            later.st_mode,
            later.st_mtime_ns,
            later.st_ino,
        )


class TestWhereOneLooks:
    @pytest.fixture(autouse=True)
    def places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As on a desktop: a folder of the session's, and shared memory, where services write."""
        self.users = tmp_path / "user" / str(os.getuid())
        self.shared = tmp_path / "shm"
        for each in (self.users, self.shared):
            each.mkdir(parents=True)
        monkeypatch.setattr(directory, "_USERS", str(tmp_path / "user"))
        monkeypatch.setattr(directory, "_SHARED_MEMORY", str(self.shared))

    def put(self, monkeypatch: pytest.MonkeyPatch, variable: str) -> Path:
        """A ring of a process with this environment."""
        monkeypatch.setenv("XDG_RUNTIME_DIR", variable)
        path = directory.new_ring_path()
        RingMemory.create(path, MINIMUM_SIZE).close()
        return path

    def test_both_where_a_terminal_and_a_service_write(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = {self.put(monkeypatch, ""), self.put(monkeypatch, str(self.users))}
        assert {each.parent.parent for each in made} == {self.users, self.shared}
        for variable in ("", str(self.users)):
            monkeypatch.setenv("XDG_RUNTIME_DIR", variable)
            assert set(ring_paths(ring_folders())) == made

    def test_only_there_where_one_says_where(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.put(monkeypatch, "")
        own = self.put(monkeypatch, str(tmp_path))
        assert ring_paths(ring_folders()) == [own]

    def test_not_where_there_is_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        own = self.put(monkeypatch, "")
        assert ring_paths(ring_folders()) == [own]

    def test_never_where_others_may_write(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.put(monkeypatch, "").parent.chmod(0o777)
        own = self.put(monkeypatch, str(self.users))
        assert ring_paths(ring_folders()) == [own]


def test_only_what_nobody_writes_any_more_is_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    own = start_of(os.getpid())
    for name, started in (("running", own), ("reused", own + "0"), ("elsewhere", f"1{own}0")):
        RingMemory.create(tmp_path / f"{name}.ring", MINIMUM_SIZE, About(started=started)).close()
    (tmp_path / f"{ended.pid}-begun.ring.new").touch()
    (tmp_path / f"{os.getpid()}-begun.ring.new").touch()
    left = directory.left_over([tmp_path])
    assert {each.name for each in left} == {"reused.ring", f"{ended.pid}-begun.ring.new"}
    assert set(directory.remove([*left, tmp_path / "nothing"])) == set(left)
    assert directory.left_over([tmp_path]) == []
