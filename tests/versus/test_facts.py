"""An exchange as facts: what is in them, and what is not since it is another at every run."""

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.versus.facts import NOT_CALLED, Name, app_facts, facts_of, lifespan_facts
from asgitrace.versus.plays import TAG, Heard, HttpPlay, WebSocketPlay
from asgitrace.versus.probe import app
from asgitrace.versus.running import Played
from tests.versus.conftest import Record

SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "method": "POST",
    "path": "/",
    "headers": [(b"host", b"127.0.0.1:4711"), (b"X-A", b"1"), (b"X-A", b"2"), (TAG, b"7")],
    "client": ("127.0.0.1", 50123),
    "extensions": {"http.response.debug": {}},
    "loop": object(),
}


def test_what_the_app_is_told(record: Record) -> None:
    exchange = record(app, SCOPE, [{"type": "http.request", "body": b"abc", "more_body": False}])
    heard = Heard(
        200,
        "1.1",
        ((b"Date", b"Sat"), (b"Content-Type", b"text/plain"), (b"content-length", b"7")),
        (100,),
        7,
        "kept",
    )
    assert facts_of(HttpPlay("POST", method=b"POST"), Played(heard, exchange)) == {
        Name("scope", "asgi.version"): "'3.0'",
        Name("scope", "method"): "'POST'",
        Name("scope", "path"): "'/'",
        Name("scope", "client"): "['127.0.0.1', PORT]",
        Name("scope", "extensions"): "a dict",
        Name("scope", "loop"): "'<builtins.object>'",
        Name("extensions", "http.response.debug"): "yes",
        Name("request headers", "order"): "host, X-A, X-A",
        Name("request headers", "host"): "'127.0.0.1:PORT'",
        Name("request headers", "X-A"): "'1' and '2'",
        Name("events", "order"): "receive http.request · send http.response.start · "
        "send http.response.body",
        Name("events", "the app"): "returns",
        Name("events", "request body"): "3 bytes in 1: 3",
        Name("messages", "keys of http.request"): "body, more_body",
        Name("response", "status"): "200",
        Name("response", "HTTP version"): "1.1",
        Name("response", "before it"): "100",
        Name("response", "order of headers"): "date, its own",
        Name("response", "case of its headers"): "Capitals and small",
        Name("response", "case of added headers"): "Capitals",
        Name("response", "added date"): "DATE",
        Name("response", "body"): "7 bytes",
        Name("response", "connection after it"): "kept",
    }


def test_pieces_of_a_body(record: Record) -> None:
    pieces = [b"a", b"b", b"b", b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": bool(piece)} for piece in pieces
    ]
    found = app_facts(record(app, SCOPE, messages))
    assert found[Name("events", "request body")] == "3 bytes in 4: 1 ×3 + 0"
    large = [{"type": "http.request", "body": bytes(40_000), "more_body": more} for more in (1, 0)]
    found = app_facts(record(app, SCOPE, large))
    assert found[Name("events", "request body")] == "at most 40,000 bytes at once"


def test_a_client_that_goes(record: Record) -> None:
    scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": ["a"]}
    exchange = record(
        app,
        scope,
        [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": "hi", "bytes": None},
            {"type": "websocket.disconnect", "code": 1001, "reason": "\x1b[2J"},
        ],
        OSError("gone"),
    )
    play = WebSocketPlay("ws", subprotocols=("a",))
    heard = Heard(101, size=1, end="closed", code=1001, reason="bye", subprotocol="a")
    found = facts_of(play, Played(heard, exchange))
    assert found[Name("messages", "keys of websocket.receive")] == "bytes=None, text"
    assert found[Name("disconnect", "websocket.disconnect")] == r"code=1001, reason='\x1b[2J'"
    assert found[Name("exceptions", "send after disconnect")] == "raises OSError"
    assert found[Name("events", "the app")] == "raises OSError"
    assert found[Name("close", "code and reason")] == "1001 'bye'"
    assert found[Name("response", "subprotocol")] == "a"


def test_failures_of_send(record: Record) -> None:
    async def goes_on(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    found = app_facts(record(goes_on, SCOPE, [], RuntimeError("no")))
    assert found[Name("exceptions", "send or receive")] == "raises RuntimeError"
    found = app_facts(record(app, SCOPE, [OSError("gone")]))
    assert found[Name("exceptions", "send or receive")] == "receive raises OSError"
    assert found[Name("events", "order")] == "receive (raises)"


def test_sends_are_counted_unless_it_is_chance_how_many_there_are(record: Record) -> None:
    scope = SCOPE | {"path": "/pieces"}
    exchange = record(app, scope, [{"type": "http.request", "body": b"", "more_body": False}])
    played = Played(Heard(200, "1.1", size=5, end="left"), exchange)
    order, body = Name("events", "order"), Name("response", "body")
    assert facts_of(HttpPlay("a"), played)[order].endswith("send http.response.body ×4")
    found = facts_of(HttpPlay("a", abandon=5), played)
    assert found[order].endswith("send http.response.body")
    assert body not in found


def test_an_app_that_is_not_called() -> None:
    found = facts_of(HttpPlay("GET"), Played(Heard(end="no answer in 3 s"), None))
    assert found == {
        Name("events", "order"): NOT_CALLED,
        Name("response", "body"): "0 bytes",
        Name("response", "connection after it"): "no answer in 3 s",
    }
    assert lifespan_facts(None) == {Name("events", "order"): NOT_CALLED}


def test_a_lifespan(record: Record) -> None:
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    found = lifespan_facts(record(app, {"type": "lifespan", "state": {}}, messages))
    assert found[Name("scope", "state")] == "{}"
    assert found[Name("messages", "keys of lifespan.startup")] == "none but type"
