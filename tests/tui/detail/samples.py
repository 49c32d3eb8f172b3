"""Exchanges as the store would hand them out, and a store of them."""

import json
from collections.abc import Iterable
from typing import Any

from asgitrace.clock import ClockAnchor
from asgitrace.events import Flag, Kind, Outcome
from asgitrace.ring import encode
from asgitrace.store.annotations import Annotations
from asgitrace.store.model import (
    Event,
    Exchange,
    LogLine,
    Process,
    Row,
    RowKind,
    Split,
    State,
)
from tests.replacing import replace
from tests.views.exceptions.samples import price_missing

MS = 1_000_000
START = 5_000 * MS
WALL = 1_700_000_000_000_000_000
PROCESS = Process(0, 4242, ClockAnchor(START, WALL), "shop:app")

TRACEBACK = """Traceback (most recent call last):
  File "/srv/shop/prices.py", line 41, in price_of
    return TABLE[sku]
           ~~~~~^^^^^
KeyError: 'A-113'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 88, in __call__
    await self.handlers[path](scope, receive, send)
  File "/srv/shop/app.py", line 132, in checkout
    total = sum(price_of(sku) for sku in basket)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/prices.py", line 43, in price_of
    raise PriceMissing(sku) from error
shop.prices.PriceMissing: no price for 'A-113'
"""


class Script:
    """Events of one exchange, written down in their order."""

    def __init__(self, **scope: Any) -> None:
        self.at = START
        self.events: list[Event] = []
        self.calls = 0
        self._add(Kind.SCOPE, scope)

    def _add(self, kind: Kind, content: Any, **changes: Any) -> "Script":
        message = content if isinstance(content, dict) else {}
        known = kind in (Kind.RECEIVE, Kind.SEND)
        body = message.get("body") or message.get("bytes") or b""
        text = message.get("text")
        flags = Flag.MORE if message.get("more_body") else Flag(0)
        if isinstance(text, str):
            body, flags = text.encode("utf-8", "surrogatepass"), flags | Flag.TEXT
        number = message.get("status", message.get("code", 0)) if known else 0
        event = Event(
            index=len(self.events),
            kind=kind,
            type=message.get("type") if known else None,
            call=self.calls if known else 0,
            called=self.at,
            returned=self.at,
            outcome=Outcome.OK,
            number=number if isinstance(number, int) else 0,
            flags=flags,
            size=len(body) if isinstance(body, bytes) else 0,
            payload=b"" if content is None else encode(content),
            error=b"",
        )
        self.events.append(replace(event, **changes))
        return self

    def receive(self, type: str, wait: float = 0.02, **content: Any) -> "Script":  # noqa: A002
        return self._call(Kind.RECEIVE, wait, {"type": type, **content})

    def send(self, type: str, wait: float = 0.02, **content: Any) -> "Script":  # noqa: A002
        return self._call(Kind.SEND, wait, {"type": type, **content})

    def _call(self, kind: Kind, wait: float, content: dict[str, Any]) -> "Script":
        self.calls += 1
        called = self.at
        self.at += int(wait * MS)
        return self._add(kind, content, called=called, returned=self.at)

    def change(self, **changes: Any) -> "Script":
        """Change the last event."""
        self.events[-1] = replace(self.events[-1], **changes)
        return self

    def work(self, ms: float) -> "Script":
        self.at += int(ms * MS)
        return self

    def pending(self, kind: Kind = Kind.RECEIVE, content: Any = None) -> "Script":
        self.calls += 1
        return self._add(kind, content, returned=None)

    def done(self, value: Any = None) -> "Script":
        return self._add(Kind.RETURN, value)

    def raised(self, **content: Any) -> "Script":
        return self._add(Kind.RAISE, content, outcome=Outcome.RAISED)

    def exchange(self, number: int, split: Split | None = None, **changes: Any) -> Exchange:
        last = self.events[-1].kind
        state = {Kind.RETURN: State.RETURNED, Kind.RAISE: State.RAISED}.get(last, State.OPEN)
        scope = self.events[0].content()
        kind = {"http": RowKind.HTTP, "websocket": RowKind.WEBSOCKET}.get(scope.get("type"))
        numbers = [event.number for event in self.events if event.number]
        row = Row(
            number=number,
            kind=kind or RowKind.LIFESPAN,
            state=state,
            started_ns=WALL,
            method=scope.get("method", "WS" if kind else "LIFESPAN"),
            path=scope.get("path", "") + ("?page=2" if number == 1 else ""),
            status=numbers[-1] if numbers else 0,
            received=sum(e.size for e in self.events if e.kind is Kind.RECEIVE),
            sent=sum(e.size for e in self.events if e.kind is Kind.SEND),
            events=len(self.events),
            split=split or _split(self),
            pending="receive" if self.events[-1].pending else "",
        )
        missed = changes.pop("missed", 0)
        return Exchange(replace(row, **changes), PROCESS, tuple(self.events), missed)


