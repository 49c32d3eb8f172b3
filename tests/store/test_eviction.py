"""The limit: what goes when there is too much, and that there never is."""

import tracemalloc
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.store import LogLine, RowKind, State, Store
from asgitrace.store.store import LEAST_LIMIT
from asgitrace.wire import Wire
from tests.store.playbook import ANCHOR, BODY, REQUEST, Tape, exchange_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

KIB = 1024
FRAME = Wire.FRAME_IN
MORE = {**BODY, "more_body": True}


def noise(seed: int, size: int) -> bytes:
    """Bytes that do not become fewer when they are packed."""
    return Random(seed).randbytes(size)


def small_store(limit: int = LEAST_LIMIT) -> Store:
    store = Store(limit)
    store.add_process(42, ANCHOR, "app")
    return store


def test_a_limit_has_a_floor() -> None:
    assert Store(1).limit_bytes == LEAST_LIMIT


def test_finished_exchanges_go_whole_and_oldest_first() -> None:
    store, tape = small_store(), Tape()
    tape.scope(1_000, 0, "lifespan").receive_called(1_000, 1, 0)
    for exchange in range(1, 400):
        tape.request(exchange, body=noise(exchange, 4 * KIB))
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    numbers = store.numbers.tolist()
    assert numbers[0] == 1, "the lifespan is open"
    assert numbers[1:] == list(range(numbers[1], 401)), "the newest are there"
    assert 50 < len(numbers) < 200
    assert store.evicted_total == 400 - len(numbers)
    assert store.dropped_total == 0
    for number in numbers[1:]:
        found = exchange_of(store, number)
        assert (len(found.events), found.missed) == (5, 0)
        assert found.row.path == f"/{number - 1}"
    assert {record.header.exchange for _, record in store.all_records()} == {
        number - 1 if number > 1 else 1_000 for number in numbers
    }
    assert store.event_total == 399 * 5 + 2
    assert all(path in ("", "/") or path[1:].isdigit() for path in store.paths)
    assert len(store.paths) < 400
    assert store.string_epoch[1] > 0


def test_late_records_of_an_evicted_exchange_are_counted_only() -> None:
    store, tape = small_store(), Tape()
    for exchange in range(1, 300):
        tape.request(exchange, body=bytes(4 * KIB))
    store.take(0, tape.batch())
    assert 1 not in store
    before = store.numbers.tolist()
    tape.send(1, 9, 0, 0, BODY).scope(1, 0).request(300).send(1, 9, 0, 0, BODY)
    store.take(0, tape.batch())
    assert store.numbers.tolist()[-1] == before[-1] + 1
    assert store.dropped_total == 3
    assert {record.header.exchange for _, record in store.all_records()} >= {300}
    assert 1 not in {record.header.exchange for _, record in store.all_records()}
    store.take(0, tape.send(1, 9, 0, 0, BODY).batch())
    assert store.dropped_total == 4


def test_the_largest_open_exchange_loses_its_oldest_events_but_not_the_scope() -> None:
    store, tape = small_store(), Tape()
    tape.scope(1, 0, "websocket").scope(2, 0).receive(2, 1, 0, 10, REQUEST)
    call = 0
    for call in range(1, 400):
        tape.send(1, call, call * 10, call * 10 + 5, {**MORE, "body": bytes(4 * KIB)})
        if call % 40 == 0:
            exchange_of(store, 1)
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    exchange = exchange_of(store, 1)
    assert exchange.row.kind is RowKind.WEBSOCKET
    assert exchange.missed > 200
    assert exchange.row.events == 400
    assert len(exchange.events) + exchange.missed == 400
    assert exchange.events[-1].call == call
    assert [event.call for event in exchange.events[1:]] == list(
        range(call - len(exchange.events) + 2, call + 1)
    )
    assert [event.index for event in exchange.events] == list(range(len(exchange.events)))
    assert exchange_of(store, 2).missed == 0
    assert store.dropped_total == store.missed[0] <= exchange.missed
    assert exchange.row.split.backpressure == 399 * 5
    store.take(0, tape.send(1, 1, 20, 25, BODY).end(1, 5_000).batch())
    assert store.row(1, 0).state is State.RETURNED
    assert store.row(1, 0).duration_ns == 5_000


def test_open_exchanges_go_when_nothing_else_is_left() -> None:
    store, tape = small_store(), Tape()
    for exchange in range(1, 1_000):
        tape.scope(exchange, 0, path="/" * 4 * KIB, headers=[[b"x" * KIB, b"y"]])
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    assert store.numbers.tolist()[-1] == 999
    assert store.evicted_total == 999 - len(store)
    store.take(0, tape.end(1, 10).end(999, 10).batch())
    assert store.row(999, 0).state is State.RETURNED


def test_many_pending_calls_are_memory_too() -> None:
    store, tape = small_store(), Tape()
    tape.scope(1, 0)
    for call in range(1, 20_000):
        tape.receive_called(1, call, call)
        if call % 500 == 0:
            store.take(0, tape.batch())
            assert store.bytes_used <= store.limit_bytes


