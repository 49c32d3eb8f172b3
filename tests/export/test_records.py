from collections.abc import Callable
from enum import IntEnum
from typing import Any
from zlib import adler32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from asgitrace.events import HEADER, MESSAGE_CODES, Flag, Header, Kind, Outcome, Phase, Record
from asgitrace.export.content import ContentError
from asgitrace.export.lines import VALUES_LIMIT, EventLine, WireLine, decode_line
from asgitrace.export.records import encode_record, pack_line, to_line
from asgitrace.ring import decode, encode

MakeRecord = Callable[..., Record]

U8, U16, U32, U64 = (2**bits - 1 for bits in (8, 16, 32, 64))
I64 = 2**63 - 1


@st.composite
def any_records(draw: st.DrawFn) -> Record:
    """Records with every header that can be, likely ones above all, and any payload."""
    payload = draw(
        st.binary(max_size=40)
        | st.builds(
            encode,
            st.fixed_dictionaries(
                {"type": st.sampled_from(["http.request", "x"])},
                optional={
                    "body": st.binary(max_size=20),
                    "data": st.binary(max_size=20),
                    "head": st.binary(max_size=20) | st.text(max_size=5),
                    "status": st.integers(0, 999),
                },
            ),
        )
        | st.builds(encode, st.none() | st.text(st.characters(exclude_categories=["Cs"])))
    )

    def code(words: type[IntEnum]) -> int:
        return draw(st.sampled_from([int(word) for word in words]) | st.integers(0, U8))

    called = draw(st.integers(-I64 - 1, I64))
    header = Header(
        sequence=draw(st.integers(0, U64)),
        called=called,
        returned=draw(st.sampled_from([0, called]) | st.integers(-I64 - 1, I64)),
        size=draw(st.integers(0, U64)),
        position=draw(st.integers(0, U64)),
        exchange=draw(st.integers(0, U32)),
        call=draw(st.integers(0, U32)),
        length=len(payload),
        number=draw(st.integers(0, 127) | st.integers(0, U16)),
        flags=draw(st.integers(0, U16)),
        kind=draw(st.just(int(Kind.WIRE))) if draw(st.booleans()) else code(Kind),
        phase=code(Phase),
        outcome=code(Outcome),
        message=draw(st.integers(0, len(MESSAGE_CODES)) | st.integers(0, U8)),
        checksum=draw(st.integers(0, U32)),
    )
    return Record(header, payload)


@given(any_records(), st.integers(0, U32))
def test_records_come_back_exactly(record: Record, position: int) -> None:
    line = decode_line(encode_record(3, record))
    assert isinstance(line, WireLine if record.header.kind == Kind.WIRE else EventLine)
    assert line.process == 3
    packed, payload = pack_line(line, position)
    header = Header._make(HEADER.unpack(packed))
    assert payload == record.payload
    assert header == record.header._replace(position=position, checksum=header.checksum)
    assert header.checksum == adler32(payload, adler32(packed[:-4]))


@pytest.mark.parametrize(
    ("kind", "outcome", "place"),
    [
        (Kind.SCOPE, Outcome.OK, "scope"),
        (Kind.RECEIVE, Outcome.OK, "message"),
        (Kind.SEND, Outcome.OK, "message"),
        (Kind.SEND, Outcome.RAISED, "exception"),
        (Kind.RECEIVE, Outcome.CANCELLED, "exception"),
        (Kind.RETURN, Outcome.OK, "value"),
        (Kind.RAISE, Outcome.RAISED, "exception"),
        (77, Outcome.OK, "message"),
    ],
)
def test_where_the_content_stands(
    make_record: MakeRecord, kind: int, outcome: int, place: str
) -> None:
    line = to_line(0, make_record({"a": 1}, kind=kind, outcome=outcome))
    assert getattr(line, place) == {"a": 1}


def test_the_type_of_an_event_is_of_the_scope_or_message_never_of_an_exception(
    make_record: MakeRecord,
) -> None:
    assert to_line(0, make_record({"type": "http"}, kind=Kind.SCOPE)).type == "http"
    raised = make_record({"type": "OSError"}, kind=Kind.RECEIVE, outcome=Outcome.RAISED)
    assert not to_line(0, raised).type


def test_words_marks_and_unknown_codes(make_record: MakeRecord) -> None:
    record = make_record(
        None, kind=9, phase=8, outcome=7, flags=Flag.MORE | Flag.TEXT | 1 << 12, returned=0
    )
    record = Record(record.header._replace(message=200), b"")
    assert to_line(0, record) == EventLine(
        process=0,
        exchange=1,
        sequence=0,
        call=1,
        event=9,
        phase=8,
        outcome=7,
        type=200,
        more=True,
        text=True,
        flags=1 << 12,
        called_ns=1_000,
        returned_ns=None,
    )


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        ({"type": "custom.event"}, "custom.event"),
        ({"type": "http.request"}, None),
        ({"type": 5}, None),
        (["custom.event"], None),
    ],
)
def test_a_type_the_specification_does_not_know(
    make_record: MakeRecord, content: Any, type_: str | None
) -> None:
    line = to_line(0, make_record(content))
    assert (line.type or None) == type_
    assert Header._make(HEADER.unpack(pack_line(line, 0)[0])).message == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"\xc1",
        b"\xa2\xed\xa0",
        encode({"a": 1}) + b"\0",
        b"\xca\x3f\x80\0\0",
        b"\x82\xa1a\x01\xa1a\x02",
        b"\xd4\x05\x00",
        b"\x91" * 70 + b"\xc0",
        b"\x91" * 50_000 + b"\xc0",
    ],
    ids=["reserved", "not UTF-8", "tail", "float32", "duplicate", "ext", "deep", "very deep"],
)
def test_payloads_that_json_cannot_give_back_are_kept_as_they_are(
    make_record: MakeRecord, payload: bytes
) -> None:
    line = to_line(0, make_record(payload=payload))
    assert line.payload == payload
    assert pack_line(line, 0)[1] == payload


def test_a_line_is_never_too_long(make_record: MakeRecord) -> None:
    def written(limit: int) -> EventLine:
        data = encode_record(0, make_record(body, payload=None), limit)
        assert len(data) <= limit
        line = decode_line(data)
        assert isinstance(line, EventLine)
        return line

    body = {"type": "http.request", "body": bytes(1_000)}
    whole = len(encode_record(0, make_record(body)))
    assert written(whole).message["body"] == "\0" * 1_000
    undecoded = written(whole - 1)
    assert isinstance(undecoded.payload, bytes)
    assert decode(undecoded.payload) == body
    assert written(1_000).oversize
    assert pack_line(written(1_000), 0)[1] == b""


def test_an_event_with_two_contents(make_record: MakeRecord) -> None:
    twice = replace(to_line(0, make_record({"a": 1})), payload=b"")
    with pytest.raises(ContentError, match="more than one"):
        pack_line(twice, 0)


def test_content_of_too_many_values_is_kept_undecoded(make_record: MakeRecord) -> None:
    record = make_record([0] * (VALUES_LIMIT + 1))
    line = decode_line(encode_record(0, record))
    assert isinstance(line, EventLine)
    assert line.payload == record.payload
