"""Hex dumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.body.hexdump import HexLines
from tests.views.drawn import drawn


@pytest.mark.parametrize(("width", "per_line"), [(20, 4), (44, 8), (77, 16), (79, 16), (143, 32)])
def test_hex_fits(width: int, per_line: int) -> None:
    lines = HexLines(bytes(range(64)))
    shown = drawn(lines, width)
    assert len(shown) == 64 // per_line
    assert len(shown[0]) <= width or per_line == 4


def test_hex() -> None:
    lines = HexLines(b"GET \x00\xff/1234567890", 0x20)
    assert drawn(lines, 80) == [
        " 00000020  47 45 54 20 00 ff 2f 31  32 33 34 35 36 37 38 39  GET ··/123456789",
        " 00000030  30" + " " * 48 + "0",
    ]
    assert lines.text(1) == "00000030  30  0"


@given(st.binary(max_size=200), st.integers(1, 200))
def test_hex_of_anything(data: bytes, width: int) -> None:
    lines = HexLines(data)
    drawn(lines, width)
    assert (
        "".join(lines.text(index).split("  ")[1] for index in range(len(lines))).replace(" ", "")
        == data.hex()
    )
