import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asgitrace import __version__
from asgitrace.errors import TraceFileError
from asgitrace.events import Header, Kind, Record
from asgitrace.export import (
    Introduction,
    JsonLinesWriter,
    Missed,
    Note,
    SourceBatch,
    SourceRecord,
    TraceInfo,
    TraceReader,
)
from asgitrace.export.lines import VALUES_LIMIT, LogEntry, encode_line
from asgitrace.ring import decode
from asgitrace.store.annotation import Annotation
from asgitrace.store.model import Lag, LogLine, Process
from tests.export.conftest import NOTED

FIRST = b'{"line":"trace","format":1,"asgitrace":"0.1.0","created":"2026-03-01T12:30:00Z"}\n'
PROCESS = (
    b'{"line":"process","process":0,"pid":1,"target":"a:b",'
    b'"anchor":{"monotonic_ns":0,"wall_ns":0}}\n'
)
EVENT: dict[str, Any] = {
    "line": "event",
    "process": 0,
    "exchange": 1,
    "sequence": 0,
    "event": "scope",
    "phase": "whole",
    "outcome": "ok",
    "called_ns": 5,
    "returned_ns": 5,
}


def read(data: bytes, **options: Any) -> TraceReader:
    return TraceReader(io.BytesIO(data), "t.jsonl", **options)


def event(**changes: Any) -> bytes:
    return json.dumps({**EVENT, **changes}).encode() + b"\n"


def plain(record: Record) -> tuple[Header, bytes]:
    """A record without what a file does not keep."""
    return record.header._replace(position=0, checksum=0), record.payload


def test_all_items_in_their_order(
    sample: bytes, created: datetime, process: Process, records: list[Record]
) -> None:
    reader = read(sample)
    assert reader.info == TraceInfo(3, __version__, created)
    items = list(reader)
    kept = [(item.source, plain(item.record)) for item in items if isinstance(item, SourceRecord)]
    assert kept == [(0, plain(record)) for record in records]
    assert [item for item in items if not isinstance(item, SourceRecord)] == [
        Note(None, 1, 0, "starting"),
        process,
        Introduction(0, 1, 5, NOTED),
        Missed(0, 7),
        LogLine(0, 1_700_000_000_000_000_001, "stderr", "tea \x1b[31mred\x9b\u2028 \udcff"),
        Lag(0, 2, 5_000_000),
        Note(0, 3, -9, "killed", 6, Annotation(marked=True)),
    ]
    kinds = [type(item) for item in items]
    assert kinds.index(Missed) == 4
    assert (reader.line, reader.cut, reader.consumed) == (11, None, len(sample))


def test_batches_are_as_if_from_a_ring(sample: bytes) -> None:
    batches = [item for item in read(sample).batches() if isinstance(item, SourceBatch)]
    assert [(item.batch.count, item.batch.missed) for item in batches] == [(1, 0), (0, 7), (2, 0)]
    position = 0
    for item in batches:
        assert item.batch.origin == position
        for record in item.batch.records():
            assert record.header.position == position
            position += record.header.length
        assert position == item.batch.origin + len(item.batch.payload)


def test_a_gap_goes_with_the_batch_after_it() -> None:
    missed = b'{"line":"missed","process":0,"count":3}\n'
    data = FIRST + PROCESS + missed + missed + event() + event() + missed
    batches = [item for item in read(data).batches() if isinstance(item, SourceBatch)]
    assert [(item.batch.count, item.batch.missed) for item in batches] == [(0, 3), (2, 3), (0, 3)]
    assert [type(item) for item in read(data)] == [
        Process,
        Missed,
        Missed,
        SourceRecord,
        SourceRecord,
        Missed,
    ]


def test_batches_are_bounded_and_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    second = PROCESS.replace(b'"process":0', b'"process":1')
    events = [event(process=number, message={"a": "b"}) for number in (0, 0, 0, 1, 0)]
    data = FIRST + PROCESS + second + b"".join(events)

    def batches(size: int) -> list[tuple[int, int]]:
        found = [item for item in read(data).batches(size) if isinstance(item, SourceBatch)]
        return [(item.source, item.batch.count) for item in found]

    assert batches(100) == [(0, 3), (1, 1), (0, 1)]
    assert batches(2) == [(0, 2), (0, 1), (1, 1), (0, 1)]
    monkeypatch.setattr("asgitrace.export.slices._BATCH_BYTES", 6)
    assert batches(100) == [(0, 2), (0, 1), (1, 1), (0, 1)]


