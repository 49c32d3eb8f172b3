"""A trace file of any size, as a busy site would leave it:
``python -m benchmarks.big_trace FILE --size 1g``.

A few exchanges (requests, a stream, a WebSocket, one that raises, one that the server refuses) are
written out once by the real exporter; the file is made of copies of their lines with other numbers
and times, at some hundred megabytes a second.
"""

import argparse
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from asgitrace.cli.options import Size
from asgitrace.clock import ClockAnchor
from asgitrace.events import MESSAGE_CODES, Flag, Header, Kind, Outcome, Phase, Record
from asgitrace.export import JsonLinesWriter
from asgitrace.export.records import encode_record
from asgitrace.ring import encode
from asgitrace.store.model import LogLine, Process
from asgitrace.wire import TEXT, Frame, Wire

_ANCHOR: Final = ClockAnchor(81_000_000_000_000, 1_767_225_600_000_000_000)
_CREATED: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SPACING: Final = 180_000
"""Nanoseconds from one exchange to the next."""

_BLOCK: Final = 1000
"""Exchanges written at once."""

_PLACE: Final = "PLACE"
"""In a path: the number of the exchange, so that paths differ as they do in life."""

_NUMBER: Final = re.compile(
    rb'"(exchange|connection|sequence|called_ns|returned_ns|at_ns|accepted_ns)":(\d+)|'
    + _PLACE.encode()
)
_USER_AGENT: Final = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class _Story:
    """The records of one exchange, one after the other."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._now = 0
        self._call = 0

    def _add(self, kind: Kind, content: Any, returned: int, **fields: int) -> None:
        payload = b"" if content is None else encode(content)
        header = Header(
            sequence=len(self.records), called=self._now, returned=returned,
            size=fields.get("size", 0), position=0, exchange=1, call=fields.get("call", 0),
            length=len(payload), number=fields.get("number", 0), flags=fields.get("flags", 0),
            kind=kind, phase=fields.get("phase", Phase.WHOLE),
            outcome=fields.get("outcome", Outcome.OK), message=fields.get("message", 0), checksum=0,
        )  # fmt: skip
        self.records.append(Record(header, payload))

    def wait(self, microseconds: int) -> None:
        self._now += microseconds * 1000

    def scope(self, kind: str, method: str, path: str) -> None:
        headers = [
            [b"host", b"shop.example:8000"], [b"user-agent", _USER_AGENT],
            [b"accept", b"application/json, text/html;q=0.9, */*;q=0.8"],
            [b"accept-encoding", b"gzip, deflate, br"],
            [b"cookie", b"session=4c1f7a0e9b2d; theme=dark; seen=1"],
        ]  # fmt: skip
        scope = {
            "type": kind, "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1", "method": method, "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"page=2&sort=price", "root_path": "",
            "headers": headers, "client": ["127.0.0.1", 50412], "server": ["127.0.0.1", 8000],
        }  # fmt: skip
        self._add(Kind.SCOPE, scope, self._now)

    def call(self, kind: Kind, message: dict[str, Any], took: int = 3, **fields: int) -> None:
        """One that is recorded twice where it took longer."""
        self._call += 1
        code = MESSAGE_CODES[message["type"]]
        told: dict[str, int] = {"call": self._call, "message": code, **fields}
        if took < 20:
            self._add(kind, message, self._now + took * 1000, **told)
            self.wait(took)
            return
        sends = kind is Kind.SEND
        known = told if sends else {"call": self._call}
        self._add(kind, message if sends else None, 0, **{**known, "phase": Phase.CALLED})
        made, end = self._now, self._now + took * 1000
        self._add(kind, None if sends else message, end, **{**told, "phase": Phase.RETURNED})
        header = self.records[-1].header._replace(called=made)
        self.records[-1] = Record(header, self.records[-1].payload)
        self.wait(took)

    def wire(self, what: Wire, content: Any = None, size: int = 0, number: int = 0) -> None:
        fields = {"call": 1, "message": int(what), "size": size, "number": number}
        self._add(Kind.WIRE, content, self._now, **fields)
        self.wait(1)

    def request(self, method: str, path: str) -> None:
        head = (
            f"{method} {path}?page=2&sort=price HTTP/1.1\r\nhost: shop.example:8000\r\n"
            f"user-agent: {_USER_AGENT.decode()}\r\naccept-encoding: gzip, deflate, br\r\n\r\n"
        )
        self.wire(Wire.REQUEST, {"head": head.encode()}, len(head), 1)
        self.wire(Wire.REQUEST_END)

    def start(self, status: int, mime: str) -> None:
        headers = [[b"content-type", mime.encode()], [b"cache-control", b"no-store"]]
        message = {"type": "http.response.start", "status": status, "headers": headers}
        self.call(Kind.SEND, message, number=status)
        head = f"HTTP/1.1 {status} \r\ncontent-type: {mime}\r\ntransfer-encoding: chunked\r\n\r\n"
        self.wire(Wire.RESPONSE, {"head": head.encode()}, len(head), status)

    def body(self, data: bytes, *, more: bool = False, took: int = 3) -> None:
        message = {"type": "http.response.body", "body": data, "more_body": more}
        flags = int(Flag.MORE) if more else 0
        self.call(Kind.SEND, message, took, size=len(data), flags=flags)
        self.wire(Wire.RESPONSE_BODY, None, len(data) + 6)

    def end(self, error: BaseException | None = None) -> None:
        if error is None:
            self._add(Kind.RETURN, None, self._now)
            return
        name, text = type(error).__name__, str(error)
        content = {"type": name, "module": "builtins", "message": text, "traceback": _TRACEBACK}
        self._add(Kind.RAISE, content, self._now, outcome=Outcome.RAISED)


_TRACEBACK: Final = "Traceback (most recent call last):\n" + "".join(
    f'  File "/srv/shop/{name}.py", line {line}, in {name}\n    await {name}(request)\n'
    for line, name in enumerate(("routing", "session", "basket", "stock"), start=40)
)


def _get(path: str, status: int, mime: str, data: bytes, took: int) -> _Story:
    story = _Story()
    story.request("GET", path)
    story.scope("http", "GET", path)
    story.wait(took)
    story.start(status, mime)
    story.body(data)
    story.end()
    return story


def _post(path: str, data: bytes) -> _Story:
    story = _Story()
    story.request("POST", path)
    story.scope("http", "POST", path)
    story.call(Kind.RECEIVE, {"type": "http.request", "body": data}, 400, size=len(data))
    story.wait(900)
    story.start(201, "application/json")
    story.body(b'{"order": "PLACE", "state": "accepted"}')
    story.end()
    return story


def _stream(path: str, pieces: int) -> _Story:
    story = _Story()
    story.request("GET", path)
    story.scope("http", "GET", path)
    story.start(200, "text/event-stream")
    for piece in range(pieces):
        story.wait(150)
        story.body(f"event: price\ndata: {piece * 7}\n\n".encode(), more=True, took=3 + piece)
    story.body(b"")
    story.end()
    return story


def _websocket(path: str, messages: int) -> _Story:
    story = _Story()
    story.request("GET", path)
    story.scope("websocket", "GET", path)
    story.call(Kind.RECEIVE, {"type": "websocket.connect"})
    story.call(Kind.SEND, {"type": "websocket.accept", "subprotocol": None, "headers": []})
    for number in range(messages):
        text = f'{{"op": "say", "room": "tea", "n": {number}, "text": "a word or two"}}'
        story.wire(Wire.FRAME_IN, None, len(text), Frame(TEXT, masked=True).pack())
        received = {"type": "websocket.receive", "text": text}
        story.call(Kind.RECEIVE, received, 700, size=len(text), flags=int(Flag.TEXT))
        sent = {"type": "websocket.send", "text": text}
        story.call(Kind.SEND, sent, size=len(text), flags=int(Flag.TEXT))
        story.wire(Wire.FRAME_OUT, None, len(text), Frame(TEXT).pack())
    code = {"type": "websocket.disconnect", "code": 1001}
    story.call(Kind.RECEIVE, code, 300, number=1001)
    story.end()
    return story


def _raising(path: str) -> _Story:
    story = _Story()
    story.request("GET", path)
    story.scope("http", "GET", path)
    story.wait(2500)
    story.end(KeyError("basket"))
    story.wire(Wire.RESPONSE, {"head": b"HTTP/1.1 500 \r\n\r\n"}, 18, 500)
    return story


def _refused() -> _Story:
    story = _Story()
    head = b"GET /PLACE HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"
    story.wire(Wire.REQUEST, {"head": head}, len(head), 1)
    story.wire(Wire.REFUSED, {"text": "Content-Length beside Transfer-Encoding"}, 0, 400)
    story.wire(Wire.RESPONSE, {"head": b"HTTP/1.1 400 \r\n\r\n"}, 18, 400)
    return story


_JSON: Final = b'{"items": [' + b'{"name": "tea", "price": 4.5, "stock": 12}, ' * 12 + b"{}]}"
_PAGE: Final = b"<!doctype html><title>Shop</title>" + b"<p>A paragraph of the page.</p>" * 40
_STORIES: Final = (
    (40, _get("/api/items/PLACE", 200, "application/json", _JSON, 800)),
    (20, _get("/shop/PLACE", 200, "text/html; charset=utf-8", _PAGE, 2200)),
    (8, _get("/static/style-PLACE.css", 304, "text/css", b"", 60)),
    (6, _get("/api/missing/PLACE", 404, "application/json", b'{"detail": "Not Found"}', 300)),
    (15, _post("/api/orders", b'{"order": "PLACE", "lines": [1, 2, 3]}')),
    (3, _stream("/api/prices", 30)),
    (4, _websocket("/ws/rooms/PLACE", 25)),
    (3, _raising("/basket/PLACE")),
    (1, _refused()),
)
"""How often each of the exchanges comes, among a hundred."""


@dataclass(frozen=True, slots=True)
class _Template:
    """The lines of an exchange with ``%d`` where its own numbers go."""

    text: bytes
    kinds: tuple[int, ...]
    """For each number what it counts from: 0 the exchange, 1 the sequence, 2 the time."""
    offsets: tuple[int, ...]
    records: int

    def fill(self, exchange: int, sequence: int, now: int) -> bytes:
        bases = (exchange, sequence, now)
        numbers = zip(self.kinds, self.offsets, strict=True)
        return self.text % tuple([bases[kind] + offset for kind, offset in numbers])


def _template(story: _Story) -> _Template:
    found: list[tuple[int, int]] = []

    def mark(match: re.Match[bytes]) -> bytes:
        name, number = match[1], match[2]
        if name is None:
            found.append((0, 0))
            return b"%d"
        if name in (b"exchange", b"connection"):
            found.append((0, 0))
        else:
            found.append((1 if name == b"sequence" else 2, int(number)))
        return b'"' + name + b'":%d'

    text = b"".join(encode_record(0, record) for record in story.records)
    text = _NUMBER.sub(mark, text.replace(b"%", b"%%"))
    kinds, offsets = zip(*found, strict=True)
    return _Template(text, kinds, offsets, len(story.records))


def write(out: BinaryIO, size: int, *, seed: int = 1) -> int:
    """Write a trace of ``size`` bytes, or a little more; returns how many exchanges it has."""
    writer = JsonLinesWriter(out, created=_CREATED)
    writer.process(Process(0, 4711, _ANCHOR, "shop:app"))
    writer.flush()
    written = exchanges = 0
    for block, count, now in _blocks(seed):
        out.write(block)
        written += len(block)
        exchanges += count
        writer.log(LogLine(0, _ANCHOR.wall(now), "stdout", f"{exchanges} exchanges served"))
        if written >= size:
            break
    writer.close()
    return exchanges


def _blocks(seed: int) -> Iterator[tuple[bytes, int, int]]:
    """Lines without end: some of them, how many exchanges they are, and when they end."""
    chance = random.Random(seed)
    templates = [_template(story) for _, story in _STORIES]
    weights = [weight for weight, _ in _STORIES]
    exchange, sequence, now = 1, 0, _ANCHOR.monotonic_ns
    while True:
        pieces = []
        for template in chance.choices(templates, weights, k=_BLOCK):
            pieces.append(template.fill(exchange, sequence, now))
            exchange += 1
            sequence += template.records
            now += _SPACING
        yield b"".join(pieces), _BLOCK, now


def sample(size: int) -> bytes:
    """Such a trace in memory."""
    out = io.BytesIO()
    write(out, size)
    return out.getvalue()


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description="Write a large trace file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", default="1g", help="about how large; by default 1g")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with options.file.open("wb") as out:
        exchanges = write(out, Size().convert(options.size, None, None), seed=options.seed)
    print(f"{options.file}: {exchanges:,} exchanges in {options.file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
