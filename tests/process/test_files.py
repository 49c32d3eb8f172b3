"""Traces from files: what a cut or damaged file still has is loaded, and the rest is said."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asgitrace.errors import RingError, TraceFileError
from asgitrace.events import Kind, pack_identity, pack_what
from asgitrace.export import create_trace, export_batch
from asgitrace.process.files import FileSession, RingSession, open_session
from asgitrace.recorder import Recorder
from asgitrace.recorder.wire import WireRecorder
from asgitrace.ring import About, RingMemory, RingReader, RingWriter, encode
from asgitrace.store import Process, RowKind, Session, State, Store
from asgitrace.wire import Wire

SCOPES = 300


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that wrote the rings, which is that of the tests, counts as ended."""
    monkeypatch.setattr("asgitrace.process.files.is_alive", lambda pid, started: False)


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    """A ring with 300 exchanges, of which the last has not ended."""
    memory = RingMemory.create(tmp_path / "1-a.ring", 1 << 20, About(app="shop:app"))
    write = RingWriter(memory).write
    for number in range(1, SCOPES + 1):
        scope = encode({"type": "http", "method": "GET", "path": f"/{number}", "query_string": b""})
        write(pack_what(Kind.SCOPE), 0, number, number * 10, number * 10, 0, scope)
        if number < SCOPES:
            end = number * 10 + 5
            write(pack_what(Kind.RETURN), 0, pack_identity(number, 0), end, end, 0, b"")
    memory.close()
    return tmp_path / "1-a.ring"


@pytest.fixture
def trace(tmp_path: Path, ring: Path) -> Path:
    """The same as a trace file."""
    reader = RingReader.open(ring)
    path = tmp_path / "trace.jsonl"
    with create_trace(path, created=datetime.now(UTC)) as exporter:
        exporter.process(Process(7, reader.layout.pid, reader.layout.anchor, "shop:app"))
        export_batch(exporter, 7, reader.poll())
    reader.close()
    return path


def loaded(session: Session, store: Store | None = None) -> Store:
    """The store of a session that has loaded everything."""
    store = Store() if store is None else store
    session.start()
    while session.status().phase == "loading":
        session.poll(store)
    session.poll(store)
    return store


def test_a_trace_file(trace: Path) -> None:
    session = open_session(trace)
    store = loaded(session)
    assert (session.title, session.live, session.status().detail) == ("trace.jsonl", False, "")
    assert len(store) == SCOPES
    assert store.row(7, 0).path == "/7"
    assert store.row(SCOPES, 0).state is State.LOST
    assert RowKind.PROCESS not in store.kind.tolist()


def test_a_cut_last_line_is_said_and_the_rest_is_there(trace: Path) -> None:
    trace.write_bytes(trace.read_bytes()[:-20])
    session = open_session(trace)
    store = loaded(session)
    lines = 2 + 2 * SCOPES - 1
    assert session.status().detail == (
        f"Line {lines}, the last one, is cut off and was left out; the rest is complete."
    )
    assert len(store) == SCOPES - 1


def test_a_damaged_line_ends_the_loading(trace: Path) -> None:
    lines = trace.read_bytes().split(b"\n")
    lines[10] = b'{"line":"event","process":0}'
    trace.write_bytes(b"\n".join(lines))
    session = open_session(trace)
    store = loaded(session)
    detail = session.status().detail
    assert "line 11:" in detail
    assert detail.endswith("What came before it is shown.")
    assert len(store) == 4