def test_a_reader_goes_on_where_it_was_left(sample: bytes) -> None:
    reader = read(sample)
    first = next(iter(reader.batches()))
    assert first == Note(None, 1, 0, "starting")
    assert reader.line == 2
    assert len(list(reader.batches())) == 8


def test_a_file_cut_anywhere(sample: bytes) -> None:
    whole = list(read(sample))
    starts = [0]
    for line in sample.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for end in range(len(sample)):
        cut = sample[:end]
        lines = cut.count(b"\n")
        if end + 1 in starts:
            lines += 1  # only the line's end is missing
        if lines == 0:
            with pytest.raises(TraceFileError, match=r"is empty|cut off in its first|does not say"):
                read(cut)
            continue
        reader = read(cut)
        assert list(reader) == whole[: lines - 1], end
        assert reader.cut == (None if end in starts or end + 1 in starts else lines + 1)
        assert reader.consumed == end


def complaint(data: bytes) -> str:
    """What is said of a file; anything but a TraceFileError passes."""
    try:
        list(read(data))
    except TraceFileError as error:
        return str(error)
    return "t.jsonl is sound."


@given(st.binary(max_size=200), st.integers(0, 7))
@example(b"", 0)
def test_garbage_is_a_trace_file_error_or_a_cut(garbage: bytes, place: int) -> None:
    lines = [FIRST, PROCESS, *(event(sequence=n, message={"n": n}) for n in range(5))]
    said = complaint(b"".join(lines[:place]) + garbage)
    assert said.isprintable()
    assert said.endswith(".")


@given(st.data())
def test_a_changed_byte_is_never_another_error(data: st.DataObject) -> None:
    body = bytearray(FIRST + PROCESS + event(message={"body": {"base64": "AAAA"}, "n": 1}))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] = data.draw(st.integers(0, 255))
    assert complaint(bytes(body)).isprintable()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\x7fELF\x02\x01" + bytes(99), "is not a trace of asgitrace"),
        (bytes(100_000), "is not a trace of asgitrace"),
        (b'{"log": {"version": "1.2"}}\n', "is not a trace of asgitrace"),
        (b'{"line":"event"}\n', "is not a trace of asgitrace"),
        (b'{"line":"trace","format":"1"}\n', "is not a trace of asgitrace"),
        (b"\n" + FIRST, "is not a trace of asgitrace"),
        (b'{\n  "line": "trace",\n', "is JSON over several lines; .* jq -c"),
        (b"[" * 60_000 + b"\n", "is not a trace of asgitrace"),
        (b"\xff\xfe{\x00", "is not a trace of asgitrace"),
        (gzip.compress(FIRST, mtime=0), "is compressed; unpack it first, with gunzip"),
        (FIRST[:40], "was cut off in its first line"),
        (
            b'{"line":"trace","format":4,"asgitrace":"3.0\\u001b[2J","shape":"new"}\n',
            r"has trace format 4, this asgitrace reads formats up to 3; "
            r"open it with the version that wrote it \(3.0\\x1b\[2J\)",
        ),
        (b'{"line":"trace","format":7}\n', r"has trace format 7, .* that wrote it \(\?\)"),
        (FIRST.replace(b"2026-03", b"2026-13"), "line 1: .*created"),
        (FIRST.replace(b"00Z", b"00"), "line 1: .*created"),
    ],
)
def test_foreign_files(data: bytes, why: str) -> None:
    with pytest.raises(TraceFileError, match=f"^t.jsonl {why}") as caught:
        read(data)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"tea\n", "JSON is malformed"),
        (b"\xff\n", "JSON is malformed"),
        (b'{"line":"log","process":0,"time_ns":0,"stream":"\xff","text":""}\n', "it is not UTF-8"),
        (b"[" * 100_000 + b"\n", "Expected `object`, got `array`"),
        (event(message=0).replace(b" 0}", b"[" * 100_000), "it is nested too deep"),
        (event(message=json.loads("[" * 65 + "]" * 65)), "content is nested more than 64 deep"),
        (b'{"line":"\\u001b[2J"}\n', r"Invalid value '\\x1b\[2J'"),
        (b"{}\n", "Object missing required field `line`"),
        (FIRST, "a second trace begins here"),
        (PROCESS, "process 0 was introduced before"),
        (event(process=1), "no line before introduces process 1"),
        (b'{"line":"missed","process":1,"count":3}\n', "no line before introduces process 1"),
        (b'{"line":"missed","process":0,"count":-3}\n', "Expected `int` >= 0 - at `.*count`"),
        (event(exchange="1"), r"Expected `int`, got `str` - at `\$.exchange`"),
        (event(exchange=2**32), "Expected `int` <= 4294967295"),
        (event(sequence=2**64), "a number is out of range"),
        (event(returned_ns=2**63), "a number is out of range"),
        (event(event="sent"), "Invalid enum value 'sent'"),
        (event(event=256), "Expected `int` <= 255"),
        (event(more=1), "Expected `bool`, got `int`"),
        (event(message=2**64), "a number is out of range"),
        (event(message={"dict": [[{"a": 1}, 1]]}), "a dict has a key that cannot be one"),
        (event(message={"base64": "!"}), "a string is not base64"),
        (event(payload="!"), "Invalid base64"),
        (event(message=1, value=1), "an event has more than one content"),
        (event(message="x").replace(b'"x"', b'"\\ud800"'), "(JSON is malformed|Input data)"),
        (event(message=0).replace(b" 0}", b"1e999}"), "Number out of range"),
        (
            b'{"line":"log","process":0,"time_ns":0,"stream":"s","text":{"surrogates":"/w=="}}\n',
            "it is not UTF-8",
        ),
        (
            b'{"line":"note","process":null,"time_ns":0,"status":0,"text":{"surrogates":"/w=="}}\n',
            "it is not UTF-8",
        ),
    ],
)
def test_a_line_in_error_comes_after_what_stood_before_it(line: bytes, why: str) -> None:
    items: list[object] = []
    reader = read(FIRST + PROCESS + event() + line + event())
    with pytest.raises(TraceFileError, match=f"^t.jsonl line 4: {why}") as caught:
        items.extend(reader)
    assert [type(item) for item in items] == [Process, SourceRecord]
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_an_absurdly_long_line_is_not_taken_in() -> None:
    reader = read(FIRST + PROCESS + b"[" * 5_000_000, line_limit=1_000)
    with pytest.raises(TraceFileError, match="line 3: it is longer than 1000 bytes"):
        list(reader)
    assert reader.consumed < 3_000


