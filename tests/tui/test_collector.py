"""What is set aside, and when it is looked at again."""

import gc
from collections.abc import Iterator

import pytest

from asgitrace.tui.collector import Collector

_SECOND = 1_000_000_000


class _Cycle:
    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def _survive(collector: Collector, now: int) -> list[list[int]]:
    """Make what outlives some collections of the youngest."""
    kept: list[list[int]] = []
    while gc.get_count()[1] < 10:
        kept.append([])
    collector.tick(now, 1)
    return kept


def test_what_survives_is_set_aside_and_looked_at_in_a_quiet_moment() -> None:
    collector = Collector()
    collector.begin()
    before = gc.get_freeze_count()
    gone = _Cycle()
    number = id(gone)
    kept = _survive(collector, 0)
    assert gc.get_freeze_count() >= before + len(kept)
    assert gc.get_count()[1] == 0
    del gone
    collector.tick(29 * _SECOND, 1)
    assert gc.get_freeze_count() > before + len(kept) // 2
    aside = gc.get_freeze_count()
    collector.tick(31 * _SECOND, 1)
    assert gc.get_freeze_count() < aside
    assert all(id(left) != number for left in gc.get_objects() if isinstance(left, _Cycle))


def test_while_something_happens_there_is_no_quiet_moment() -> None:
    collector = Collector()
    collector.begin()
    kept = _survive(collector, 0)
    aside = gc.get_freeze_count()
    collector.tick(40 * _SECOND, 2)
    collector.tick(60 * _SECOND, 2)
    assert gc.get_freeze_count() >= aside - len(kept) // 2
