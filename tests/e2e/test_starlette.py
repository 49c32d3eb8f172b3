"""A Starlette app with all kinds of middleware under ``asgitrace record``."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.e2e.conftest import PATIENCE, eventually, recorder
from tests.e2e.traces import Trace, content


@dataclass
class Visit:
    """What the clients saw, and what was recorded of it."""

    answers: dict[str, httpx.Response]
    raw_large: bytes
    refusal: InvalidStatus
    close: tuple[int, str]
    trace: Trace


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One run of the app, with everything done to it once."""
    with recorder(tmp_path_factory.mktemp("starlette")) as record:
        recording = record("starlette_app:app")
        with httpx.Client(base_url=recording.address, timeout=PATIENCE) as client:
            answers = dict(_requests(client))
            with client.stream("GET", "/large") as large:
                raw = b"".join(large.iter_raw())
        refusal, close = _sessions(recording.websocket_address)
        yield Visit(answers, raw, refusal, close, recording.finished())


def _requests(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    def pieces() -> Iterator[bytes]:
        yield from (b"first ", b"second ", b"third")

    yield "hello", client.get("/hello/tea")
    yield "upload", client.post("/upload", content=pieces())
    yield "events", client.get("/events", params={"n": 3})
    yield "background", client.post("/background", params={"name": "mail"})
    yield "raise", client.get("/raise")
    yield "missing", client.get("/nowhere")
    yield "method", client.delete("/upload")
    yield "head", client.head("/hello/tea")
    eventually(lambda: client.get("/finished").json() == ["mail"], "the background task")


def _sessions(address: str) -> tuple[InvalidStatus, tuple[int, str]]:
    with connect(f"{address}/ws/echo") as echo:
        for message in ("text", b"\x00\xff bytes"):
            echo.send(message)
            assert echo.recv(PATIENCE) == message
    with pytest.raises(InvalidStatus) as refused, connect(f"{address}/ws/refuse"):
        pass
    with connect(f"{address}/ws/chat", subprotocols=["chat.v1"]) as chat:  # type: ignore[list-item]
        assert chat.subprotocol == "chat.v1"
        chat.send("hello")
        assert chat.recv(PATIENCE) == "hello"
        chat.send("bye")
        with pytest.raises(ConnectionClosed) as closed:
            chat.recv(PATIENCE)
    received = closed.value.rcvd
    assert received is not None
    return refused.value, (received.code, received.reason)


def test_lifespan(visit: Visit) -> None:
    (lifespan,) = visit.trace.lifespans
    assert lifespan.story[-3:] == ["lifespan.shutdown", "lifespan.shutdown.complete", "return"]


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("upload", "/upload", 200),
        ("events", "/events", 200),
        ("background", "/background", 202),
        ("raise", "/raise", 500),
        ("missing", "/nowhere", 404),
    ],
)
def test_status_and_body_are_what_the_client_got(
    visit: Visit, name: str, path: str, status: int
) -> None:
    exchange = visit.trace.exchanges(path)[0]
    assert visit.answers[name].status_code == exchange.status == status
    assert visit.answers[name].content == exchange.response_body


def test_headers_of_middleware_are_recorded_as_they_were_sent(visit: Visit) -> None:
    exchange = visit.trace.exchanges("/hello/tea")[0]
    recorded = {
        name: content(value)
        for name, value in exchange.of("http.response.start")[0]["message"]["headers"]
    }
    for name, value in recorded.items():
        assert visit.answers["hello"].headers[name].encode() == value
    assert recorded["x-pure"] == recorded["x-dispatch"] == b"1"


def test_a_chunked_upload(visit: Visit) -> None:
    exchange = visit.trace.exchanges("/upload")[0]
    assert exchange.request_body == b"first second third"
    assert exchange.of("http.request")[-1].get("more") is None


def test_server_sent_events_one_by_one(visit: Visit) -> None:
    parts = visit.trace.exchange("/events").of("http.response.body")
    assert [part["message"]["body"] for part in parts if part.get("size")] == [
        f"id: {number}\nevent: tick\ndata: {number}\n\n" for number in range(3)
    ]


def test_a_compressed_body_is_recorded_as_it_was_sent(visit: Visit) -> None:
    exchange = visit.trace.exchange("/large")
    assert exchange.response_body == visit.raw_large
    assert gzip.decompress(exchange.response_body) == b"asgi " * 1000


def test_a_head_request(visit: Visit) -> None:
    exchange = visit.trace.exchanges("/hello/tea")[1]
    assert exchange.scope["method"] == "HEAD"
    assert visit.answers["head"].content == b""


def test_a_handler_that_raises_behind_middleware(visit: Visit) -> None:
    exchange = visit.trace.exchange("/raise")
    assert exchange.exception["message"] == "the handler raised"
    assert "in raise_error" in exchange.exception["traceback"]


def test_work_after_the_response(visit: Visit) -> None:
    assert visit.trace.exchange("/background").after_ns > 10_000_000  # half of what it sleeps


def test_an_echo_of_text_and_bytes(visit: Visit) -> None:
    echo = visit.trace.exchange("/ws/echo")
    assert echo.heard == echo.sent == ["text", b"\x00\xff bytes"]


def test_a_denial(visit: Visit) -> None:
    exchange = visit.trace.exchange("/ws/refuse")
    assert visit.refusal.response.status_code == 401
    assert visit.refusal.response.body == b"members only\n"
    start = exchange.of("websocket.http.response.start")[0]
    assert start["number"] == 401
    assert exchange.story[-1] == "return"


def test_a_close_code_of_the_app(visit: Visit) -> None:
    exchange = visit.trace.exchange("/ws/chat")
    (close,) = exchange.of("websocket.close")
    assert (close["number"], close["message"]["reason"]) == visit.close == (4000, "as you wish")
    assert exchange.of("websocket.accept")[0]["message"]["subprotocol"] == "chat.v1"
    assert exchange.scope["subprotocols"] == ["chat.v1"]
