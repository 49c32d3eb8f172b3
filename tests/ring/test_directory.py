"""Where ring files lie, their names, and the newest few that crashes have left."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from asgitrace.errors import RingError
from asgitrace.ring import directory, new_ring_path, room_for, runtime_directory


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


@pytest.mark.parametrize(
    ("free", "blocks", "asked", "size"),
    [
        (1000 << 20, 1 << 30, 64 << 20, 64 << 20),
        (128 << 20, 1 << 30, 64 << 20, 64 << 20),
        (64 << 20, 1 << 30, 64 << 20, 32 << 20),
        (1 << 20, 1 << 30, 64 << 20, 1 << 20),
        (0, 1 << 30, 100 << 10, 100 << 10),
        (0, 0, 64 << 20, 64 << 20),
    ],
)
def test_a_ring_takes_half_of_what_is_free_at_most(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, blocks: int, asked: int, size: int
) -> None:
    found = SimpleNamespace(f_blocks=blocks, f_frsize=4096, f_bavail=free // 4096)
    monkeypatch.setattr(os, "statvfs", lambda path: found)
    assert room_for(folder / "a.ring", asked) == size


def test_a_ring_has_its_size_where_the_room_is_not_known(tmp_path: Path) -> None:
    assert room_for(tmp_path / "gone" / "a.ring", 64 << 20) == 64 << 20


class TestRuntimeDirectory:
    @pytest.fixture(autouse=True)
    def places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("run", "shm", "tmp"):
            (tmp_path / name).mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
        monkeypatch.setattr(directory, "_SHARED_MEMORY", str(tmp_path / "shm"))
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))

    def test_it_is_made_private(self, tmp_path: Path) -> None:
        found = runtime_directory()
        assert found == tmp_path / "run" / "asgitrace"
        assert stat.S_IMODE(found.stat().st_mode) == 0o700
        assert runtime_directory() == found

    @pytest.mark.parametrize("value", ["", "/nonexistent", "relative"])
    def test_without_a_usable_variable_it_is_in_shared_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
        (tmp_path / "relative").mkdir()
        monkeypatch.chdir(tmp_path)
        assert runtime_directory() == tmp_path / "shm" / f"asgitrace-{os.getuid()}"

    def test_a_variable_that_is_another_users_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = os.stat

        def foreign(path: str | Path, **options: bool) -> os.stat_result:
            found = own(path, **options)
            uid = 4_242_424 if path == str(tmp_path / "run") else found.st_uid
            return os.stat_result((*found[:4], uid, *found[5:]))

        monkeypatch.setattr(os, "stat", foreign)
        assert runtime_directory() == tmp_path / "shm" / f"asgitrace-{os.getuid()}"
        assert list((tmp_path / "run").iterdir()) == []

    def test_without_shared_memory_it_is_in_the_temporary_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        monkeypatch.setattr(directory, "_SHARED_MEMORY", "/nonexistent")
        assert runtime_directory() == tmp_path / "tmp" / f"asgitrace-{os.getuid()}"

    @pytest.mark.parametrize("mode", [0o750, 0o705, 0o777, 0o701])
    def test_a_folder_that_is_too_open_is_refused(self, tmp_path: Path, mode: int) -> None:
        (tmp_path / "run" / "asgitrace").mkdir()
        (tmp_path / "run" / "asgitrace").chmod(mode)
        with pytest.raises(RingError, match="not a private folder of yours"):
            runtime_directory()

    def test_a_folder_of_somebody_else_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        runtime_directory()
        monkeypatch.setattr(os, "getuid", lambda: 4_242_424)
        with pytest.raises(RingError, match="remove it, or set XDG_RUNTIME_DIR"):
            runtime_directory()

    def test_a_symlink_to_a_private_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "private").mkdir(mode=0o700)
        (tmp_path / "run" / "asgitrace").symlink_to(tmp_path / "private")
        with pytest.raises(RingError, match="not a private folder of yours"):
            runtime_directory()

    def test_a_file_in_its_place_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "run" / "asgitrace").touch()
        with pytest.raises(RingError, match="cannot be made"):
            runtime_directory()
