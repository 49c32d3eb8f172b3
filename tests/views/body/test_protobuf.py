"""Protocol Buffers without their schema."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import protobuf
from asgitrace.views.body.model import CannotRender, Rating
from asgitrace.views.body.protobuf import RENDERER, decode, render
from asgitrace.views.body.values import Tagged
from tests.views.body.rendered import rate, rendered, sample_of, shown_or_refused
from tests.views.body.wire import field, varint

FIELDS = st.lists(
    st.tuples(
        st.integers(1, (1 << 29) - 1),
        st.integers(0, (1 << 64) - 1) | st.text() | st.floats(1e-3, 1e9) | st.binary(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50)
@given(FIELDS)
def test_every_field_is_read(fields: list[tuple[int, int | str | float | bytes]]) -> None:
    data = b"".join(field(number, value) for number, value in fields)
    pairs, fault = decode(data)
    assert fault == ""
    assert [number for number, _ in pairs.items] == [number for number, _ in fields]
    for (_, held), (_, value) in zip(pairs.items, fields, strict=True):
        assert isinstance(held, Tagged)
        if isinstance(value, int | float):
            assert held.value == value


@settings(max_examples=50)
@given(
    st.binary()
    | st.lists(st.sampled_from([b"\x0a\x04", b"\x08\x01", b"\x0b", b"\x0c"])).map(b"".join)
)
def test_any_bytes_are_shown_or_refused(data: bytes) -> None:
    RENDERER.rate(sample_of(data))
    shown_or_refused(render, data)


def test_shows_fields_and_says_what_is_a_guess() -> None:
    inner = field(1, "Zoë") + field(2, 8)
    data = (
        field(1, 42)
        + field(2, "alice@example.com")
        + field(3, inner)
        + field(4, 3.25)
        + field(5, varint(3) + varint(270) + varint(86942))
        + field(6, -1)
        + field(6, 7)
        + field(6, 1)
        + field(7, b"\xff\xfe\x00\x80")
        + field(8, "")
        + varint(9 << 3 | 5) + struct.pack("<f", 0.5)
        + varint(9 << 3 | 5) + struct.pack("<I", 7)
        + varint(11 << 3 | 3) + field(1, 5 << 1) + varint(11 << 3 | 4)
        + field(12, "\n\x01x")
        + field(13, "2x1234567890")
        + field(14, "line\nbreak")
    )  # fmt: skip
    assert rendered(RENDERER, data) == [
        " ▾ {  16",
        "     1: 42  varint",
        '     2: "alice@example.com"  string',
        "   ▾ 3: message? {",
        '       1: "Zoë"  string',
        "       2: 8  varint",
        "     }",
        "     4: 3.25  64 bits, or 4614500768194494464",
        "     5: <03 8e 02 9e a7 05> 6 bytes  or packed numbers 3, 270, 86942",
        "     6: 18446744073709551615  varint, or -1",
        "     6: 7  varint, or -4",
        "     6: 1  varint, or true",
        "     7: <ff fe 00 80> 4 bytes",
        '     8: ""  empty: string, bytes or message',
        "     9: 0.5  32 bits, or 1056964608",
        "     9: 7  32 bits, or 9.809089e-45",
        "   ▾ 11: group {",
        "       1: 10  varint",
        "     }",
        "   ▾ 12: message? {",
        '       1: "x"  string',
        "     }",
        '     13: "2x1234567890"  string',
        '     14: "line\\nbreak"  string',
        "   }",
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (field(1, 5) + b"\x0a\x7fxy", "no field at byte 2: 127 bytes are said to follow, 2 do"),
        (field(1, 5) + b"\x07", "no field at byte 2: number 0"),
        (field(1, 5) + b"\x0f", "no field at byte 2: wire type 7"),
        (field(1, 5) + b"\x0c", "no field at byte 2: wire type 4"),
        (field(1, 5) + b"\x08\xff", "no field at byte 2: a number is cut"),
        (field(1, 5) + b"\x08" + b"\xff" * 11, "no field at byte 2: a number too long"),
        (field(1, 5) + b"\x0b\x08\x01", "a group is not closed"),
        (b"\x0b" * 100, "no field at byte 24: wire type 3"),
    ],
)
def test_shows_what_was_before_a_damage(data: bytes, fault: str) -> None:
    assert fault in rendered(RENDERER, data)[-1]


def test_refuses_what_has_no_field() -> None:
    with pytest.raises(CannotRender, match="no field at byte 0"):
        render(b"\xff" * 20, sample_of(b""))


def test_guesses_no_deeper_and_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    data = field(1, 2)
    for _ in range(60):
        data = field(1, data)
    assert sum("message?" in line for line in rendered(RENDERER, data)) == 24
    monkeypatch.setattr(protobuf, "_STEPS", 50)
    pairs, fault = decode(field(1, 2) * 100, 50)
    assert len(pairs.items) == 50
    assert fault == "no field at byte 100: too many fields"
    assert rendered(RENDERER, field(1, b"\xff" * 11 + b"\x01"))[1].endswith("12 bytes")
    packed = rendered(RENDERER, field(1, bytes(range(1, 128)) + b"\x00"))
    assert packed[1].endswith("or packed numbers 1, 2, 3, 4, 5, 6, 7, 8…")


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (b"x", "application/x-protobuf", Rating.NAMED),
        (b"x", "application/grpc+proto", Rating.NAMED),
        (field(1, "name") + field(2, 0) + field(9, 3.5), "", Rating.LIKELY),
        (field(2, "name") + field(1, 0) + field(9, 3.5), "", Rating.ABLE),
        (field(1, 0), "", Rating.ABLE),
        (field(1, 0) + b"\x07", "", Rating.NO),
        (field(1, 0) * 3_000, "", Rating.ABLE),
        (field(1, bytes(5_000)), "", Rating.NO),
        (b"\x00\x01", "", Rating.NO),
        (b"text", "", Rating.NO),
        (b"", "application/protobuf", Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
