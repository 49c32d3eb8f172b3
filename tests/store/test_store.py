"""Records in, rows and events out."""

import numpy as np
import pytest

from asgitrace.events import HEADER, MESSAGE_CODES, Flag, Kind, Outcome
from asgitrace.ring import Batch, encode
from asgitrace.store import Gap, LogLine, Origin, Row, RowKind, Split, State, Store
from tests.store.playbook import (
    ANCHOR,
    BODY,
    FAILURE,
    REQUEST,
    START,
    Tape,
    exchange_of,
    parts,
    rows_of,
    store_of,
)

MORE = {**BODY, "more_body": True}


def test_an_http_exchange() -> None:
    store = store_of(Tape().request(7))
    assert rows_of(store) == [
        Row(
            number=1,
            kind=RowKind.HTTP,
            state=State.RETURNED,
            started_ns=ANCHOR.wall_ns,
            method="GET",
            path="/7",
            status=200,
            received=0,
            sent=5,
            events=5,
            split=Split(30, 20, 30, 20),
            pending="",
            ttfb_ns=40,
        )
    ]
    exchange = exchange_of(store)
    assert exchange.row == store.row(1, 0)
    assert exchange.process == store.processes[0]
    assert exchange.missed == 0
    assert [(event.index, event.kind, event.type, event.call) for event in exchange.events] == [
        (0, Kind.SCOPE, None, 0),
        (1, Kind.RECEIVE, "http.request", 1),
        (2, Kind.SEND, "http.response.start", 2),
        (3, Kind.SEND, "http.response.body", 3),
        (4, Kind.RETURN, None, 0),
    ]
    assert exchange.events[0].content()["path"] == "/7"
    assert exchange.events[2].number == 200
    assert [event.wait_ns for event in exchange.events] == [0, 20, 10, 20, 0]
    assert store.event_total == 5
    assert len(store) == 1
    assert 1 in store
    assert 2 not in store


def test_a_pending_call_is_pending_until_it_returns() -> None:
    tape = Tape().scope(1, 1_000).receive_called(1, 1, 1_010)
    store = store_of(tape)
    row = store.row(1, 1_060)
    assert (row.state, row.pending, row.events) == (State.OPEN, "receive", 2)
    assert parts(row.split) == (10, 50, 0, 0)
    assert store.row(1, 0).duration_ns == 10
    pending = exchange_of(store).events[1]
    assert pending.pending
    assert pending.wait_ns is None
    assert pending.type is None
    request = {**REQUEST, "body": b"abc", "more_body": True}
    tape.receive_returned(1, 1, 1_010, 1_040, request)
    tape.send_called(1, 2, 1_050, {**START, "status": 404})
    store.take(0, tape.batch())
    row = store.row(1, 1_060)
    assert (row.pending, row.received, row.status, row.events) == ("send", 3, 404, 3)
    assert parts(row.split) == (20, 30, 10, 0)
    events = exchange_of(store).events
    assert (events[1].type, events[1].returned, events[1].size) == ("http.request", 1_040, 3)
    assert events[1].content()["body"] == b"abc"
    assert (events[2].type, events[2].returned) == ("http.response.start", None)
    tape.send_returned(1, 2, 1_050, 1_080, START).end(1, 1_090)
    store.take(0, tape.batch())
    row = store.row(1, 5_000)
    assert (row.state, row.pending, row.events) == (State.RETURNED, "", 4)
    assert parts(row.split) == (30, 30, 30, 0)
    sent = exchange_of(store).events[2]
    assert (sent.returned, sent.content()["status"]) == (1_080, 404)


def test_calls_of_several_tasks_keep_the_order_of_the_calls() -> None:
    tape = Tape().scope(1, 0, "websocket").receive_called(1, 1, 10)
    tape.send(1, 2, 20, 30, {"type": "websocket.accept"})
    tape.receive_returned(1, 1, 10, 40, {"type": "websocket.connect"})
    events = exchange_of(store_of(tape)).events
    assert [event.call for event in events] == [0, 1, 2]
    assert events[1].type == "websocket.connect"


