import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.store.intervals import Intervals


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(1, 60), min_size=1)))
def test_it_is_a_set(groups: list[set[int]]) -> None:
    intervals, reference = Intervals(), {0}
    for group in groups:
        intervals.add(np.array(sorted(group)))
        reference |= group
        assert {number for number in range(70) if number in intervals} == reference


def test_it_stays_small_by_joining_the_lowest() -> None:
    intervals = Intervals()
    intervals.add(np.arange(2, 100_000, 2))
    assert intervals.bytes_used < 100_000
    assert 3 in intervals
    assert 99_998 in intervals
    assert 99_997 not in intervals
