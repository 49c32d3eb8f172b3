"""What is known of connections, and how long."""

import pytest

from asgitrace.events import Phase
from asgitrace.ring import encode
from asgitrace.store import Connection, Store
from asgitrace.store.connections import EVENTS
from asgitrace.store.store import LEAST_LIMIT
from asgitrace.wire import Wire
from tests.store.playbook import ANCHOR, Tape, exchange_of, store_of

OPENED = {
    "peer": "10.0.0.1:5000",
    "local": "10.0.0.2:443",
    "tls": {"version": "TLSv1.3", "cipher": "AES", "alpn": "http/1.1"},
}
CLOSED = {"by": "client", "how": "eof", "received": 300, "sent": 400, "requests": 2}


def connection_of(store: Store, number: int = 1) -> Connection:
    found = store.connection_of(0, number)
    assert found is not None
    return found


def test_a_connection_from_its_opening_to_its_end() -> None:
    tape = Tape().wire(1, Wire.OPENED, 900, content=OPENED).wired(1)
    store = store_of(tape)
    connection = connection_of(store)
    assert connection.process == store.processes[0]
    assert (connection.number, connection.opened, connection.closed) == (1, 900, None)
    assert (connection.peer, connection.local) == ("10.0.0.1:5000", "10.0.0.2:443")
    assert (connection.tls, connection.end) == ("TLSv1.3, AES, http/1.1", "")
    assert (connection.received, connection.sent, connection.requests) == (24, 24, 1)
    assert (connection.exchanges, connection.busy, connection.missed) == ((1,), False, 0)
    assert [event.wire for event in connection.events] == [Wire.OPENED]
    tape.wire(1, Wire.REQUEST, 3_000, exchange=2, number=2, size=30).scope(2, 3_001)
    store.take(0, tape.batch())
    connection = connection_of(store)
    assert (connection.requests, connection.exchanges, connection.busy) == (2, (1, 2), True)
    store.take(0, tape.end(2, 4_000).wire(1, Wire.CLOSED, 5_000, content=CLOSED).batch())
    connection = connection_of(store)
    assert (connection.closed, connection.end, connection.busy) == (5_000, "client: eof", False)
    assert (connection.received, connection.sent, connection.requests) == (300, 400, 2)
    assert [event.wire for event in connection.events] == [Wire.OPENED, Wire.CLOSED]
    assert exchange_of(store).connection == connection
    assert list(store.connections(0)) == [connection]
    assert store.connection_total == 1


def test_without_a_wire_there_are_none() -> None:
    store = store_of(Tape().request(1))
    assert (list(store.connections(0)), store.connection_of(0, 1)) == ([], None)
    assert exchange_of(store).connection is None
    assert exchange_of(store).row.connection == 0


def test_an_end_within_an_exchange_is_its_event_and_the_connections_end() -> None:
    tape = Tape().wire(1, Wire.OPENED, 0).scope(1, 5, "websocket")
    tape.wire(1, Wire.FRAME_IN, 8, exchange=1)
    tape.wire(1, Wire.CLOSED, 10, exchange=1, content={"by": "client", "how": "reset"})
    tape.wire(1, Wire.FRAME_OUT, 12, 0, exchange=1, phase=Phase.CALLED)
    store = store_of(tape)
    assert (connection_of(store).closed, connection_of(store).end) == (10, "client: reset")
    assert [event.wire for event in exchange_of(store).wire][1] is Wire.CLOSED
    shared = [record.header.sequence for _, record in store.connection_records([1])]
    assert shared == [0, 3]


def test_the_latest_are_last_and_are_described_when_looked_at() -> None:
    tape = Tape()
    for number in range(1, 11):
        tape.wire(number, Wire.OPENED, number)
    found = store_of(tape).connections(0)
    assert len(found) == 10
    assert found[-1].number == 10
    assert [connection.number for connection in found[2:4]] == [3, 4]
    with pytest.raises(IndexError):
        found[10]


def test_a_process_that_ends_closes_its_connections() -> None:
    tape = Tape().wire(1, Wire.OPENED, 10).wire(2, Wire.OPENED, 20).wire(2, Wire.CLOSED, 30)
    store = store_of(tape)
    store.end_process(0, -9, "killed", 100)
    assert [(c.closed, c.end) for c in store.connections(0)] == [
        (100, "process ended"),
        (30, "closed"),
    ]
    store.take(0, tape.wire(1, Wire.CLOSED, 50, content=CLOSED).batch())
    assert (connection_of(store).closed, connection_of(store).end) == (50, "client: eof")


def test_a_connection_whose_opening_was_overwritten() -> None:
    connection = connection_of(store_of(Tape().wired(1)))
    assert (connection.opened, connection.peer, connection.requests) == (None, "", 1)


def test_a_number_that_is_used_again_is_another_connection() -> None:
    tape = Tape().wire(1, Wire.OPENED, 10).wire(1, Wire.CLOSED, 20, content=CLOSED)
    store = store_of(tape.wire(1, Wire.OPENED, 30, content=OPENED))
    assert store.connection_total == 2
    assert (connection_of(store).opened, connection_of(store).closed) == (30, None)


