"""Figures over time, beside a plain reckoning."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Lag, Row, RowKind, Split, State
from asgitrace.views.statistics.durations import BUCKETS, EDGES, buckets, percentiles
from asgitrace.views.statistics.measure import CLASSES, Statistics, Survey, latest
from asgitrace.views.statistics.slices import Steps
from tests.views.listed import MS, NOW_NS, SECOND, failed, finished, listing, row

STEPS = Steps(NOW_NS, 2 * SECOND, 10, NOW_NS + 19 * SECOND)


def surveyed(rows: Sequence[Row], steps: Steps = STEPS, lags: Sequence[Lag] = ()) -> Statistics:
    return finished(Survey(listing(rows), failed, steps).run(lags))


EXCHANGES = st.lists(
    st.tuples(
        st.integers(-5 * SECOND, 25 * SECOND),
        st.integers(0, 30 * SECOND),
        st.sampled_from([0, 101, 200, 302, 404, 500, 1000, 1006]),
        st.sampled_from([RowKind.HTTP, RowKind.WEBSOCKET, RowKind.LIFESPAN]),
        st.booleans(),
    ),
    max_size=30,
)


@given(EXCHANGES)
def test_are_what_a_plain_reckoning_says(
    given_rows: list[tuple[int, int, int, RowKind, bool]],
) -> None:
    rows = [
        row(
            n,
            started_ns=NOW_NS + at,
            split=Split(took),
            status=status,
            kind=kind,
            state=State.OPEN if opened else State.RETURNED,
        )
        for n, (at, took, status, kind, opened) in enumerate(given_rows, 1)
    ]
    found = surveyed(rows)
    exchanges = [r for r in rows if r.kind is not RowKind.LIFESPAN]
    inside = [r for r in exchanges if STEPS.start_ns <= r.started_ns < STEPS.end_ns]
    begun = Counter((r.started_ns - NOW_NS) // STEPS.step_ns for r in inside)
    assert found.begun.tolist() == [begun[n] for n in range(10)]
    assert found.failed.sum() == sum(r.status >= 500 for r in inside)
    assert found.sent.sum() == sum(r.sent for r in inside)
    over = [r for r in inside if r.state is not State.OPEN]
    assert found.durations.sum() == len(over)
    assert found.classes.sum() == len(inside)
    assert found.classes[CLASSES.index("open")] == len(inside) - len(over)
    for step in range(10):
        start = STEPS.start_ns + step * STEPS.step_ns
        end = min(start + STEPS.step_ns, STEPS.now_ns)
        there = 0
        for r in exchanges:
            ends = STEPS.now_ns if r.state is State.OPEN else r.started_ns + r.duration_ns
            there += max(0, min(end, ends) - max(start, r.started_ns))
        assert found.open[step] == pytest.approx(there / (end - start), abs=1e-6)


def test_classes() -> None:
    kinds = {
        "2xx": row(1, status=204),
        "4xx": row(2, status=404),
        "closed": row(3, kind=RowKind.WEBSOCKET, status=1001),
        "broken": row(4, kind=RowKind.WEBSOCKET, status=1006),
        "none": row(5, status=0, state=State.RAISED),
        "open": row(6, status=200, state=State.OPEN),
        "1xx": row(7, kind=RowKind.WEBSOCKET, status=101),
    }
    found = surveyed(list(kinds.values()))
    assert dict(zip(CLASSES, found.classes.tolist(), strict=True)) == {
        name: int(name in kinds) for name in CLASSES
    }


def test_nothing() -> None:
    found = surveyed([])
    assert found.percentiles == (-1, -1, -1)
    assert not found.measured
    assert not found.open.any()


def test_how_late_the_loops_were() -> None:
    lags = [
        Lag(0, NOW_NS + at * SECOND, late * MS)
        for at, late in ((-1, 9), (1, 3), (1, 5), (4, 0), (30, 9))
    ]
    late = latest(lags, STEPS)
    assert late[0] == 5 * MS
    assert np.isnan(late[1])
    assert late[2] == 0
    assert np.isnan(late[3:]).all()
    assert surveyed([], lags=lags).measured


# Durations in buckets


@given(st.integers(0, 2**61))
def test_each_duration_is_in_its_bucket(ns: int) -> None:
    bucket = int(buckets(np.array([ns]))[0])
    assert 0 <= bucket < BUCKETS
    # A float's fraction is rounded at its 24th bit.
    low, high = EDGES[bucket] * (1 - 1e-6), EDGES[bucket + 1] * (1 + 1e-6)
    assert bucket == 0 or low <= ns
    assert bucket == BUCKETS - 1 or ns <= high


@given(st.lists(st.integers(1100, 2**41), min_size=1, max_size=50), st.floats(0, 1))
def test_percentiles_are_off_by_less_than_a_hundredth(durations: list[int], share: float) -> None:
    counts = np.bincount(buckets(np.array(durations)), minlength=BUCKETS)
    found = int(percentiles(counts, (share,))[0])
    exact = sorted(durations)[max(1, int(np.ceil(share * len(durations)))) - 1]
    assert abs(found - exact) <= exact / 100
