"""Hex dumps, and the lines the app wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import LogLine
from asgitrace.views.hexdump import HexLines
from asgitrace.views.log import KEPT, LogLines, without_ansi
from tests.tui.detail.samples import WALL, log_lines
from tests.views.drawn import HOSTILE, drawn


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


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a", "a"),
        ("\x1b[1;31mred\x1b[0m!", "red!"),
        ("\x1b]0;title\x07x\x1b]8;;u\x1b\\y", "xy"),
        ("\x1b(Bx\x1b", "x\x1b"),
    ],
)
def test_colours_are_taken_out(text: str, plain: str) -> None:
    assert without_ansi(text) == plain


def test_log() -> None:
    lines = LogLines()
    assert lines.extend(log_lines()) == 0
    shown = drawn(lines, 80)
    assert "out handled request 0" in shown[0]
    assert "err ERROR: price table is 3 days old" in shown[40]
    assert shown[42].endswith('err   File "/srv/shop/prices.py", line 41, in price_of')
    assert lines.text(40) == "ERROR: price table is 3 days old"
    assert len(drawn(lines, 40)[0]) <= 40


def test_log_keeps_the_newest() -> None:
    lines = LogLines()
    line = LogLine(0, WALL, "stdout", "x")
    assert lines.extend([line] * KEPT) == 0
    assert lines.extend([line] * 7) == 7
    assert len(lines) == KEPT


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 1_000_000])
def test_log_is_inert(text: str) -> None:
    lines = LogLines()
    lines.extend([LogLine(0, WALL, "stderr", text)])
    for width in (10, 59, 80):
        drawn(lines, width)
