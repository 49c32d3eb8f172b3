"""Events of the wire as lines, and back."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from asgitrace.events import HEADER, Flag, Header, Kind, Outcome, Phase, Record
from asgitrace.export import JsonLinesWriter, SourceRecord, TraceReader, export_batch, open_trace
from asgitrace.export.content import ContentError
from asgitrace.export.lines import WireLine, decode_line
from asgitrace.export.records import encode_record, pack_line
from asgitrace.export.schema import schema
from asgitrace.recorder import Recorder
from asgitrace.recorder.wire import WireRecorder
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store.model import Process
from asgitrace.wire import Frame, Wire

MakeRecord = Callable[..., Record]


@pytest.fixture
def made(make_record: MakeRecord) -> Callable[..., dict[str, Any]]:
    """Makes the line of a record of the wire, checked to be valid and to come back."""
    validator = jsonschema.Draft202012Validator(schema())

    def make(what: int, content: Any = None, **fields: Any) -> dict[str, Any]:
        fields = {"called": 1_000, "returned": 1_000, **fields}
        record = make_record(content, kind=Kind.WIRE, **fields)
        record = Record(record.header._replace(message=what), record.payload)
        data = encode_record(0, record)
        header, payload = pack_line(decode_line(data), 0)
        again = Header._make(HEADER.unpack(header))
        assert Record(again._replace(checksum=0), payload) == record
        line: dict[str, Any] = json.loads(data)
        validator.validate(line)
        return line

    return make


def test_what_says_nothing_is_left_out(made: Callable[..., dict[str, Any]]) -> None:
    assert made(Wire.HALF_CLOSED, exchange=0, call=7) == {
        "line": "wire",
        "process": 0,
        "connection": 7,
        "sequence": 0,
        "wire": "half_closed",
        "at_ns": 1_000,
    }


@pytest.mark.parametrize(
    ("what", "number", "name"),
    [
        (Wire.RESPONSE, 200, "status"),
        (Wire.INFORMATIONAL, 103, "status"),
        (Wire.REFUSED, 431, "status"),
        (Wire.ERROR, 400, "status"),
        (Wire.ERROR, 1002, "close_code"),
        (Wire.REQUEST, 3, "nth"),
        (Wire.TIMEOUT, 5, "number"),
        (Wire.FRAME_IN, 128, "number"),
        (99, 5, "number"),
    ],
)
def test_a_number_has_the_name_of_what_it_means(
    made: Callable[..., dict[str, Any]], what: int, number: int, name: str
) -> None:
    line = made(what, number=number)
    names = {"status", "nth", "close_code", "number", "frame"} & line.keys()
    assert (names, line[name]) == ({name}, number)


def test_a_frame(made: Callable[..., dict[str, Any]]) -> None:
    number = Frame(1, fin=False, rsv1=True, masked=True).pack()
    line = made(Wire.FRAME_IN, {"inflated": 90}, number=number, size=20)
    assert line["frame"] == {"opcode": 1, "fin": False, "rsv1": True, "masked": True}
    assert (line["content"], line["size"]) == ({"inflated": 90}, 20)
    assert "close_code" not in line


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"data": b"\x03\xe8bye"}, 1000),
        ({"data": b"\x03"}, None),
        ({"data": "no bytes"}, None),
        ({}, None),
        ([1], None),
        (None, None),
    ],
)
def test_a_close_frame_tells_its_code(
    made: Callable[..., dict[str, Any]], content: Any, code: int | None
) -> None:
    assert made(Wire.FRAME_OUT, content, number=Frame(8).pack()).get("close_code") == code


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"returned": 0, "phase": Phase.CALLED}, None),
        ({"returned": 1_500, "phase": Phase.RETURNED}, 1_500),
        ({}, "absent"),
        ({"called": 0, "returned": 0}, "absent"),
    ],
)
def test_when_it_was_accepted(
    made: Callable[..., dict[str, Any]], fields: dict[str, int], accepted: object
) -> None:
    assert made(Wire.RESPONSE, **fields).get("accepted_ns", "absent") == accepted


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ({"head": b"GET /"}, {"head": "GET /"}),
        ({"head": b"\xff"}, {"head": {"base64": "/w=="}}),
        ({"head": "text"}, {"head": {"str": "text"}}),
        ({"trailers": [[b"a", b"b"]]}, {"trailers": [["a", "b"]]}),
        ({"body": b"a", "headers": [b"b"]}, {"body": {"bytes": "a"}, "headers": [{"bytes": "b"}]}),
    ],
)
def test_content(made: Callable[..., dict[str, Any]], content: Any, shown: Any) -> None:
    assert made(Wire.REQUEST, content)["content"] == shown


def test_marks_and_codes_of_a_newer_version(made: Callable[..., dict[str, Any]]) -> None:
    flags = Flag.MORE | Flag.TRUNCATED | Flag.OVERSIZE | Flag.TEXT | 1 << 12
    line = made(200, flags=flags, phase=9, outcome=Outcome.RAISED)
    assert (line["more"], line["truncated"], line["oversize"]) == (True, True, True)
    assert line["flags"] == Flag.TEXT | 1 << 12
    assert (line["wire"], line["phase"], line["outcome"]) == (200, 9, "raised")


def test_payloads_that_json_cannot_give_back(made: Callable[..., dict[str, Any]]) -> None:
    assert made(Wire.BYTES_IN, payload=b"\xc1")["payload"] == "wQ=="


def test_a_line_is_never_too_long(make_record: MakeRecord) -> None:
    record = make_record({"data": bytes(1_000)}, kind=Kind.WIRE)
    whole = len(encode_record(0, record))
    short = decode_line(encode_record(0, record, whole - 1))
    assert isinstance(short, WireLine)
    assert short.payload == record.payload
    assert decode_line(encode_record(0, record, 1_000)).oversize


def test_two_contents_are_none() -> None:
    line = WireLine(
        process=0, connection=1, sequence=0, wire="opened", at_ns=0, content={}, payload=encode({})
    )
    with pytest.raises(ContentError, match="more than one"):
        pack_line(line, 0)


def test_through_a_ring_and_a_file(tmp_path: Path, created: datetime) -> None:
    memory = RingMemory.create(tmp_path / "1-a.ring", 1 << 20)
    log = WireRecorder(Recorder(RingWriter(memory), body_limit=10), raw=True).connection()
    log.tell(Wire.OPENED, content={"peer": "a", "local": "b", "tls": {"alpn": "http/1.1"}})
    log.begin()
    log.tell(Wire.BYTES_IN, 100, content={"data": bytes(range(100))})
    log.tell(Wire.REQUEST, 50, 1, {"head": b"GET / HTTP/1.1\r\nx: \xff\r\n\r\n"}, more=True)
    log.tell(Wire.REQUEST_END, content={"trailers": [(b"a", b"\xe9")]})
    log.sent(Wire.RESPONSE, 5, 0, 20, 200, {"head": b"HTTP/1.1 200 \r\n\r\n"})
    log.accepted(Wire.RESPONSE, 5, 20, 200)
    log.tell(Wire.FRAME_OUT, 2, Frame(8).pack(), {"data": b"\x03\xe9"})
    log.end()
    log.tell(Wire.CLOSED, content={"by": "server", "how": "closed", "received": 1, "sent": 2})
    reader = RingReader.open(tmp_path / "1-a.ring")
    batch = reader.poll()
    reader.close()
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=created)
    writer.process(Process(0, reader.layout.pid, reader.layout.anchor, "a:b"))
    export_batch(writer, 0, batch)
    writer.close()
    assert b'"payload"' not in out.getvalue()
    _, *items = TraceReader(io.BytesIO(out.getvalue()), "t")
    assert [item.record for item in items if isinstance(item, SourceRecord)] == list(
        batch.records()
    )


def test_a_file_of_format_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(
        '{"line":"trace","format":1,"asgitrace":"0.1.0","created":"2026-03-01T12:30:00Z"}\n'
        '{"line":"process","process":0,"pid":1,"target":"a:b",'
        '"anchor":{"monotonic_ns":0,"wall_ns":0}}\n'
        '{"line":"event","process":0,"exchange":1,"sequence":0,"event":"scope","phase":"whole",'
        '"outcome":"ok","called_ns":5,"returned_ns":5,"scope":{"type":"http","data":"text"}}\n'
    )
    with open_trace(path) as trace:
        assert trace.info.format == 1
        _, item = trace
    assert isinstance(item, SourceRecord)
    assert item.record.payload == encode({"type": "http", "data": "text"})