def test_a_limit_shorter_than_the_first_line() -> None:
    with pytest.raises(TraceFileError, match="is not a trace"):
        read(FIRST, line_limit=10)


def test_blank_lines_and_other_line_ends_do_no_harm() -> None:
    reader = read(FIRST.replace(b"\n", b"\r\n") + b"\n" + PROCESS + b"  \n" + event() + b" ")
    assert [type(item) for item in reader] == [Process, SourceRecord]
    assert (reader.line, reader.cut) == (6, None)


def test_the_last_line_in_error_without_its_end_is_an_error_not_a_cut() -> None:
    deep = event(message=0).replace(b" 0}\n", b"[" * 100_000)
    for line, why in [(event(call="x")[:-1], "Expected `int`"), (deep, "nested too deep")]:
        with pytest.raises(TraceFileError, match=f"line 3: .*{why}"):
            list(read(FIRST + PROCESS + line))


def test_members_of_a_later_release_are_ignored() -> None:
    (_, item) = read(FIRST + PROCESS + event(colour="red"))
    assert isinstance(item, SourceRecord)
    assert item.record.header.kind == Kind.SCOPE


def test_a_disk_that_fails() -> None:
    class Disk(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(TraceFileError, match=r"t.jsonl cannot be read: Input/output error"):
        list(TraceReader(Disk(FIRST + PROCESS), "t.jsonl"))


def test_logs_may_come_before_their_process() -> None:
    line = encode_line(LogEntry(process=5, time_ns=1, stream="stdout", text="early"))
    assert list(read(FIRST + line)) == [LogLine(5, 1, "stdout", "early")]


def test_content_is_what_was_recorded(
    created: datetime, process: Process, make_record: Callable[..., Record]
) -> None:
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=created)
    writer.process(process)
    message = {"type": "x", "body": bytes(range(256)), 5: [1.5, float("-inf")], "d": {"str": b"a"}}
    writer.record(0, make_record(message))
    (_, item) = read(out.getvalue())
    assert isinstance(item, SourceRecord)
    assert decode(item.record.payload) == message


def test_a_line_of_too_many_values_is_refused_before_they_are_made() -> None:
    crowd = event(message=0).replace(b" 0}", b"[" + b"[]," * VALUES_LIMIT + b"0]}")
    with pytest.raises(TraceFileError, match="line 3: it has more than 1000000 values"):
        list(read(FIRST + PROCESS + crowd))