def test_a_failed_send_has_both_message_and_error() -> None:
    tape = Tape().scope(1, 0).send_called(1, 1, 10, BODY)
    tape.send_returned(1, 1, 10, 20, BODY, Outcome.RAISED).crash(1, 30)
    store = store_of(tape)
    event = exchange_of(store).events[1]
    assert event.content()["body"] == b"hello"
    assert event.failure() == FAILURE
    assert event.outcome is Outcome.RAISED
    assert store.row(1, 0).state is State.RAISED
    assert store.row(1, 0).sent == 5
    assert store.row(1, 0).split.after == 0
    raised = exchange_of(store).events[2]
    assert (raised.kind, raised.content(), raised.error) == (Kind.RAISE, FAILURE, b"")


def test_a_failed_receive_has_an_error_and_no_message() -> None:
    tape = Tape().scope(1, 0).failed(Kind.RECEIVE, 1, 1, 10, 20)
    event = exchange_of(store_of(tape)).events[1]
    assert (event.payload, event.failure(), event.type) == (b"", FAILURE, None)


def test_cancelled() -> None:
    store = store_of(Tape().scope(1, 0).crash(1, 10, Outcome.CANCELLED))
    assert store.row(1, 0).state is State.CANCELLED


def test_a_return_whose_call_was_overwritten_still_shows() -> None:
    tape = Tape().scope(1, 0).send(1, 1, 10, 20, START).send_called(1, 2, 30, BODY)
    tape.send_returned(1, 2, 30, 40, BODY).end(1, 50)
    store = Store()
    store.add_process(42, ANCHOR, "shop:app")
    store.take(0, tape.batch(2))
    store.take(0, (tape.skip(1), tape.batch(missed=1))[1])
    exchange = exchange_of(store)
    assert exchange.missed == 1
    event = exchange.events[2]
    assert (event.type, event.called, event.returned) == ("http.response.body", 30, 40)
    assert event.payload == b""
    assert (exchange.row.sent, exchange.row.events) == (5, 4)
    assert parts(exchange.row.split) == (20, 0, 20, 10)


def test_an_exchange_whose_scope_was_overwritten_is_of_unknown_kind() -> None:
    tape = Tape().request(1)
    tape.skip(1)
    store = store_of(tape)
    row = store.row(1, 0)
    assert (row.kind, row.method, row.path) == (RowKind.OTHER, "?", "(scope overwritten)")
    assert (row.status, row.events) == (200, 4)
    assert parts(row.split) == (20, 20, 30, 20)
    assert exchange_of(store).missed == 1


def test_gaps_count_until_the_calls_prove_that_nothing_is_missing() -> None:
    tape = Tape().scope(1, 0, "websocket").receive_called(1, 1, 10).scope(2, 20)
    store = store_of(tape)
    tape.request(3)
    missed = tape.skip(5)
    tape.receive_returned(1, 1, 10, 30, {"type": "websocket.connect"})
    store.take(0, tape.batch(missed=missed))
    assert store.missed_total == 5
    assert list(store.gaps) == [Gap(0, 8, 5)]
    assert exchange_of(store, 1).missed == 5
    tape.send(1, 2, 40, 50, {"type": "websocket.accept"}).send(2, 2, 40, 50, START)
    store.take(0, tape.batch())
    assert exchange_of(store, 1).missed == 0, "call 2 follows call 1: nothing was lost"
    assert exchange_of(store, 2).missed == 5, "call 1 was lost"


def test_calls_of_every_sort_prove_that_nothing_is_missing() -> None:
    for first in ("receive", "receive_called", "send", "send_called"):
        tape = Tape().scope(1, 0)
        store = store_of(tape)
        store.take(0, tape.batch(missed=4))
        assert exchange_of(store).missed == 4
        if first == "receive_called":
            tape.receive_called(1, 1, 10)
        elif first == "receive":
            tape.receive(1, 1, 10, 20, REQUEST)
        elif first == "send_called":
            tape.send_called(1, 1, 10, START)
        else:
            tape.send(1, 1, 10, 20, START)
        store.take(0, tape.batch())
        assert exchange_of(store).missed == 0


