"""A trace with every kind of line, and records to order."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from asgitrace.clock import ClockAnchor
from asgitrace.events import MESSAGE_CODES, OTHER, Flag, Header, Kind, Outcome, Phase, Record
from asgitrace.export import Introduction, JsonLinesWriter, Note
from asgitrace.ring import encode
from asgitrace.store.annotation import Annotation
from asgitrace.store.model import Lag, LogLine, Process

MakeRecord = Callable[..., Record]

NOTED = Annotation(marked=True, tags=("a b", "\udcff"), comment="odd \u2028")


def _make_record(
    content: Any = None,
    *,
    payload: bytes | None = None,
    kind: int = Kind.SEND,
    type_: str | None = None,
    sequence: int = 0,
    call: int = 1,
    flags: int = 0,
    **fields: int,
) -> Record:
    if payload is None:
        payload = b"" if content is None else encode(content)
    header = Header(
        sequence=sequence,
        called=fields.get("called", 1_000),
        returned=fields.get("returned", 2_000),
        size=fields.get("size", 0),
        position=0,
        exchange=fields.get("exchange", 1),
        call=call,
        length=len(payload),
        number=fields.get("number", 0),
        flags=flags,
        kind=kind,
        phase=fields.get("phase", Phase.WHOLE),
        outcome=fields.get("outcome", Outcome.OK),
        message=MESSAGE_CODES[type_] if type_ else OTHER,
        checksum=0,
    )
    return Record(header, payload)


@pytest.fixture
def make_record() -> MakeRecord:
    """Makes a record from its content; what is not said is ordinary."""
    return _make_record


@pytest.fixture
def created() -> datetime:
    return datetime(2026, 3, 1, 12, 30, 15, 250_000, UTC)


@pytest.fixture
def process() -> Process:
    return Process(0, 4711, ClockAnchor(500, 1_700_000_000_000_000_000), "shop:app")


@pytest.fixture
def records() -> list[Record]:
    """An exchange: a scope, a request, a response whose second send has not returned."""
    scope = {"type": "http", "path": "/täg", "raw_path": b"/t%C3%A4g", "query_string": b"\xff"}
    start = {"type": "http.response.start", "status": 200, "headers": [[b"x-a", b"\xe9"]]}
    body = {"type": "http.response.body", "body": b"hello", "more_body": True}
    return [
        _make_record({**scope, "headers": [[b"host", b"a"]]}, kind=Kind.SCOPE, call=0),
        _make_record(start, type_="http.response.start", sequence=1, number=200),
        _make_record(
            body,
            type_="http.response.body",
            sequence=2,
            call=2,
            size=99,
            flags=Flag.MORE | Flag.TRUNCATED,
            phase=Phase.CALLED,
            returned=0,
        ),
    ]


@pytest.fixture
def sample(created: datetime, process: Process, records: list[Record]) -> bytes:
    """A trace file with every kind of line."""
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=created)
    writer.note(Note(None, 1, 0, "starting"))
    writer.process(process)
    writer.introduce(Introduction(0, 1, 5, NOTED))
    writer.record(0, records[0])
    writer.missed(0, 7)
    writer.log(LogLine(0, 1_700_000_000_000_000_001, "stderr", "tea \x1b[31mred\x9b\u2028 \udcff"))
    writer.lag(Lag(0, 2, 5_000_000))
    writer.record(0, records[1])
    writer.record(0, records[2])
    writer.note(Note(0, 3, -9, "killed", 6, Annotation(marked=True)))
    writer.close()
    return out.getvalue()
