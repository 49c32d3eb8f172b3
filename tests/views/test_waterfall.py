"""The bar has a length by duration and parts by share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Split
from asgitrace.views.look import Look, look
from asgitrace.views.waterfall import bar_length, waterfall

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
