import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from asgitrace.asgi import Scope
from asgitrace.demo.app import ROUTES, DemoApp

if TYPE_CHECKING:
    from tests.demo.conftest import Call

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(DemoApp())
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


async def test_index_lists_every_route(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for route in ROUTES:
        assert route.template in answer.text
        assert route.handler.__doc__


async def test_head_has_the_headers_of_get_and_no_body(client: httpx.AsyncClient) -> None:
    get, head = await client.get("/"), await client.head("/")
    assert head.headers == get.headers
    assert head.content == b""


@pytest.mark.parametrize("path", ["/missing", "/api", "/api/items/", "/api/items/1/2", "/ws/chat"])
async def test_unknown_path(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": "not found"})


async def test_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/items")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_redirect(client: httpx.AsyncClient) -> None:
    answer = await client.get("/old")
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/items")


async def test_mounted_below_a_root_path() -> None:
    transport = httpx.ASGITransport(DemoApp(), root_path="/shop")
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        assert 'href="/shop/slow"' in (await client.get("/shop/")).text
        answer = await client.get("/shop/old")
        assert answer.headers["location"] == "/shop/api/items"
        assert (await client.get("/shopping")).status_code == 404


async def test_lifespan_fills_the_state_and_cleans_it_up(
    call: "type[Call]", http_scope: Callable[..., Scope], capsys: pytest.CaptureFixture[str]
) -> None:
    app = DemoApp()
    state: dict[str, Any] = {}
    async with call(app, {"type": "lifespan", "state": state}) as lifespan:
        lifespan.put("lifespan.startup")
        assert await lifespan.sent() == {"type": "lifespan.startup.complete"}
        assert set(state) == {"shop", "chat"}

        state["shop"].add("samovar", 9900)
        async with call(app, http_scope("GET", "/api/items/5", state=dict(state))) as request:
            assert (await request.sent())["status"] == 200

        lifespan.put("lifespan.shutdown")
        assert await lifespan.sent() == {"type": "lifespan.shutdown.complete"}
        await lifespan.returned()
    assert state == {}
    assert capsys.readouterr().out == "shop: open with 4 items\nshop: closed\n"


async def test_lifespan_sets_up_logging_where_nobody_has(
    call: "type[Call]", monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logging.getLogger("asgitrace.demo")
    monkeypatch.setattr(log, "propagate", False)
    async with call(DemoApp(), {"type": "lifespan"}) as lifespan:
        lifespan.put("lifespan.startup")
        await lifespan.sent()
        assert len(log.handlers) == 1
        lifespan.put("lifespan.shutdown")
        await lifespan.returned()
    assert log.handlers == []


async def test_unknown_scope_type_raises(call: "type[Call]") -> None:
    async with call(DemoApp(), {"type": "smtp"}) as unknown:
        with pytest.raises(ValueError, match="smtp"):
            await unknown.returned()


async def test_private_websocket_is_closed_before_accept(call: "type[Call]") -> None:
    scope = {"type": "websocket", "path": "/ws/private", "query_string": b"", "extensions": None}
    async with call(DemoApp(), scope) as private:
        private.put("websocket.connect")
        assert await private.sent() == {"type": "websocket.close"}
        await private.returned()


async def test_unknown_websocket_is_denied_with_404_where_the_server_can(
    call: "type[Call]",
) -> None:
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    scope = {"type": "websocket", "path": "/nowhere", "extensions": extensions}
    async with call(DemoApp(), scope) as nowhere:
        nowhere.put("websocket.connect")
        start = await nowhere.sent()
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
        assert (await nowhere.sent())["type"] == "websocket.http.response.body"


@pytest.mark.parametrize("path", ["/nowhere", "/ws/chat"])
async def test_client_that_leaves_before_the_handshake(call: "type[Call]", path: str) -> None:
    async with call(DemoApp(), {"type": "websocket", "path": path}) as early:
        early.put("websocket.disconnect", code=1006)
        await early.returned()
        assert early.outbox.empty()
