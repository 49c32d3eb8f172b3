"""What clients did is what the file of a recording says, beside what the app was told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.conformance.conftest import APPS
from tests.conformance.counting import Counting, h11_reply, parse_frames
from tests.e2e.conftest import Recording, recorder
from tests.e2e.traces import content
from tests.server.requirements.ws_checks import BINARY, PING, TEXT, close, frame, opening

Line = dict[str, Any]

REQUESTS = [
    b"GET /seen?a=b HTTP/1.1\r\nhOST:example.com\r\nX:  spaced \t\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /status/204 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
]


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    with recorder(tmp_path) as start:
        yield start("playground:app", "--wire", "events", app_dir=APPS)


def connections(recording: Recording) -> list[list[Line]]:
    """The wire's lines, by connection."""
    lines = recording.finished().of("wire")
    numbers = sorted({line["connection"] for line in lines})
    return [[line for line in lines if line["connection"] == number] for number in numbers]


def of(lines: list[Line], *kinds: str) -> list[Line]:
    """The lines of these kinds; of what was sent, that which says that it was made."""
    return [line for line in lines if line["wire"] in kinds and "content" in line]


def check_totals(lines: list[Line], client: Counting) -> None:
    """The end of the connection has the numbers that the client counted."""
    (closed,) = of(lines, "closed")
    assert closed["content"]["received"] == len(client.sent)
    assert closed["content"]["sent"] == len(client.received)


def test_http(recording: Recording) -> None:
    client = Counting(("127.0.0.1", recording.port))
    heads = []
    for sent in REQUESTS:
        client.send(sent)
        heads.append(h11_reply(client, sent.split(b" ")[0].decode())[0])
    client.close()

    (lines,) = connections(recording)

    check_totals(lines, client)
    requests = of(lines, "request")
    assert [content(line["content"]["head"]) for line in requests] == [
        sent[: sent.index(b"\r\n\r\n") + 4] for sent in REQUESTS
    ]
    assert [content(line["content"]["head"]) for line in of(lines, "response")] == heads
    assert [line["status"] for line in of(lines, "response")] == [200, 200, 200, 204]
    paths = {
        exchange.events[0]["exchange"]: exchange.path for exchange in recording.read().exchanges()
    }
    assert [paths[line["exchange"]] for line in requests] == [
        "/seen", "/echo", "/big", "/status/204",
    ]  # fmt: skip


def test_refused(recording: Recording) -> None:
    client = Counting(("127.0.0.1", recording.port))
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    head, _ = h11_reply(client)
    client.close()

    (lines,) = connections(recording)

    check_totals(lines, client)
    assert [content(line["content"]["head"]) for line in of(lines, "response")] == [head]
    assert [one.path for one in recording.read().exchanges() if one.scope["type"] == "http"] == []


def test_frames(recording: Recording) -> None:
    client = Counting(("127.0.0.1", recording.port))
    client.send(opening(b"GET /ws HTTP/1.1"))
    for sent in (
        frame(TEXT, b"in ", fin=False) + frame(PING, b"between") + frame(0, b"pieces"),
        frame(BINARY, b"\x00" * 60_000),
    ):
        client.send(sent)
    while len(client.received) < 60_000:
        client.receive()
    client.send(close(3000, b"bye"))
    while client.receive():
        pass
    client.close()

    (lines,) = connections(recording)

    check_totals(lines, client)
    for kind, data in (("frame_in", client.sent), ("frame_out", client.received)):
        told = [
            (
                line["frame"]["opcode"],
                line["frame"]["fin"],
                line["frame"]["rsv1"],
                line.get("size", 0),
            )
            for line in lines
            if line["wire"] == kind and line.get("phase") != "returned"
        ]
        assert told == parse_frames(bytes(data).partition(b"\r\n\r\n")[2])
    (exchange,) = (one for one in recording.read().exchanges() if one.path == "/ws")
    assert exchange.heard == ["in pieces", b"\x00" * 60_000]


def test_compressed_frames(recording: Recording) -> None:
    with connect(recording.websocket_address + "/ws") as client:
        client.send("a" * 1000)
        assert client.recv() == "a" * 1000

    (lines,) = connections(recording)

    for kind in ("frame_in", "frame_out"):
        first = next(line for line in lines if line["wire"] == kind)
        assert first["frame"]["rsv1"]
        assert first["size"] < 100
        assert first["content"]["inflated"] == 1000
