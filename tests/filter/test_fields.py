"""What each field finds, in a store with one exchange for each thing there is to be found."""

from dataclasses import replace
from typing import Any

import pytest

from asgitrace.events import Flag, Kind, Outcome, Phase
from asgitrace.filter import compile_filter, match
from asgitrace.filter.completion import complete
from asgitrace.filter.parser import parse
from asgitrace.filter.syntax import write
from asgitrace.ring import encode
from asgitrace.store import Annotation, LogLine, Store
from asgitrace.wire import BINARY, CLOSE, PING, TEXT, Frame, Wire
from tests.filter.bench import Bench
from tests.filter.naive import holds
from tests.filter.traces import TERMS
from tests.store.playbook import ANCHOR, START, Tape, store_of

NOW = 2_000_000_000
SCOPE: dict[str, Any] = {
    "method": "POST",
    "path": "/api/items/17",
    "query_string": b"page=2&q=a",
    "http_version": "1.1",
    "scheme": "https",
    "client": ["10.0.0.1", 4711],
    "server": ["shop.example", 8443],
    "headers": [[b"Host", b"shop.example"], [b"cookie", b"a=1"], [b"cookie", b"b=\xff"]],
}


def http(tape: Tape) -> None:
    """Number 1: an answer in pieces over TLS, whose last piece the socket took late."""
    opened = {"peer": "10.0.0.1:4711", "local": "shop", "tls": {"version": "TLSv1.3"}}
    tape.wire(1, Wire.OPENED, 900, content=opened)
    head = {"head": b"POST /api/items/17 HTTP/1.1\r\nhost: shop.example\r\n\r\n"}
    tape.wire(1, Wire.REQUEST, 950, exchange=1, number=1, size=60, content=head)
    tape.scope(1, 1_000, **SCOPE)
    body = {"type": "http.request", "body": b"sku=1", "more_body": False}
    tape.receive(1, 1, 1_010, 1_040, body)
    headers = [[b"Content-Type", b"application/json; charset=utf-8"], [b"etag", b"x"]]
    tape.send(1, 2, 1_050, 1_060, {**START, "headers": headers})
    sent = {"head": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"}
    tape.wire(1, Wire.RESPONSE, 1_055, exchange=1, number=200, size=50, content=sent)
    for call, text in ((3, b'{"total": 0'), (4, b"}")):
        message = {"type": "http.response.body", "body": text, "more_body": call == 3}
        tape.send(1, call, call * 1_000, call * 1_000 + 500, message)
        tape.wire(
            1, Wire.RESPONSE_BODY, call * 1_000 + 10, call * 1_000 + 10 + (call - 3) * 2_000,
            exchange=1, size=len(text),
        )  # fmt: skip
    tape.end(1, 6_000)


def websocket(tape: Tape) -> None:
    """Number 2: text and bytes both ways, closed by the client with a reason."""
    tape.scope(2, 10_000, "websocket", path="/chat")
    tape.receive(2, 1, 10_010, 10_020, {"type": "websocket.connect"})
    accept = {"type": "websocket.accept", "headers": [[b"x-room", b"7"]]}
    tape.send(2, 2, 10_030, 10_040, accept)
    pressed = Frame(TEXT, fin=False, rsv1=True, masked=True).pack()
    tape.wire(2, Wire.FRAME_IN, 10_050, exchange=2, number=pressed, size=30)
    for kind, call, content in (
        (Kind.RECEIVE, 3, {"type": "websocket.receive", "text": '{"op":  "sub"}'}),
        (Kind.SEND, 4, {"type": "websocket.send", "bytes": b"\0\1"}),
    ):
        tape.add(
            kind, 2, 10_000 + call * 20, 10_010 + call * 20, call=call, message=10 + call,
            flags=int(Flag.TEXT) if call == 3 else 0, size=14 if call == 3 else 2,
            payload=encode(content),
        )  # fmt: skip
    tape.wire(2, Wire.FRAME_OUT, 10_085, exchange=2, number=Frame(BINARY).pack(), size=2)
    for what in (Wire.FRAME_IN, Wire.FRAME_OUT):
        tape.wire(
            2, what, 10_100, exchange=2, number=Frame(CLOSE).pack(), size=8,
            content={"data": b"\x03\xe9going"},
        )  # fmt: skip
    message = {"type": "websocket.disconnect", "code": 1001, "reason": "going away"}
    tape.receive(2, 5, 10_110, 10_120, message).end(2, 10_200)


def troubles(tape: Tape) -> None:
    """Numbers 3 to 7: refused, timed out, raised, an odd message, pending."""
    head = {"head": b"GET /no HTTP/1.1\r\nX-Big: 1\r\n\r\n"}
    tape.wire(3, Wire.REQUEST, 20_000, exchange=3, number=1, content=head)
    tape.wire(3, Wire.REFUSED, 20_010, exchange=3, number=431, content={"text": "too large"})
    answer = {"head": b"HTTP/1.1 431 No\r\nconnection: close\r\n\r\n"}
    tape.wire(3, Wire.RESPONSE, 20_020, exchange=3, number=431, content=answer)
    tape.scope(4, 30_000, "websocket", path="/slow")
    tape.send(4, 1, 30_010, 30_020, {"type": "websocket.accept", "headers": []})
    tape.wire(4, Wire.FRAME_OUT, 30_030, exchange=4, number=Frame(PING).pack(), size=4)
    what = {"what": "pong", "seconds": 20}
    tape.wire(4, Wire.TIMEOUT, 30_040, exchange=4, content=what)
    lost = {"by": "client", "how": "reset", "text": "Connection reset"}
    tape.wire(4, Wire.CLOSED, 30_050, exchange=4, content=lost)
    tape.receive(4, 2, 30_060, 30_070, {"type": "websocket.disconnect", "code": 1006})
    tape.end(4, 30_080)
    tape.scope(5, 40_000, path="/boom")
    tape.failed(Kind.SEND, 5, 1, 40_010, 40_020).crash(5, 40_100)
    tape.scope(6, 50_000, path="/odd").add(
        Kind.SEND, 6, 50_010, 50_020, call=1, phase=Phase.WHOLE,
        payload=encode({"type": "http.mystery"}),
    ).crash(6, 50_100, Outcome.CANCELLED)  # fmt: skip
    tape.scope(7, 60_000, path="/open").receive_called(7, 1, 60_010)


@pytest.fixture(scope="module")
def store() -> Store:
    tape = Tape()
    http(tape)
    websocket(tape)
    troubles(tape)
    found = store_of(tape)
    found.note(0, "restarted", 3, ANCHOR.wall(70_000))
    found.annotations.put(1, Annotation(True, ("later", "odd one"), "ask Ann"))
    found.log(LogLine(0, ANCHOR.wall(1_500), "stderr", "WARNING: late"))
    found.log(LogLine(0, ANCHOR.wall(40_050), "stderr", "Traceback"))
    found.log(LogLine(0, ANCHOR.wall(70_001), "stderr", "background", 30, "shop", 1))
    found.log(LogLine(0, ANCHOR.wall(70_002), "log", "of nobody", 40))
    return found


FOUND = [
    ("server=shop.example:8443", [1]),
    ("scheme=https http.version=1.1 client:10.0", [1]),
    ('route="/api/items/{n}"', [1]),
    ("query:page query!~/z/", [1]),
    ("mime=application/json", [1]),
    ("req.size=5 resp.size=12 size>16", [1]),
    ("req.header.host=shop.example", [1]),
    ("req.header.Cookie:b=", [1]),
    ("req.header.x-big", [3]),
    ("resp.header.connection", [3]),
    ("resp.header.content-type:html", []),
    ("resp.header.x-room=7", [2]),
    ("header.etag or header.x-big", [1, 3]),
    ("req.body:SKU", [1]),
    (r'resp.body~/"total":\s*0/', [1]),
    ("body:sub", [2]),
    ("count(ev=http.response.body)=2", [1]),
    ("count(ev=http.response.body)<2", [2, 3, 4, 5, 6, 7, 8]),
    ("count(ev=http.response.body)=0", [2, 3, 4, 5, 6, 7, 8]),
    ("count(ev=http.response.body)!=0", [1]),
    ("count(ev=http.response.body)>=1", [1]),
    ("any(ev=http.response.body ev.at>2500ns)", [1]),
    ("any(ev:body ev.wait>=500ns)", [1]),
    ("all(ev.size<20) ev", [1, 2, 4, 5, 6, 7]),
    ("none(ev.dir=out)", [3, 7, 8]),
    ("seq(ev=http.request -> ev:start -> ev:body within 3us)", [1]),
    ("seq(ev=http.request -> ev:start -> ev:body within 1us)", []),
    ("ev=http.mystery", [6]),
    ("ev=exception", [5]),
    ("ev=cancelled", [6]),
    ("ev=receive pending=receive", [7]),
    ("ev=return", [1, 2, 4]),
    ("fail=OSError exc:gone", [5]),
    ("exc", [5]),
    ("ws.opcode=binary ws.dir=in", [2]),
    ("any(ws.opcode=binary ws.dir=in)", []),
    ("any(ws.dir=out ws.len=2)", [2]),
    ("close.code in {1001,1006}", [2, 4]),
    ("close.by=client close.reason:going", [2]),
    ("close.by=server", [4]),
    ("wire.compressed wire.fragment", [2]),
    ("count(wire.opcode=close)=2", [2]),
    ("wire.opcode=ping", [4]),
    ("wire=timeout wire.timeout=pong", [4]),
    ("wire.error:RESET", [4]),
    ("wire.error:large wire.status=431", [3]),
    ("wire.wait>1us", [1]),
    ("any(wire.dir=in wire.size=60)", [1]),
    ("wire:frame_", [2, 4]),
    ("peer=10.0.0.1:4711 tls:1.3", [1]),
    ('differs:"The server changed content-type"', [1]),
    ("any(differs ev)", [1]),
    ("conn>0", [1, 2, 3, 4]),
    ("mark tag=later tag:ODD comment:ann", [1]),
    ("tag!=later", []),
    ("is:noted", [1]),
    ("is:process status=3", [8]),
    ("is:refused", [3]),
    ("is:slow", [7]),
    ("is:open", [7]),
    ("log:warning", [1]),
    ("log!~/late/", [5, 7]),
    ("log:background", [1]),
    ("log.level", [1]),
    ("log.level>=warning", [1]),
    ("log.level=30 log.level!=error", [1]),
    ("log.level>warning", []),
    ("log.level in {warn, error}", [1]),
    ("type=process restarted", [8]),
    ("id in {1,8}", [1, 8]),
    ("not (ev or wire)", [8]),
    ("age>1s idle>1s is:open", [7]),
]


@pytest.mark.parametrize(("text", "numbers"), FOUND, ids=[text for text, _ in FOUND])
def test_found(text: str, numbers: list[int], store: Store) -> None:
    matcher = match(compile_filter(text), store)
    matcher.advance(NOW, lambda: True)
    assert matcher.failure == ""
    assert matcher.numbers.tolist() == numbers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ev:body", ["http.response.body", "http.response.body"]),
        ("-ev:body -wire ev!=scope", ["http.request", "http.response.start", None]),
        ("ev=http.request status=500", ["http.request"]),
        ("body:total or ev=scope", [None, "http.response.body"]),
    ],
)
def test_events_of_a_timeline(text: str, names: list[str | None], store: Store) -> None:
    exchange = store.peek(1, NOW)
    assert exchange is not None
    predicate = compile_filter(text)
    assert predicate.by_event
    kept = predicate.lines(exchange, [(event, ()) for event in exchange.events])
    assert [event.type for event, keep in zip(exchange.events, kept, strict=True) if keep] == names


