"""What each feature has to look like: in what the clients saw, and in the trace."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from asgitrace.events import Flag, Kind
from asgitrace.library import LoadedExchange, LoadedTrace
from asgitrace.store import RowKind
from tests.frameworks.clients import HELLO, Visit, file_of, summary_of
from tests.frameworks.features import Background, Feature, Framework

Check = Callable[[Framework, Visit, LoadedTrace], None]

_WORK_NS: Final = 18_000_000
"""A sleep of 20 ms may end a millisecond early: loops round."""
_PIECES: Final = [f"line {number}\n".encode() for number in range(5)]
_ECHOED: Final = ("hello", b"\x00\xff bytes", "Grüße ☕")


def _http(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert (seen.answers[HELLO].status, seen.answers[HELLO].body) == (200, b"hello asgi\n")
    for exchange in exchanges_at(trace, HELLO):
        assert (exchange.method, exchange.status) == ("GET", 200)
        assert _body(exchange) == b"hello asgi\n"
        assert _types(exchange)[-1] == "RETURN"


def _streaming(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert seen.answers["/stream"].body == b"".join(_PIECES)
    for exchange in exchanges_at(trace, "/stream"):
        pieces = [message.get("body", b"") for message in _bodies(exchange)]
        assert len([piece for piece in pieces if piece]) == framework.pieces
        assert b"".join(pieces) == b"".join(_PIECES)
        more = [bool(message.get("more_body")) for message in _bodies(exchange)]
        assert more == [True] * (len(more) - 1) + [False]


def _lifespan(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert seen.answers["/started"].body == b"yes\n"
    (exchange,) = [one for one in trace if one.kind is RowKind.LIFESPAN]
    assert [type_ for type_ in _types(exchange) if type_ != "SCOPE"] == [
        "lifespan.startup",
        "lifespan.startup.complete",
        "lifespan.shutdown",
        "lifespan.shutdown.complete",
        "RETURN",
    ]


def check_no_lifespan(framework: Framework, trace: LoadedTrace) -> None:
    """An app without lifespan raises, or returns, and is served all the same."""
    (exchange,) = [one for one in trace if one.kind is RowKind.LIFESPAN]
    assert exchange.sent == []
    assert _raised(exchange) == framework.no_lifespan


def _background(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert seen.answers["/background"].status == 202
    assert seen.answers["/finished"].body == b"yes\n"
    (exchange,) = exchanges_at(trace, "/background")
    if framework.background is Background.WITHIN:
        assert exchange.split.after >= _WORK_NS, f"{exchange.split.after} ns after"


def _upload(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    answer = seen.answers["/upload"]
    assert answer.body.strip() == summary_of(file_of(framework))
    (exchange,) = exchanges_at(trace, "/upload")
    events = [event for event in exchange.events if event.type == "http.request"]
    assert sum(event.size for event in events) == len(answer.uploaded)
    assert len(events) > 1
    more = [bool(event.flags & Flag.MORE) for event in events]
    assert more == [True] * (len(more) - 1) + [False]


def _raising(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert seen.answers["/raise"].status == 500
    for exchange in exchanges_at(trace, "/raise"):
        assert _raised(exchange) == framework.raises
        if not framework.raises:
            assert exchange.status == 500


def _websocket(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    left, closed, raised = exchanges_at(trace, "/ws")
    for exchange, ending in ((left, ()), (closed, ("close",)), (raised, ("raise",))):
        assert _said(exchange, Kind.RECEIVE) == [*_ECHOED, *ending]
        assert _said(exchange, Kind.SEND) == list(_ECHOED)
        assert exchange.sent[0]["type"] == "websocket.accept"
        assert exchange.received[0]["type"] == "websocket.connect"
    for name in ("leave", "close", "raise"):
        assert seen.sessions[name].heard == _ECHOED
    assert (seen.sessions["close"].code, seen.sessions["close"].reason) == (4002, "as you wish")
    assert _code(closed, "websocket.close") == 4002
    assert _code(left, "websocket.disconnect") == seen.sessions["leave"].code == 4001
    assert _raised(left) == _raised(closed) == ""
    assert _raised(raised) == framework.session_raises


def _broadcast(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    first, second = exchanges_at(trace, "/chat")
    words = ["joined", "one", "two", "three"]
    assert list(seen.sessions["first"].heard) == list(seen.sessions["second"].heard) == words
    assert _said(first, Kind.SEND) == _said(second, Kind.SEND) == words
    assert _said(first, Kind.RECEIVE) == ["one", "three"]
    assert _said(second, Kind.RECEIVE) == ["two"]


def _own(framework: Framework, seen: Visit, trace: LoadedTrace) -> None:
    assert framework.own is not None
    framework.own.check(seen.own, trace)


CHECKS: Final[Mapping[Feature, Check]] = {
    Feature.HTTP: _http,
    Feature.STREAMING: _streaming,
    Feature.WEBSOCKET: _websocket,
    Feature.LIFESPAN: _lifespan,
    Feature.BACKGROUND: _background,
    Feature.UPLOAD: _upload,
    Feature.RAISING: _raising,
    Feature.BROADCAST: _broadcast,
    Feature.OWN: _own,
}


def exchanges_at(trace: LoadedTrace, path: str) -> list[LoadedExchange]:
    """Those with this path and query, of which there has to be one."""
    found = [one for one in trace if one.path == path and one.kind is not RowKind.PROCESS]
    assert found, f"nothing at {path} is in the trace"
    return found


def _types(exchange: LoadedExchange) -> list[str]:
    return [event.type or event.kind.name for event in exchange.events]


def _bodies(exchange: LoadedExchange) -> list[dict[str, Any]]:
    return [one for one in exchange.sent if one["type"] == "http.response.body"]


def _body(exchange: LoadedExchange) -> bytes:
    return b"".join(one.get("body", b"") for one in _bodies(exchange))


def _said(exchange: LoadedExchange, kind: Kind) -> list[str | bytes]:
    types = {Kind.RECEIVE: "websocket.receive", Kind.SEND: "websocket.send"}
    messages = [one for one in (*exchange.received, *exchange.sent) if one["type"] == types[kind]]
    return [one["text"] if one.get("text") is not None else one["bytes"] for one in messages]


def _code(exchange: LoadedExchange, type_: str) -> int:
    (event,) = [event for event in exchange.events if event.type == type_]
    return event.number


def _raised(exchange: LoadedExchange) -> str:
    end = next(event for event in exchange.events if event.kind in (Kind.RETURN, Kind.RAISE))
    return str(end.content()["type"]) if end.kind is Kind.RAISE else ""
