"""Records of any content, in any order, cut anywhere."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.events import Kind, Record
from asgitrace.ring import encode
from asgitrace.store import State, Store, split
from asgitrace.store.rows import PARTS
from asgitrace.store.scope import start_of
from asgitrace.store.timing import spans_of
from asgitrace.wire import Wire
from tests.store.playbook import ANCHOR, START, Tape, parts, rows_of, store_of

PAYLOADS = [
    b"",
    b"\xc1\x00",
    encode({"type": "http", "method": "GET", "path": "/", "query_string": b"q"}),
    encode({"type": "websocket", "path": ["?"]}),
    encode({**START, "trailers": True}),
    b"trailers",
    encode({"head": b"GET  \x1b[2J\xff HTTP/1.1\r\n", "peer": 5, "tls": {"cipher": "x" * 300}}),
    encode({"head": b"\x16\x03\x01", "by": "client", "how": [], "text": "\x9b" * 300}),
    encode({"peer": "a", "received": -1, "sent": 2**63, "requests": True}),
    encode({"by": "server", "how": "eof", "received": 7, "sent": 8, "requests": 9}),
]

near = st.integers(0, 40)
any_stamp = near | st.integers(-(2**63), 2**63 - 1)


def tapes(stamps: st.SearchStrategy[int], exchanges: int = 3) -> st.SearchStrategy[Tape]:
    fields = st.fixed_dictionaries(
        {
            "kind": st.integers(0, 7) | st.sampled_from([2, 3, 6, 6]),
            "exchange": st.integers(0, exchanges),
            "called": stamps,
            "returned": stamps,
            "call": st.integers(0, 5),
            "phase": st.integers(0, 3),
            "outcome": st.integers(0, 3),
            "message": st.integers(0, 18) | st.just(255),
            "number": st.sampled_from([0, 200, 65_535]),
            "flags": st.sampled_from([0, 1, 65_535]),
            "size": st.integers(0, 100) | st.just(2**64 - 1),
            "payload": st.sampled_from(PAYLOADS),
        }
    )

    def build(records: list[dict[str, object]]) -> Tape:
        tape = Tape()
        for record in records:
            tape.add(**record)  # type: ignore[arg-type]
        return tape

    return st.lists(fields, max_size=40).map(build)


def snapshot(store: Store) -> list[object]:
    exchanges = [store.exchange(number, 0) for number in store.numbers.tolist()]
    connections = sorted(store.connections(0), key=lambda connection: connection.number)
    return [rows_of(store), exchanges, connections]


@settings(max_examples=200, deadline=None)
@given(tapes(any_stamp), st.integers(-(2**60), 2**60))
def test_garbage_never_raises(tape: Tape, now: int) -> None:
    store = store_of(tape)
    for row in rows_of(store, now):
        assert min(parts(row.split)) >= 0
        exchange = store.exchange(row.number, now)
        assert exchange is not None
        assert len(exchange.events) == row.events
        assert [event.index for event in exchange.events] == list(range(row.events))
        assert all((event.wait_ns or 0) >= 0 for event in exchange.events)
        assert [event.at for event in exchange.wire] == sorted(event.at for event in exchange.wire)
        assert [event.index for event in exchange.wire] == list(range(len(exchange.wire)))
        assert all(isinstance(event.content(), dict) for event in exchange.wire)
        assert all(event.content() is not object for event in exchange.events)
    for found in (store.durations(now), store.ages(now), store.idles(now)):
        assert (found >= 0).all()
    durations = [row.duration_ns for row in rows_of(store, now)]
    assert store.durations(now).tolist() == durations
    split = [store.parts(name, now).tolist() for name in PARTS]
    assert list(map(sum, zip(*split, strict=True))) == durations
    kept = [record.header for _, record in store.all_records()]
    assert [header for header in kept if header.exchange] == [
        header for header in tape.headers if header.exchange
    ]
    alone = [header for header in tape.headers if header.kind == Kind.WIRE and not header.exchange]
    renewed = any(header.message == Wire.OPENED for header in tape.headers)
    assert renewed or [header for header in kept if not header.exchange] == alone
    for connection in store.connections(now):
        assert connection.received >= 0
        assert connection.sent >= 0
        texts = connection.peer, connection.local, connection.tls, connection.end
        assert sum(map(len, texts)) < 3_000
        assert [event.index for event in connection.events] == list(range(len(connection.events)))


@settings(max_examples=150, deadline=None)
@given(tapes(near), st.lists(st.integers(1, 6), max_size=10))
def test_batches_cut_anywhere_make_the_same_store(tape: Tape, cuts: Sequence[int]) -> None:
    whole = store_of(tape)
    tape._read = 0
    pieces = Store()
    pieces.add_process(42, ANCHOR, "shop:app")
    for count in cuts:
        pieces.take(0, tape.batch(count))
        snapshot(pieces)
    pieces.take(0, tape.batch())
    for store in (whole, pieces):
        store.end_process(0, 0, "", 100)
    assert snapshot(whole) == snapshot(pieces)
    assert whole.event_total == pieces.event_total
    for name in ("events", "pending", "ttfb", "seen", "connection"):
        assert getattr(whole, name).tolist() == getattr(pieces, name).tolist()
    for name in PARTS:
        assert whole.parts(name, 50).tolist() == pieces.parts(name, 50).tolist()
    assert whole.durations(50).tolist() == pieces.durations(50).tolist()


@settings(max_examples=200, deadline=None)
@given(tapes(near, exchanges=1), st.booleans())
def test_the_rows_split_is_the_pure_function_of_the_records(tape: Tape, ordered: bool) -> None:
    if ordered:
        stamps = sorted(header.called for header in tape.headers)
        tape.headers = [
            header._replace(called=called, returned=called + header.returned % 3)
            for header, called in zip(tape.headers, stamps, strict=True)
        ]
    tape.scope(1, 0)
    store = store_of(tape)
    number = int(store.numbers[-1])
    store.end_process(0, 0, "", 0)
    records = [record for _, record in store.records(number)]
    row = store.row(number, 0)
    started, ended = bounds_of(records, row.state)
    trailers = any(
        record.header.kind == Kind.SEND
        and record.header.message == 3
        and start_of(record.payload).trailers
        for record in records
    )
    expected = split(spans_of([r.header for r in records], trailers=trailers), started, ended)
    assert row.split == expected


def bounds_of(records: list[Record], state: State) -> tuple[int, int]:
    headers = [record.header for record in records]
    started = next(header.called for header in headers if header.kind == Kind.SCOPE)
    if state is not State.LOST:
        ends = [h.called for h in headers if h.kind in (Kind.RETURN, Kind.RAISE)]
        return started, ends[0]
    stamps = [started]
    for span in spans_of(headers, trailers=False):
        stamps += [span.called, span.called if span.returned is None else span.returned]
    return started, max(stamps)