def test_terms_on_the_exchange_filter_no_events(store: Store) -> None:
    exchange = store.peek(1, NOW)
    assert exchange is not None
    predicate = compile_filter("status=500 or any(ev=scope) -seq(ev -> ev)")
    assert not predicate.by_event
    assert all(predicate.lines(exchange, [(event, ()) for event in exchange.events]))
    assert all(predicate.lines(exchange, [(None, (event,)) for event in exchange.wire]))


def test_a_line_passes_a_term_or_its_opposite(store: Store) -> None:
    exchange = store.peek(1, NOW)
    assert exchange is not None
    event, wire = exchange.events[0], exchange.wire[0]
    for term in ("wire=request", "ev=scope", "wire=request ev=scope"):
        for text, expected in ((term, True), (f"-({term})", False)):
            assert list(compile_filter(text).lines(exchange, [(event, (wire,))])) == [expected]


@pytest.mark.parametrize("text", TERMS)
def test_each_term_as_a_naive_reading_has_it(text: str, store: Store) -> None:
    node = parse(text)
    bench = Bench(store=store, now=NOW, fresh=False)
    predicate = compile_filter(write(node))
    unknown = {"tag", "mark", "comment", "log", "log.level", "is"}
    by_itself = not unknown & {field.name for field in predicate.fields}
    matcher = match(predicate, store)
    matcher.advance(NOW, lambda: True)
    assert matcher.numbers.tolist() == bench.expected(node)
    for number in store.numbers.tolist():
        exchange = store.peek(number, NOW)
        if exchange is not None and by_itself:
            assert predicate.accepts(exchange, NOW) == holds(node, bench.world(number))


