"""From a traced app over a real ring into the store."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from asgitrace.asgi import App, Message, Receive, Scope, Send
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.store import RowKind, State, Store
from tests.store.playbook import exchange_of

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "GET",
    "path": "/items",
    "query_string": b"page=2",
    "headers": [(b"host", b"localhost")],
}


class Site:
    """An app under trace, its ring, and a store that follows it."""

    def __init__(self, folder: Path, size: int = 1 << 20) -> None:
        memory = RingMemory.create(folder / "test.ring", size)
        self.recorder = Recorder(RingWriter(memory))
        self.reader = RingReader.open(memory.path)
        self.store = Store()
        layout = self.reader.layout
        self.store.add_process(layout.pid, layout.anchor, "site:app")
        self.sent: list[Message] = []

    async def call(self, app: App, **scope: Any) -> None:
        async def receive() -> Message:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": b"question", "more_body": False}

        async def send(message: Message) -> None:
            self.sent.append(message)

        await Trace(app, recorder=self.recorder)({**SCOPE, **scope}, receive, send)

    def poll(self) -> None:
        while (batch := self.reader.poll()).count or batch.missed:
            self.store.take(0, batch)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b"answer"})


def test_a_request_becomes_a_row(site: Site) -> None:
    asyncio.run(site.call(answer))
    site.poll()
    exchange = exchange_of(site.store)
    row = exchange.row
    assert (row.kind, row.method, row.path) == (RowKind.HTTP, "GET", "/items?page=2")
    assert (row.state, row.status, row.received, row.sent) == (State.RETURNED, 201, 8, 6)
    assert row.events == len(exchange.events) == 5
    assert [event.type for event in exchange.events[1:4]] == [
        "http.request",
        "http.response.start",
        "http.response.body",
    ]
    first, last = exchange.events[0], exchange.events[-1]
    assert row.duration_ns == last.called - first.called
    assert row.split.client == exchange.events[1].wait_ns
    assert row.split.after == last.called - (exchange.events[3].returned or 0)


def test_an_app_that_raises_and_one_that_still_runs(site: Site) -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no")

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.Event().wait()

    async def both() -> None:
        with pytest.raises(ValueError, match="no"):
            await site.call(fail)
        task = asyncio.create_task(site.call(wait, path="/wait"))
        for _ in range(5):
            await asyncio.sleep(0)
        site.poll()
        task.cancel()

    asyncio.run(both())
    assert site.store.state.tolist() == [State.RAISED, State.OPEN]
    failure = exchange_of(site.store, 1).events[-1].content()
    assert (failure["type"], failure["message"]) == ("ValueError", "no")
    site.poll()
    assert site.store.state.tolist() == [State.RAISED, State.CANCELLED]


def test_a_reader_that_was_lapped(tmp_path: Path) -> None:
    site = Site(tmp_path, size=64 * 1024)

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        site.poll()
        for _ in range(2_000):
            await send({"type": "http.response.body", "body": b"x" * 100, "more_body": True})
        site.poll()
        await send({"type": "http.response.body", "body": b""})

    asyncio.run(site.call(stream))
    site.poll()
    exchange = exchange_of(site.store)
    assert site.store.missed_total > 0
    assert exchange.missed == site.store.missed_total
    assert len(exchange.events) + exchange.missed == 2_004
    assert exchange.row.state is State.RETURNED
    assert sum(gap.count for gap in site.store.gaps) == site.store.missed_total
