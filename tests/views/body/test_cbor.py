"""CBOR as a tree."""

import math
import struct
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import cbor
from asgitrace.views.body.cbor import RENDERER, decode
from asgitrace.views.body.model import CannotRender, Rating
from tests.views.body.rendered import plain, rate, rendered, sample_of
from tests.views.drawn import drawn

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False)
    | st.text() | st.binary() | st.integers(0, 70_000).map(bytes),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(VALUES, min_size=1, max_size=3), st.booleans())
def test_what_cbor2_encodes_is_read(values: list[Any], endless: bool) -> None:
    data = b"".join(cbor2.dumps(value, indefinite_containers=endless) for value in values)
    found, fault = decode(data)
    assert fault == ""
    assert [plain(value) for value in found] == values


def tag(number: int, value: Any) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(number, value))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (cbor2.dumps(cbor2.undefined), ["undefined"]),
        (cbor2.dumps(cbor2.CBORSimpleValue(99)), ["simple(99)"]),
        (
            cbor2.dumps(datetime(2026, 11, 21, tzinfo=UTC)),
            ['tag 0 date/time "2026-11-21T00:00:00Z"'],
        ),
        (tag(1, 1_700_000_000), ["tag 1 epoch time 1700000000  2023-11-14T22:13:20Z"]),
        (tag(1, 1e300), ["tag 1 epoch time 1e+300"]),
        (tag(1, "no"), ['tag 1 epoch time "no"']),
        (b"\xc1\xf9\x7c\x00", ["tag 1 epoch time inf"]),
        (
            cbor2.dumps(2**70),
            ["tag 2 bignum <40 00 00 00 00 00 00 00 00> 9 bytes  1180591620717411303424"],
        ),
        (
            cbor2.dumps(-(2**70)),
            ["tag 3 negative bignum <3f ff ff ff ff ff ff ff ff> 9 bytes  -1180591620717411303424"],
        ),
        (tag(2, 1), ["tag 2 bignum 1"]),
        (
            tag(3, bytes(2000))[:4],
            ["tag 3 negative bignum null", "✗ the data ends here, in the middle of a value"],
        ),
        (cbor2.dumps(Decimal("1.25")), ["▾ tag 4 decimal fraction [  1.25", "-2", "125", "]"]),
        (tag(4, 5), ["tag 4 decimal fraction 5"]),
        (
            cbor2.dumps(UUID(int=5)),
            [f"tag 37 UUID <{bytes(15).hex(' ')} 05> 16 bytes  {UUID(int=5)}"],
        ),
        (tag(37, b"short"), ['tag 37 UUID b"short"']),
        (cbor2.dumps(ip_address("::1")), [f"tag 54 IPv6 <{bytes(15).hex(' ')} 01> 16 bytes  ::1"]),
        (tag(52, b"no"), ['tag 52 IPv4 b"no"']),
        (tag(100, 20_000), ["tag 100 days since 1970 20000  2024-10-04"]),
        (tag(100, 10**15), ["tag 100 days since 1970 1000000000000000"]),
        (tag(4711, [1]), ["▾ tag 4711 [", "1", "]"]),
        (
            tag(55799, cbor2.CBORTag(35, "(a+)+")),
            ['tag 55799 self-described CBOR tag 35 regular expression "(a+)+"'],
        ),
        (
            b"\x9f\x01\x7f\x61a\x61b\xff\x5f\x41\x00\xff\xff",
            ["▾ [", "1", '"ab"', "<00> 1 byte", "]"],
        ),
        (b"\xbf\x61a\x01\x61a\x02\xff\x01", ["▾ {", '"a": 1', '"a": 2', "}", "1"]),
        (b"\x81\xc1\x9f\xff", ["▾ [", "tag 1 epoch time []", "]"]),
        (
            b"\x82\x01\xff",
            ["▾ [", "1", "]", "✗ damaged at byte 2: a break outside of what it could end"],
        ),
        (b"\x01\xfc", ["1", "✗ damaged at byte 1: no head 0xfc"]),
        (b"\x01\xdf", ["1", "✗ damaged at byte 1: no head 0xdf"]),
        (b"\x01\x7f\x01", ["1", "✗ damaged at byte 1: a string of pieces holds something else"]),
        (b"\x01\x7f\x61a", ["1", "✗ the data ends here, in the middle of a value"]),
        (b"\x01\xf8\x10", ["1", "✗ damaged at byte 1: a simple value in two bytes that needs one"]),
        (b"\x01\x9b" + b"\xff" * 8, ["1", "[]", "✗ the data ends here, in the middle of a value"]),
        (b"\x62\xff\x1b", ['"\\xff\\u001b"']),
    ],
)
def test_shows_what_is_there(data: bytes, shown: list[str]) -> None:
    lines = cbor.render(data, sample_of(data))
    assert [line.strip() for line in drawn(lines, 120)] == shown


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x5b" + b"\x7f" * 8])
def test_refuses_what_has_no_value(data: bytes) -> None:
    with pytest.raises(CannotRender):
        cbor.render(data, sample_of(data))


@pytest.mark.parametrize("head", [b"\x81", b"\xc6"])
def test_no_nesting_is_too_deep(head: bytes) -> None:
    values, fault = decode(head * (100_000 if head == b"\x81" else 20_000) + b"\x01")
    assert (len(values), fault) == (1, "")
    lines = cbor.render(head * 5_000 + b"\x01", sample_of(head))
    assert drawn(lines)[0].strip()


def test_floats_of_every_size() -> None:
    data = b"\xf9\x3c\x00\xfa" + struct.pack(">f", 0.5) + b"\xfb" + struct.pack(">d", math.pi)
    assert rendered(RENDERER, data) == ["   1.0", "   0.5", f"   {math.pi}"]


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (cbor2.dumps({"a": 1}), "", Rating.LIKELY),
        (tag(61, {"a": 1}), "", Rating.LIKELY),
        (tag(55799, 1), "", Rating.LIKELY),
        (cbor2.dumps({1: 1}), "", Rating.ABLE),
        (cbor2.dumps([1]), "", Rating.ABLE),
        (cbor2.dumps(5), "", Rating.NO),
        (b"\x81\xfc", "", Rating.NO),
        (b"\x05", "application/cbor", Rating.NAMED),
        (b"\x05", "application/senml+cbor", Rating.NAMED),
        (b"", "application/cbor", Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
