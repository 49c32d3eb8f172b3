from collections.abc import AsyncIterator

import httpx
import pytest

from asgitrace.demo.app import DemoApp
from asgitrace.demo.shop import CAPACITY, Shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(DemoApp())
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


async def test_an_item_from_its_creation_to_its_end(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    created = await client.post("/api/items", json={"name": "tray", "price": 900})
    assert (created.status_code, created.headers["location"]) == (201, "/api/items/5")
    assert created.json() == {"id": 5, "name": "tray", "price": 900}
    assert "tray" in capsys.readouterr().out
    assert (await client.get("/api/items/5")).json() == created.json()
    assert created.json() in (await client.get("/api/items")).json()["items"]
    deleted = await client.delete("/api/items/5")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "content-length" not in deleted.headers
    assert (await client.get("/api/items/5")).status_code == 404


@pytest.mark.parametrize("number", ["0", "99", "tea", "-1", "9" * 5000])
async def test_no_such_item(client: httpx.AsyncClient, number: str) -> None:
    answer = await client.delete(f"/api/items/{number}")
    assert (answer.status_code, answer.json()) == (404, {"error": "no such item"})


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({}, {"name", "price"}),
        ({"name": "", "price": 1}, {"name"}),
        ({"name": "x" * 41, "price": 1}, {"name"}),
        ({"name": "tray", "price": -1}, {"price"}),
        ({"name": "tray", "price": True}, {"price"}),
        ({"name": "tray", "price": "1"}, {"price"}),
    ],
)
async def test_validation(client: httpx.AsyncClient, value: object, wrong: set[str]) -> None:
    answer = await client.post("/api/items", json=value)
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == wrong


async def test_item_that_is_no_object(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/items", json=[1])).status_code == 422


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xff", b"[" * 60_000])
async def test_body_that_is_not_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/items", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "the body is not JSON"})


async def test_body_that_is_too_large(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/items", content=b" " * 65_537)).status_code == 413


def test_oldest_item_goes_when_the_shelves_are_full() -> None:
    shop = Shop()
    for _ in range(CAPACITY + 1):
        shop.add("cup", 1)
    assert len(shop.items) == CAPACITY
    assert 1 not in shop.items