def test_a_gap_alone_is_remembered() -> None:
    store = store_of(Tape().scope(1, 0))
    version = store.version
    store.take(0, Batch(b"", b"", 0, 3))
    assert (store.missed_total, exchange_of(store).missed) == (3, 3)
    assert store.version != version
    store.take(0, Batch(b"", b"", 0, 0))
    assert store.missed_total == 3


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({"type": "websocket.close", "code": 4001}, 4001),
        ({"type": "websocket.close"}, 1000),
        ({"type": "websocket.close", "code": "no number"}, 0),
        ({"type": "websocket.http.response.start", "status": 403, "headers": []}, 403),
    ],
)
def test_the_status_of_a_websocket_is_its_close_code(
    message: dict[str, object], status: int
) -> None:
    tape = Tape().scope(1, 0, "websocket").send(1, 1, 10, 20, message)
    assert store_of(tape).row(1, 0).status == status


def test_a_close_code_may_come_from_the_client_and_the_first_counts() -> None:
    tape = Tape()
    for exchange, message in enumerate(({"code": 1006}, {}), start=1):
        tape.scope(exchange, 0, "websocket")
        tape.receive(exchange, 1, 0, 20, {"type": "websocket.disconnect", **message})
        tape.send(exchange, 2, 30, 40, {"type": "websocket.close", "code": 1000}).end(exchange, 50)
    rows = rows_of(store_of(tape))
    assert [row.status for row in rows] == [1006, 1005]
    assert parts(rows[0].split) == (0, 20, 0, 30)


def test_a_response_with_trailers_ends_with_the_last_of_them() -> None:
    trailers = {"type": "http.response.trailers", "headers": []}
    tape = Tape().scope(1, 0).send(1, 1, 10, 20, {**START, "trailers": True})
    tape.send(1, 2, 30, 40, BODY).send(1, 3, 50, 60, {**trailers, "more_trailers": True})
    tape.send(1, 4, 70, 80, trailers).end(1, 100)
    assert parts(store_of(tape).row(1, 0).split) == (40, 0, 40, 20)


def test_trailers_declared_behind_the_body() -> None:
    tape = Tape().scope(1, 0).send(1, 1, 10, 20, BODY)
    tape.send(1, 2, 30, 40, {**START, "trailers": True}).end(1, 100)
    assert parts(store_of(tape).row(1, 0).split) == (80, 0, 20, 0)


def test_a_stream_that_listens_for_the_disconnect() -> None:
    tape = Tape().scope(1, 0).receive(1, 1, 0, 10, REQUEST).receive_called(1, 2, 20)
    tape.send(1, 3, 30, 40, START).send(1, 4, 50, 60, MORE).send(1, 5, 80, 90, BODY).end(1, 100)
    store = store_of(tape)
    assert parts(store.row(1, 0).split) == (50, 10, 30, 10)
    tape.receive_returned(1, 2, 20, 110, {"type": "http.disconnect"})
    store.take(0, tape.batch())
    assert parts(store.row(1, 0).split) == (50, 10, 30, 10)
    exchange = exchange_of(store)
    assert exchange.events[2].type == "http.disconnect"
    assert exchange.row.events == len(exchange.events) == 7


def test_the_lifespan_waits_for_the_shutdown_as_client_time() -> None:
    tape = Tape().scope(1, 0, "lifespan").receive(1, 1, 10, 20, {"type": "lifespan.startup"})
    tape.send(1, 2, 30, 40, {"type": "lifespan.startup.complete"}).receive_called(1, 3, 50)
    row = store_of(tape).row(1, 1_050)
    assert (row.kind, row.method) == (RowKind.LIFESPAN, "LIFESPAN")
    assert parts(row.split) == (30, 1_010, 10, 0)


def test_a_process_that_ends_loses_what_was_open() -> None:
    tape = Tape().scope(1, 1_000).receive_called(1, 1, 1_010).send(1, 2, 1_020, 1_030, START)
    store = store_of(tape.request(2))
    store.end_process(0, -9, "killed", 5_000)
    lost, returned, note = rows_of(store, 9_999)
    assert (lost.state, parts(lost.split), lost.pending) == (State.LOST, (10, 3_980, 10, 0), "")
    assert returned.state is State.RETURNED
    assert (note.kind, note.path, note.status) == (RowKind.PROCESS, "killed", -9)
    assert (note.method, note.started_ns) == ("PROC", ANCHOR.wall(5_000))
    assert store.exchange(3, 0) is None
    assert list(store.records(3)) == []
    store.take(0, tape.end(1, 1_050).batch())
    found = store.row(1, 0)
    assert (found.state, parts(found.split)) == (State.RETURNED, (10, 30, 10, 0))


