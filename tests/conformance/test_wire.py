"""What clients did and counted is what the wire's events say, byte for byte."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto import events as ws
from wsproto.extensions import PerMessageDeflate

from asgitrace.wire import Frame, Wire
from tests.conformance.apps.playground import app
from tests.conformance.counting import Counting, h11_reply, parse_frames
from tests.server.requirements.bench import Bench, bench
from tests.wire_log import KeptConnection, KeptLog

HEAD = b"Host: example.com\r\n"


@pytest.fixture(params=[False, True], ids=["events", "bytes"])
def log(request: pytest.FixtureRequest) -> KeptLog:
    return KeptLog(raw=request.param)


@pytest.fixture
def served(log: KeptLog) -> Iterator[Bench]:
    with bench(app, wire=log) as running:
        yield running


@pytest.fixture
def client(served: Bench) -> Iterator[Counting]:
    made = Counting(served.address)
    yield made
    made.close()


def check_totals(client: Counting, connection: KeptConnection) -> dict[str, Any]:
    """The totals of the end are what the client counted, and so are the raw bytes."""
    (closed,) = connection.of(Wire.CLOSED)
    assert closed.content["received"] == len(client.sent)
    assert closed.content["sent"] == len(client.received)
    assert connection.waiting == []
    if connection.raw:
        came = b"".join(event.content["data"] for event in connection.of(Wire.BYTES_IN))
        went = b"".join(event.content["data"] for event in connection.of(Wire.BYTES_OUT))
        assert (came, went) == (bytes(client.sent), bytes(client.received))
    else:
        assert connection.of(Wire.BYTES_IN, Wire.BYTES_OUT) == []
    return closed.content


def test_requests_and_responses(log: KeptLog, client: Counting) -> None:
    chunked = b"POST /echo HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    heads = [
        b"GET /seen?a=b HTTP/1.1\r\nhOST:example.com\r\nX:  spaced \t\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HEAD + b"Content-Length: 70000\r\n\r\n",
        chunked,
        b"HEAD /big HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /stream HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /status/204 HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n",
    ]
    contents = [b"", b"x" * 70000, b"5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", b"", b"", b""]
    replies = []
    for head, content in zip(heads, contents, strict=True):
        client.send(head + content)
        replies.append(h11_reply(client, head.split(b" ")[0].decode()))
    assert client.receive() == b""
    client.close()

    connection = log.ended()

    assert check_totals(client, connection)["requests"] == 6
    requests = connection.of(Wire.REQUEST)
    assert [event.content["head"] for event in requests] == heads
    assert [event.size for event in requests] == [len(head) for head in heads]
    assert [event.number for event in requests] == [1, 2, 3, 4, 5, 6]
    assert [event.more for event in requests] == [False, True, True, False, False, False]
    assert [event.exchange for event in requests] == [1, 2, 3, 4, 5, 6]
    responses = connection.of(Wire.RESPONSE)
    assert [event.content["head"] for event in responses] == [head for head, _ in replies]
    assert [event.number for event in responses] == [200, 200, 200, 200, 200, 204]
    assert [event.exchange for event in responses] == [1, 2, 3, 4, 5, 6]
    assert connection.total(Wire.REQUEST_BODY) == 70000 + len(b"hello")
    ends = {event.exchange: event.content for event in connection.of(Wire.REQUEST_END)}
    assert ends[3]["trailers"] == [(b"x-sum", b"1")]
    body_bytes = connection.total(Wire.RESPONSE_BODY) + connection.total(Wire.RESPONSE_END)
    assert connection.total(Wire.RESPONSE) + body_bytes == len(client.received)


def test_pipelined_requests_keep_apart(log: KeptLog, client: Counting) -> None:
    requests = [b"GET /seen?%d HTTP/1.1\r\n" % number + HEAD + b"\r\n" for number in range(10)]
    client.send(b"".join(requests))
    for number in range(10):
        while client.received.count(b"HTTP/1.1 200") <= number:
            client.receive()
    client.close()

    connection = log.ended()

    assert [event.content["head"] for event in connection.of(Wire.REQUEST)] == requests
    for exchange in range(1, 11):
        kinds = [event.what for event in connection.events if event.exchange == exchange]
        assert kinds.count(Wire.REQUEST) == kinds.count(Wire.RESPONSE) == 1
        assert kinds.index(Wire.REQUEST) < kinds.index(Wire.RESPONSE)


def test_continue(log: KeptLog, client: Counting) -> None:
    client.send(
        b"POST /echo HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    first = client.receive()
    client.send(b"hello")
    h11_reply(client)
    client.close()

    connection = log.ended()

    check_totals(client, connection)
    (interim,) = connection.of(Wire.INFORMATIONAL)
    assert (interim.number, interim.content["head"], interim.size) == (100, first, len(first))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", 414),
        (b"GET / HTTP/2.0\r\n" + HEAD + b"\r\n", 505),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_refusals(log: KeptLog, client: Counting, sent: bytes, status: int) -> None:
    client.send(sent)
    head, _ = h11_reply(client)
    client.close()

    connection = log.ended()

    (response,) = connection.of(Wire.RESPONSE)
    assert (response.number, response.content["head"]) == (status, head)
    told = connection.of(Wire.REFUSED, Wire.ERROR)
    assert told
    assert {event.number for event in told} == {status}
    assert all(event.content["text"] for event in told)


def test_reset(log: KeptLog, client: Counting) -> None:
    client.send(b"GET /events HTTP/1.1\r\n" + HEAD + b"\r\n")
    client.receive()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00" + b"\x00" * 4)
    client.close()

    (closed,) = log.ended().of(Wire.CLOSED)

    assert (closed.content["by"], closed.content["how"]) == ("client", "reset")


def frames(connection: KeptConnection, kind: Wire) -> list[tuple[int, bool, bool, int]]:
    """Opcode, FIN, RSV1 and payload size of the frames in one direction."""
    found = []
    for event in connection.of(kind):
        header = Frame.unpack(event.number)
        assert header.masked == (kind is Wire.FRAME_IN)
        found.append((int(header.opcode), header.fin, header.rsv1, event.size))
    return found


def check_frames(client: Counting, connection: KeptConnection) -> None:
    """The frames told of are those that went through the client's socket."""
    came = bytes(client.sent).partition(b"\r\n\r\n")[2]
    went = bytes(client.received).partition(b"\r\n\r\n")[2]
    assert frames(connection, Wire.FRAME_IN) == parse_frames(came)
    assert frames(connection, Wire.FRAME_OUT) == parse_frames(went)


