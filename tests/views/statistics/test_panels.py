"""The panels: of the size that was asked for, with the figures in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Lag, RowKind, Split, State
from asgitrace.views.look import Look
from asgitrace.views.statistics import panels
from asgitrace.views.statistics.measure import Statistics, Survey
from asgitrace.views.statistics.slices import Steps
from tests.views.drawn import LOOKS, drawn
from tests.views.listed import MS, NOW_NS, SECOND, failed, finished, listing, row

STEPS = Steps(NOW_NS, SECOND, 40, NOW_NS + 40 * SECOND)
ALL = (panels.rate, panels.opened, panels.lag, panels.durations, panels.sizes)


def statistics(lags: bool = True) -> Statistics:
    rows = [
        row(n, split=Split(n * MS), status=500 if n % 9 == 0 else 200, received=n, sent=n * 1000)
        for n in range(1, 36)
    ]
    rows.append(row(36, kind=RowKind.WEBSOCKET, status=1006))
    rows.append(row(37, state=State.OPEN, status=0))
    told = [Lag(0, NOW_NS + n * SECOND, n * MS) for n in range(40)] if lags else []
    return finished(Survey(listing(rows), failed, STEPS).run(told))


FOUND = statistics()
NOTHING = finished(Survey(listing([]), failed, STEPS).run([]))


@given(
    st.sampled_from(ALL),
    st.integers(1, 150),
    st.integers(1, 25),
    st.sampled_from(LOOKS),
    st.sampled_from([FOUND, NOTHING]),
)
def test_panels_have_their_size(
    panel: panels.Panel, width: int, height: int, look: Look, found: Statistics
) -> None:
    lines = panel(found, width, height, look)
    assert len(lines) >= height
    for line in lines[:height]:
        assert sum(segment.cell_length for segment in line) == width


def text(panel: panels.Panel, found: Statistics = FOUND, width: int = 80) -> str:
    return "\n".join(
        "".join(segment.text for segment in line) for line in panel(found, width, 12, LOOKS[0])
    )


def test_figures() -> None:
    assert "36 in all" not in text(panels.rate)
    assert "37 in all" in text(panels.rate)
    assert "11% failed" in text(panels.rate)
    assert "errors" in text(panels.rate)
    assert "worst 39ms" in text(panels.lag)
    assert "not measured" in text(panels.lag, statistics(lags=False))
    assert "p50 16.9ms" in text(panels.durations)
    assert "none has ended" in text(panels.durations, NOTHING)
    assert "out 615k" in text(panels.sizes)


def test_classes() -> None:
    lines = panels.ClassLines(FOUND)
    shown = drawn(lines, 60)
    assert [line.split()[0] for line in shown] == ["2xx", "3xx", "4xx", "5xx", "ws", "still"]
    assert lines.term(0) == "status=2xx -is:open"
    assert lines.term(5) == "is:open"
    assert lines.text(4) == "ws broken: 1"
    assert len(panels.ClassLines(NOTHING)) == 4


@pytest.mark.parametrize("width", [20, 80])
def test_class_title(width: int) -> None:
    assert sum(s.cell_length for s in panels.class_title(width, LOOKS[0])) == width


def test_a_mean_is_over_what_there_was() -> None:
    assert np.isfinite(FOUND.open).all()
