"""MessagePack as a tree."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import msgpack
from asgitrace.views.body.model import CannotRender, Rating
from asgitrace.views.body.msgpack import RENDERER, decode
from tests.views.body.packable import VALUES
from tests.views.body.rendered import plain, rate, rendered, sample_of

encode = msgspec.msgpack.encode


@settings(max_examples=50)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_what_msgspec_encodes_is_read(values: list[Any]) -> None:
    found, fault = decode(b"".join(map(encode, values)))
    assert fault == ""
    assert [plain(value) for value in found] == values


def test_shows_objects_one_after_another() -> None:
    first = encode({"id": 7, "at": datetime(2026, 11, 21, 20, tzinfo=UTC), "raw": b"\0"})
    extension = encode(msgspec.msgpack.Ext(5, b"zz")) + encode(msgspec.msgpack.Ext(-7, b"a" * 300))
    assert rendered(RENDERER, first + extension) == [
        " ▾ {",
        '     "id": 7',
        '     "at": timestamp 2026-11-21T20:00:00Z',
        '     "raw": <00> 1 byte',
        "   }",
        '   ext 5 b"zz"',
        f'   ext -7 b"{"a" * 87}…',
    ]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x92\x01\xc1", ["▾ [", "1", "]", "✗ damaged at byte 2: no type 0xc1"]),
        (b"\x82\xa1a\x01\xa1a\x02", ["▾ {", '"a": 1', '"a": 2', "}"]),
        (b"\x81\x81\x01\x02\x90", ["▾ {", "{1: 2}: []", "}"]),
        (b"\xa2\xff\x1b\xe0", ['"\\xff\\u001b"', "-32"]),
        (
            b"\xdd\xff\xff\xff\xff\x05",
            ["▾ [", "5", "]", "✗ the data ends here, in the middle of a value"],
        ),
        (b"\xde\x00\x01\xd9\x01a\xda\x00\x01b", ["▾ {", '"a": "b"', "}"]),
        (b"\xc7\x0c\xff" + b"\xff" * 12, [f"ext -1 <{'ff ' * 11}ff> 12 bytes"]),
        (b"\x81\xa1a", ["{}", "✗ the data ends here, in the middle of a value"]),
    ],
)
def test_shows_what_is_odd_as_it_is(data: bytes, shown: list[str]) -> None:
    assert [line.strip() for line in rendered(RENDERER, data)] == shown


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xdb\xff\xff\xff\xffab", b"\xcf\x01"])
def test_refuses_what_has_no_value(data: bytes) -> None:
    with pytest.raises(CannotRender):
        msgpack.render(data, sample_of(data))


def test_no_nesting_is_too_deep() -> None:
    values, fault = decode(b"\x91" * 100_000 + b"\x01")
    assert (len(values), fault) == (1, "")


def test_reads_no_more_than_it_may() -> None:
    values, fault = decode(b"\x01" * 100, 10)
    assert len(values) == 10
    assert fault == "not read from byte 10 on: too many values"


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (encode({"a": 1}), "", Rating.LIKELY),
        (encode({"a": list(range(5000))}), "", Rating.LIKELY),
        (encode([1, 2]), "", Rating.ABLE),
        (encode({}), "", Rating.ABLE),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "", Rating.NO),
        (encode("text"), "", Rating.NO),
        (b"\x92\xc1", "", Rating.NO),
        (b"{}", "", Rating.NO),
        (b"", "application/msgpack", Rating.NO),
        (b"\xc0", "application/x-msgpack", Rating.NAMED),
        (b"\xc0", "application/vnd.api+msgpack", Rating.NAMED),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating


def test_text_is_never_msgpack() -> None:
    assert rate(RENDERER, encode({"a": 1}), "application/msgpack", text=True) is Rating.NO
