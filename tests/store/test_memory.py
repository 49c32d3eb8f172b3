"""The memory of many rows: as much as the store says, and little."""

import tracemalloc
from collections.abc import Iterator

import numpy as np

from asgitrace.events import HEADER, Kind
from asgitrace.ring import Batch, encode
from asgitrace.store import Store
from asgitrace.store.columns import ROW_BYTES
from asgitrace.store.headers import HEADER_TYPE
from tests.store.playbook import ANCHOR

ROWS = 200_000
PIECE = 4_000
SCOPED = 500
SCOPE = encode({"type": "http", "method": "GET", "path": "/", "headers": [[b"host", b"x"]] * 4})


def batches(count: int) -> Iterator[Batch]:
    """Exchanges of two records each, a scope and a return; of most the scope was overwritten."""
    for first in range(1, count + 1, PIECE):
        headers = np.zeros(PIECE + SCOPED, HEADER_TYPE)
        headers["exchange"] = np.sort([*range(first, first + PIECE), *range(first, first + SCOPED)])
        headers["kind"] = Kind.RETURN
        headers["kind"][: 2 * SCOPED : 2] = Kind.SCOPE
        headers["length"][: 2 * SCOPED : 2] = len(SCOPE)
        headers["sequence"] = np.arange(len(headers)) + 2 * first
        headers["called"] = headers["returned"] = headers["sequence"] * 1_000
        origin = first // PIECE * SCOPED * len(SCOPE)
        ends = np.cumsum(headers["length"], dtype=np.uint64)
        headers["position"] = ends - headers["length"] + np.uint64(origin)
        yield Batch(headers.tobytes(), SCOPE * SCOPED, origin, 0)


def test_a_store_of_many_rows_takes_what_it_says() -> None:
    tracemalloc.start()
    store = Store()
    store.add_process(1, ANCHOR, "app")
    before, _ = tracemalloc.get_traced_memory()
    for batch in batches(ROWS):
        store.take(0, batch)
    del batch
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The columns lie in maps of their own, which nobody traces.
    used += store._rows.columns.bytes_used
    assert len(store) == ROWS
    assert store.evicted_total == 0
    assert (used - before) * 0.8 <= store.bytes_used <= (used - before) * 1.25
    hot = 8 * 4_096 * (HEADER.size + len(SCOPE))
    assert store.bytes_used - hot <= ROWS * (ROW_BYTES * 1.15 + 30)
    assert int(store.durations(0).sum()) == ROWS // PIECE * SCOPED * 1_000
    found = store.peek(ROWS // 2 + 1, 0)
    assert found is not None
    assert found.events[0].payload == SCOPE


def test_a_store_that_is_full_stays_as_it_is() -> None:
    store = Store(6 << 20)
    store.add_process(1, ANCHOR, "app")
    for batch in batches(100_000):
        store.take(0, batch)
        assert store.bytes_used <= store.limit_bytes
    assert store.evicted_total == 100_000 - len(store)
    assert len(store) > 10_000
    assert store.numbers.tolist() == list(range(100_001 - len(store), 100_001))
    assert store.bytes_used > store.limit_bytes * 0.7
    for number in (int(store.numbers[0]), 100_000):
        found = store.peek(number, 0)
        assert found is not None
        assert len(found.events) == found.row.events
