import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from asgitrace.asgi import Scope
from asgitrace.demo import handlers
from asgitrace.demo.app import DemoApp

if TYPE_CHECKING:
    from tests.demo.conftest import Call

MakeScope = Callable[..., Scope]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(DemoApp())
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


@pytest.mark.parametrize(("ms", "waited"), [("0", 0), ("-5", 0), ("1", 1)])
async def test_slow(client: httpx.AsyncClient, ms: str, waited: int) -> None:
    assert (await client.get(f"/slow?ms={ms}")).json() == {"waited_ms": waited}


async def test_slow_wants_a_number(client: httpx.AsyncClient) -> None:
    answer = await client.get("/slow?ms=soon")
    assert (answer.status_code, answer.json()) == (422, {"error": "ms must be a whole number"})


async def test_stream(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stream?n=3&ms=0")
    assert answer.text.splitlines() == ["line 1 of 3", "line 2 of 3", "line 3 of 3"]


async def test_events(client: httpx.AsyncClient) -> None:
    answer = await client.get("/events?n=4&ms=0")
    assert answer.headers["content-type"] == "text/event-stream"
    blocks = answer.text.strip().split("\n\n")
    fields = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    assert [field["id"] for field in fields] == ["1", "2", "3", "4"]
    assert [field["event"] for field in fields] == ["offer", "offer", "offer", "stock"]
    assert json.loads(fields[-1]["data"]) == {"items": 4}


async def test_events_go_on_from_the_last_one_seen(client: httpx.AsyncClient) -> None:
    answer = await client.get("/events?n=1&ms=0", headers={"last-event-id": "41"})
    assert answer.text.startswith("id: 42\n")


async def test_events_of_an_empty_shop(client: httpx.AsyncClient) -> None:
    for number in range(1, 5):
        await client.delete(f"/api/items/{number}")
    answer = await client.get("/events?n=1&ms=0")
    assert '{"item": null}' in answer.text


async def test_upload(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"earl "
        yield b"grey"

    answer = await client.put("/upload", content=pieces())
    assert answer.json()["size"] == 9
    assert answer.json()["sha256"] == hashlib.sha256(b"earl grey").hexdigest()


async def test_upload_that_is_too_large(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "UPLOAD_LIMIT", 10)
    assert (await client.post("/upload", content=b"x" * 11)).status_code == 413


async def test_upload_broken_off(call: "type[Call]", http_scope: MakeScope) -> None:
    async with call(DemoApp(), http_scope("POST", "/upload")) as upload:
        upload.put("http.request", body=b"half", more_body=True)
        upload.put("http.disconnect")
        await upload.returned()
        assert upload.outbox.empty()


async def test_download(client: httpx.AsyncClient) -> None:
    answer = await client.get("/download?mb=1")
    assert len(answer.content) == int(answer.headers["content-length"]) == 1 << 20


@pytest.mark.parametrize("target", ["/stream?n=1000&ms=5000", "/events?ms=5000", "/download?mb=64"])
async def test_stops_when_the_client_leaves(
    call: "type[Call]", http_scope: MakeScope, target: str
) -> None:
    async with call(DemoApp(), http_scope("GET", target)) as request:
        request.put("http.request", body=b"", more_body=False)
        assert (await request.sent())["type"] == "http.response.start"
        request.put("http.disconnect")
        await request.returned()
        sent = [request.outbox.get_nowait() for _ in range(request.outbox.qsize())]
        assert all(message["more_body"] for message in sent)


async def test_slow_stops_when_the_client_leaves(call: "type[Call]", http_scope: MakeScope) -> None:
    async with call(DemoApp(), http_scope("GET", "/slow?ms=10000")) as request:
        request.put("http.disconnect")
        await request.returned()
        assert request.outbox.empty()


@pytest.mark.parametrize("target", ["/", "/stream?ms=5000", "/download", "/missing"])
async def test_stops_when_send_says_that_the_client_has_left(
    call: "type[Call]", http_scope: MakeScope, target: str
) -> None:
    request = call(DemoApp(), http_scope("GET", target))
    request.send_error = ConnectionResetError()
    async with request:
        await request.returned()


async def test_report_goes_on_after_its_response(
    call: "type[Call]", http_scope: MakeScope, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with call(DemoApp(), http_scope("POST", "/report")) as request:
        assert (await request.sent())["status"] == 202
        assert (await request.sent())["more_body"] is False
        assert not request.task.done()
        assert "report" not in caplog.text
        await request.returned()
    assert "report written after the response" in caplog.text


async def test_boom_has_a_cause(call: "type[Call]", http_scope: MakeScope) -> None:
    async with call(DemoApp(), http_scope("GET", "/boom")) as request:
        with pytest.raises(ValueError, match="billed") as raised:
            await request.returned()
        assert isinstance(raised.value.__cause__, KeyError)
        assert request.outbox.empty()
