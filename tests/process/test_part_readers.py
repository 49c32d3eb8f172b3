"""Large files: what several processes read of them is what one reads."""

import time
from pathlib import Path

import pytest

from asgitrace.export import SourceBatch, open_trace
from asgitrace.process import files, part_readers
from asgitrace.process.files import FileSession
from asgitrace.store import LogLine, Store
from benchmarks import big_trace

SIZE = 400_000


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that lines lie across their ends, and some have no line at all."""
    for module in (files, part_readers):
        monkeypatch.setattr(module, "PART", 3_000)
        monkeypatch.setattr(module, "WORTHWHILE", 20_000)
    monkeypatch.setattr("os.cpu_count", lambda: 3)


@pytest.fixture(scope="module")
def sample() -> bytes:
    return big_trace.sample(SIZE)


@pytest.fixture
def path(tmp_path: Path, sample: bytes) -> Path:
    (tmp_path / "t.jsonl").write_bytes(sample)
    return tmp_path / "t.jsonl"


def loaded(path: Path) -> tuple[Store, str]:
    """What is in a file, and what was said at the end."""
    store, session = Store(), FileSession(path)
    assert session._readers is not None
    until = time.monotonic() + 60
    while session.status().phase == "loading" and time.monotonic() < until:
        session.poll(store)
        time.sleep(0.001)
    return store, session.status().detail


def headers_of(path: Path) -> list[tuple[int, ...]]:
    """The records of a file as one process reads them, without their places in the ring."""
    with open_trace(path) as reader:
        return [
            (*record.header[:4], *record.header[5:14])
            for item in reader.batches()
            if isinstance(item, SourceBatch)
            for record in item.batch.records()
        ]


def test_they_read_what_one_reads(path: Path) -> None:
    store, detail = loaded(path)
    assert detail == ""
    found = [(*record.header[:4], *record.header[5:14]) for _, record in store.all_records()]
    assert found == headers_of(path)
    with open_trace(path) as reader:
        assert [line.text for line in store.logs] == [
            item.text for item in reader if isinstance(item, LogLine)
        ]


def test_a_cut_last_line_is_told_by_its_number(path: Path, sample: bytes) -> None:
    path.write_bytes(sample[:-20])
    _, detail = loaded(path)
    lines = sample.count(b"\n")
    assert detail.startswith(f"Line {lines}, the last one, is cut off")


def test_a_line_in_error_is_told_by_its_number(path: Path, sample: bytes) -> None:
    lines = sample.splitlines(keepends=True)
    lines[500] = b'{"line":"event"}\n'
    path.write_bytes(b"".join(lines))
    store, detail = loaded(path)
    assert "t.jsonl line 501: Object missing required field" in detail
    before = [
        line for line in lines[:500] if line.startswith((b'{"line":"event', b'{"line":"wire'))
    ]
    assert sum(1 for _ in store.all_records()) == len(before)


def test_a_process_nobody_introduced_is_an_error_there(path: Path, sample: bytes) -> None:
    lines = sample.splitlines(keepends=True)
    lines[600] = lines[600].replace(b'"process":0', b'"process":9')
    path.write_bytes(b"".join(lines))
    assert "t.jsonl line 601: no line before introduces process 9." in loaded(path)[1]


def test_a_reader_that_is_killed(path: Path) -> None:
    session = FileSession(path)
    assert session._readers is not None
    for reader in session._readers._readers:
        reader._process.kill()
        reader._process.wait()
    store = Store()
    while session.status().phase == "loading":
        session.poll(store)
    assert "cannot be read: the process that reads it has ended" in session.status().detail


@pytest.mark.anyio
async def test_leaving_early_ends_them(path: Path) -> None:
    session = FileSession(path)
    assert session._readers is not None
    await session.stop()
    assert all(reader._process.returncode is not None for reader in session._readers._readers)
    session.poll(Store())


def test_how_far_it_is(path: Path) -> None:
    store, session = Store(), FileSession(path)
    assert (session.status().consumed, session.status().total) == (0, path.stat().st_size)
    seen = [0]
    while session.status().phase == "loading":
        session.poll(store)
        seen.append(session.status().consumed)
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= session.status().total
