"""What a trace file says of several processes."""

import io
import json
from datetime import UTC, datetime

import pytest

from asgitrace.clock import ClockAnchor
from asgitrace.export import JsonLinesWriter
from asgitrace.export.feeding import Feeder
from asgitrace.export.load import TraceReader
from asgitrace.store import Process, Store

ANCHOR = ClockAnchor(500, 1_700_000_000_000_000_000)


def written(*processes: Process) -> bytes:
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=datetime(2026, 3, 1, tzinfo=UTC))
    for process in processes:
        writer.process(process)
    writer.close()
    return out.getvalue()


def loaded(data: bytes) -> Store:
    store = Store()
    feeder = Feeder(store)
    for item in TraceReader(io.BytesIO(data), "a file").batches():
        feeder.take(item)
    return store


@pytest.mark.parametrize("server", ["uvicorn 0.38.0", "", "\ud800 odd\x1b"])
def test_server_and_worker_are_as_they_were(server: str) -> None:
    processes = [Process(at, 40 + at, ANCHOR, "shop:app", server, at + 1) for at in range(3)]
    assert list(loaded(written(*processes)).processes) == processes


def test_one_process_alone_says_no_more_than_it_did() -> None:
    line = json.loads(written(Process(0, 42, ANCHOR, "shop:app")).splitlines()[1])
    assert sorted(line) == ["anchor", "line", "pid", "process", "target"]


@pytest.mark.parametrize("format_", [1, 2, 3])
def test_files_that_do_not_say_it(format_: int) -> None:
    first, second = written(Process(0, 42, ANCHOR, "shop:app")).splitlines(keepends=True)
    data = first.replace(b'"format":3', b'"format":%d' % format_) + second
    assert list(loaded(data).processes) == [Process(0, 42, ANCHOR, "shop:app")]