def test_notes_and_processes() -> None:
    store = Store()
    first = store.add_process(1, ANCHOR, "a:app")
    second = store.add_process(2, ANCHOR, "b:app")
    assert store.processes == [first, second]
    assert (first.source, second.source) == (0, 1)
    assert store.note(None, "x" * 9_000, 3, 77) == 1
    row = store.row(1, 0)
    assert (row.started_ns, row.status, row.path) == (77, 3, "x" * 8192 + "…")
    assert store.source.tolist() == [-1]
    with pytest.raises(KeyError):
        store.row(2, 0)
    assert store.exchange(2, 0) is None


def test_rows_of_several_processes_share_one_numbering() -> None:
    store = Store()
    for pid in (1, 2):
        store.add_process(pid, ANCHOR, "app")
    first, second = Tape().request(1), Tape().request(1, body=b"other")
    store.take(1, second.batch())
    store.take(0, first.batch())
    assert store.numbers.tolist() == [1, 2]
    assert store.source.tolist() == [1, 0]
    assert exchange_of(store, 1).process.pid == 2
    assert exchange_of(store, 1).events[3].content()["body"] == b"other"
    assert [source for source, _ in store.all_records()] == [0] * 5 + [1] * 5


def test_columns_are_aligned_with_the_numbers() -> None:
    tape = Tape().request(1).scope(2, 1_000, method="POST", path="/2", query_string=b"a=b")
    store = store_of(tape.receive_called(2, 1, 1_010))
    assert store.kind.tolist() == [RowKind.HTTP] * 2
    assert store.state.tolist() == [State.RETURNED, State.OPEN]
    assert store.status.tolist() == [200, 0]
    assert store.received.tolist() == [0, 0]
    assert store.sent.tolist() == [5, 0]
    assert store.events.tolist() == [5, 2]
    assert store.pending.tolist() == [0, 1]
    assert store.missed.tolist() == [0, 0]
    assert store.started.tolist() == [ANCHOR.wall_ns] * 2
    assert store.durations(1_100).tolist() == [100, 100]
    assert store.parts("app", 1_100).tolist() == [30, 10]
    assert store.parts("client", 1_100).tolist() == [20, 90]
    assert store.parts("backpressure", 1_100).tolist() == [30, 0]
    assert store.parts("after", 1_100).tolist() == [20, 0]
    assert store.ages(1_100).tolist() == [100, 100]
    assert store.idles(1_100).tolist() == [0, 90]
    assert store.ttfb.tolist() == [40, -1]
    assert store.connection.tolist() == [0, 0]
    assert [store.methods[number] for number in store.method] == ["GET", "POST"]
    assert [store.paths[number] for number in store.path] == ["/1", "/2?a=b"]
    assert store.row(2, 1_150).duration_ns == 150
    assert store.durations(500).tolist() == [100, 10]
    assert store.ages(500).tolist() == [0, 0]
    assert store.durations(1_200, np.array([1])).tolist() == [200]
    assert store.durations(1_200, np.array([True, False])).tolist() == [100]
    assert store.parts("client", 1_200, slice(1, 2)).tolist() == [190]


def test_the_version_tells_of_every_change() -> None:
    tape = Tape().scope(1, 0).send(1, 1, 10, 20, START)
    store = Store()
    store.add_process(1, ANCHOR, "app")
    seen = {store.version}
    for _ in range(2):
        store.take(0, tape.batch(1))
        seen.add(store.version)
    store.note(0, "text", 0, 0)
    seen.add(store.version)
    store.clear()
    seen.add(store.version)
    assert len(seen) == 5
    version = store.version
    store.take(0, tape.batch())
    assert store.version == version


