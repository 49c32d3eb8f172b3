"""What real clients do on the wire of the embedded server, beside what the app saw of it."""

import asyncio
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from websockets.sync.client import connect

from asgitrace.process.files import open_session
from asgitrace.store import State, Store
from asgitrace.wire import Wire
from tests.e2e.conftest import PATIENCE, Record
from tests.e2e.traces import Exchange, Line, Trace, content


def names(lines: list[Line]) -> list[str]:
    """What happened, acceptances left out."""
    return [line["wire"] for line in lines if line.get("phase") != "returned"]


def told(lines: list[Line], name: str) -> list[Line]:
    return [line for line in lines if line["wire"] == name and line.get("phase") != "returned"]


def wire_of(trace: Trace, exchange: Exchange) -> list[Line]:
    return trace.wire(exchange=exchange.number)


def loaded(path: Path) -> Store:
    """The store of a trace file that is opened."""
    store, session = Store(), open_session(path)
    while session.status().phase == "loading":
        session.poll(store)
    asyncio.run(session.stop())
    return store


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_two_requests_of_curl_on_one_connection(record: Record) -> None:
    recording = record("plain_app:app")
    url = f"{recording.address}/body"
    subprocess.run(
        ["curl", "-sS", "-d", "first", url, "--next", "-sS", "-d", "second one", url],
        check=True, capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    trace = recording.finished()
    exchanges = trace.exchanges("/body")
    assert len(exchanges) == 2
    for nth, (exchange, body) in enumerate(zip(exchanges, (5, 10), strict=True), start=1):
        wire = wire_of(trace, exchange)
        (request,), (response,) = told(wire, "request"), told(wire, "response")
        assert request["nth"] == nth
        head = content(request["content"]["head"])
        assert head.startswith(b"POST /body HTTP/1.1\r\n")
        assert head.endswith(b"\r\n\r\n")
        assert request["size"] == len(head)
        assert request["at_ns"] <= exchange.events[0]["called_ns"]
        assert request["sequence"] < exchange.events[0]["sequence"]
        assert sum(line.get("size", 0) for line in told(wire, "request_body")) == body
        (start,) = exchange.of("http.response.start")
        assert response["status"] == start["number"] == 200
        assert start["called_ns"] <= response["at_ns"]
        assert response["size"] == len(content(response["content"]["head"]))
        assert sum(line["size"] for line in told(wire, "response_body")) == body
        last = max(line.get("accepted_ns") or line["at_ns"] for line in wire)
        assert response["at_ns"] <= last
    (connection,) = {line["connection"] for line in trace.of("wire")}
    alone = trace.wire(connection=connection)
    assert names(alone)[0] == "opened"
    (closed,) = [line for line in trace.of("wire") if line["wire"] == "closed"]
    assert closed["content"]["requests"] == 2
    assert closed["content"]["received"] > 15


def test_chunks_have_a_size_on_the_wire_and_an_end_of_their_own(record: Record) -> None:
    recording = record("plain_app:app")
    with urllib.request.urlopen(f"{recording.address}/chunks?n=3&size=10") as response:
        assert len(response.read()) == 30
    trace = recording.finished()
    wire = wire_of(trace, trace.exchange("/chunks"))
    bodies = told(wire, "response_body")
    assert [line["size"] for line in bodies] == [len(b"a\r\n") + 10 + len(b"\r\n")] * 3
    assert len(told(wire, "response_end")) == 1


def test_the_frames_of_a_session_are_its_messages(record: Record) -> None:
    recording = record("plain_app:app")
    with connect(f"{recording.websocket_address}/echo", compression=None) as client:
        client.send("hello")
        assert client.recv(timeout=PATIENCE) == "hello"
        client.send(b"\x00\x01")
        assert client.recv(timeout=PATIENCE) == b"\x00\x01"
        assert client.ping(b"are you there").wait(PATIENCE)
        client.close(4001, "enough")
    trace = recording.finished()
    exchange = trace.exchange("/echo")
    wire = wire_of(trace, exchange)
    (upgrade,) = told(wire, "informational")
    assert upgrade["status"] == 101
    arrived = [(line["frame"]["opcode"], line.get("size", 0)) for line in told(wire, "frame_in")]
    assert arrived == [(1, 5), (2, 2), (9, 13), (8, 8)]
    assert all(line["frame"]["masked"] for line in told(wire, "frame_in"))
    left = [(line["frame"]["opcode"], line.get("size", 0)) for line in told(wire, "frame_out")]
    assert left[:3] == [(1, 5), (2, 2), (10, 13)]
    assert left[3][0] == 8
    for line, event in zip(
        told(wire, "frame_in")[:2], exchange.of("websocket.receive"), strict=True
    ):
        assert line["at_ns"] <= event["returned_ns"]
        assert line.get("size", 0) == event["size"]
    for line, event in zip(told(wire, "frame_out")[:2], exchange.of("websocket.send"), strict=True):
        assert event["called_ns"] <= line["at_ns"] <= event["returned_ns"]
    (end,) = [line for line in told(wire, "frame_in") if line["frame"]["opcode"] == 8]
    (disconnect,) = exchange.of("websocket.disconnect")
    assert end["close_code"] == disconnect["number"] == 4001


def test_a_request_that_is_refused_is_shown_with_its_reason(record: Record) -> None:
    recording = record("plain_app:app", "--count", "1")
    head = b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", recording.port), PATIENCE) as client:
        client.sendall(head)
        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")
        assert recording.wait() == 0, "a refused request counts"
    trace = recording.read()
    (refused,) = [line for line in trace.of("wire") if line["wire"] == "refused"]
    assert refused["status"] == 400
    assert refused["content"]["text"]
    assert trace.exchanges() == trace.lifespans
    store = loaded(recording.output)
    (number,) = [n for n in store.numbers.tolist() if store.row(n, 0).state is State.REFUSED]
    exchange = store.exchange(number, 0)
    assert exchange is not None
    assert (exchange.row.method, exchange.row.path, exchange.row.status) == ("GET", "/", 400)
    assert [event.wire for event in exchange.wire if event.wire is Wire.REQUEST]
    assert exchange.connection is not None
    assert exchange.connection.peer.startswith("127.0.0.1:")
    assert exchange.row.duration_ns == exchange.row.split.client


def test_an_opened_file_has_the_connections(record: Record) -> None:
    recording = record("plain_app:app")
    for _ in range(3):
        urllib.request.urlopen(f"{recording.address}/").close()
    recording.finished()
    store = loaded(recording.output)
    found = list(store.connections(0))
    assert [connection.requests for connection in found] == [1, 1, 1]
    assert all(connection.opened and connection.closed for connection in found)
    assert all(connection.received and connection.sent and connection.end for connection in found)
    for connection in found:
        (number,) = connection.exchanges
        exchange = store.exchange(number, 0)
        assert exchange is not None
        assert exchange.connection == connection
        assert exchange.row.connection == connection.number
        assert exchange.wire[0].at <= exchange.events[0].called
        assert all(event.accepted is not None for event in exchange.wire)


def test_raw_bytes_are_kept_where_asked_for_and_nothing_where_not(record: Record) -> None:
    raw, silent = (
        record("plain_app:app", "--wire", "bytes"),
        record("plain_app:app", "--wire", "off"),
    )
    for recording in (raw, silent):
        urllib.request.urlopen(f"{recording.address}/").close()
    trace = raw.finished()
    pieces = [line for line in trace.of("wire") if line["wire"] in ("bytes_in", "bytes_out")]
    assert b"GET / HTTP/1.1\r\n" in b"".join(content(p["content"]["data"]) for p in pieces)
    assert silent.finished().of("wire") == []


def test_a_connection_that_idles_at_the_end_is_closed(record: Record) -> None:
    recording = record("plain_app:app")
    with socket.create_connection(("127.0.0.1", recording.port), PATIENCE) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert client.recv(4096)
        recording.finished()
    (connection,) = loaded(recording.output).connections(0)
    assert connection.closed is not None
    assert connection.end
