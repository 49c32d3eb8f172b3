"""Django with Channels under ``asgitrace record``: an app without lifespan, with groups."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.e2e.conftest import APPS, PATIENCE, recorder
from tests.e2e.traces import Trace

FILE = bytes(range(256)) * 16


@dataclass
class Visit:
    """What the clients saw, and what was recorded of it."""

    answers: dict[str, httpx.Response]
    close_code: int
    trace: Trace


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One run of the app, with everything done to it once."""
    with recorder(tmp_path_factory.mktemp("channels")) as record:
        recording = record("channels_app:application", app_dir=APPS / "channels_project")
        with httpx.Client(base_url=recording.address, timeout=PATIENCE) as client:
            answers = {
                "list": client.get("/items"),
                "create": client.post("/items", json={"name": "whisk"}),
                "invalid": client.post("/items", json={"name": ""}),
                "thread": client.get("/thread"),
                "upload": client.post("/upload", files={"file": ("tea.bin", FILE)}),
                "stream": client.get("/stream", params={"n": 3}),
                "raise": client.get("/raise"),
                "missing": client.get("/nowhere"),
            }
        code = _sessions(recording.websocket_address)
        yield Visit(answers, code, recording.finished())


def _sessions(address: str) -> int:
    with connect(f"{address}/ws/room") as first, connect(f"{address}/ws/room") as second:
        for speaker, text in ((first, "hello"), (second, "both"), (first, "bye")):
            speaker.send(text)
            assert [first.recv(PATIENCE), second.recv(PATIENCE)] == [text, text]
    with connect(f"{address}/ws/echo") as echo:
        for message in ("text", b"\x00\xff bytes"):
            echo.send(message)
            assert echo.recv(PATIENCE) == message
    with connect(f"{address}/ws/room") as third:
        third.send("raise")
        with pytest.raises(ConnectionClosed) as closed:
            third.recv(PATIENCE)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_no_lifespan_is_no_failure(visit: Visit) -> None:
    """Channels raises on the lifespan scope: recorded, and the app is served all the same."""
    (lifespan,) = visit.trace.lifespans
    assert lifespan.exception["type"] == "ValueError"
    assert "lifespan" in lifespan.exception["message"]


@pytest.mark.parametrize(
    ("name", "path", "index", "status"),
    [
        ("list", "/items", 0, 200),
        ("create", "/items", 1, 201),
        ("invalid", "/items", 2, 422),
        ("thread", "/thread", 0, 200),
        ("upload", "/upload", 0, 200),
        ("stream", "/stream", 0, 200),
        ("raise", "/raise", 0, 500),
        ("missing", "/nowhere", 0, 404),
    ],
)
def test_status_and_bodies_are_those_of_the_client(
    visit: Visit, name: str, path: str, index: int, status: int
) -> None:
    answer, exchange = visit.answers[name], visit.trace.exchanges(path)[index]
    assert answer.status_code == exchange.status == status
    assert exchange.response_body == answer.content
    assert exchange.request_body == answer.request.read()


def test_an_upload(visit: Visit) -> None:
    assert visit.answers["upload"].json() == {
        "name": "tea.bin",
        "size": len(FILE),
        "sha256": hashlib.sha256(FILE).hexdigest(),
    }


def test_a_stream_in_its_pieces(visit: Visit) -> None:
    parts = visit.trace.exchange("/stream").of("http.response.body")
    bodies = [part["message"].get("body", "") for part in parts]
    assert [body for body in bodies if body] == ["line 0\n", "line 1\n", "line 2\n"]


def test_the_receive_that_listens_for_the_disconnect(visit: Visit) -> None:
    """Django keeps one open during the response; that it never got a request is to be seen."""
    exchange = visit.trace.exchange("/thread")
    called, returned = [event for event in exchange.events if event["event"] == "receive"][1:]
    assert (called["phase"], returned["phase"]) == ("called", "returned")
    start = exchange.of("http.response.start")[0]
    assert called["called_ns"] < start["called_ns"] < returned["returned_ns"]
    assert returned["outcome"] == "cancelled" or returned["type"] == "http.disconnect"


def test_an_echo_of_text_and_bytes(visit: Visit) -> None:
    echo = visit.trace.exchange("/ws/echo")
    assert echo.heard == echo.sent == ["text", b"\x00\xff bytes"]


def test_a_group_in_both_sessions(visit: Visit) -> None:
    first, second, _ = visit.trace.exchanges("/ws/room")
    assert (first.heard, second.heard) == (["hello", "bye"], ["both"])
    assert first.sent == second.sent == ["hello", "both", "bye"]


def test_a_consumer_that_raises(visit: Visit) -> None:
    third = visit.trace.exchanges("/ws/room")[2]
    assert visit.close_code == 1011
    assert third.exception["message"] == "the consumer raised"
    assert "channels_app.py" in third.exception["traceback"]
