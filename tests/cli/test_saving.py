"""Saving: everything in its order, and what is missing said."""

from pathlib import Path

import pytest

from asgitrace.cli.saving import save
from asgitrace.events import Kind, Record, pack_identity, pack_what
from asgitrace.export import Missed, Note, SourceRecord, open_trace
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store import LogLine, RowKind, Store


def filled(tmp_path: Path, count: int, *, ring: int = 1 << 22, limit: int = 1 << 26) -> Store:
    """A store with exchanges 1 to ``count`` of one process, a note and a log line."""
    memory = RingMemory.create(tmp_path / "1-a.ring", ring)
    write = RingWriter(memory).write
    store = Store(limit)
    reader = RingReader.open(tmp_path / "1-a.ring")
    source = store.add_process(1, reader.layout.anchor, "shop:app").source
    store.note(None, "started", 0, reader.layout.anchor.wall(0))
    for number in range(1, count + 1):
        scope = encode({"type": "http", "method": "GET", "path": f"/{number}", "query_string": b""})
        start = number * 10
        write(pack_what(Kind.SCOPE), 0, number, start, start, 0, scope)
        body = encode({"type": "http.response.body", "body": bytes(1000)})
        what = pack_what(Kind.SEND, message=4)
        write(what, 0, pack_identity(number, 1), start + 1, start + 2, 1000, body)
        write(pack_what(Kind.RETURN), 0, number, start + 5, start + 5, 0, b"")
        if number % 100 == 0:
            store.take(source, reader.poll())
    store.take(source, reader.poll())
    store.log(LogLine(source, reader.layout.anchor.wall(count * 10 + 9), "stdout", "bye"))
    reader.close()
    memory.close()
    return store


def records_of(path: Path) -> list[Record]:
    with open_trace(path) as trace:
        return [item.record for item in trace if isinstance(item, SourceRecord)]


def test_everything(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    save(store, None, tmp_path / "t")
    with open_trace(tmp_path / "t") as trace:
        items = list(trace)
    assert [type(item).__name__ for item in items[:2]] == ["Process", "Note"]
    assert isinstance(items[-1], LogLine)
    sequences = [item.record.header.sequence for item in items if isinstance(item, SourceRecord)]
    assert sequences == list(range(15))


def test_some_rows(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    wanted = [number for number in store.numbers.tolist() if store.row(number, 0).path == "/3"]
    save(store, wanted, tmp_path / "t")
    assert {record.header.exchange for record in records_of(tmp_path / "t")} == {3}


def test_a_note_among_the_rows(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    (number,) = (n for n in store.numbers.tolist() if store.row(n, 0).kind is RowKind.PROCESS)
    save(store, [number], tmp_path / "t")
    with open_trace(tmp_path / "t") as trace:
        assert [item.text for item in trace if isinstance(item, Note)] == ["started"]


def test_a_gap_stays_where_it_was(tmp_path: Path) -> None:
    store = filled(tmp_path, 99, ring=1 << 16)
    assert store.missed_total
    save(store, None, tmp_path / "t")
    with open_trace(tmp_path / "t") as trace:
        missed = [item.count for item in trace if isinstance(item, Missed)]
    assert sum(missed) == store.missed_total


def test_what_was_evicted_is_told(tmp_path: Path) -> None:
    store = filled(tmp_path, 3_000, limit=1 << 20)
    assert store.evicted_total
    save(store, None, tmp_path / "t")
    with open_trace(tmp_path / "t") as trace:
        notes = [item.text for item in trace if isinstance(item, Note)]
    assert (
        f"{store.evicted_total} earlier exchanges are not in this file: no room was left" in notes
    )


def test_nothing_is_left_of_a_file_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path, 1)

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(store, "all_records", fail)
    with pytest.raises(RuntimeError):
        save(store, None, tmp_path / "t")
    assert not (tmp_path / "t").exists()