def test_clear_keeps_what_is_open() -> None:
    tape = Tape().request(1).scope(2, 1_000).request(3)
    store = store_of(tape)
    store.note(0, "started", 0, 0)
    exchange_of(store, 1)
    exchange_of(store, 2)
    store.clear()
    assert store.numbers.tolist() == [2]
    assert [record.header.exchange for _, record in store.all_records()] == [2]
    assert store.evicted_total == 0
    assert store.exchange(1, 0) is None
    store.take(0, tape.send(1, 9, 0, 0, BODY).end(2, 1_600).batch())
    assert store.numbers.tolist() == [2]
    assert store.dropped_total == 1, "it was of a cleared exchange"
    store.clear()
    store.clear()
    assert len(store) == 0


def test_records_come_out_as_they_went_in() -> None:
    tape = Tape(sequence=1_000)
    for exchange in range(1, 40):
        tape.request(exchange, body=b"x" * exchange)
    store = store_of(tape, cuts=[3, 50, 1, 1, 1, 9])
    records = list(store.all_records())
    assert [record.header for _, record in records] == tape.headers
    assert [record.payload for _, record in records] == tape.payloads
    own = [record.header for _, record in store.records(7)]
    assert own == [header for header in tape.headers if header.exchange == 7]


def test_a_hole_where_the_ring_began_anew() -> None:
    tape = Tape().request(1)
    batch = tape.batch()
    cut = len(tape.payloads[0])
    moved = [
        header if index == 0 else header._replace(position=header.position + 50)
        for index, header in enumerate(tape.headers)
    ]
    tape.headers, tape._read = moved, 0
    headers = tape.batch().headers
    store = Store()
    store.add_process(1, ANCHOR, "app")
    store.take(0, Batch(headers, batch.payload[:cut] + bytes(50) + batch.payload[cut:], 0, 0))
    assert [record.payload for _, record in store.records(1)] == tape.payloads
    assert store.row(1, 0).path == "/1"


def test_a_return_seen_before_its_call() -> None:
    """Two threads may write their records in either order."""
    tape = Tape().scope(1, 0).send_returned(1, 1, 10, 40, BODY).send_called(1, 1, 10, BODY)
    tape.end(1, 50)
    store = store_of(tape)
    exchange = exchange_of(store)
    assert exchange.row.events == len(exchange.events) == 3
    event = exchange.events[1]
    assert (event.returned, event.content()) == (40, BODY)
    assert parts(exchange.row.split) == (10, 0, 30, 10)
    assert exchange.row.sent == 5


def test_a_scope_seen_behind_its_first_call() -> None:
    tape = Tape().receive_called(1, 1, 20).scope(1, 10, path="/late")
    store = store_of(tape)
    assert store.row(1, 0).path == "/late"
    store.take(0, tape.receive_returned(1, 1, 20, 30, REQUEST).end(1, 40).batch())
    exchange = exchange_of(store)
    assert [event.kind for event in exchange.events[:2]] == [Kind.SCOPE, Kind.RECEIVE]
    assert [event.index for event in exchange.events] == [0, 1, 2]
    assert parts(exchange.row.split) == (20, 10, 0, 0)
    assert exchange.missed == 0


def test_calls_that_overtook_each_other_are_put_in_order() -> None:
    tape = Tape().scope(1, 0).send(1, 2, 30, 40, BODY)
    store = store_of(tape)
    assert [event.call for event in exchange_of(store).events] == [0, 2]
    tape.send(1, 1, 10, 20, START).receive_called(1, 3, 50).end(1, 60)
    tape.receive_returned(1, 3, 50, 70, REQUEST)
    store.take(0, tape.batch())
    exchange = exchange_of(store)
    assert [event.call for event in exchange.events] == [0, 1, 2, 3, 0]
    assert [event.index for event in exchange.events] == [0, 1, 2, 3, 4]
    assert exchange.events[3].returned == 70
    assert parts(exchange.row.split) == (20, 0, 20, 20)


