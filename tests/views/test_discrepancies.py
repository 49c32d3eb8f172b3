"""Where the two sides differ, in sentences."""

from typing import Any

import pytest

from asgitrace.events import Outcome
from asgitrace.store.model import Exchange, State
from asgitrace.views.discrepancies import Discrepancy, compare, head_headers, of_event, of_wire
from asgitrace.views.pairing import Pairing
from asgitrace.wire import Wire
from tests.replacing import replace
from tests.tui.detail.samples import Script, all_exchanges, http, websocket
from tests.tui.detail.wired import (
    CLOSE,
    IN,
    OUT,
    PONG,
    TEXT,
    Wired,
    wired_chat,
    wired_close_before_accept,
    wired_stream,
    wired_upload,
)


def found(exchange: Exchange) -> list[Discrepancy]:
    pairing = Pairing()
    pairing.update(exchange)
    differs = [each for wire in exchange.wire for each in of_wire(wire, exchange, pairing)]
    for event in exchange.events:
        differs += of_event(event, exchange, pairing)
    return differs


def said(exchange: Exchange) -> list[str]:
    return [each.sentence for each in found(exchange)]


def answered(method: str, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Wired:
    script = http(method, "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.send("http.response.start", 1, status=status, headers=list(map(list, headers)))
    head = b"HTTP/1.1 %d x\r\n" % status + b"".join(b"%s: %s\r\n" % pair for pair in headers)
    w.on(Wire.RESPONSE, 99, status, 0.5, head=head + b"\r\n")
    script.send("http.response.body", 1, body=body)
    return w


def finished(w: Wired) -> Exchange:
    w.script.done()
    return w.exchange(1)


def test_nothing_where_nothing_is_known_of_the_wire() -> None:
    for exchange in all_exchanges():
        assert said(exchange) == []


def test_samples() -> None:
    assert said(wired_chat()) == [
        "The socket took it 38.0ms after it was made.",
        "It waited 42.0ms in the server for the app to receive it.",
    ]
    assert said(wired_upload()) == [
        "The server added date.",
        "The server removed content-length.",
        "6 bytes dropped: a 204 has no content.",
    ]
    assert said(wired_stream()) == [
        "The socket has not taken it yet.",
        "The server added transfer-encoding.",
    ]
    assert said(wired_close_before_accept()) == [
        "Close code 4401 never went out: before accept it is a 403."
    ]


def test_a_body_for_head() -> None:
    [differs] = found(finished(answered("HEAD", 200, b"x")))
    assert differs.sentence == "1 byte dropped: a response to HEAD has no content."
    assert not differs.grave


def test_a_body_that_went_out_in_part_or_not_at_all() -> None:
    w = answered("GET", 200, b"x" * 2000)
    w.on(Wire.RESPONSE_BODY, 1500, 0, 0.5)
    assert said(finished(w)) == ["Only 1,500 of 2,000 bytes went out: no more was announced."]
    assert said(finished(answered("GET", 200, b"xy"))) == ["2 bytes never went out."]


def test_what_was_lost_is_not_said_to_have_never_been() -> None:
    exchange = finished(answered("GET", 200, b"xy"))
    assert said(replace(exchange, wire_missed=1)) == []
    assert said(replace(exchange, missed=1)) == []


def test_a_send_that_failed() -> None:
    w = answered("GET", 200, b"xy")
    w.script.change(outcome=Outcome.RAISED)
    [differs] = found(finished(w))
    assert differs.sentence == "2 bytes of this call never went out: it failed."
    assert differs.short == "never went out"
    w = answered("GET", 200, b"")
    w.script.change(outcome=Outcome.RAISED)
    assert said(finished(w)) == []


def cut(*pieces: tuple[int, bool], header: tuple[bytes, bytes]) -> Wired:
    """A response of which these pieces went out, each with whether more was to come."""
    script = http("GET", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.send("http.response.start", 1, status=200, headers=[list(header)])
    head = b"HTTP/1.1 200 OK\r\n%s: %s\r\n\r\n" % header
    w.on(Wire.RESPONSE, 99, 200, 0.5, head=head, more=True)
    for size, more in pieces:
        w.on(Wire.RESPONSE_BODY, size, more=more)
    return w


@pytest.mark.parametrize("raises", [False, True])
def test_a_response_that_is_shorter_than_announced(raises: bool) -> None:
    w = cut((4, True), header=(b"Content-Length", b"100"))
    assert said(w.exchange(1)) == []
    if raises:
        w.script.raised(type="ValueError")
    else:
        w.script.done()
    [differs] = found(w.exchange(1))
    assert differs.sentence == (
        "The response was cut: 96 of the 100 bytes announced never went out, "
        "the connection was closed."
    )
    assert (differs.short, differs.grave) == ("cut: 96B missing", True)
    assert said(replace(w.exchange(1), wire_missed=1)) == []
    w.on(Wire.CLOSED, by="client", how="reset")
    [differs] = found(w.exchange(1))
    assert differs.sentence.endswith("never went out, the client closed the connection.")
    assert not differs.grave


@pytest.mark.parametrize("length", [b"4", b"", b"no", b"9" * 99])
def test_a_response_that_is_whole(length: bytes) -> None:
    assert said(finished(cut((4, True), header=(b"content-length", length)))) == []


def test_a_response_without_its_last_chunk() -> None:
    header = (b"transfer-encoding", b"chunked")
    for pieces in ([], [(9, True)]):
        [differs] = found(finished(cut(*pieces, header=header)))
        assert differs.short == "cut: no last chunk"
    assert said(finished(cut((9, True), (14, False), header=header))) == []
    assert said(finished(cut((9, True), header=header).on(Wire.RESPONSE_END, 5))) == []


def test_headers() -> None:
    given = [(b"Server", b"mine"), (b"a", b"1"), (b"A", b"2"), (b"gone", b"")]
    sent = [(b"server", b"theirs"), (b"a", b"1"), (b"a", b" 2 "), (b"date", b"now")]
    assert compare(given, sent) == ([b"date"], [b"gone"], [b"server"])
    content: dict[str, Any] = {"head": b"HTTP/1.1 200 OK\r\nA: b\r\nno colon\r\n\r\n"}
    assert head_headers(content) == [(b"A", b" b")]
    assert head_headers({}) is None


def test_date_and_server_are_worth_no_mark() -> None:
    script = http("GET", "/")
    w = Wired(script)
    script.send("http.response.start", 1, status=200, headers=[])
    w.on(Wire.RESPONSE, 99, 200, 0.5, head=b"HTTP/1.1 200 OK\r\nDate: x\r\nServer: y\r\n\r\n")
    [differs] = found(w.exchange(1))
    assert (differs.sentence, differs.short) == ("The server added date, server.", "")


def test_many_headers_are_counted() -> None:
    script = http("GET", "/")
    w = Wired(script)
    script.send("http.response.start", 1, status=200, headers=[])
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(40))
    w.on(Wire.RESPONSE, 99, 200, 0.5, head=head)
    [differs] = found(w.exchange(1))
    assert differs.sentence.endswith("x-10, x-11 and 28 more.")


@pytest.mark.parametrize("headers", [None, 7, [3], [[b"a"]], [["a", "b"]]])
def test_headers_that_are_none(headers: Any) -> None:
    script = http("GET", "/")
    w = Wired(script)
    script.send("http.response.start", 1, status=200, headers=headers)
    w.on(Wire.RESPONSE, 99, 200, 0.5, head=b"HTTP/1.1 200 OK\r\n\r\n")
    assert found(w.exchange(1)) == []
    w.wire[-1] = replace(w.wire[-1], payload=b"")
    assert found(w.exchange(1)) == []


def closed(script: Script, code: int | None = 4000) -> Wired:
    w = Wired(script)
    content = {} if code is None else {"code": code}
    script.send("websocket.close", 1, **content)
    return w


def test_close_codes() -> None:
    w = closed(websocket())
    w.control(OUT, CLOSE, (4000).to_bytes(2, "big"), 0.5)
    assert said(finished(w)) == []
    w = closed(websocket(), None)
    w.control(OUT, CLOSE, (1000).to_bytes(2, "big"), 0.5)
    assert said(finished(w)) == []
    w = closed(websocket())
    w.control(OUT, CLOSE, (1011).to_bytes(2, "big"), 0.5)
    assert said(finished(w)) == ["The app closed with 4000, 1011 went out."]


def test_a_close_before_accept_without_a_code_is_as_it_should_be() -> None:
    w = closed(websocket(), None)
    w.on(Wire.RESPONSE, 45, 403, 0.5, head=b"HTTP/1.1 403 Forbidden\r\n\r\n")
    [differs] = found(finished(w))
    assert (differs.sentence, differs.short) == ("Before accept a close is a 403.", "")


def test_an_empty_body_is_no_body() -> None:
    assert said(finished(answered("GET", 200, b""))) == []


def test_a_close_that_came_too_late() -> None:
    script = websocket()
    w = Wired(script)
    w.control(IN, CLOSE, b"\x03\xe8").control(OUT, CLOSE, b"\x03\xe8")
    script.work(1).send("websocket.close", 1, code=4000)
    assert said(finished(w)) == ["Close code 4000 never went out: the peer had closed before."]
    w = closed(websocket())
    w.on(Wire.RESPONSE_BODY, 1, 0, -9)
    assert said(finished(w)) == ["Close code 4000 never went out."]
    w = closed(websocket())
    w.control(IN, CLOSE, b"\x03\xe8")
    assert said(finished(w)) == ["Close code 4000 never went out."]


def test_what_the_server_did_by_itself() -> None:
    script = websocket()
    w = Wired(script)
    w.control(OUT, CLOSE, b"\x03\xf4")
    assert said(finished(w)) == ["The server closed with 1012 by itself."]
    script = http("GET", "/")
    w = Wired(script)
    w.on(Wire.RESPONSE, 9, 500)
    assert said(finished(w)) == ["The server answered 500 by itself."]


@pytest.mark.parametrize("code", [1002, 1011, 1012])
def test_a_close_of_the_servers_is_its_own_also_when_it_is_answered(code: int) -> None:
    script = websocket()
    w = Wired(script)
    payload = code.to_bytes(2, "big")
    w.control(OUT, CLOSE, payload).control(IN, CLOSE, payload, -1)
    if code == 1002:
        script.receive("websocket.disconnect", 0.1, code=code)
    assert said(finished(w)) == [f"The server closed with {code} by itself."]


def test_an_answer_to_a_ping_is_no_difference() -> None:
    script = websocket()
    w = Wired(script)
    w.control(OUT, PONG, b"a")
    assert said(finished(w)) == []


def test_what_the_app_never_received() -> None:
    script = websocket()
    w = Wired(script)
    w.frame(IN, TEXT, 5)
    assert said(w.exchange(1)) == []
    assert said(finished(w)) == ["The app never received this message."]
    script = http("POST", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1).on(Wire.REQUEST_BODY, 5)
    assert said(finished(w)) == ["The app never received these bytes."]


def test_a_message_that_never_went_out() -> None:
    script = websocket()
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.send("websocket.send", 1, text="x")
    assert w.exchange(1).row.state is State.OPEN
    assert said(w.exchange(1)) == []
    assert said(finished(w)) == ["This message never went out."]


@pytest.mark.parametrize(("wait", "grave"), [(9, None), (10, False), (100, True)])
def test_waiting(wait: float, grave: bool | None) -> None:
    script = websocket()
    w = Wired(script)
    w.frame(IN, TEXT, 1)
    script.receive("websocket.receive", wait, text="x")
    script.send("websocket.send", 1, text="x")
    w.frame(OUT, TEXT, 1, 0.5, wait=wait)
    expected = [] if grave is None else [grave, grave]
    assert [each.grave for each in found(w.exchange(1))] == expected
