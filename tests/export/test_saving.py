"""Saving: everything in its order, and what is missing said."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import Kind, Record, pack_identity, pack_what
from asgitrace.export import Missed, Note, SourceRecord, create_trace, open_trace
from asgitrace.export.saving import save
from asgitrace.library import load
from asgitrace.process.files import open_session
from asgitrace.recorder import Recorder
from asgitrace.recorder.wire import WireRecorder
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store import Annotation, Lag, LogLine, RowKind, Store
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


def test_rows_that_are_gone_are_left_out(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    chosen = store.numbers[1:].tolist()
    store.discard(store.numbers[2:4].copy())
    save(store, [*chosen, 99], tmp_path / "t")
    kept = {record.header.exchange for record in records_of(tmp_path / "t")}
    assert kept == {1, 4, 5}


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


def test_rows_keep_their_numbers_and_what_was_noted_on_them(tmp_path: Path) -> None:
    store = filled(tmp_path, 9)
    note = Annotation(marked=True, tags=("slow",), comment="look here")
    store.annotations.put(7, note)
    store.annotations.put(1, Annotation(comment="begin"))
    later = store.note(None, "ended", 0, store.processes[0].anchor.wall(1000))
    save(store, [1, 3, 7, later], tmp_path / "some")
    found = opened(tmp_path / "some")
    assert found.numbers.tolist() == [1, 3, 7, later]
    assert [found.row(number, 0).path for number in (1, 3, 7, later)] == [
        "started", "/2", "/6", "ended"
    ]  # fmt: skip
    assert found.annotations.of(7) == note
    assert found.annotations.of(1).comment == "begin"
    assert len(found.annotations) == 2
    save(found, None, tmp_path / "again")
    assert opened(tmp_path / "again").numbers.tolist() == [1, 3, 7, later]


def test_numbers_stay_where_the_order_of_time_is_not_that_of_arrival(tmp_path: Path) -> None:
    """A note that came before the records of what happened earlier."""
    store = filled(tmp_path, 2)
    anchor = store.processes[0].anchor
    reader = RingReader.open(tmp_path / "1-a.ring")
    second = store.add_process(2, anchor, "shop:app").source
    store.note(None, "restarted", 0, anchor.wall(10_000))
    store.take(second, reader.poll())
    reader.close()
    assert [store.row(number, 0).path for number in range(1, 7)] == [
        "started", "/1", "/2", "restarted", "/1", "/2"
    ]  # fmt: skip
    save(store, None, tmp_path / "t")
    found = opened(tmp_path / "t")
    assert [found.row(number, 0).path for number in range(1, 7)] == [
        store.row(number, 0).path for number in range(1, 7)
    ]
    assert found.row(4, 0).kind is RowKind.PROCESS


def test_rows_that_were_introduced_and_never_came_are_none(tmp_path: Path) -> None:
    save(filled(tmp_path, 3), None, tmp_path / "t")
    lines = (tmp_path / "t").read_bytes().splitlines(keepends=True)
    (tmp_path / "t").write_bytes(b"".join(line for line in lines if b'"event"' not in line[:16]))
    assert opened(tmp_path / "t").numbers.tolist() == [1]


def test_the_lateness_of_the_loop_is_saved_with_everything(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    store.lag(Lag(0, 5, 7))
    save(store, None, tmp_path / "t")
    assert list(opened(tmp_path / "t").lags) == [Lag(0, 5, 7)]
    save(store, [1], tmp_path / "some")
    assert not opened(tmp_path / "some").lags


noted = st.builds(
    Annotation,
    marked=st.booleans(),
    tags=st.lists(st.text(min_size=1, max_size=8), max_size=4, unique=True).map(tuple),
    comment=st.text(max_size=30),
)


@given(st.dictionaries(st.integers(1, 6), noted), st.sets(st.integers(1, 6)))
def test_whatever_was_noted_comes_back(
    whole: Store, notes: dict[int, Annotation], chosen: set[int]
) -> None:
    for number in range(1, 7):
        whole.annotations.put(number, notes.get(number, Annotation()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        save(whole, sorted(chosen), path)
        found = opened(path)
    assert found.numbers.tolist() == sorted(chosen)
    assert dict(found.annotations) == {
        number: note for number, note in whole.annotations if number in chosen
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return filled(tmp_path_factory.mktemp("whole"), 5)


def test_lines_of_exchanges(tmp_path: Path) -> None:
    """Their rows have other numbers than they; in the file they are again what they were."""
    store = filled(tmp_path, 5)
    rows = {store.row(number, 0).path: number for number in store.numbers.tolist()}
    own = LogLine(0, 0, "log", "Traceback", 35, "shop.\udcff", 3)
    store.log(own)
    store.log(replace(own, text="…", continued=True))
    store.log(replace(own, exchange=99))
    assert [line.exchange for line in store.logs][1:] == [rows["/3"], rows["/3"], 0]
    save(store, None, tmp_path / "all")
    save(store, [rows["/3"]], tmp_path / "some")
    with open_trace(tmp_path / "some") as trace:
        kept = [item for item in trace if isinstance(item, LogLine)]
    assert kept == [own, replace(own, text="…", continued=True)]
    found = load(tmp_path / "all")
    assert sorted(line.exchange for line in found.logs) == [0, 0, rows["/3"], rows["/3"]]
    store.discard(np.array([rows["/3"]]))
    save(store, None, tmp_path / "gone")
    assert {line.exchange for line in load(tmp_path / "gone").logs} == {0}
    store.log(own)
    assert store.logs[-1].exchange == 0


def test_lines_that_come_before_their_exchange(tmp_path: Path) -> None:
    """As in a file whose exchanges were filtered while they were recorded."""
    store = filled(tmp_path, 3)
    with create_trace(tmp_path / "t", created=datetime(2026, 1, 1, tzinfo=UTC)) as writer:
        writer.process(store.processes[0])
        for number in (2, 7):
            writer.log(LogLine(0, 0, "stderr", str(number), exchange=number))
        writer.log(LogLine(9, 0, "stderr", "of a process that is not there", exchange=1))
        for source, record in store.all_records():
            writer.record(source, record)
    found = load(tmp_path / "t")
    paths = {each.number: each.path for each in found}
    assert sorted(paths.values()) == ["/1", "/2", "/3"]
    one, other, third = found.logs
    assert paths[one.exchange] == "/2"
    assert other.exchange not in paths
    assert third.exchange == 0