def test_calls_after_the_return_are_events_of_the_exchange() -> None:
    tape = Tape().request(1)
    store = store_of(tape)
    for number in range(2, 400):
        tape.request(number)
    store.take(0, tape.batch())
    tape.send(1, 4, 9_000, 9_010, BODY).end(1, 9_020)
    store.take(0, tape.batch())
    exchange = exchange_of(store, 1)
    assert exchange.row.events == len(exchange.events) == 7
    assert parts(exchange.row.split) == (30, 20, 30, 20)
    assert exchange.row.sent == 10
    assert (exchange.row.status, exchange.row.state) == (200, State.RETURNED)
    assert exchange.missed == 0
    assert len(store) == 399
    assert store.event_total == 399 * 5 + 2


def test_a_call_made_after_the_return_is_remembered_until_it_returns() -> None:
    tape = Tape().request(1).receive_called(1, 4, 2_000)
    for number in range(2, 200):
        tape.request(number)
    tape.receive_returned(1, 4, 2_000, 3_000, REQUEST)
    store = store_of(tape, cuts=[5, 1] + [5] * 198)
    exchange = exchange_of(store, 1)
    assert exchange.row.events == len(exchange.events) == 6
    assert exchange.events[5].returned == 3_000


def test_a_late_record_from_before_the_return() -> None:
    tape = Tape().scope(1, 0).end(1, 100)
    store = store_of(tape)
    store.take(0, tape.send(1, 1, 10, 20, START).batch())
    assert parts(store.row(1, 0).split) == (90, 0, 10, 0)


def test_an_open_exchange_out_of_order_is_exact_when_it_ends_at_the_latest() -> None:
    tape = Tape().scope(1, 0)
    for call in range(1, 21):
        tape.send(1, call, call * 10, call * 10 + 5, BODY)
    tape.headers.reverse()
    tape.headers = [h._replace(sequence=n) for n, h in enumerate(tape.headers)]
    tape.headers.insert(0, tape.headers.pop())
    tape.payloads = []
    tape.headers = [header._replace(length=0, position=0) for header in tape.headers]
    pieces = Store()
    pieces.add_process(1, ANCHOR, "app")
    for header in tape.headers:
        headers = HEADER.pack(*header._replace(sequence=99, flags=Flag.MORE))
        pieces.take(0, Batch(headers, b"", 0, 0))
        assert pieces.row(1, 0).split.total <= 205
    pieces.end_process(0, 0, "", 0)
    assert parts(pieces.row(1, 0).split) == (105, 0, 100, 0)


def test_a_close_code_that_is_known_stays() -> None:
    tape = Tape().scope(1, 0, "websocket")
    tape.send(1, 1, 10, 20, {"type": "websocket.close", "code": 4000})
    tape.receive(1, 2, 30, 40, {"type": "websocket.disconnect", "code": 1006})
    assert store_of(tape).row(1, 0).status == 4000


def test_lines() -> None:
    store = Store()
    store.log(LogLine(0, 1, "stdout", "one"))
    store.log(LogLine(0, 2, "stderr", "two"))
    assert [line.text for line in store.logs] == ["one", "two"]
    assert [line.text for line in store.logs_since(1)] == ["two"]
    assert store.log_total == 2


def test_unknown_kinds_are_kept_but_not_shown() -> None:
    tape = Tape().scope(1, 0).add(99, 1, 5, payload=b"?").add(Kind.SEND, 1, 6, 7, phase=9)
    store = store_of(tape)
    exchange = exchange_of(store)
    assert exchange.row.events == len(exchange.events) == 2
    assert exchange.events[1].type is None
    assert len(list(store.records(1))) == 3


def test_a_call_told_twice_is_two_events() -> None:
    tape = Tape().scope(1, 0)
    for _ in range(2):
        tape.receive_called(1, 1, 10)
    for _ in range(3):
        tape.receive_returned(1, 1, 10, 20, REQUEST)
    tape.scope(1, 5)
    exchange = exchange_of(store_of(tape))
    assert exchange.row.events == len(exchange.events) == 6
    assert [event.index for event in exchange.events] == list(range(6))


def test_sequences_that_are_none_are_replaced() -> None:
    tape = Tape().request(1)
    tape.headers = [header._replace(sequence=3) for header in tape.headers]
    store = store_of(tape)
    assert [record.header.sequence for _, record in store.all_records()] == [0, 1, 2, 3, 4]
    assert len(exchange_of(store).events) == 5


