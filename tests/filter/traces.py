"""Traces and filters at random, for tests that hold two readings of the language together."""

from typing import Any

from hypothesis import strategies as st

from asgitrace.events import MESSAGE_CODES, Flag, Kind, Outcome, Phase
from asgitrace.filter.parser import parse
from asgitrace.filter.syntax import And, Count, Node, Not, Or, Quantified, Value
from asgitrace.filter.syntax import Sequence as Steps
from asgitrace.ring import encode
from asgitrace.wire import CLOSE, PING, TEXT, Frame, Wire
from tests.store.playbook import START, Tape

PATHS = ("/", "/api/items/17", "/api/Items/18?page=2", "/chat", "/health", "/ping?")
TYPES = (b"application/json", b"text/html; charset=utf-8", b"text/event-stream")
MESSAGES: tuple[dict[str, Any], ...] = (
    {"text": "hello"}, {"text": "bye"}, {"bytes": b"\0hi"}, {"text": "Straße, \ufb01ne"},
)  # fmt: skip
LOUD = b"x" * 40_000
"""A body that fills a small store soon."""

TERMS = (
    "path:/api", "api", "-health", "path=/chat", "path~/items\\/1[78]$/", "path!~/^.a/", "query",
    "query:page", "method in {GET,POST}", "method=GET", "method!=GET", "method:po", "status",
    "status=5xx", "status>=400", "status!=200", "status in {200,4xx}", "status<1006", "type=ws",
    "type!=http", "type in {http,lifespan}", "http.version=1.1", "scheme:ht", "client=10.0.0.1",
    "mime", "mime:JSON", "mime!=text/html", "size>5", "req.size=0", "resp.size<=10", "events>3",
    "close.code", "close.code=1006", "close.code in {1000,1012}", "close.code=1xxx",
    "close.by=app", "close.by!=client", "close.by", "pending", "pending=receive", "conn", "conn=2",
    "id in {1,2,3}", "id>4", "dur>300ns", "dur<=2us", "ttfb>50ns", "ttfb", "wait.client>100ns",
    "wait.backpressure>20ns", "app.time<100ns", "after>0", "age>2us", "age<1us", "idle>1us",
    "is:open", "is:closed", "is:error", "is:lost", "is:noted", "is!=http", "is in {raised,slow}",
    "is:incomplete", "mark", "tag", "tag=later", "tag!=later", "tag:A", "comment:hello",
    "exc", "exc:os", "exc=builtins.OSError", "exc!=KeyError", "log:warn", "log", "log!~/warn/",
    "log.level", "log.level>=30", "log.level!=20", "worker", "worker!=1", "pid=42", "pid!=42",
    "process:SHOP", "process!=shop:app", "via",
    "req.header.host", "req.header.x-n=2", "resp.header.content-type:json", "header.x-n!=1",
    "header.x-n~/[12]/", "ev:disconnect", "ev=http.response.body", "ev!=scope", "ev=receive",
    "ev in {scope,return}", "ev~/^websocket/", "ev.dir=out", "ev.size>3", "ev.wait>15ns",
    "fail", "fail:oserror", "body:hello", "body~/^[a-z]+$/", "ws.text:Hello", "ws.text~/b.e/",
    "ws.text:FINE", "ws.text:STRASSE", "ws.text in {hello,bye}", "ws.text!=hello", "body=hello",
    "body!=hello", "-body:HELLO", "header.Content-Type:html", "req.header.X-N!=1",
    "ws.opcode=text", "ws.opcode!=text", "ws.dir=in", "ws.len>2", "wire", "wire=frame_in",
    "wire:FRAME", "wire.dir=out", "wire.size>4", "wire.opcode=ping",
)  # fmt: skip


