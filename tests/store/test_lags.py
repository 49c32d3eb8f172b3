"""The lateness of loops: taken from the ring, and no event of anything."""

import pytest

from asgitrace.clock import ClockAnchor
from asgitrace.events import HEADER, Header, Kind
from asgitrace.ring import Batch
from asgitrace.store import Lag, Store


def batch(*fields: tuple[int, int, int]) -> Batch:
    """Records of the loop: exchange, when they were due and when they ran."""
    headers = [
        Header(number, due, ran, 0, 0, exchange, 0, 0, 0, 0, Kind.LOOP, 0, 0, 0, 0)
        for number, (exchange, due, ran) in enumerate(fields)
    ]
    return Batch(b"".join(HEADER.pack(*header) for header in headers), b"", 0, 0)


@pytest.fixture
def store() -> Store:
    store = Store()
    store.add_process(1, ClockAnchor(1000, 5000), "shop:app")
    return store


def test_they_are_kept_in_wall_time(store: Store) -> None:
    store.take(0, batch((0, 1100, 1107), (0, 1300, 1300), (0, 1500, 1400)))
    assert list(store.lags) == [Lag(0, 5107, 7), Lag(0, 5300, 0), Lag(0, 5400, 0)]
    store.lag(Lag(0, 6000, 1))
    assert store.lags[-1] == Lag(0, 6000, 1)


def test_they_are_neither_rows_nor_events_nor_dropped(store: Store) -> None:
    store.take(0, batch((0, 1100, 1107)))
    assert (len(store), store.event_total, store.dropped_total) == (0, 0, 0)
    assert list(store.all_records()) == []


def test_one_that_claims_to_be_of_an_exchange_is_no_event_of_it(store: Store) -> None:
    store.take(0, batch((3, 1100, 1107)))
    found = store.exchange(1, 0)
    assert found is not None
    assert not found.events
    assert not found.wire
    assert not store.lags
