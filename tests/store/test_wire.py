"""Events of the wire beside those of the app: rows, sums, events, limits."""

from random import Random

import pytest

from asgitrace.events import Flag, Kind, Phase
from asgitrace.ring import encode
from asgitrace.store import RowKind, State, Store, WireEvent
from asgitrace.store.store import LEAST_LIMIT
from asgitrace.wire import Frame, Wire
from tests.store.playbook import ANCHOR, BODY, START, Tape, exchange_of, parts, rows_of, store_of

TEXT = Frame(1).pack()


def test_an_exchange_has_its_wire_beside_its_events() -> None:
    plain = exchange_of(store_of(Tape().request(1)))
    exchange = exchange_of(store_of(Tape().wired(1)))
    assert exchange.events == plain.events
    assert exchange.row.connection == 1
    assert (exchange.row.split, exchange.row.started_ns) == (plain.row.split, plain.row.started_ns)
    assert (exchange.row.events, exchange.row.received, exchange.row.sent) == (5, 0, 5)
    assert (exchange.missed, exchange.wire_missed) == (0, 0)
    wire = exchange.wire
    assert [(event.index, event.wire, event.at, event.accepted) for event in wire] == [
        (0, Wire.REQUEST, 950, 950),
        (1, Wire.REQUEST_END, 950, 950),
        (2, Wire.RESPONSE, 1_061, 1_061),
        (3, Wire.RESPONSE_BODY, 1_062, 1_090),
    ]
    assert wire[0].content() == {"head": b"GET /wired HTTP/1.1\r\n\r\n"}
    assert wire[1].content() == {}
    assert (wire[2].number, wire[2].size, wire[2].flags) == (200, 19, Flag(0))


def test_the_request_is_a_row_before_its_scope_comes() -> None:
    tape = Tape().wired(7)
    store = Store()
    store.add_process(42, ANCHOR, "shop:app")
    store.take(0, tape.batch(1))
    row = store.row(1, 960)
    assert (row.kind, row.method, row.path, row.state) == (
        RowKind.HTTP, "GET", "/wired", State.OPEN,
    )  # fmt: skip
    assert (parts(row.split), row.events, row.received) == ((0, 10, 0, 0), 0, 24)
    assert exchange_of(store).missed == 0
    store.take(0, tape.batch(2))
    row = store.row(1, 1_005)
    assert (row.path, parts(row.split), row.received) == ("/7", (5, 0, 0, 0), 0)
    store.take(0, tape.batch())
    assert store.row(1, 0) == store_of(Tape().wired(7)).row(1, 0)
    assert len(store) == 1


def test_what_waits_for_the_socket_is_told_so_until_it_is_accepted() -> None:
    tape = Tape().scope(1, 0)
    tape.wire(1, Wire.FRAME_OUT, 10, 0, exchange=1, phase=Phase.CALLED, number=TEXT, size=5)
    tape.wire(1, Wire.FRAME_OUT, 10, 0, exchange=1, phase=Phase.CALLED, number=TEXT, size=6)
    tape.wire(1, Wire.FRAME_IN, 20, exchange=1, number=TEXT, size=7)
    store = store_of(tape)
    before = exchange_of(store).wire
    assert [(event.size, event.accepted) for event in before] == [(5, None), (6, None), (7, 20)]
    tape.wire(1, Wire.FRAME_OUT, 10, 30, exchange=1, phase=Phase.RETURNED)
    store.take(0, tape.batch())
    after = exchange_of(store).wire
    assert [(event.size, event.accepted) for event in after] == [(5, 30), (6, None), (7, 20)]
    assert after[2] is before[2], "only what is new was decoded"


def test_an_acceptance_alone_is_an_event_of_its_own() -> None:
    tape = Tape().scope(1, 0)
    tape.wire(1, Wire.RESPONSE, 10, 30, exchange=1, phase=Phase.RETURNED, number=200)
    (event,) = exchange_of(store_of(tape)).wire
    assert (event.at, event.accepted, event.number) == (10, 30, 200)


def test_events_told_late_stand_where_they_were_made() -> None:
    tape = Tape().scope(1, 0)
    tape.wire(1, Wire.FRAME_IN, 20, exchange=1, size=1)
    tape.wire(1, Wire.FRAME_OUT, 30, 0, exchange=1, size=2, phase=Phase.CALLED)
    tape.wire(1, Wire.FRAME_OUT, 10, 25, exchange=1, size=3)
    store = store_of(tape)
    assert [event.size for event in exchange_of(store).wire] == [3, 1, 2]
    tape.wire(1, Wire.FRAME_OUT, 30, 40, exchange=1, phase=Phase.RETURNED)
    store.take(0, tape.batch())
    wire = exchange_of(store).wire
    assert [(event.index, event.accepted) for event in wire] == [(0, 25), (1, 20), (2, 40)]


