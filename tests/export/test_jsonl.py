import errno
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from asgitrace import __version__
from asgitrace.errors import TraceFileError
from asgitrace.events import HEADER, Kind, Record
from asgitrace.export import Exporter, JsonLinesWriter, export_batch
from asgitrace.ring import Batch
from asgitrace.store.model import Process


class Disk(io.BytesIO):
    """A file whose writes, or flushes, fail when told to."""

    error: OSError | None = None
    on_flush = False

    def write(self, data: Any) -> int:
        if self.error and not self.on_flush:
            raise self.error
        return super().write(data)

    def flush(self) -> None:
        if self.error and self.on_flush:
            raise self.error
        super().flush()


def test_every_line_says_what_it_is_in_its_order(sample: bytes) -> None:
    lines = [json.loads(line) for line in sample.splitlines()]
    assert [line["line"] for line in lines] == [
        "trace",
        "note",
        "process",
        "exchange",
        "event",
        "missed",
        "log",
        "loop",
        "event",
        "event",
        "note",
    ]
    assert lines[0] == {
        "line": "trace",
        "format": 3,
        "asgitrace": __version__,
        "created": "2026-03-01T12:30:15.250000Z",
    }
    assert lines[2] == {
        "line": "process",
        "process": 0,
        "pid": 4711,
        "target": "shop:app",
        "anchor": {"monotonic_ns": 500, "wall_ns": 1_700_000_000_000_000_000},
    }
    assert lines[3] == {
        "line": "exchange",
        "row": 5,
        "marked": True,
        "tags": ["a b", {"surrogates": "7bO/"}],
        "comment": "odd \u2028",
        "process": 0,
        "exchange": 1,
    }
    assert lines[7] == {"line": "loop", "process": 0, "time_ns": 2, "late_ns": 5_000_000}
    assert lines[9] == {
        "line": "event",
        "process": 0,
        "exchange": 1,
        "sequence": 2,
        "call": 2,
        "event": "send",
        "phase": "called",
        "outcome": "ok",
        "type": "http.response.body",
        "size": 99,
        "more": True,
        "truncated": True,
        "called_ns": 1_000,
        "returned_ns": None,
        "message": {"type": "http.response.body", "body": "hello", "more_body": True},
    }


def test_a_record_of_the_loop_is_told_in_wall_time(
    created: datetime, process: Process, make_record: Callable[..., Record]
) -> None:
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=created)
    writer.process(process)
    for called, returned in ((600, 700), (600, 590)):
        writer.record(0, make_record(kind=Kind.LOOP, called=called, returned=returned))
    lines = [json.loads(line) for line in out.getvalue().splitlines()][2:]
    assert [line["late_ns"] for line in lines] == [100, 0]
    assert lines[0]["time_ns"] == process.anchor.wall(700)


def test_created_is_written_in_utc(created: datetime) -> None:
    out = io.BytesIO()
    JsonLinesWriter(out, created=created.astimezone(timezone(timedelta(hours=5)))).close()
    assert json.loads(out.getvalue())["created"] == "2026-03-01T12:30:15.250000Z"
    assert not out.closed


def test_streaming_makes_each_line_readable_at_once(created: datetime, process: Process) -> None:
    raw = io.BytesIO()
    raw_out: Any = raw
    writer = JsonLinesWriter(io.BufferedWriter(raw_out), created=created, flush_each=True)
    assert raw.getvalue().count(b"\n") == 1
    writer.process(process)
    assert raw.getvalue().count(b"\n") == 2
    lazy = io.BytesIO()
    lazy_out: Any = lazy
    writer = JsonLinesWriter(io.BufferedWriter(lazy_out), created=created)
    assert lazy.getvalue() == b""
    writer.flush()
    assert lazy.getvalue().count(b"\n") == 1


def test_a_batch_is_handed_on_with_its_gap(
    created: datetime, make_record: Callable[..., Record]
) -> None:
    out = io.BytesIO()
    exporter: Exporter = JsonLinesWriter(out, created=created)
    header = make_record().header
    export_batch(exporter, 2, Batch(HEADER.pack(*header) * 2, b"", 0, 0))
    export_batch(exporter, 2, Batch(HEADER.pack(*header), b"", 0, 5))
    lines = [json.loads(line) for line in out.getvalue().splitlines()][1:]
    assert [line["line"] for line in lines] == ["event", "event", "missed", "event"]
    assert lines[2]["count"] == 5


@pytest.mark.parametrize("on_flush", [False, True])
def test_a_full_disk_is_told_and_ends_the_writing(
    created: datetime, process: Process, on_flush: bool
) -> None:
    disk = Disk()
    writer = JsonLinesWriter(disk, created=created, name="t.jsonl", flush_each=on_flush)
    disk.on_flush = on_flush
    disk.error = OSError(errno.ENOSPC, "No space left on device")
    said = "^t.jsonl cannot be written: No space left on device.$"
    with pytest.raises(TraceFileError, match=said):
        writer.process(process)
    disk.error = None
    before = disk.getvalue()
    for act in (writer.close, writer.flush, lambda: writer.process(process)):
        with pytest.raises(TraceFileError, match=said):
            act()
    assert disk.getvalue() == before


def test_a_failing_flush(created: datetime) -> None:
    disk = Disk()
    writer = JsonLinesWriter(disk, created=created)
    disk.on_flush, disk.error = True, OSError("odd")
    with pytest.raises(TraceFileError, match="the trace cannot be written: odd"):
        writer.close()


def test_a_reader_that_has_seen_enough(created: datetime, process: Process) -> None:
    disk = Disk()
    writer = JsonLinesWriter(disk, created=created)
    disk.error = BrokenPipeError(errno.EPIPE, "Broken pipe")
    with pytest.raises(BrokenPipeError):
        writer.process(process)
    assert writer.failure is None
