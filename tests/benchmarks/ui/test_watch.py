"""What the terminal's side makes of what is painted, with a program that paints little."""

import signal
import sys

import pytest

from benchmarks.ui.figures import key_times, share
from benchmarks.ui.watch import watching

_PAINTER = r"""
import os, signal, sys, termios, tty
tty.setraw(0)
def paint(row):
    text = f"\x1b[?2026h\x1b[1;1H\x1b[32m▎\x1b[0m   {row} GET /\x1b[?2026l"
    os.write(1, text.encode())
os.write(1, b"\x1b[?1049h\x1b[?2026$p")
assert os.read(0, 64) == b"\x1b[?2026;2$y"
row = 7
paint(row)
while True:
    key = os.read(0, 64)
    row += {b"\x1b[A": -1, b"\x1b[B": 1}.get(key, 0)
    paint(row)
"""


def test_frames_and_keys() -> None:
    with watching([sys.executable, "-c", _PAINTER]) as watch:
        first = watch.wait(lambda frame: frame.selected == 7, 10)
        assert first is not None
        assert first.text.decode() == "▎   7 GET /"
        assert watch.splash is not None
        assert watch.started < watch.splash <= first.at
        assert not watch.cooked()
        times = key_times(watch, 2, shortest=0.0)
        assert len(times) == 2
        assert watch.selected() == 7
        assert len(watch.between(0, first.at + 60)) == 3
        assert watch.end(signal.SIGTERM) == -signal.SIGTERM


def test_a_program_that_ends_is_not_waited_for() -> None:
    with watching([sys.executable, "-c", "print('no screen')"]) as watch:
        assert watch.wait(lambda _: True, 60) is None
        assert watch.last_words() == "no screen"


@pytest.mark.parametrize(("part", "time"), [(0.5, 2.0), (0.95, 4.0), (0.0, 1.0), (1.0, 4.0)])
def test_shares(part: float, time: float) -> None:
    assert share([4.0, 1.0, 3.0, 2.0], part) == time