@pytest.mark.parametrize(
    "content",
    [
        {"peer": b"bytes", "local": 5, "tls": [1], "by": 1, "how": None, "text": {}},
        {"tls": {"version": 3, 7: "x"}, "received": "1", "sent": -1, "requests": 2**63},
        {"received": True, "sent": 1, "requests": 1},
        [1, 2],
        None,
    ],
)
def test_content_of_other_types_tells_nothing(content: object) -> None:
    payload = encode(content)
    tape = Tape().wire(1, Wire.OPENED, 1, payload=payload).wire(1, Wire.CLOSED, 2, payload=payload)
    connection = connection_of(store_of(tape))
    assert (connection.peer, connection.local, connection.tls) == ("", "", "")
    assert (connection.end, connection.received, connection.requests) == ("closed", 0, 0)


def test_texts_are_bounded() -> None:
    content = {"peer": "x" * 100_000, "by": "y" * 100_000, "text": "z" * 100_000}
    tape = Tape().wire(1, Wire.OPENED, 1, content=content).wire(1, Wire.CLOSED, 2, content=content)
    connection = connection_of(store_of(tape))
    assert len(connection.peer) == 257
    assert connection.end.startswith("yyy")
    assert connection.end.endswith("z…)")
    assert len(connection.end) < 600


def test_an_endless_connection_keeps_its_opening_and_its_latest_events() -> None:
    tape = Tape().wire(1, Wire.OPENED, 0)
    for at in range(1, 200):
        tape.wire(1, Wire.TIMEOUT, at)
    connection = connection_of(store_of(tape))
    assert [event.at for event in connection.events] == [0, *range(201 - EVENTS, 200)]
    assert connection.missed == 200 - EVENTS
    for at in range(200, 240):
        tape.wire(1, Wire.BYTES_IN, at, payload=bytes(10_000))
    connection = connection_of(store_of(tape))
    assert sum(len(event.payload) for event in connection.events) <= 64 * 1024


def small() -> Store:
    store = Store(LEAST_LIMIT)
    store.add_process(42, ANCHOR, "app")
    return store


def test_closed_ones_are_forgotten_before_open_ones() -> None:
    store, tape = small(), Tape()
    tape.wire(1, Wire.OPENED, 0)
    for number in range(2, 2_000):
        tape.wire(number, Wire.OPENED, number).wire(number, Wire.CLOSED, number)
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    numbers = [connection.number for connection in store.connections(0)]
    assert numbers[0] == 1
    assert numbers[1:] == list(range(numbers[1], 2_000))
    assert store.connection_total == 1_999
    assert store.connections_forgotten == 1_999 - len(numbers)


def test_of_open_ones_alone_the_oldest_are_forgotten() -> None:
    store, tape = small(), Tape()
    for number in range(1, 1_000):
        tape.wire(number, Wire.OPENED, number).wire(number, Wire.TIMEOUT, number)
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    found = list(store.connections(0))
    assert found[-1].number == 999
    assert store.connections_forgotten == 999 - len(found) > 0
    assert found[0].missed == 1
    store.take(0, tape.wire(1, Wire.FRAME_IN, 5_000, exchange=1, size=4).batch())
    assert connection_of(store).received == 4


def test_an_exchange_goes_on_when_its_connection_was_forgotten() -> None:
    store, tape = small(), Tape().scope(1, 0, "websocket").wire(5, Wire.FRAME_IN, 1, exchange=1)
    store.take(0, tape.batch())
    store.end_process(0, None, "", 0)
    store.clear()
    assert store.connection_of(0, 5) is None
    tape.scope(2, 0, "websocket").wire(6, Wire.OPENED, 2).wire(6, Wire.FRAME_IN, 3, exchange=2)
    store.take(0, tape.wire(6, Wire.CLOSED, 4, content=CLOSED).batch())
    store.clear()
    assert store.connection_of(0, 6) is None
    store.take(0, tape.wire(6, Wire.FRAME_IN, 6, exchange=2, size=9).batch())
    assert connection_of(store, 6).received == 9


def test_connections_of_two_processes_are_apart() -> None:
    store = small()
    store.add_process(43, ANCHOR, "app")
    for source in (0, 1):
        store.take(source, Tape().wire(1, Wire.OPENED, source).wired(1).batch())
    assert [c.process.pid for c in store.connections(0)] == [42, 43]
    assert [c.exchanges for c in store.connections(0)] == [(1,), (2,)]
    store.end_process(0, 0, "", 9_000)
    assert [c.closed for c in store.connections(0)] == [9_000, None]


def test_a_list_tells_how_many_are_open_and_busy_without_describing_them() -> None:
    tape = Tape().wire(1, Wire.OPENED, 0).wire(2, Wire.OPENED, 0).wire(3, Wire.OPENED, 0)
    tape.wired(1, 1).wire(2, Wire.REQUEST, 5, exchange=2).wire(3, Wire.CLOSED, 9)
    found = store_of(tape).connections(0)
    assert (len(found), found.open, found.busy) == (3, 2, 1)
    assert [connection.busy for connection in found] == [False, True, False]
    assert (found.find(0, 2), found.find(0, 9), found.find(1, 2)) == (1, None, None)
    assert (found[1:].open, found[1:][0].exchanges) == (1, (2,))
