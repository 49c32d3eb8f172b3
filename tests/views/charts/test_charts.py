"""Charts: of the width that was asked for, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.views.charts.drawing import (
    Scale,
    area,
    axis_labels,
    bar,
    ceiling,
    eighths,
    plot_width,
    sparkline,
)
from asgitrace.views.charts.durations import distribution
from asgitrace.views.charts.time_axis import time_axis
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.statistics.durations import BUCKETS, buckets
from asgitrace.views.statistics.slices import Steps
from tests.views.drawn import LOOKS
from tests.views.listed import MS, NOW_NS, SECOND

ANY_LOOK = st.sampled_from(LOOKS)
VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60).map(np.array)
LOOK = LOOKS[0]


def text(cells: Cells) -> str:
    return "".join(segment.text for segment in cells)


@given(VALUES, st.integers(1, 120), st.integers(1, 20), ANY_LOOK)
def test_an_area_has_its_size(values: np.ndarray, width: int, height: int, look: Look) -> None:
    top = ceiling(values)
    assert top > 0
    lines = area(values, Scale(top, str), width, height, look, look.app)
    assert len(lines) == height
    assert {cell_len(text(line)) for line in lines} == {width}


@given(VALUES, st.integers(1, 60), ANY_LOOK)
def test_a_sparkline_has_its_width(values: np.ndarray, width: int, look: Look) -> None:
    assert cell_len(sparkline(values, width, look, look.app).text) == width


@given(st.floats(allow_nan=True), st.integers(1, 60), ANY_LOOK)
def test_a_bar_has_its_width(share: float, width: int, look: Look) -> None:
    assert cell_len(bar(share, width, look, look.app).text) == width


@given(
    st.integers(0, 2**60),
    st.integers(1_000_000, 10**15),
    st.integers(1, 200),
    st.integers(1, 200),
    ANY_LOOK,
)
def test_an_axis_of_time_has_its_width(
    start: int, step: int, count: int, width: int, look: Look
) -> None:
    lines = time_axis(Steps(start, step, count, start), width, look)
    assert [cell_len(text(line)) for line in lines] == [width, width]


@given(
    st.lists(st.integers(0, 2**61), max_size=50), st.integers(1, 120), st.integers(1, 20), ANY_LOOK
)
def test_a_distribution_has_its_size(
    durations: list[int], width: int, height: int, look: Look
) -> None:
    counts = np.bincount(buckets(np.array(durations, np.int64)), minlength=BUCKETS)
    marks = [(name, ns) for name, ns in zip(("p50", "p95"), durations, strict=False)]
    lines = distribution(counts, marks, width, height, look)
    assert len(lines) == height
    assert {cell_len(text(line)) for line in lines} == {width}


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (0.35, 0.4), (1, 1), (1.1, 1.2), (3.5, 4), (41, 50), (80, 80), (81, 100)],
)
def test_ceiling(highest: float, top: float) -> None:
    assert ceiling(np.array([0, highest])) == pytest.approx(top)


def test_whatever_there_is_can_be_seen() -> None:
    assert eighths(np.array([0, 1e-9, 0.5, 1, 7]), 1, 2).tolist() == [0, 1, 8, 16, 16]


def test_area() -> None:
    lines = area(np.array([0, 1, 2, 4]), Scale(4, lambda n: f"{n:.0f}"), 12, 5, LOOK, LOOK.app)
    assert [text(line) for line in lines] == [
        "     4 ┤   █",
        "       │   █",
        "     2 ┤  ██",
        "       │ ███",
        "     0 └────",
    ]


def test_without_room_there_are_no_axes() -> None:
    lines = area(np.array([1, 2]), Scale(2, str), 4, 1, LOOK, LOOK.app)
    assert [text(line) for line in lines] == ["  ▄█"]


def test_a_sparkline_sums_what_shares_a_cell() -> None:
    assert sparkline(np.array([1, 1, 2, 2]), 2, LOOK, LOOK.app).text == "▄▇"
    assert sparkline(np.array([1, 2]), 4, LOOK, LOOK.app).text == "  ▄▇"


def test_bar() -> None:
    assert bar(0.5, 3, LOOK, LOOK.app).text == "━╸ "
    assert bar(1e-9, 3, LOOK, LOOK.app).text == "╸  "
    assert bar(float("nan"), 3, LOOK, LOOK.app).text == "   "


def test_labels_do_not_overlap() -> None:
    assert (
        text(axis_labels([(2, "aaaa"), (4, "bbbb"), (9, "cc")], 20, LOOK)) == "        aaaa    cc  "
    )


def test_times_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    steps = Steps(NOW_NS, 2 * SECOND, plot_width(60), NOW_NS)
    axis, labels = (text(line) for line in time_axis(steps, 60, LOOK))
    assert "22:14:00" in labels or "22:14" in labels
    assert axis.count("┴") == 4


def test_distribution() -> None:
    counts = np.bincount(buckets(np.array([MS] * 10 + [30 * MS])), minlength=BUCKETS)
    lines = [text(line) for line in distribution(counts, [("p50", MS)], 40, 8, LOOK)]
    assert "p50" in lines[0]
    assert "1ms" in lines[-1]
    assert "100ms" in lines[-1]
