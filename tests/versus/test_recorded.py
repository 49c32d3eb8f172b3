"""Exchanges of a trace become what a client did."""

import asyncio
from typing import Any

import pytest

from asgitrace.asgi import Message
from asgitrace.errors import TraceFileError
from asgitrace.testing.running import RunningTrace
from asgitrace.versus.plays import Close, Drop, Hear, HearEnd, HttpPlay, Say, WebSocketPlay
from asgitrace.versus.probe import app
from asgitrace.versus.recorded import plays_of


def played(scope: dict[str, Any], *messages: Message, body_limit: int = 100) -> RunningTrace:
    trace = RunningTrace(1 << 16)
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        pass

    asyncio.run(trace(app, body_limit=body_limit)(scope, receive, send))
    return trace


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def http(path: str = "/", *headers: tuple[bytes, bytes], **others: Any) -> dict[str, Any]:
    return {"type": "http", "method": "POST", "path": path, "headers": headers, **others}


def websocket(path: str, **others: Any) -> dict[str, Any]:
    return {"type": "websocket", "path": path, "headers": [], **others}


def test_a_request() -> None:
    scope = http("/ä b", (b"host", b"x"), (b"X-One", b"1"), query_string=b"a=1")
    plays, left_out = plays_of(played(scope, body(b"one", more=True), body(b"")))
    assert plays == [
        HttpPlay(
            "#1 POST /ä b?a=1", b"/%C3%A4%20b?a=1", b"POST", ((b"X-One", b"1"),), (b"one", b"")
        )
    ]
    assert left_out == 0


def test_its_framing() -> None:
    chunked = http("/", (b"transfer-encoding", b"chunked"), raw_path=b"/%41", http_version="1.0")
    ((one,), _) = plays_of(played(chunked, body(b"a", more=True), body(b"b")))
    assert one == HttpPlay(
        "#1 POST /", b"/%41", b"POST", (), (b"a", b"b"), chunked=True, version=b"1.0"
    )
    ((empty,), _) = plays_of(played(http("/", (b"content-length", b"0")), body(b"")))
    assert isinstance(empty, HttpPlay)
    assert empty.pieces == (b"",)
    ((none,), _) = plays_of(played(http(), body(b"")))
    assert isinstance(none, HttpPlay)
    assert none.pieces == ()


def test_a_conversation() -> None:
    trace = played(
        websocket("/", subprotocols=["a"]),
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "one"},
        {"type": "websocket.receive", "bytes": b"two"},
        {"type": "websocket.disconnect", "code": 3000, "reason": "bye"},
    )
    ((one,), _) = plays_of(trace)
    steps = (Say("one"), Hear(1), Say(b"two"), Hear(2), Close(3000, "bye"))
    assert one == WebSocketPlay("#1 WS /", b"/", (), ("a",), steps)


@pytest.mark.parametrize(
    ("path", "code", "steps"),
    [("/", 1006, (Drop(),)), ("/", 1005, (Close(0),)), ("/closes", 4001, (HearEnd(),))],
)
def test_how_it_ends(path: str, code: int, steps: tuple[object, ...]) -> None:
    end = {"type": "websocket.disconnect", "code": code}
    ((one,), _) = plays_of(played(websocket(path), {"type": "websocket.connect"}, end))
    assert isinstance(one, WebSocketPlay)
    assert one.steps == steps


@pytest.mark.parametrize(
    ("scope", "data"),
    [
        (http(), bytes(200)),
        (http("/", (b"x", b"a\r\nEvil: 1")), b""),
        (http("/", (b"", b"nameless")), b""),
        (http("/", raw_path=b"/a b"), b""),
        (http("/") | {"method": "GET / HTTP/1.1\r\nEvil:"}, b""),
        (http("/") | {"path": 5}, b""),
    ],
)
def test_what_cannot_be_played(scope: dict[str, Any], data: bytes) -> None:
    with pytest.raises(TraceFileError, match="no request that was recorded whole"):
        plays_of(played(scope, body(data)))


def test_what_a_hostile_trace_says() -> None:
    scope = websocket("/", subprotocols=["a b", 5, "c"]) | {"headers": [[2**40, 1], "ab", None]}
    end = {"type": "websocket.disconnect", "code": 99999, "reason": 7}
    ((one,), _) = plays_of(played(scope, {"type": "websocket.connect"}, end))
    assert one == WebSocketPlay("#1 WS /", b"/", (), ("c",), (Close(0),))