def test_codes_of_a_newer_version_are_left_out() -> None:
    store = store_of(Tape().scope(1, 0).wire(1, 200, 10, exchange=1))
    assert exchange_of(store).wire == ()


def test_a_refused_request_is_a_row() -> None:
    tape = Tape()
    tape.wire(4, Wire.REQUEST, 1_000, exchange=1, number=1, size=60,
              content={"head": b"POST /a?b=\xff HTTP/1.1\r\nhost: x\r\n\r\n"})  # fmt: skip
    tape.wire(4, Wire.REFUSED, 1_040, exchange=1, number=413, content={"text": "too large"})
    tape.wire(4, Wire.RESPONSE, 1_050, exchange=1, number=413, size=70)
    tape.wire(4, Wire.RESPONSE_BODY, 1_050, 0, exchange=1, size=9, phase=Phase.CALLED)
    tape.wire(4, Wire.RESPONSE_BODY, 1_050, 1_060, exchange=1, size=9, phase=Phase.RETURNED)
    store = store_of(tape)
    (row,) = rows_of(store, 9_999)
    assert (row.kind, row.state, row.status) == (RowKind.HTTP, State.REFUSED, 413)
    assert (row.method, row.path) == ("POST", "/a?b=ÿ")
    assert (parts(row.split), row.duration_ns) == ((0, 40, 0, 0), 40)
    assert (row.received, row.sent, row.events, row.pending) == (60, 79, 0, "")
    exchange = exchange_of(store)
    assert (exchange.events, exchange.missed, len(exchange.wire)) == ((), 0, 4)
    assert exchange.wire[1].content() == {"text": "too large"}
    assert store.event_total == 0


def test_a_refusal_without_a_request() -> None:
    tape = Tape().wire(4, Wire.ERROR, 1_000, exchange=1, content={"text": "no HTTP"})
    tape.wire(4, Wire.REFUSED, 1_000, exchange=1, number=400)
    (row,) = rows_of(store_of(tape))
    assert (row.method, row.path, row.state) == ("?", "(no request)", State.REFUSED)
    assert (row.status, row.duration_ns) == (400, 0)


def test_a_request_whose_connection_ends_is_over() -> None:
    tape = Tape().wire(4, Wire.REQUEST, 1_000, exchange=1).wire(4, Wire.CLOSED, 1_030)
    (row,) = rows_of(store_of(tape), 5_000)
    assert (row.state, row.status, row.duration_ns) == (State.REFUSED, 0, 30)
    tape = Tape().wired(1).wire(1, Wire.CLOSED, 1_020, exchange=1)
    assert rows_of(store_of(tape))[0].state is State.RETURNED


def test_an_app_that_is_called_all_the_same_was_not_refused() -> None:
    tape = Tape().wire(4, Wire.REQUEST, 900, exchange=1)
    tape.wire(4, Wire.REFUSED, 950, exchange=1, number=400).request(1)
    store = store_of(tape)
    assert store.row(1, 0).split == store_of(Tape().request(1)).row(1, 0).split
    assert store.row(1, 0).status == 200
    store.take(0, tape.wire(4, Wire.REFUSED, 2_000, exchange=1, number=400).batch())
    assert (store.row(1, 0).state, store.row(1, 0).status) == (State.RETURNED, 200)


def test_a_process_that_ends_while_a_request_is_read() -> None:
    tape = Tape().wire(4, Wire.REQUEST, 1_000, exchange=1)
    store = store_of(tape)
    store.end_process(0, -9, "killed", 1_050)
    row = store.row(1, 0)
    assert (row.state, parts(row.split)) == (State.LOST, (0, 50, 0, 0))
    store.take(0, tape.wire(4, Wire.REFUSED, 1_020, exchange=1, number=408).batch())
    row = store.row(1, 0)
    assert (row.state, row.status, row.duration_ns) == (State.REFUSED, 408, 20)


def test_a_scope_that_was_overwritten_behind_the_request() -> None:
    tape = Tape().wire(4, Wire.REQUEST, 1_000, exchange=1).send(1, 1, 1_010, 1_020, START)
    store = store_of(tape)
    assert exchange_of(store).missed == 1
    assert (store.row(1, 0).state, store.row(1, 0).path) == (State.OPEN, "(scope overwritten)")


def test_records_of_the_wire_neither_settle_nor_prolong_a_doubt() -> None:
    tape = Tape().scope(1, 0).wire(1, Wire.FRAME_IN, 5, exchange=1)
    store = store_of(tape)
    store.take(0, tape.wire(1, Wire.FRAME_IN, 6, exchange=1).batch(missed=3))
    assert exchange_of(store).missed == 3
    store.take(0, tape.send(1, 1, 10, 20, START).batch())
    assert exchange_of(store).missed == 0