@pytest.mark.parametrize("compressed", [False, True])
def test_wsproto_frames(log: KeptLog, client: Counting, compressed: bool) -> None:
    machine = WSConnection(ConnectionType.CLIENT)
    offers = [PerMessageDeflate()] if compressed else []
    client.send(machine.send(ws.Request(host="example.com", target="/ws", extensions=offers)))
    wanted: list[ws.Event] = [
        ws.TextMessage("a" * 1000, message_finished=False),
        ws.Ping(b"between"),
        ws.TextMessage("b" * 100_000),
        ws.BytesMessage(b"\x00" * 200),
        ws.CloseConnection(3000, "bye"),
    ]
    seen: list[ws.Event] = []
    while not any(isinstance(event, ws.AcceptConnection) for event in seen):
        machine.receive_data(client.receive())
        seen += machine.events()
    for event in wanted:
        client.send(machine.send(event))
    while data := client.receive():
        machine.receive_data(data)
        seen += machine.events()
    client.close()

    connection = log.ended()

    check_totals(client, connection)
    check_frames(client, connection)
    pings = [e for e in connection.of(Wire.FRAME_IN) if Frame.unpack(e.number).opcode == 9]
    assert [event.content["data"] for event in pings] == [b"between"]
    inflated = [event.content.get("inflated") for event in connection.of(Wire.FRAME_IN)]
    told = [number for number in inflated if number is not None]
    assert sum(told) == (101_200 if compressed else 0)


def test_websockets_frames(log: KeptLog, client: Counting) -> None:
    protocol = ClientProtocol(parse_uri("ws://example.com/ws"))
    protocol.send_request(protocol.connect())
    pump(protocol, client, lambda: protocol.handshake_exc or protocol.state.name == "OPEN")
    protocol.send_text(b"one", fin=False)
    protocol.send_ping(b"ping")
    protocol.send_continuation(b" two", fin=True)
    protocol.send_binary(b"\xff" * 70_000)
    received = pump(protocol, client, lambda: len(client.received) > 70_000)
    protocol.send_close(1000, "done")
    received += pump(protocol, client, lambda: protocol.state.name == "CLOSED")
    client.close()

    connection = log.ended()

    check_totals(client, connection)
    check_frames(client, connection)
    assert [frame.opcode for frame in received] == [
        Opcode.PONG, Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE,
    ]  # fmt: skip
    out = connection.of(Wire.FRAME_OUT)
    assert [(Frame.unpack(event.number).opcode, event.size) for event in out] == [
        (int(frame.opcode), len(frame.data)) for frame in received
    ]


def pump(protocol: ClientProtocol, client: Counting, done: Callable[[], Any]) -> list[Any]:
    """Move bytes between a client that does no I/O and its socket; returns the frames."""
    received: list[Any] = []
    while not done():
        for data in protocol.data_to_send():
            if data:
                client.send(data)
        data = client.receive()
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
        received += [event for event in protocol.events_received() if hasattr(event, "opcode")]
    return received