def test_events_looked_at_have_their_own_share() -> None:
    store, tape = small_store(), Tape()
    for number in range(1, 60):
        tape.request(number, body=bytes(KIB))
    tape.scope(100, 0)
    for call in range(1, 2_001):
        tape.receive_called(100, call, call)
    store.take(0, tape.batch())
    for number in store.numbers.tolist():
        exchange_of(store, number)
        assert store.bytes_used <= store.limit_bytes
    exchange = exchange_of(store, int(store.numbers[-1]))
    assert exchange.missed > 0
    assert len(exchange.events) + exchange.missed == 2_001
    assert exchange.events[0].call == 0
    assert [event.index for event in exchange.events] == list(range(len(exchange.events)))
    for call in range(1, 2_001):
        tape.receive_returned(100, call, call, 3_000, REQUEST)
    store.take(0, tape.batch())
    completed = exchange_of(store, int(store.numbers[-1]))
    assert not any(event.pending for event in completed.events)


def test_the_oldest_rows_go_of_whichever_process() -> None:
    store = small_store()
    store.add_process(43, ANCHOR, "app")
    tapes = Tape(), Tape()
    for exchange in range(1, 400):
        for source, tape in enumerate(tapes):
            store.take(source, tape.request(exchange, body=bytes(2 * KIB)).batch())
            assert store.bytes_used <= store.limit_bytes
    numbers = store.numbers.tolist()
    assert numbers == list(range(numbers[0], 799))
    assert len(list(store.all_records())) == 5 * len(numbers)


def test_ends_that_were_overwritten_do_not_fill_the_store() -> None:
    store, tape = small_store(), Tape()
    store.take(0, tape.scope(9_999, 0, "lifespan").batch())
    for exchange in range(1, 1_500, 2):
        tape.scope(exchange, 0, path="/" * KIB).end(exchange, 10).request(exchange + 1)
        store.take(0, tape.batch(1))
        tape.skip(1)
        store.take(0, tape.batch(missed=1))
        assert store.bytes_used <= store.limit_bytes
    numbers = store.numbers.tolist()
    assert numbers == [1, *range(numbers[1], 1_502)]
    assert np.count_nonzero(store.state == State.RETURNED) == len(numbers) // 2


def test_processes_stay_and_may_be_too_many() -> None:
    store = small_store()
    for pid in range(1_000):
        store.add_process(pid, ANCHOR, "app")
    store.take(999, Tape().request(1).batch())
    assert len(store) == 0


def steps() -> st.SearchStrategy[list[tuple[str, int, int]]]:
    names = [
        "scope",
        "send",
        "send",
        "receive",
        "frame",
        "frame",
        "close",
        "end",
        "note",
        "log",
        "look",
        "lose",
        "clear",
        "gap",
    ]
    step = st.tuples(
        st.sampled_from(names), st.integers(1, 12), st.sampled_from([0, 100, 5_000, 60_000])
    )
    return st.lists(step, max_size=80)


@settings(max_examples=60, deadline=None)
@given(steps())
def test_it_never_exceeds_its_limit(script: list[tuple[str, int, int]]) -> None:
    store, tape = small_store(), Tape()

    def look(number: int) -> None:
        for chosen in store.numbers.tolist()[-number:]:
            store.exchange(chosen, 0)

    for time, (name, number, size) in enumerate(script):
        text = "x" * size
        deeds: dict[str, Callable[[], object]] = {
            "scope": lambda: tape.scope(number, time, path=text),  # noqa: B023
            "send": lambda: tape.send(number, time, time, time, {**MORE, "body": text.encode()}),  # noqa: B023
            "frame": lambda: tape.wire(number, FRAME, time, exchange=size % 9, payload=bytes(size)),  # noqa: B023
            "close": lambda: tape.wire(number, Wire.CLOSED, time),  # noqa: B023
            "receive": lambda: tape.receive_called(number, time, time),  # noqa: B023
            "end": lambda: tape.end(number, time),  # noqa: B023
            "note": lambda: store.note(0, text, number, time),  # noqa: B023
            "log": lambda: store.log(LogLine(0, time, "stdout", text)),  # noqa: B023
            "look": lambda: look(number),  # noqa: B023
            "lose": lambda: store.end_process(0, None, text, time),  # noqa: B023
            "clear": lambda: store.clear(),
            "gap": lambda: None,
        }
        deeds[name]()
        store.take(0, tape.batch(missed=number if name == "gap" else 0))
        assert store.bytes_used <= store.limit_bytes
        assert len(rows_of(store, time)) == len(store.numbers)
    known = set(store.numbers.tolist())
    assert {number for number in known if store.row(number, 0).split.total < 0} == set()


def test_the_measure_is_honest() -> None:
    """What tracemalloc sees stays near what the store says, for many small and for few large."""
    for body in (10, 20 * KIB):
        limit = 4 * KIB * KIB
        tape = Tape()
        for exchange in range(1, 1_500):
            tape.wire(exchange, Wire.OPENED, 0, content={"peer": f"peer:{exchange}"})
            tape.wired(exchange, exchange) if body < KIB else tape.request(
                exchange, body=bytes(body)
            )
            tape.wire(exchange, Wire.CLOSED, 0)
        batches = [tape.batch(100) for _ in range(180)]
        tracemalloc.start()
        store = small_store(limit)
        for batch in batches:
            store.take(0, batch)
        for number in store.numbers.tolist():
            store.exchange(number, 0)
        assert len([connection.events for connection in store.connections(0)]) > 50
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert used <= store.bytes_used * 1.1 + 64 * KIB
        assert used >= store.bytes_used * 0.5