def test_of_an_exchange_alone_nobody_knows_what_was_logged(store: Store) -> None:
    exchange = store.peek(1, NOW)
    assert exchange is not None
    assert not compile_filter("log.level>=debug or log:late").accepts(exchange, NOW)


def test_lines_that_are_gone_count_no_longer() -> None:
    tape = Tape()
    http(tape)
    found = store_of(tape)
    line = LogLine(0, ANCHOR.wall(5_000), "stderr", "late", 30, "shop", 1)
    found.log(line)
    matcher = match(compile_filter("log.level=warning"), found)
    matcher.advance(NOW, lambda: True)
    assert matcher.numbers.tolist() == [1]
    more = replace(line, time_ns=ANCHOR.wall(6_000), level=0, text="x" * 100_000, exchange=0)
    while found.logs[0].level:
        found.log(more)
    matcher.advance(NOW, lambda: True)
    assert matcher.numbers.tolist() == []


def two_workers() -> Store:
    """Numbers 1 and 2 of worker 1, number 3 of worker 2, and notes on worker 2 and on none."""
    found = Store()
    for worker, server in ((1, "uvicorn 0.38.0"), (2, "hypercorn 0.17.3")):
        process = found.add_process(40 + worker, ANCHOR, "shop:app", server=server, worker=worker)
        tape = Tape()
        for exchange in range(1, 4 - worker):
            tape.wire(1, Wire.OPENED, 900).wire(1, Wire.REQUEST, 950, exchange=exchange)
            tape.scope(exchange, 1_000, path="/items").end(exchange, 2_000)
        found.take(process.source, tape.batch())
    found.note(1, "worker 2 crashed", 1, ANCHOR.wall(3_000))
    found.note(None, "nobody", 0, ANCHOR.wall(3_000))
    return found


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("worker=2", [3, 4]),
        ("worker!=2", [1, 2]),
        ("-worker", [5]),
        ("worker in {1,2} type=http", [1, 2, 3]),
        ("pid=41", [1, 2]),
        ("via:HYPER", [3, 4]),
        ("via~/^uvicorn 0[.]3/", [1, 2]),
        ("process=shop:app", [1, 2, 3, 4]),
        ("conn=1 worker=2", [3]),
    ],
)
def test_which_process_it_was(text: str, numbers: list[int]) -> None:
    found = two_workers()
    predicate = compile_filter(text)
    matcher = match(predicate, found)
    matcher.advance(NOW, lambda: True)
    assert matcher.numbers.tolist() == numbers
    exchange = found.peek(3, NOW)
    assert exchange is not None
    assert predicate.accepts(exchange, NOW) == (3 in numbers)


def test_processes_are_proposed() -> None:
    found = two_workers()
    proposed = {"worker=": ["1", "2"], "pid=4": ["41", "42"], "process=": ["shop:app"]}
    for text, values in proposed.items():
        assert [offer.text for offer in complete(text, len(text), found)] == values
    assert complete("via:hyp", 7, found)[0].text == '"hypercorn 0.17.3"'