def test_a_payload_that_is_not_there_is_empty() -> None:
    tape = Tape().request(1)
    tape.headers[0] = tape.headers[0]._replace(length=10**6, position=0)
    store = store_of(tape)
    assert store.row(1, 0).kind in RowKind
    assert sum(len(record.payload) for _, record in store.all_records()) > 0


def test_exchange_zero_is_none() -> None:
    store = store_of(Tape().add(Kind.SCOPE, 0, 0, payload=encode({"type": "http"})).request(1))
    assert len(store) == 1
    assert store.dropped_total == 1


def test_columns_of_scope_and_response() -> None:
    html = {**START, "headers": [[b"content-type", b"text/html; charset=utf-8"]]}
    tape = Tape().scope(
        1, 0, http_version="1.1", scheme="http", server=["localhost", 80], client=["10.0.0.7", 5]
    )
    tape.receive(1, 1, 5, 6, REQUEST).send(1, 2, 30, 40, {**html, "type": "http.response.start"})
    tape.scope(2, 0, "websocket").receive_called(2, 1, 10)
    store = store_of(tape.send_called(2, 2, 25, {"type": "websocket.accept"}))
    assert [store.mimes[number] for number in store.mime] == ["text/html", ""]
    assert [store.clients[number] for number in store.client] == ["10.0.0.7", ""]
    expected = [Origin("1.1", "http", "localhost:80"), Origin()]
    assert [store.origins[number] for number in store.origin] == expected
    assert store.ttfb.tolist() == [30, 25]
    row = store.row(1, 50)
    assert (row.client, row.mime, row.ttfb_ns) == ("10.0.0.7", "text/html", 30)
    assert store.row(2, 50).ttfb_ns == 25
    bits = [sum(1 << MESSAGE_CODES[name] for name in names) for names in (
        ("http.request", "http.response.start"), ("websocket.accept",)
    )]  # fmt: skip
    assert store.seen.tolist() == bits


def test_types_that_nobody_knows_are_seen_as_other() -> None:
    tape = Tape().scope(1, 0).add(Kind.SEND, 1, 10, 20, call=1, message=99)
    store = store_of(tape.failed(Kind.RECEIVE, 1, 2, 30, 40).receive_called(1, 3, 50))
    assert store.seen.tolist() == [1]


def test_a_note_on_no_process_has_an_age() -> None:
    store = Store()
    store.note(None, "early", 0, 50)
    assert store.ages(100).tolist() == [50]
    store.add_process(1, ANCHOR, "app")
    store.note(None, "late", 0, ANCHOR.wall(70))
    assert store.ages(100).tolist()[1] == 30
    assert store.idles(100).tolist()[1] == 30


def test_a_long_exchange_is_read_in_portions() -> None:
    tape = Tape().scope(1, 0)
    for call in range(1, 10_001):
        tape.send(1, call, call * 10, call * 10 + 5, BODY)
    store = store_of(tape)
    counts = list[int]()
    while True:
        found = store.exchange(1, 0)
        assert found is not None
        counts.append(len(found.events))
        if found.whole:
            break
    assert counts == [2_048, 4_096, 6_144, 8_192, 10_001]
    assert found == store.peek(1, 0)
    store.take(0, tape.end(1, 200_000).batch())
    assert len(exchange_of(store).events) == 10_002


def test_a_portion_may_end_with_the_last_record() -> None:
    tape = Tape().scope(1, 0)
    for call in range(1, 2_048):
        tape.receive_called(1, call, call)
    found = store_of(tape).exchange(1, 0)
    assert found is not None
    assert found.whole
    assert len(found.events) == 2_048


def test_a_gap_of_which_nothing_was_left_to_read() -> None:
    """All that a batch had was overwritten while it was copied, twice."""
    store = Store()
    store.add_process(1, ANCHOR, "app")
    for missed in (5, 3):
        store.take(0, Batch(b"", b"", 0, missed))
    assert store.missed_total == 8
    assert list(store.gaps) == [Gap(0, 5, 5), Gap(0, 8, 3)]