def test_loading_tells_how_far_it_is(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.process.files._SLICE_NS", -1)
    session = open_session(trace)
    store = Store()
    session.poll(store)
    status = session.status()
    assert 0 < status.consumed < status.total == trace.stat().st_size
    assert len(loaded(session, store)) == SCOPES


@pytest.mark.usefixtures("gone")
def test_a_ring_that_a_crash_has_left(ring: Path) -> None:
    session = open_session(ring)
    assert isinstance(session, RingSession)
    store = loaded(session)
    assert (session.title, session.status().detail) == ("shop:app", "")
    assert len(store) == SCOPES
    assert store.row(SCOPES, 0).state is State.LOST


def test_what_is_open_in_the_ring_of_a_process_that_runs_is_open(ring: Path) -> None:
    session = open_session(ring)
    store = loaded(session)
    assert store.row(SCOPES, 0).state is State.OPEN
    assert session.status().detail.startswith(f"Process {os.getpid()} still runs")


def test_what_is_open_in_a_ring_that_was_closed_is_lost(tmp_path: Path) -> None:
    memory = RingMemory.create(tmp_path / "3-a.ring", 1 << 20)
    writer = RingWriter(memory)
    scope = encode({"type": "lifespan"})
    writer.write(pack_what(Kind.SCOPE), 0, 1, 10, 10, 0, scope)
    writer.close(unlink=False)
    store = loaded(open_session(tmp_path / "3-a.ring"))
    assert store.row(1, 0).state is State.LOST


def test_a_damaged_ring_is_shown_up_to_the_damage(ring: Path) -> None:
    data = bytearray(ring.read_bytes())
    place = data.index(b"/200")
    data[place + 1] ^= 1
    ring.write_bytes(data)
    session = open_session(ring)
    store = loaded(session)
    assert session.status().detail.startswith("The ring is damaged: record ")
    assert len(store) == 199


@pytest.mark.anyio
async def test_there_is_nothing_to_restart(trace: Path, ring: Path) -> None:
    for path in (trace, ring):
        session = open_session(path)
        session.restart()
        assert session.status().phase == "loading"
        await session.stop()


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", TraceFileError), (b"{}", TraceFileError), (b"ASGITRCE", RingError)],
)
def test_what_is_no_trace(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(error):
        open_session(path)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match="cannot be opened: No such file"):
        open_session(tmp_path / "nothing")
    with pytest.raises(TraceFileError, match="cannot be opened: Is a directory"):
        open_session(tmp_path)


@pytest.mark.anyio
async def test_sessions_are_told_apart_by_their_content(
    tmp_path: Path, trace: Path, ring: Path
) -> None:
    os.rename(ring, tmp_path / "looks-like.jsonl")
    renamed = open_session(tmp_path / "looks-like.jsonl")
    assert isinstance(renamed, RingSession)
    session = open_session(trace)
    assert isinstance(session, FileSession)
    await renamed.stop()
    await session.stop()


@pytest.fixture
def wired(tmp_path: Path) -> Path:
    """A ring with a refused request on a connection that was not closed."""
    memory = RingMemory.create(tmp_path / "2-a.ring", 1 << 20, About(app="shop:app"))
    log = WireRecorder(Recorder(RingWriter(memory))).connection()
    log.tell(Wire.OPENED, content={"peer": "there", "local": "here"})
    log.begin()
    log.tell(Wire.REQUEST, 20, 1, {"head": b"PUT /x HTTP/1.1\r\n\r\n"})
    log.tell(Wire.REFUSED, 0, 400, {"text": "no host"})
    log.end()
    memory.close()
    return tmp_path / "2-a.ring"


@pytest.mark.usefixtures("gone")
def test_the_wire_in_a_ring_and_in_a_file_of_it(wired: Path, tmp_path: Path) -> None:
    from_ring = loaded(open_session(wired))
    reader, path = RingReader.open(wired), tmp_path / "wired.jsonl"
    with create_trace(path, created=datetime.now(UTC)) as exporter:
        exporter.process(Process(0, reader.layout.pid, reader.layout.anchor, "shop:app"))
        export_batch(exporter, 0, reader.poll())
    reader.close()
    from_file = loaded(open_session(path))
    for store in (from_ring, from_file):
        row = store.row(1, 0)
        assert (row.state, row.method, row.path, row.status) == (State.REFUSED, "PUT", "/x", 400)
        (connection,) = store.connections(0)
        assert (connection.peer, connection.end) == ("there", "process ended")
        assert connection.closed is not None
    assert from_ring.exchange(1, 0) == from_file.exchange(1, 0)