def test_late_events_of_a_finished_exchange_find_its_row() -> None:
    tape = Tape()
    for exchange in range(1, 200):
        tape.wired(exchange, exchange)
    tape.wire(3, Wire.RESPONSE_END, 9_000, exchange=3)
    store = store_of(tape)
    assert len(store) == 199
    assert exchange_of(store, 3).wire[-1].wire is Wire.RESPONSE_END
    assert store.row(3, 0).connection == 3


def test_numbers_that_are_reserved_early_are_new_exchanges() -> None:
    tape = Tape().wired(5).wired(3, 2).scope(4, 0).wired(2, 3)
    store = store_of(tape)
    assert [row.path for row in rows_of(store)] == ["/5", "/3", "/", "/2"]


def test_an_endless_session_gives_up_frames_and_messages() -> None:
    store, tape = Store(LEAST_LIMIT), Tape().scope(1, 0, "websocket")
    store.add_process(42, ANCHOR, "app")
    message = {"type": "websocket.send", "bytes": bytes(500)}
    for call in range(1, 4_001):
        tape.send(1, call, call * 10, call * 10 + 1, message)
        tape.wire(1, Wire.FRAME_OUT, call * 10 + 2, exchange=1, size=500, number=TEXT)
        if call % 50 == 0:
            store.take(0, tape.batch())
            assert store.bytes_used <= store.limit_bytes
    exchange = exchange_of(store)
    assert exchange.missed > 1_000
    assert exchange.wire_missed > 1_000
    assert len(exchange.events) + exchange.missed == exchange.row.events == 4_001
    assert len(exchange.wire) + exchange.wire_missed == 4_000
    assert [event.index for event in exchange.wire] == list(range(len(exchange.wire)))
    assert exchange.wire[-1].at == 40_002
    assert exchange.connection is not None
    assert exchange.connection.sent == 2_000_000


def test_many_frames_are_decoded_once() -> None:
    tape = Tape().scope(1, 0, "websocket")
    for at in range(20_000):
        tape.wire(1, Wire.FRAME_IN, at, exchange=1, size=5, number=TEXT)
    store = store_of(tape)
    before = exchange_of(store).wire
    store.take(0, tape.wire(1, Wire.FRAME_IN, 30_000, exchange=1).batch())
    after = exchange_of(store).wire
    assert len(after) == 20_001
    assert all(new is old for new, old in zip(after, before, strict=False))


def test_evicted_exchanges_take_their_wire_along() -> None:
    store, tape = Store(LEAST_LIMIT), Tape()
    store.add_process(42, ANCHOR, "app")
    for exchange in range(1, 1_000):
        tape.wired(exchange, exchange)
        tape.wire(
            exchange, Wire.BYTES_IN, 0, exchange=exchange, payload=Random(exchange).randbytes(2_000)
        )
        store.take(0, tape.batch())
        assert store.bytes_used <= store.limit_bytes
    kept = {record.header.exchange for _, record in store.all_records()}
    assert kept == {row.connection for row in rows_of(store)}
    store.take(0, tape.wire(1, Wire.RESPONSE_END, 0, exchange=1).batch())
    assert store.dropped_total == 1


def test_what_is_not_a_map_has_no_content() -> None:
    tape = Tape().scope(1, 0).wire(1, Wire.TIMEOUT, 5, exchange=1, payload=encode([1]))
    (event,) = exchange_of(store_of(tape)).wire
    assert isinstance(event, WireEvent)
    assert event.content() == {}


def test_records_of_the_wire_are_given_back_with_those_of_the_app() -> None:
    tape = Tape().wire(1, Wire.OPENED, 5).wired(1).send(1, 9, 0, 0, BODY).wire(1, Wire.CLOSED, 99)
    store = store_of(tape, cuts=(1, 3, 2))
    assert [record.header for _, record in store.all_records()] == tape.headers
    assert [record.header for _, record in store.records(1)] == tape.headers[1:-1]
    shared = [record.header for _, record in store.connection_records([1])]
    assert shared == [tape.headers[0], tape.headers[-1]]
    assert {header.kind for header in shared} == {Kind.WIRE}


def test_a_connection_that_ends_in_a_later_batch_ends_its_request() -> None:
    tape = Tape().wire(4, Wire.REQUEST, 1_000, exchange=1)
    store = store_of(tape)
    assert store.row(1, 1_010).state is State.OPEN
    store.take(0, tape.wire(4, Wire.CLOSED, 1_030).batch())
    assert (store.row(1, 0).state, store.row(1, 0).duration_ns) == (State.REFUSED, 30)