def _split(script: Script) -> Split:
    waits = {Kind.RECEIVE: 0, Kind.SEND: 0}
    for event in script.events:
        if event.kind in waits:
            end = script.at if event.returned is None else event.returned
            waits[event.kind] += end - event.called
    total = script.at - START
    client, back = waits[Kind.RECEIVE], waits[Kind.SEND]
    return Split(app=max(0, total - client - back), client=client, backpressure=back)


def http(method: str, path: str, *headers: tuple[bytes, bytes], **more: Any) -> Script:
    return Script(
        **{
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "query_string": b"page=2" if method == "GET" else b"",
            "root_path": "",
            "headers": [
                [b"host", b"127.0.0.1:8000"],
                [b"user-agent", b"curl/8.5.0"],
                [b"accept", b"*/*"],
                *map(list, headers),
            ],
            "client": ["127.0.0.1", 52114],
            "server": ["127.0.0.1", 8000],
            "state": {"db": "<shop.db.Pool>"},
            "extensions": {"http.response.debug": {}},
            **more,
        }
    )


ITEMS = {
    "page": 2,
    "items": [
        {"id": 41, "name": "Teekanne „Kyōto“", "price": 39.90, "tags": ["茶", "清水焼"]},
        {"id": 42, "name": "Towel", "price": 4.2e1, "in_stock": True, "tags": []},
        {"id": 43, "name": "Fish", "price": None, "note": 'so long,\n"thanks"', "tags": ["x"]},
    ],
    "next": "/api/items?page=3",
}


def json_api() -> Exchange:
    body = json.dumps(ITEMS, ensure_ascii=False).encode()
    script = http("GET", "/api/items", (b"cookie", b"a=1; b=2"), (b"cookie", b"session=8f14e45f"))
    script.work(0.3).receive("http.request", body=b"", more_body=False).work(11.2)
    script.send(
        "http.response.start",
        status=200,
        headers=[
            [b"content-type", b"application/json"],
            [b"content-length", str(len(body)).encode()],
            [b"set-cookie", b"a=1; Path=/; HttpOnly"],
            [b"set-cookie", b"b=2; Path=/; SameSite=Lax"],
        ],
    )
    script.work(0.1).send("http.response.body", 2.4, body=body, more_body=False)
    return script.work(3.1).done().exchange(1, Split(11_600_000, 20_000, 2_420_000, 3_100_000))


def stream() -> Exchange:
    script = http("GET", "/events", (b"accept", b"text/event-stream"))
    script.work(0.2).receive("http.request", body=b"", more_body=False)
    script.send(
        "http.response.start",
        status=200,
        headers=[[b"content-type", b"text/event-stream; charset=utf-8"]],
    )
    for tick in range(30):
        data = f'id: {tick}\nevent: price\ndata: {{"sku": "A-{tick}", "price": {tick * 3}}}\n\n'
        script.work(40).send("http.response.body", 0.03, body=data.encode(), more_body=True)
    return script.work(12).pending().work(800).exchange(2, pending="receive")


def websocket(path: str = "/chat") -> Script:
    """A WebSocket session that has begun."""
    return Script(
        type="websocket",
        asgi={"version": "3.0", "spec_version": "2.5"},
        http_version="1.1",
        scheme="ws",
        path=path,
        raw_path=path.encode(),
        query_string=b"room=tea",
        root_path="",
        headers=[[b"host", b"127.0.0.1:8000"], [b"sec-websocket-version", b"13"]],
        client=["127.0.0.1", 52118],
        server=["127.0.0.1", 8000],
        subprotocols=["chat.v1"],
    )


def chat() -> Exchange:
    script = websocket()
    script.receive("websocket.connect", 0.01).work(0.4)
    script.send("websocket.accept", 0.08, subprotocol="chat.v1", headers=[])
    for number, (who, said) in enumerate(
        [("mara", "Is the kettle on?"), ("jun", "もちろん！お茶にしましょう"), ("mara", "🫖👍")]
    ):
        line = json.dumps({"from": who, "text": said}, ensure_ascii=False)
        script.receive("websocket.receive", 400 + 300 * number, text=line, bytes=None).work(0.2)
        script.send("websocket.send", 0.05, text=line)
    script.send("websocket.send", 1.5, bytes=bytes(range(200)))
    script.receive("websocket.disconnect", 900, code=1006, reason="")
    return script.work(0.3).done().exchange(3)


