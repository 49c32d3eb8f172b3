"""A trace in a program: looked through, filtered, saved."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import asgitrace
from asgitrace.errors import ChoiceError, FilterError, TraceFileError
from asgitrace.events import Kind
from asgitrace.library import LoadedTrace
from asgitrace.store import Annotation, RowKind, State
from benchmarks import big_trace


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first thousand exchanges of a busy site, none of them of long ago."""
    path = tmp_path_factory.mktemp("library") / "t.jsonl"
    with path.open("wb") as out:
        big_trace.write(out, 1)
    return path


@pytest.fixture(scope="module")
def trace(path: Path) -> LoadedTrace:
    return asgitrace.load(path)


def test_what_is_in_it(trace: LoadedTrace) -> None:
    assert len(trace) == len(list(trace)) == len(trace.exchanges) == 1000
    assert trace.numbers == list(range(1, 1001))
    assert [process.target for process in trace.processes] == ["shop:app"]
    assert [line.text for line in trace.logs] == ["1000 exchanges served"]
    assert len(trace.connections) == 1000
    assert (trace.cut, trace.missed, trace.left_out, trace.lags) == (None, 0, 0, ())
    assert repr(trace) == "<LoadedTrace of 1,000 exchanges>"


def test_an_exchange(trace: LoadedTrace) -> None:
    (found, *_) = trace.filter("method=POST")
    assert (found.kind, found.state, found.method) == (RowKind.HTTP, State.RETURNED, "POST")
    assert (found.path, found.status) == ("/api/orders?page=2&sort=price", 201)
    assert trace[1].started == datetime(2026, 1, 1, microsecond=2, tzinfo=UTC)
    assert found.duration_ns == found.split.total > 900_000
    assert found.ttfb_ns is not None
    assert 0 < found.ttfb_ns < found.duration_ns
    assert found.scope["headers"][0] == [b"host", b"shop.example:8000"]
    assert [message["type"] for message in found.received] == ["http.request"]
    assert [message["type"] for message in found.sent] == [
        "http.response.start",
        "http.response.body",
    ]
    assert found.events[0].kind is Kind.SCOPE
    assert found.wire
    assert found.connection is not None
    assert found.missed == 0
    assert repr(found).startswith(f"<LoadedExchange {found.number} POST '/api/orders")


def test_one_that_the_app_never_saw(trace: LoadedTrace) -> None:
    (found, *_) = trace.filter("is:refused")
    assert (found.state, found.events, found.scope, found.ttfb_ns) == (State.REFUSED, (), {}, None)


def test_by_their_numbers(trace: LoadedTrace) -> None:
    assert trace[7].number == 7
    assert 7 in trace
    assert 0 not in trace
    assert "7" not in trace
    with pytest.raises(KeyError):
        trace[1001]


def test_filters_narrow_one_another(trace: LoadedTrace) -> None:
    websockets = trace.filter("type=ws")
    assert 0 < len(websockets) < 1000
    assert {exchange.kind for exchange in websockets} == {RowKind.WEBSOCKET}
    assert len(websockets.filter("method=POST")) == 0
    assert trace.filter(" ") is trace
    number = websockets.numbers[0]
    assert websockets[number].number == number
    assert number - 1 not in websockets


def test_a_filter_that_cannot_be_read(trace: LoadedTrace) -> None:
    with pytest.raises(FilterError) as caught:
        trace.filter("dur>>3")
    assert caught.value.position == 4
    assert len(caught.traceback) == 2, "none of the frames that read it"


def test_saved_and_loaded_again(trace: LoadedTrace, tmp_path: Path) -> None:
    failed = trace.filter("exc")
    failed.save(tmp_path / "failed.jsonl")
    again = asgitrace.load(str(tmp_path / "failed.jsonl"))
    assert again.numbers == failed.numbers
    assert [one.row for one in again] == [one.row for one in failed]
    assert not again.logs
    with pytest.raises(TraceFileError, match="there is a file of that name already"):
        failed.save(tmp_path / "failed.jsonl")
    trace.save(tmp_path / "failed.jsonl", overwrite=True)
    assert len(asgitrace.load(tmp_path / "failed.jsonl").logs) == 1


def test_what_was_noted(path: Path, tmp_path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    note = b'{"line":"exchange","row":5,"marked":true,"tags":["a"],"process":0,"exchange":1}\n'
    (tmp_path / "t").write_bytes(b"".join([*lines[:2], note, *lines[2:]]))
    found = asgitrace.load(tmp_path / "t")
    assert found.numbers == list(range(5, 1005))
    assert found[5].annotation == Annotation(marked=True, tags=("a",))
    assert found.filter("mark").numbers == [5]


def test_little_memory(path: Path) -> None:
    found = asgitrace.load(path, memory=1 << 20)
    assert found.left_out > 0
    assert len(found) + found.left_out == 1000


def test_a_damaged_file(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    (tmp_path / "cut").write_bytes(data[:-9])
    assert asgitrace.load(tmp_path / "cut").cut == data.count(b"\n")
    (tmp_path / "odd").write_bytes(data[:5000] + b"\n{}\n")
    with pytest.raises(TraceFileError):
        asgitrace.load(tmp_path / "odd")
    with pytest.raises(TraceFileError, match="there is no such file"):
        asgitrace.load(tmp_path / "none")


def test_the_one_that_passes(trace: LoadedTrace) -> None:
    number = trace.filter("method=POST").numbers[0]
    one = trace.one(f"id={number}")
    assert one.number == number
    assert one.types == ["http.request", "http.response.start", "http.response.body"]
    assert (one.pending, one.exception) == ("", "")
    with pytest.raises(ChoiceError) as none:
        trace.one("status=299")
    assert str(none.value).startswith("No exchange passes status=299; there are:\n  #1 ")
    assert str(none.value).endswith("\n  and 992 more")
    with pytest.raises(AssertionError, match=r"^2 exchanges pass id in \{3,5\}, not one:\n  #3 "):
        trace.one("id in {3,5}")
    with pytest.raises(LookupError, match=r"^There are 1,000 exchanges, not one:"):
        trace.one()
    assert trace.filter("id=3").one().number == 3
    with pytest.raises(LookupError, match=r"^There is no exchange\.$"):
        trace.filter("status=299").one()


def test_what_was_raised(trace: LoadedTrace) -> None:
    failed = next(iter(trace.filter("exc")))
    assert failed.exception.partition(":")[0].isidentifier()