def test_another_request_head_in_a_called_exchange_changes_nothing() -> None:
    tape = Tape().wired(1).wire(1, Wire.REQUEST, 2_000, exchange=1, content={"head": b"X /x\r\n"})
    store = store_of(tape)
    assert store.row(1, 0).path == "/1"
    assert exchange_of(store).connection is not None
    assert exchange_of(store).wire[-1].at == 2_000


def test_an_exchange_whose_number_is_used_again_is_another() -> None:
    tape = Tape()
    for exchange in range(1, 100):
        tape.wired(exchange, exchange)
    store = store_of(tape)
    store.take(0, tape.scope(1, 9_000).batch())
    assert [row.path for row in rows_of(store)][-1] == "/"
    assert len(store) == 100


def test_the_events_looked_at_are_bounded_on_either_side() -> None:
    store, tape = Store(LEAST_LIMIT), Tape().scope(1, 0, "websocket")
    store.add_process(42, ANCHOR, "app")
    tape.send(1, 1, 5, 6, START)
    for at in range(1, 3_000):
        tape.wire(1, Wire.FRAME_IN, at, exchange=1, number=TEXT)
    store.take(0, tape.batch())
    exchange = exchange_of(store)
    assert len(exchange.events) == 2
    assert len(exchange.wire) + exchange.wire_missed == 2_999
    assert exchange.wire_missed > 0
    assert exchange.missed == 0
    assert store.bytes_used <= store.limit_bytes


def test_a_number_between_many_scattered_ones_is_new_all_the_same() -> None:
    tape = Tape()
    for exchange in range(2, 2_400, 2):
        tape.scope(exchange, 0)
    store = store_of(tape)
    store.take(0, tape.wire(1, Wire.REQUEST, 5, exchange=3).batch())
    assert len(store) == 1_200
    assert store.row(1_200, 0).connection == 1


@pytest.mark.parametrize("wire_first", [True, False])
def test_a_websocket_turned_away_has_the_status_that_its_client_got(wire_first: bool) -> None:
    tape = Tape().scope(1, 0, "websocket")
    if wire_first:
        tape.wire(1, Wire.RESPONSE, 11, exchange=1, number=403)
    tape.send(1, 1, 10, 12, {"type": "websocket.close", "code": 4001})
    if not wire_first:
        tape.wire(1, Wire.RESPONSE, 13, exchange=1, number=403)
    assert exchange_of(store_of(tape)).row.status == 403


def test_where_the_app_gave_no_status_the_servers_counts() -> None:
    tape = Tape().scope(1, 0).crash(1, 10)
    tape.wire(1, Wire.RESPONSE, 11, exchange=1, number=500)
    row = exchange_of(store_of(tape)).row
    assert (row.status, row.state) == (500, State.RAISED)


@pytest.mark.parametrize("wire_first", [True, False])
def test_where_the_app_gave_another_status_the_servers_counts(wire_first: bool) -> None:
    tape = Tape().scope(1, 0)
    if wire_first:
        tape.wire(1, Wire.RESPONSE, 11, exchange=1, number=500)
    tape.send(1, 1, 10, 12, START)
    if not wire_first:
        tape.wire(1, Wire.RESPONSE, 13, exchange=1, number=500)
    assert exchange_of(store_of(tape)).row.status == 500


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\x03\xf3internal error", 1011), (b"", 0), (b"\x03", 0), ("no bytes", 0), (None, 0)],
)
@pytest.mark.parametrize("what", [Wire.FRAME_IN, Wire.FRAME_OUT])
def test_the_code_of_a_close_frame_counts_where_the_app_gave_none(
    what: Wire, data: object, code: int
) -> None:
    tape = Tape().scope(1, 0, "websocket")
    tape.wire(1, Wire.FRAME_OUT, 10, exchange=1, number=TEXT, content={"data": b"\x03\xe8"})
    tape.wire(1, what, 11, exchange=1, number=Frame(8).pack(), content={"data": data})
    assert exchange_of(store_of(tape)).row.status == code


def test_the_first_close_counts() -> None:
    tape = Tape().scope(1, 0, "websocket")
    tape.wire(
        1, Wire.FRAME_OUT, 11, exchange=1, number=Frame(8).pack(), content={"data": b"\x03\xf4"}
    )
    tape.wire(
        1, Wire.FRAME_IN, 12, exchange=1, number=Frame(8).pack(), content={"data": b"\x03\xe8"}
    )
    tape.send(1, 1, 10, 13, {"type": "websocket.close", "code": 4000})
    assert exchange_of(store_of(tape)).row.status == 1012
