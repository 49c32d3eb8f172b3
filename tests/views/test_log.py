"""The lines the app wrote."""

import pytest

from asgitrace.store.model import LogLine
from asgitrace.views.log import KEPT, LogLines, without_ansi
from tests.tui.detail.samples import WALL, log_lines
from tests.views.drawn import HOSTILE, drawn


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
