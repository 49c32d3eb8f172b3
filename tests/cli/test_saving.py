"""Saving: everything in its order, and what is missing said."""

from pathlib import Path

import pytest

from asgitrace.cli.saving import save
from asgitrace.events import Kind, Record, pack_identity, pack_what
from asgitrace.export import Missed, Note, SourceRecord, open_trace
from asgitrace.process.files import open_session
from asgitrace.recorder import Recorder
from asgitrace.recorder.wire import WireRecorder
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store import LogLine, RowKind, Store
from asgitrace.wire import Wire


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


def wired(tmp_path: Path) -> Store:
    """A store with a process of two connections: the first has exchanges 1 and 2, the other 3."""
    memory = RingMemory.create(tmp_path / "2-a.ring", 1 << 20)
    recorder = Recorder(RingWriter(memory))
    wire = WireRecorder(recorder)
    for requests in (2, 1):
        log = wire.connection()
        log.tell(Wire.OPENED, content={"peer": f"peer:{requests}", "local": "here"})
        for number in range(1, requests + 1):
            log.begin()
            log.tell(Wire.REQUEST, 30, number, {"head": b"GET / HTTP/1.1\r\n\r\n"})
            log.tell(Wire.REFUSED, 0, 400, {"text": "no host"})
            if number == requests:
                log.tell(Wire.CLOSED, content={"by": "server", "how": "closed"})
            log.end()
    store = Store()
    reader = RingReader.open(tmp_path / "2-a.ring")
    source = store.add_process(1, reader.layout.anchor, "shop:app").source
    store.take(source, reader.poll())
    reader.close()
    memory.close()
    return store


def opened(path: Path) -> Store:
    store, session = Store(), open_session(path)
    while session.status().phase == "loading":
        session.poll(store)
    return store


def test_an_exchange_is_saved_with_its_wire_and_its_connection(tmp_path: Path) -> None:
    store = wired(tmp_path)
    whole = store.exchange(1, 0)
    assert whole is not None
    save(store, [1], tmp_path / "one")
    found = opened(tmp_path / "one").exchange(1, 0)
    assert found is not None
    assert found.wire == whole.wire
    assert found.connection is not None
    assert (found.connection.peer, found.connection.end) == ("peer:2", "server: closed")
    # The end was told within the connection's other exchange.
    assert [record.header.exchange for record in records_of(tmp_path / "one")] == [0, 1, 1, 2]


def test_rows_of_one_connection_share_it_in_the_file(tmp_path: Path) -> None:
    store = wired(tmp_path)
    save(store, [1, 2], tmp_path / "two")
    assert [record.header.sequence for record in records_of(tmp_path / "two")] == list(range(6))
    save(store, None, tmp_path / "all")
    assert [record.header.sequence for record in records_of(tmp_path / "all")] == list(range(10))
    again = opened(tmp_path / "all")
    assert again.connection_total == 2
    assert [row.status for number in (1, 2, 3) for row in [again.row(number, 0)]] == [400] * 3
