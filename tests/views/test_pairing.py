"""Which event of the wire belongs to which ASGI event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange
from asgitrace.views.pairing import Pairing
from asgitrace.wire import Wire
from tests.replacing import replace
from tests.tui.detail.samples import http, websocket
from tests.tui.detail.wired import (
    CLOSE,
    IN,
    OUT,
    PING,
    PONG,
    TEXT,
    Wired,
    all_wired,
    many,
    wired_chat,
    wired_close_before_accept,
    wired_refusal,
    wired_stream,
    wired_upload,
)


def paired(exchange: Exchange) -> Pairing:
    pairing = Pairing()
    pairing.update(exchange)
    return pairing


def named(exchange: Exchange) -> list[tuple[str, list[str]]]:
    """ASGI events with the names of their wire events."""
    pairing = paired(exchange)
    return [
        (
            event.type or event.kind.name,
            [exchange.wire[index].wire.name for index in pairing.wires.get(event.index, [])],
        )
        for event in exchange.events
    ]


def test_request_and_content() -> None:
    assert named(wired_upload()) == [
        ("SCOPE", ["REQUEST"]),
        ("http.request", ["REQUEST_BODY", "REQUEST_BODY"]),
        ("http.request", ["REQUEST_BODY", "REQUEST_END"]),
        ("http.response.start", ["RESPONSE"]),
        ("http.response.body", []),
        ("RETURN", []),
    ]


def test_one_piece_that_is_read_in_two() -> None:
    script = http("POST", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1).on(Wire.REQUEST_BODY, 10).on(Wire.REQUEST_END)
    script.receive("http.request", 1, body=b"x" * 4, more_body=True)
    script.receive("http.request", 1, body=b"x" * 6, more_body=True)
    script.receive("http.request", 1, body=b"", more_body=False)
    assert [wires for _, wires in named(w.exchange(1))] == [
        ["REQUEST"], ["REQUEST_BODY"], ["REQUEST_BODY"], ["REQUEST_END"],
    ]  # fmt: skip


def test_websocket() -> None:
    assert named(wired_chat()) == [
        ("SCOPE", ["REQUEST"]),
        ("websocket.connect", []),
        ("websocket.accept", ["INFORMATIONAL"]),
        *[("websocket.receive", ["FRAME_IN"]), ("websocket.send", ["FRAME_OUT"])] * 3,
        ("websocket.receive", ["FRAME_IN", "FRAME_IN"]),
        ("websocket.send", ["FRAME_OUT"]),
        ("websocket.disconnect", ["FRAME_IN"]),
        ("RETURN", []),
    ]


def test_refusal_by_the_app_is_a_response() -> None:
    events = dict(named(wired_close_before_accept()))
    assert events["websocket.close"] == ["RESPONSE"]


def test_pings_and_pongs() -> None:
    script = websocket()
    w = Wired(script)
    w.control(OUT, PING, b"a").control(OUT, PING, b"b", -1).control(IN, PING, b"a", -2)
    w.control(IN, PONG, b"b", -3).control(IN, PONG, b"never asked", -4)
    w.control(IN, PONG, b"a", -5).control(OUT, PONG, b"a", -6)
    pairing = paired(w.exchange(1))
    assert pairing.answers == {1: 3, 3: 1, 0: 5, 5: 0, 2: 6, 6: 2}
    assert not pairing.events


def test_a_control_frame_without_payload() -> None:
    script = websocket()
    w = Wired(script)
    w.frame(OUT, PING, 0).frame(IN, PONG, 0, -1)
    assert paired(w.exchange(1)).answers == {0: 1, 1: 0}


def test_what_was_sent_belongs_to_the_latest_call() -> None:
    script = websocket()
    w = Wired(script)
    script.send("websocket.send", 10, text="slow")
    first = script.events[-1]
    script.at = first.called + 1
    script.send("websocket.send", 1, text="quick")
    w.frame(OUT, TEXT, 5, 0.5)
    script.at = first.returned or 0
    w.frame(OUT, TEXT, 4, 0.5)
    exchange = w.exchange(1)
    assert paired(exchange).events == {0: [2], 1: [1]}


def test_the_end() -> None:
    for last in (Wire.CLOSED, Wire.HALF_CLOSED, Wire.TIMEOUT, Wire.ERROR):
        script = http("GET", "/")
        w = Wired(script)
        w.on(Wire.REQUEST, 50, 1, 0.1).on(last)
        script.receive("http.disconnect", 1)
        assert named(w.exchange(1))[-1] == ("http.disconnect", [last.name])


def test_an_end_that_is_known_after_it_was_told() -> None:
    script = http("GET", "/")
    w = Wired(script)
    script.receive("http.disconnect", 1)
    w.on(Wire.CLOSED, by="client", how="eof")
    assert named(w.exchange(1))[-1] == ("http.disconnect", ["CLOSED"])


def test_the_close_frame_is_the_end_not_what_follows() -> None:
    script = websocket()
    w = Wired(script)
    w.control(IN, CLOSE, b"\x03\xe8").on(Wire.CLOSED, by="client")
    script.receive("websocket.disconnect", 1, code=1000)
    assert paired(w.exchange(1)).events == {0: [1]}


@pytest.mark.parametrize("code", [1002, 1007, 1009, 1011, 1012])
def test_the_server_ended_the_session(code: int) -> None:
    """Not what the peer did after that."""
    script = websocket()
    w = Wired(script)
    if code < 1011:
        w.on(Wire.ERROR, 0, code, by="client", text="no such thing")
    elif code == 1011:
        w.on(Wire.TIMEOUT, seconds=20)
    w.control(OUT, CLOSE, code.to_bytes(2, "big"))
    script.receive("websocket.disconnect", 0.1, code=code)
    w.control(IN, CLOSE, code.to_bytes(2, "big"), -5).on(Wire.HALF_CLOSED, 0, 0, -6)
    exchange = w.exchange(1)
    [(wire, _)] = paired(exchange).events.items()
    assert exchange.wire[wire].wire is OUT


def test_the_apps_own_close_is_not_what_it_is_told_of() -> None:
    for last in (Wire.CLOSED, Wire.TIMEOUT):
        script = websocket()
        w = Wired(script)
        script.send("websocket.close", 1, code=1000)
        w.control(OUT, CLOSE, b"\x03\xe8", 0.5)
        script.work(5)
        w.on(last)
        script.receive("websocket.disconnect", 1, code=1006)
        exchange = w.exchange(1)
        assert named(exchange)[1:] == [
            ("websocket.close", ["FRAME_OUT"]), ("websocket.disconnect", [last.name]),
        ]  # fmt: skip
        alone = replace(exchange, wire=exchange.wire[:1])
        assert named(alone)[-1] == ("websocket.disconnect", [])


def test_what_ends_later_is_no_cause() -> None:
    script = http("GET", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.receive("http.disconnect", 1)
    w.on(Wire.CLOSED, 0, 0, -1, by="client", how="eof")
    assert named(w.exchange(1))[-1] == ("http.disconnect", [])


def test_a_breach_by_the_app_comes_last() -> None:
    script = http("GET", "/")
    w = Wired(script)
    w.on(Wire.ERROR, by="app", text="no").on(Wire.HALF_CLOSED)
    script.receive("http.disconnect", 1).receive("http.disconnect", 1)
    exchange = w.exchange(1)
    first, second = (found for _, found in named(exchange)[1:])
    assert (first, second) == (["HALF_CLOSED"], [])


def test_a_peer_that_does_not_stop() -> None:
    script = websocket()
    w = Wired(script)
    w.frame(IN, 11, 0).on(Wire.REQUEST_BODY, 0)
    for _ in range(100):
        w.control(IN, CLOSE, b"\x03\xe8").on(Wire.HALF_CLOSED)
    script.receive("websocket.disconnect", 1, code=1000)
    exchange = w.exchange(1)
    assert paired(exchange).events == {2: [1]}
    assert paired(exchange).closed_by_peer == 2


def test_no_app() -> None:
    pairing = paired(wired_refusal())
    assert not pairing.events
    assert not pairing.wires


def test_bytes_are_nobodys() -> None:
    script = http("GET", "/")
    w = Wired(script)
    script.send("http.response.start", 1, status=200)
    w.on(Wire.BYTES_OUT, 5, 0, 0.5, data=b"HTTP/").on(Wire.BYTES_IN, 3, 0, 0.4, data=b"GET")
    assert not paired(w.exchange(1)).events


def test_wire_events_that_are_read_before_their_send() -> None:
    whole = wired_stream()
    pairing = Pairing()
    pairing.update(replace(whole, events=whole.events[:2]))
    before = dict(pairing.events)
    pairing.update(whole)
    assert pairing.events == paired(whole).events
    assert before != pairing.events


def test_begins_anew_when_events_went() -> None:
    whole = many(20)
    pairing = Pairing()
    pairing.update(whole)
    rest = tuple(replace(event, index=n) for n, event in enumerate(whole.wire[10:]))
    assert pairing.update(replace(whole, wire=rest, wire_missed=10)) is None
    assert pairing.update(replace(whole, wire=rest[:5], wire_missed=10)) is None
    events = tuple(replace(event, index=n) for n, event in enumerate(whole.events[3:]))
    assert pairing.update(replace(whole, events=events, missed=3)) is None


@given(cuts=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=6))
@pytest.mark.parametrize("whole", [*all_wired(), many(6)], ids=range(6))
def test_pieces_make_no_difference(whole: Exchange, cuts: list[tuple[int, int]]) -> None:
    """However an exchange grows, its links are those of the whole of it; the wire may be ahead."""
    pairing = Pairing()
    wires, events = len(whole.wire), len(whole.events)
    seen = 0
    for wire_cut, event_cut in sorted(cuts):
        wired = wires * wire_cut // 100
        now = whole.wire[wired - 1].at if wired else 0
        known = sum(_known(event) <= now for event in whole.events)
        seen = max(seen, min(known, events * event_cut // 100))
        part = replace(whole, events=whole.events[:seen], wire=whole.wire[:wired])
        assert pairing.update(part) is not None
    assert pairing.update(whole) is not None
    expected = paired(whole)
    assert {key: sorted(found) for key, found in pairing.events.items()} == {
        key: sorted(found) for key, found in expected.events.items()
    }
    assert pairing.answers == expected.answers


def _known(event: Event) -> int:
    """When an event is there to be read."""
    return int(event.returned or 0) if event.kind is Kind.RECEIVE else event.called
