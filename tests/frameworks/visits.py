"""Clients of protocols that are some frameworks' own: Socket.IO, GraphQL over WebSocket, MCP, RPC,
server-sent events of sse-starlette. Their packages are imported when they are needed."""

import asyncio
import json
from typing import Any, Final

import httpx
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from asgitrace.events import Outcome
from asgitrace.library import LoadedExchange, LoadedTrace
from asgitrace.store import RowKind
from tests.frameworks.clients import PATIENCE
from tests.frameworks.expected import exchanges_at
from tests.frameworks.features import Own


def _body(exchange: LoadedExchange) -> bytes:
    bodies = [one for one in exchange.sent if one["type"] == "http.response.body"]
    return b"".join(one.get("body", b"") for one in bodies)


def _below(trace: LoadedTrace, path: str, kind: RowKind) -> list[LoadedExchange]:
    """The exchanges of a kind at a path, whatever their query."""
    return [one for one in trace if one.kind is kind and one.path.partition("?")[0] == path]


# Sanic


def _see_session(port: int) -> Any:
    with connect(f"ws://127.0.0.1:{port}/ws") as client:
        heard = []
        for message in ("Grüße ☕", b"\x00\xff"):
            client.send(message)
            heard.append(client.recv(PATIENCE))
        client.close(4001, "enough")
    return heard


def _check_session(seen: Any, trace: LoadedTrace) -> None:
    assert seen == ["Grüße ☕", b"\x00\xff"]
    (session,) = exchanges_at(trace, "/ws")
    sent = [one for one in session.sent if one["type"] == "websocket.send"]
    assert [one.get("text") or one["bytes"] for one in sent] == seen
    (end,) = [event for event in session.events if event.type == "websocket.disconnect"]
    assert end.number == 4001


SESSION: Final = Own("WebSocket, ended by the client", _see_session, _check_session)


# Socket.IO


def _see_socketio(port: int) -> Any:
    return {
        transport: asyncio.run(_socketio(port, transport)) for transport in ("polling", "websocket")
    }


async def _socketio(port: int, transport: str) -> list[Any]:
    import socketio  # type: ignore[import-untyped]  # it has none

    heard: list[Any] = []
    told = asyncio.Event()
    client = socketio.AsyncClient(reconnection=False)
    client.on("joined", lambda data: heard.append(data))

    @client.on("said")
    async def said(text: str) -> None:
        heard.append(text)
        told.set()

    await client.connect(
        f"http://127.0.0.1:{port}", transports=[transport], auth={"name": transport}
    )
    heard.append(await client.call("say", "Grüße ☕", timeout=int(PATIENCE)))
    await asyncio.wait_for(told.wait(), PATIENCE)
    await client.disconnect()
    return sorted(heard, key=str)


def _check_socketio(seen: Any, trace: LoadedTrace) -> None:
    for transport, heard in seen.items():
        assert heard == ["Grüße ☕", "said Grüße ☕", {"as": transport}]
    (session,) = _below(trace, "/socket.io/", RowKind.WEBSOCKET)
    texts = [one["text"] for one in session.sent if one["type"] == "websocket.send"]
    assert any(text.startswith("0{") for text in texts), "Engine.IO's open"
    said = '42["said",' + json.dumps("Grüße ☕") + "]"
    assert said in texts
    assert session.received[-1]["type"] == "websocket.disconnect"
    polls = _below(trace, "/socket.io/", RowKind.HTTP)
    assert {one.method for one in polls} == {"GET", "POST"}
    assert any(said.encode() in _body(one) for one in polls)
    assert polls[0].status == 200


SOCKETIO: Final = Own("Socket.IO by polling and WebSocket", _see_socketio, _check_socketio)


# sse-starlette


def _see_events(port: int) -> Any:
    address = f"http://127.0.0.1:{port}"
    three = httpx.get(f"{address}/three", timeout=PATIENCE).text
    with httpx.stream("GET", f"{address}/events", timeout=PATIENCE) as response:
        lines = response.iter_lines()
        return three, [next(lines) for _ in range(12)]


def _check_events(seen: Any, trace: LoadedTrace) -> None:
    three, endless = seen
    assert three == "".join(f"data: {number}\r\n\r\n" for number in range(3))
    assert endless == [
        line for number in range(3) for line in (f"id: {number}", "event: time", "data: tick", "")
    ]
    (exchange,) = exchanges_at(trace, "/three")
    pieces = [one["body"] for one in exchange.sent if one["type"] == "http.response.body"]
    assert pieces == [*(b"data: %d\r\n\r\n" % number for number in range(3)), b""]
    (left,) = exchanges_at(trace, "/events")
    # Its task that listens has received the disconnect, or the server refused an event after it.
    told = any(event.type == "http.disconnect" for event in left.events)
    refused = any(event.outcome is Outcome.RAISED for event in left.events)
    assert told or refused