def upload() -> Exchange:
    script = http("POST", "/upload", (b"content-type", b"application/octet-stream"))
    for number in range(4):
        script.receive("http.request", 6, body=bytes(range(256)) * 4, more_body=number < 3)
        script.change(flags=script.events[-1].flags | Flag.TRUNCATED, size=65_536)
    script.work(1)
    script.send("http.response.start", status=201, headers=[[b"location", b"/files/7"]])
    script.send("http.response.body", body=b"stored\n", more_body=False)
    return script.done().exchange(4)


def failure() -> Exchange:
    body = b'{"basket": ["A-113"]}'
    script = http("POST", "/checkout", (b"content-type", b"application/json"))
    script.receive("http.request", 0.4, body=body, more_body=False)
    script.work(1.7).raised(**price_missing(), traceback=TRACEBACK)
    return script.exchange(5)


def cancelled() -> Exchange:
    script = http("GET", "/slow")
    script.receive("http.request", body=b"", more_body=False).work(20)
    script.send("http.response.start", status=200, headers=[])
    script.send("http.response.body", 700, body=b"x" * 3000, more_body=True)
    error = {"type": "CancelledError", "module": "asyncio.exceptions", "message": ""}
    script.change(outcome=Outcome.CANCELLED, payload=b"", error=encode(error))
    script.raised(**error, traceback="asyncio.exceptions.CancelledError\n")
    script.change(outcome=Outcome.CANCELLED)
    return script.exchange(6, state=State.CANCELLED, missed=1234)


def odd() -> Exchange:
    """Messages that are none."""
    script = http("GET", "/odd", app="<starlette.applications.Starlette>")
    script.receive("http.request", body=b"", more_body=False)
    script.send("acme.custom", answer=42).change(type=None)
    script.send("http.response.body", repr="{'body': <object>}").change(flags=Flag.REPR)
    script.send("http.response.body", body=b"").change(
        flags=Flag.OVERSIZE, size=1 << 30, payload=b""
    )
    error = {"type": "RuntimeError", "module": "builtins", "message": "closed"}
    script.send("http.response.body", body=b"")
    script.change(outcome=Outcome.RAISED, payload=b"", error=encode(error))
    return script.done("'done'").exchange(7)


def lifespan() -> Exchange:
    script = Script(type="lifespan", asgi={"version": "3.0", "spec_version": "2.0"}, state={})
    script.receive("lifespan.startup", 0.01).work(120)
    script.send("lifespan.startup.complete", 0.01)
    return script.pending().work(90_000).exchange(8)


def log_lines(count: int = 40) -> list[LogLine]:
    lines = [
        LogLine(0, WALL + number * 37 * MS, "stdout", f"handled request {number} in 12 ms")
        for number in range(count)
    ]
    wrong = "\x1b[31mERROR\x1b[0m: price table is 3 days old"
    lines.append(LogLine(0, WALL + 2_000 * MS, "stderr", wrong))
    lines += [LogLine(0, WALL + 2_001 * MS, "stderr", line) for line in TRACEBACK.splitlines()]
    return lines


def all_exchanges() -> list[Exchange]:
    return [
        json_api(), stream(), chat(), upload(), failure(), cancelled(), odd(), lifespan(),
    ]  # fmt: skip


class FakeStore:
    """As much of the store as the detail pane uses."""

    def __init__(self, exchanges: Iterable[Exchange] = (), logs: Iterable[LogLine] = ()) -> None:
        self.annotations = Annotations()
        self.exchanges = {found.row.number: found for found in exchanges}
        self.logs = list(logs)
        self.version = 1
        self.asked = 0

    def exchange(self, number: int, now: int) -> Exchange | None:
        self.asked += 1
        return self.exchanges.get(number)

    @property
    def log_total(self) -> int:
        return len(self.logs)

    def logs_since(self, index: int) -> list[LogLine]:
        return self.logs[index:]

    def put(self, exchange: Exchange) -> None:
        self.exchanges[exchange.row.number] = exchange
        self.version += 1

    def locate(self, line: LogLine) -> LogLine:
        return line

    def log(self, *lines: LogLine) -> None:
        self.logs += lines
        self.version += 1