def _joined(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    signs = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
    numbers = st.sampled_from("0123").map(Value)
    limits = st.sampled_from((None, Value("40ns"), Value("1us")))
    return st.one_of(
        several.map(And),
        several.map(Or),
        children.map(Not),
        st.builds(Quantified, st.sampled_from(("any", "all", "none")), children),
        st.builds(Count, children, signs, numbers),
        st.builds(Steps, several, limits),
    )


FILTERS: st.SearchStrategy[Node] = st.recursive(
    st.sampled_from(TERMS).map(parse), _joined, max_leaves=5
)


@st.composite
def tapes(draw: st.DrawFn, first: int = 1, most: int = 6) -> Tape:
    """The records of some exchanges, one after the other."""
    tape = Tape()
    for exchange in range(first, first + draw(st.integers(1, most))):
        _exchange(draw, tape, exchange, exchange * 1_000)
    return tape


def _exchange(draw: st.DrawFn, tape: Tape, exchange: int, at: int) -> None:
    kind = draw(st.sampled_from(("http", "http", "http", "websocket", "lifespan", "refused")))
    connection = draw(st.sampled_from((0, 1, 2)))
    if kind == "refused":
        head = {"head": b"GET /no HTTP/1.1\r\nx-n: 9\r\n\r\n"}
        tape.wire(2, Wire.REQUEST, at - 20, exchange=exchange, number=1, size=20, content=head)
        tape.wire(2, Wire.REFUSED, at, exchange=exchange, number=431, content={"text": "too much"})
        return
    if connection:
        head = {"head": b"GET / HTTP/1.1\r\n\r\n"}
        tape.wire(
            connection, Wire.REQUEST, at - 20, exchange=exchange, number=1, size=18, content=head
        )
    path, _, query = draw(st.sampled_from(PATHS)).partition("?")
    scope: dict[str, Any] = {"path": path, "query_string": query.encode()}
    if kind != "lifespan":
        scope |= {
            "method": draw(st.sampled_from(("GET", "POST"))),
            "http_version": draw(st.sampled_from(("1.0", "1.1"))),
            "scheme": "http",
            "client": draw(st.sampled_from((["10.0.0.1", 5], ["10.0.0.2", 6], None))),
            "headers": [[b"host", b"shop"], [b"x-n", str(exchange % 3).encode()]],
        }
    tape.scope(exchange, at, kind, **scope)
    script = {"http": _http, "websocket": _websocket, "lifespan": _lifespan}[kind]
    at = script(draw, tape, exchange, connection, at)
    match draw(st.sampled_from(("return", "return", "open", "raise", "cancel"))):
        case "return":
            tape.end(exchange, at + 30)
        case "raise":
            tape.crash(exchange, at + 30)
        case "cancel":
            tape.crash(exchange, at + 30, Outcome.CANCELLED)


def _http(draw: st.DrawFn, tape: Tape, exchange: int, connection: int, at: int) -> int:
    call = 1
    sent = draw(st.sampled_from((b"", b"hello", b"sku")))
    tape.receive(
        exchange, call, at + 10, at + 30, {"type": "http.request", "body": sent, "more_body": False}
    )
    at += 40
    if draw(st.booleans()):
        headers = [[b"content-type", draw(st.sampled_from(TYPES))]]
        status = draw(st.sampled_from((200, 204, 404, 500)))
        tape.send(exchange, call + 1, at, at + 10, {**START, "status": status, "headers": headers})
        at += 20
        call += 1
        for _ in range(draw(st.integers(0, 3))):
            call += 1
            body = draw(st.sampled_from((b"hello", b"Hello all", b"", LOUD)))
            message = {"type": "http.response.body", "body": body, "more_body": True}
            tape.send(exchange, call, at, at + draw(st.sampled_from((10, 25))), message)
            if connection:
                tape.wire(connection, Wire.RESPONSE_BODY, at + 5, exchange=exchange, size=len(body))
            at += 30
    match draw(st.sampled_from(("", "waits", "disconnect", "fails", "sends", "odd"))):
        case "waits":
            tape.receive_called(exchange, call + 1, at)
        case "disconnect":
            tape.receive(exchange, call + 1, at, at + 5, {"type": "http.disconnect"})
        case "fails":
            tape.failed(Kind.SEND, exchange, call + 1, at, at + 5)
        case "sends":
            message = {"type": "http.response.body", "body": b"late", "more_body": False}
            tape.send_called(exchange, call + 1, at, message)
        case "odd":
            _odd(tape, exchange, call + 1, at)
    return at + 10


def _odd(tape: Tape, exchange: int, call: int, at: int) -> None:
    """A message of a type that nobody knows."""
    tape.add(
        Kind.SEND, exchange, at, at + 5, call=call, phase=Phase.WHOLE,
        payload=encode({"type": "http.disconnected.maybe"}),
    )  # fmt: skip


def _websocket(draw: st.DrawFn, tape: Tape, exchange: int, connection: int, at: int) -> int:
    tape.receive(exchange, 1, at + 10, at + 20, {"type": "websocket.connect"})
    tape.send(exchange, 2, at + 30, at + 40, {"type": "websocket.accept", "headers": []})
    call, at = 2, at + 50
    for _ in range(draw(st.integers(0, 3))):
        call += 1
        way = draw(st.sampled_from(("websocket.receive", "websocket.send")))
        content: dict[str, Any] = draw(st.sampled_from(MESSAGES))
        name = next(iter(content))
        if way == "websocket.receive":
            if connection:
                number = Frame(TEXT, masked=True).pack()
                tape.wire(
                    connection, Wire.FRAME_IN, at - 5, exchange=exchange, number=number, size=5
                )
            tape.add(
                Kind.RECEIVE, exchange, at, at + 15, call=call, **_facts(way, content, name)
            )  # fmt: skip
        else:
            tape.add(Kind.SEND, exchange, at, at + 15, call=call, **_facts(way, content, name))
        at += 30
    if connection and draw(st.booleans()):
        number = Frame(PING).pack()
        tape.wire(connection, Wire.FRAME_OUT, at, exchange=exchange, number=number, size=2)
    match draw(st.sampled_from(("", "app", "peer", "wire"))):
        case "app":
            code = draw(st.sampled_from((1000, 1011)))
            tape.send(exchange, call + 1, at, at + 5, {"type": "websocket.close", "code": code})
        case "peer":
            code = draw(st.sampled_from((1001, 1005, 1006, 1012)))
            message = {"type": "websocket.disconnect", "code": code}
            tape.receive(exchange, call + 1, at, at + 5, message)
        case "wire" if connection:
            number = Frame(CLOSE).pack()
            tape.wire(
                connection, Wire.FRAME_OUT, at, exchange=exchange, number=number, size=2,
                content={"data": (1012).to_bytes(2)},
            )  # fmt: skip
    return at + 10


def _facts(way: str, content: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "message": MESSAGE_CODES[way],
        "flags": int(Flag.TEXT) if name == "text" else 0,
        "size": len(content[name]),
        "payload": encode({"type": way, **content}),
    }


def _lifespan(draw: st.DrawFn, tape: Tape, exchange: int, connection: int, at: int) -> int:
    tape.receive(exchange, 1, at + 10, at + 20, {"type": "lifespan.startup"})
    tape.send(exchange, 2, at + 30, at + 40, {"type": "lifespan.startup.complete"})
    return at + 50
