"""A FastAPI app under ``asgitrace record``: the trace is what its clients saw, event by event."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.e2e.conftest import PATIENCE, eventually, recorder
from tests.e2e.traces import Trace

FILE = Random(5).randbytes(200_000)
"""More than one message, and none of it UTF-8."""


@dataclass
class Visit:
    """What the clients saw, and what was recorded of it."""

    answers: dict[str, httpx.Response]
    heard: list[list[str | bytes]]
    close_code: int
    trace: Trace


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One run of the app, with everything done to it once."""
    with recorder(tmp_path_factory.mktemp("fastapi")) as record:
        recording = record("fastapi_app:app", "--body-limit", "1MiB")
        with httpx.Client(base_url=recording.address, timeout=PATIENCE) as client:
            answers = dict(_requests(client))
        heard, code = _sessions(recording.websocket_address)
        yield Visit(answers, heard, code, recording.finished())


def _requests(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    yield "read", client.get("/items/1", params={"q": "é"}, headers={"x-name": "tea"})
    yield "missing", client.get("/items/9")
    yield "create", client.post("/items", json={"name": "whisk ☕", "price": 3.5})
    yield "invalid", client.post("/items", json={"name": "", "price": -1})
    yield "upload", client.post("/upload", files={"file": ("tea.bin", FILE)})
    yield "stream", client.get("/stream", params={"n": 4})
    yield "background", client.post("/background", params={"name": "mail"})
    yield "raise", client.get("/raise")
    yield "sync", client.get("/sync")
    eventually(lambda: client.get("/finished").json() == ["mail"], "the background task")


def _sessions(address: str) -> tuple[list[list[str | bytes]], int]:
    with connect(f"{address}/ws/echo") as echo:
        for text in ("one", "zwei é", ""):
            echo.send(text)
        heard = [[echo.recv(PATIENCE) for _ in range(3)]]
    with connect(f"{address}/ws/room") as first, connect(f"{address}/ws/room") as second:
        heard += [[], []]
        for speaker, text in ((first, "hello"), (second, "both")):
            speaker.send(text)
            heard[1].append(first.recv(PATIENCE))
            heard[2].append(second.recv(PATIENCE))
    with connect(f"{address}/ws/raise") as raising:
        raising.send("out of tea")
        with pytest.raises(ConnectionClosed) as closed:
            raising.recv(PATIENCE)
    assert closed.value.rcvd is not None
    return heard, closed.value.rcvd.code


def test_lifespan(visit: Visit) -> None:
    (lifespan,) = visit.trace.lifespans
    assert lifespan.story == [
        "lifespan",
        *("lifespan.startup", "lifespan.startup.complete"),
        *("lifespan.shutdown", "lifespan.shutdown.complete"),
        "return",
    ]


def test_nothing_is_pending_or_missed(visit: Visit) -> None:
    assert [one.pending for one in visit.trace.exchanges() if one.pending] == []
    assert visit.trace.of("missed") == []
    assert visit.trace.notes[-1].endswith("exited with status 0")


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("read", "/items/1", 200),
        ("missing", "/items/9", 404),
        ("upload", "/upload", 200),
        ("stream", "/stream", 200),
        ("background", "/background", 202),
        ("raise", "/raise", 500),
        ("sync", "/sync", 200),
    ],
)
def test_status_and_body_are_what_the_client_got(
    visit: Visit, name: str, path: str, status: int
) -> None:
    exchange = visit.trace.exchange(path)
    assert visit.answers[name].status_code == exchange.status == status
    assert visit.answers[name].content == exchange.response_body


def test_the_scope_is_what_the_client_sent(visit: Visit) -> None:
    scope = visit.trace.exchange("/items/1").scope
    assert (scope["method"], scope["query_string"]) == ("GET", "q=%C3%A9")
    assert ["x-name", "tea"] in scope["headers"]
    assert scope["http_version"] == "1.1"


def test_a_get_in_order(visit: Visit) -> None:
    assert visit.trace.exchange("/items/1").story == [
        "http",
        *("http.response.start", "http.response.body"),
        "return",
    ]


def test_a_post_and_one_that_is_not_valid(visit: Visit) -> None:
    created, refused = visit.trace.exchanges("/items")
    assert created.story == [
        *("http", "http.request"),
        *("http.response.start", "http.response.body"),
        "return",
    ]
    assert created.request_body == visit.answers["create"].request.content
    assert json.loads(created.response_body) == {"id": 3, "name": "whisk ☕", "price": 3.5}
    assert (created.status, refused.status) == (201, 422)
    assert refused.request_body == visit.answers["invalid"].request.content
    assert refused.response_body == visit.answers["invalid"].content


def test_an_upload_byte_for_byte(visit: Visit) -> None:
    exchange = visit.trace.exchange("/upload")
    assert visit.answers["upload"].json()["sha256"] == hashlib.sha256(FILE).hexdigest()
    assert FILE in exchange.request_body
    assert len(exchange.request_body) == int(
        visit.answers["upload"].request.headers["content-length"]
    )
    parts = exchange.of("http.request")
    assert len(parts) > 1
    assert [part.get("more", False) for part in parts] == [True] * (len(parts) - 1) + [False]


def test_a_stream_in_its_pieces(visit: Visit) -> None:
    parts = visit.trace.exchange("/stream").of("http.response.body")
    assert [part["message"]["body"] for part in parts] == [
        *(f"line {number}\n" for number in range(4)),
        "",
    ]
    assert [part.get("more", False) for part in parts] == [True] * 4 + [False]


def test_work_after_the_response(visit: Visit) -> None:
    assert visit.trace.exchange("/background").after_ns > 10_000_000  # half of what it sleeps


def test_a_handler_that_raises(visit: Visit) -> None:
    exception = visit.trace.exchange("/raise").exception
    assert (exception["type"], exception["message"]) == ("RuntimeError", "the handler raised")
    assert "fastapi_app.py" in exception["traceback"]
    assert "in raise_error" in exception["traceback"]
    assert "RuntimeError: the handler raised" in visit.trace.log


def test_an_echo(visit: Visit) -> None:
    echo = visit.trace.exchange("/ws/echo")
    assert echo.heard == echo.sent == visit.heard[0] == ["one", "zwei é", ""]
    assert echo.story[:3] == ["websocket", "websocket.connect", "websocket.accept"]
    assert echo.story[-2:] == ["websocket.disconnect", "return"]
    assert echo.of("websocket.disconnect")[0]["number"] == 1000


def test_a_broadcast_is_sent_by_the_session_that_causes_it(visit: Visit) -> None:
    """``send`` belongs to the session it was given to, whoever calls it."""
    first, second = visit.trace.exchanges("/ws/room")
    assert (first.heard, second.heard) == (["hello"], ["both"])
    assert first.sent == visit.heard[1] == ["hello", "both"]
    assert second.sent == visit.heard[2] == ["hello", "both"]


def test_a_session_that_raises(visit: Visit) -> None:
    exchange = visit.trace.exchange("/ws/raise")
    assert visit.close_code == 1011
    assert exchange.exception["message"] == "out of tea"
    assert exchange.story[-1] == "raise"


def test_tasks_and_threads_are_told_apart_by_their_call(visit: Visit) -> None:
    """Every call has one record, or two with the same number."""
    for exchange in visit.trace.exchanges():
        seen: dict[int, list[Any]] = {}
        for event in exchange.events:
            seen.setdefault(event.get("call", 0), []).append(event["phase"])
        seen.pop(0)
        assert all(phases in (["whole"], ["called", "returned"]) for phases in seen.values())
