"""The bar has a length by duration and parts by share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Row, RowKind, Split, State
from asgitrace.views.axis import Window
from asgitrace.views.look import Look, look
from asgitrace.views.waterfall import axis_bar, axis_line, bar_length, waterfall

MS = 1_000_000


def drawn(split: Split, width: int = 20, how: Look | None = None) -> str:
    return "".join(segment.text for segment in waterfall(split, width, how or look()))


@pytest.mark.parametrize(
    ("ns", "length"),
    [(0, 0), (1, 1), (100_000, 1), (MS, 20), (100 * MS, 60), (10_000 * MS, 100), (10**15, 100)],
)
def test_length_is_logarithmic(ns: int, length: int) -> None:
    assert bar_length(ns, 100) == length


def test_parts_in_order() -> None:
    split = Split(app=500 * MS, client=250 * MS, backpressure=150 * MS, after=100 * MS)
    segments = waterfall(split, 20, look())
    assert [(len(s.text), s.style) for s in segments] == [
        (8, look().app),
        (4, look().client),
        (2, look().backpressure),
        (2, look().after),
        (4, look().faint),
    ]


def test_half_a_cell() -> None:
    assert drawn(Split(app=50_000), 4) == "╸   "
    assert drawn(Split(app=10 * MS), 4) == "━╸  "


def test_nothing_yet() -> None:
    assert drawn(Split(), 5) == " " * 5


@pytest.mark.parametrize(
    ("plain", "bar"), [(False, "████░░░░▓▓▓▓▒▒▒▒"), (True, "####....!!!!====")]
)
def test_told_apart_without_colour(plain: bool, bar: str) -> None:
    how = look(colour=False, plain=plain)
    assert drawn(Split(*[250 * MS] * 4), 20, how).strip() == bar


@given(st.builds(Split, *[st.integers(0, 10**12)] * 4), st.integers(1, 60), st.booleans())
def test_fills_its_cell_exactly(split: Split, width: int, colour: bool) -> None:
    assert len(drawn(split, width, look(colour=colour))) == width


def lying(start: int, *parts: int) -> Row:
    return Row(1, RowKind.HTTP, State.RETURNED, start, "GET", "/", 200, 0, 0, 1, Split(*parts), "")


def on_axis(row: Row, window: Window, width: int = 20, how: Look | None = None) -> str:
    return "".join(segment.text for segment in axis_bar(row, window, width, how or look()))


@pytest.mark.parametrize(
    ("start", "length", "bar"),
    [
        (0, 100, "━━━━━━━━━━"),
        (20, 30, "  ━━━     "),
        (25, 30, "  ╺━━╸    "),
        (20, 1, "  ╸       "),
        (26, 1, "  ╺       "),
        (99, 0, "         ╺"),
        (-50, 100, "◂━━━━     "),
        (50, 100, "     ━━━━▸"),
        (-50, 200, "◂━━━━━━━━▸"),
        (-50, 20, "◂         "),
        (100, 20, "         ▸"),
    ],
)
def test_a_bar_lies_where_it_was(start: int, length: int, bar: str) -> None:
    assert on_axis(lying(start * MS, length * MS), Window(0, 100 * MS), 10) == bar


def test_the_kinds_of_time_have_their_shares() -> None:
    row = lying(20 * MS, 40 * MS, 20 * MS, 0, 10 * MS)
    segments = axis_bar(row, Window(0, 100 * MS), 20, look())
    assert [(len(s.text), s.style) for s in segments] == [
        (4, look().faint),
        (8, look().app),
        (4, look().client),
        (2, look().after),
        (2, look().faint),
    ]


def test_a_tick_is_of_the_longest_kind() -> None:
    segments = axis_bar(lying(0, 1, 2, 9, 3), Window(0, 100 * MS), 20, look())
    assert segments[1].style == look().backpressure


@pytest.mark.parametrize(("plain", "bar"), [(False, "██░░▓▓▒▒"), (True, "##..!!==")])
def test_an_axis_without_colour(plain: bool, bar: str) -> None:
    how = look(colour=False, plain=plain)
    row = lying(20 * MS, *[10 * MS] * 4)
    assert on_axis(row, Window(0, 100 * MS), 20, how).strip() == bar
    gone = on_axis(lying(-9 * MS, MS), Window(0, 100 * MS), 20, how)
    assert gone.startswith("<" if plain else "◂")


@given(
    st.builds(lying, st.integers(-(2**62), 2**62), *[st.integers(0, 2**50)] * 4),
    st.builds(Window, st.integers(-(2**62), 2**62), st.integers(1000, 10**17)),
    st.integers(1, 120),
    st.booleans(),
)
def test_an_axis_is_filled_exactly(row: Row, window: Window, width: int, colour: bool) -> None:
    how = look(colour=colour)
    assert len(on_axis(row, window, width, how)) == width
    assert sum(len(s.text) for s in axis_line(window, width, how, how.dim)) == width


@given(st.integers(0, 99), st.integers(0, 100), st.integers(1, 60))
def test_what_was_in_the_window_is_seen_in_it(start: int, length: int, width: int) -> None:
    bar = on_axis(lying(start * MS, length * MS), Window(0, 100 * MS), width)
    assert bar.strip()
    assert abs((len(bar) - len(bar.lstrip())) - start * width // 100) <= 1
