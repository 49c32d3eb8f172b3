import contextlib
import errno
import os
import resource
import stat
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from asgitrace.errors import TraceFileError
from asgitrace.export import create_trace, default_name, open_trace
from asgitrace.store.model import Process


def _content(path: Path) -> list[str]:
    return [line.split('"')[3] for line in path.read_text().splitlines()]


def test_default_name() -> None:
    assert default_name(datetime(2026, 3, 1, 9, 5, 7)) == "asgitrace-20260301-090507.jsonl"


def test_a_new_file_is_private_and_there_at_once(
    tmp_path: Path, created: datetime, process: Process
) -> None:
    path = tmp_path / "t.jsonl"
    writer = create_trace(path, created=created, flush_each=True)
    assert writer.path == path
    assert _content(path) == ["trace"]
    writer.process(process)
    writer.close()
    writer.close()
    writer.discard()
    assert _content(path) == ["trace", "process"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_is_never_overwritten_unasked(tmp_path: Path, created: datetime) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("mine")
    with pytest.raises(TraceFileError, match="there is a file of that name already"):
        create_trace(path, created=created)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(TraceFileError, match="already"):
        create_trace(tmp_path / "link", created=created)
    assert path.read_text() == "mine"


def test_overwriting_takes_place_at_the_end(
    tmp_path: Path, created: datetime, process: Process
) -> None:
    path, link = tmp_path / "t.jsonl", tmp_path / "link"
    path.write_text("old")
    link.symlink_to(path)
    with create_trace(link, created=created, overwrite=True) as writer:
        writer.process(process)
        writer.flush()
        assert path.read_text() == "old"
    assert _content(path) == ["trace", "process"]
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["link", "t.jsonl"]


def test_overwrite_without_an_old_file(tmp_path: Path, created: datetime) -> None:
    create_trace(tmp_path / "t", created=created, overwrite=True).close()
    assert _content(tmp_path / "t") == ["trace"]


@pytest.mark.parametrize("old", [False, True])
def test_an_error_in_the_block_discards(tmp_path: Path, created: datetime, old: bool) -> None:
    path = tmp_path / "t"
    if old:
        path.write_text("old")
    with pytest.raises(KeyError), create_trace(path, created=created, overwrite=old):
        raise KeyError
    assert [found.read_text() for found in tmp_path.iterdir()] == ["old"] * old


def test_only_a_file_is_overwritten(tmp_path: Path, created: datetime) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(TraceFileError, match="is not a file; choose another name"):
            create_trace(path, created=created, overwrite=True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "there is a folder of that name already"),
        ("no/such/t", "there is no folder .*no/such"),
        ("file/t", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("a\0b", "that is no name for a file"),
    ],
)
def test_where_no_file_can_be_made(tmp_path: Path, created: datetime, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TraceFileError, match=f"cannot be made: {why}") as caught:
        create_trace(tmp_path / name, created=created)
    assert str(caught.value).isprintable()


def test_permissions(tmp_path: Path, created: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    # By hand, since root, as which tests may run, is refused nothing.
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "t"
    path.touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(TraceFileError, match="t2 cannot be made: you have no permission"):
            create_trace(tmp_path / "t2", created=created)
        patch.setattr("tempfile.mkstemp", refuse)
        with pytest.raises(TraceFileError, match="t cannot be made: you have no permission"):
            create_trace(path, created=created, overwrite=True)
        patch.setattr(Path, "open", refuse)
        with pytest.raises(TraceFileError, match="t cannot be opened: you have no permission"):
            open_trace(path)


@contextlib.contextmanager
def no_room(size: int) -> Iterator[None]:
    """Lets no file grow over a size, which fails as a full disk does.

    Not as a fixture: it holds for the whole process, and the file that pytest's own words go to
    would be the first to suffer.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("when", ["while writing", "on closing"])
def test_no_room(
    tmp_path: Path,
    created: datetime,
    process: Process,
    old: bool,
    when: str,
) -> None:
    path = tmp_path / "t"
    if old:
        path.write_text("old")
    writer = create_trace(path, created=created, overwrite=old)
    writer.flush()
    with no_room(150):
        writer.process(process)
        with pytest.raises(TraceFileError, match="t cannot be written: File too large"):
            writer.flush() if when == "while writing" else writer.close()
        writer.close()
    with pytest.raises(TraceFileError, match="File too large"):
        writer.process(process)
    assert os.listdir(tmp_path) == ["t"]
    if old:
        assert path.read_text() == "old"
    else:
        reader = open_trace(path)
        assert (list(reader), reader.cut) == ([], 2)
        reader.close()


def test_no_room_for_the_first_line(tmp_path: Path, created: datetime) -> None:
    with no_room(10), pytest.raises(TraceFileError, match="File too large"):
        create_trace(tmp_path / "t", created=created, flush_each=True)
    assert os.listdir(tmp_path) == []


def test_opening_knows_the_length(tmp_path: Path, sample: bytes) -> None:
    path = tmp_path / "t"
    path.write_bytes(sample)
    with open_trace(path) as reader:
        assert reader.total == len(sample)
        assert 0 < reader.consumed < len(sample)
        list(reader)
        assert reader.consumed == len(sample)


def test_opening_a_pipe(tmp_path: Path, sample: bytes) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    thread = threading.Thread(target=path.write_bytes, args=(sample,))
    thread.start()
    with open_trace(path) as reader:
        assert reader.total is None
        assert len(list(reader)) == 10
    thread.join()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".", "cannot be opened: it is a folder"),
        ("none", "cannot be opened: there is no such file"),
        ("no/none", "cannot be opened: there is no folder .*no"),
        ("a\0b", "cannot be opened: that is no name for a file"),
        ("empty", "empty is empty"),
        ("\x1b[2J", r"x1b\[2J' cannot be opened"),
    ],
)
def test_what_cannot_be_opened(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(TraceFileError, match=why) as caught:
        open_trace(tmp_path / name)
    assert str(caught.value).isprintable()


def test_a_line_limit_of_ones_own(tmp_path: Path, sample: bytes) -> None:
    (tmp_path / "t").write_bytes(sample)
    with (
        open_trace(tmp_path / "t", line_limit=160) as reader,
        pytest.raises(TraceFileError, match="t line 5: it is longer than 160 bytes"),
    ):
        list(reader)