SSE: Final = Own("events in tasks, until the client goes", _see_events, _check_events)


# Strawberry


def _see_graphql(port: int) -> Any:
    query = {"query": 'query { hello(name: "asgi") }'}
    asked = httpx.post(f"http://127.0.0.1:{port}/", json=query, timeout=PATIENCE).json()
    heard = []
    with connect(
        f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol("graphql-transport-ws")]
    ) as client:
        client.send(json.dumps({"type": "connection_init"}))
        heard.append(json.loads(client.recv(PATIENCE)))
        for name, subscription in (("1", "count(limit: 3)"), ("2", "failing")):
            payload = {"query": f"subscription {{ {subscription} }}"}
            client.send(json.dumps({"type": "subscribe", "id": name, "payload": payload}))
            while True:
                heard.append(json.loads(client.recv(PATIENCE)))
                if heard[-1]["type"] in ("complete", "error"):
                    break
        return asked, heard, client.subprotocol


def _check_graphql(seen: Any, trace: LoadedTrace) -> None:
    asked, heard, subprotocol = seen
    assert asked["data"] == {"hello": "hello asgi"}
    assert subprotocol == "graphql-transport-ws"
    assert heard[0] == {"type": "connection_ack"}
    counted = [one["payload"]["data"] for one in heard if one.get("id") == "1" and "payload" in one]
    assert counted == [{"count": 0}, {"count": 1}, {"count": 2}]
    assert "the subscription raised" in json.dumps(heard)
    (session,) = [one for one in trace if one.kind is RowKind.WEBSOCKET]
    assert session.sent[0] == {
        "type": "websocket.accept",
        "subprotocol": "graphql-transport-ws",
        **{key: session.sent[0][key] for key in session.sent[0].keys() - {"type", "subprotocol"}},
    }
    sent = [json.loads(one["text"]) for one in session.sent if one["type"] == "websocket.send"]
    assert sent == heard


GRAPHQL: Final = Own("GraphQL subscriptions", _see_graphql, _check_graphql)


# MCP


def _see_mcp(port: int) -> Any:
    return asyncio.run(_mcp(port))


async def _mcp(port: int) -> Any:
    from mcp.client import Client

    reports: list[Any] = []

    async def told(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))

    async with Client(f"http://127.0.0.1:{port}/mcp") as client:
        tools = sorted(tool.name for tool in (await client.list_tools()).tools)
        greeted = await client.call_tool("greet", {"name": "asgi"})
        counted = await client.call_tool("count", {"limit": 3}, progress_callback=told)
        failed = await client.call_tool("fail", {})
        texts = [result.content[0].text for result in (greeted, counted)]  # type: ignore[union-attr]
        return tools, texts, reports, failed.is_error


def _check_mcp(seen: Any, trace: LoadedTrace) -> None:
    tools, texts, progress, failed = seen
    assert tools == ["count", "fail", "greet"]
    assert texts == ["hello asgi", "counted to 3"]
    assert progress == [(number, 3, f"at {number - 1}") for number in (1, 2, 3)]
    assert failed
    calls = _below(trace, "/mcp", RowKind.HTTP)
    said = b"".join(_body(one) for one in calls)
    for expected in (b"hello asgi", b"counted to 3", b"at 2"):
        assert expected in said
    (lifespan,) = [one for one in trace if one.kind is RowKind.LIFESPAN]
    assert lifespan.sent[-1]["type"] == "lifespan.shutdown.complete"


MCP: Final = Own("tools and progress, over streamable HTTP", _see_mcp, _check_mcp)


# rpc.py


def _see_rpc(port: int) -> Any:
    address = f"http://127.0.0.1:{port}"
    kind = {"content-type": "application/json", "serializer": "json"}
    with httpx.Client(base_url=address, headers=kind, timeout=PATIENCE) as client:
        greeted = client.post("/greet", json={"name": "asgi"})
        counted = client.post("/count", json={"limit": 3})
        failed = client.post("/fail", json={})
        missing = client.post("/missing", json={})
    answers = (greeted, counted, failed, missing)
    return [(one.status_code, one.headers.get("callback-status"), one.text) for one in answers]


def _check_rpc(seen: Any, trace: LoadedTrace) -> None:
    greeted, counted, failed, missing = seen
    assert greeted == (200, None, '"hello asgi"')
    assert counted[2].count("event: yield") == 3
    assert failed[1] == "exception"
    assert "the function raised" in failed[2]
    assert missing[0] == 404
    for path, (_, _, text) in zip(("/greet", "/count", "/fail", "/missing"), seen, strict=True):
        (exchange,) = exchanges_at(trace, path)
        assert _body(exchange).decode() == text


RPC: Final = Own("functions by name, and a stream of results", _see_rpc, _check_rpc)
