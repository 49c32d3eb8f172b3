"""Ring files: names of their own, and the newest few that crashes have left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asgitrace.process.rings import new_ring_path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runtime directory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return new_ring_path().parent


@pytest.fixture
def nobody() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def left(folder: Path, pid: int, count: int) -> list[Path]:
    """Files as processes that crashed leave them, the oldest first."""
    made = []
    for number in range(count):
        path = folder / f"{pid}-{number}.ring"
        path.touch()
        os.utime(path, (number, number))
        made.append(path)
    return made


def test_names_differ(folder: Path) -> None:
    first, second = new_ring_path(), new_ring_path()
    assert first != second
    assert first.parent == folder
    assert first.name.startswith(f"{os.getpid()}-")


def test_the_newest_few_are_kept(folder: Path, nobody: int) -> None:
    made = left(folder, nobody, 5)
    new_ring_path()
    assert sorted(folder.iterdir()) == sorted(made[-3:])


def test_those_of_processes_that_run_are_not_touched(folder: Path, nobody: int) -> None:
    made = left(folder, nobody, 3) + left(folder, os.getpid(), 5)
    foreign = folder / "mine.ring"
    foreign.touch()
    new_ring_path()
    assert sorted(folder.iterdir()) == sorted([*made, foreign])
