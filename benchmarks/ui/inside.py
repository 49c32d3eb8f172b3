"""Looking inside: exchanges that are large, deep or meant to do harm, and how long the screen is
held up by each while every tab of it is walked through, by a search in all and by a comparison.

A stall is told without what other programs had of the processor meanwhile."""

import contextlib
import gzip
import json
import socket
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asgitrace.asgi import App, Receive, Scope, Send
from benchmarks.apps import HTTP_SCOPE, WS_SCOPE
from benchmarks.effort import Effort
from benchmarks.report import Row, absent
from benchmarks.ui.contents import recorded
from benchmarks.ui.feeder import READ
from benchmarks.ui.figures import at_most, one, share
from benchmarks.ui.watch import Control, Watch, watching

LONGEST: Final = 50
"""Milliseconds that nothing may hold the screen up."""
_RING: Final = 512 * 1024 * 1024
_STORE: Final = 512 * 1024 * 1024
_PATIENCE: Final = 60.0
_PAUSE: Final = 0.4
_SETTLE: Final = 0.6
_EVENTS: Final = 100_000
_LARGE: Final = 10 * 1024 * 1024
_DEEP: Final = 100_000
_BOMB: Final = 10 * 1024**3

_SCROLL: Final = (b"\x1b[6~", b"\x1b[6~", b"G", b"g", b"G", b"\x1b[5~", b"g")
_ENDS: Final = (b"G", b"g")
_SEARCH: Final = (b"/", b"zzzz", b"\r", b"n", b"\x1b")
_OPEN: Final = (b"\r", b"\x1b")
"""What is under the cursor beside it, and closed again."""
_FOLDS: Final = (b"*", b"G", b"_", b"g", b"+", b"\r", b"\r")
_WALK: Final = (
    b"1", *_SCROLL, *_OPEN, b"v", *_SCROLL, b"b", *_ENDS, b"b", b"b", *_SEARCH,
    b"2", *_SCROLL, *_OPEN, *_SEARCH,
    b"3", *_SCROLL, *_SEARCH,
    b"4", *_SCROLL, *_SEARCH, *_FOLDS, b"v", *_SCROLL, b"v", *_ENDS, b"v", *_ENDS, b"v",
    b"b", *_SCROLL, b"b",
    b"5", *_ENDS,
    b"6", *_SCROLL, *_SEARCH,
)  # fmt: skip
"""Every tab of an exchange that is open, the ways to show a body among them."""
_EVERYWHERE: Final = (b"s", b"zzzz", b"\r")
_COMPARE: Final = (*_SCROLL, b"v", *_ENDS, b"v", b"n", b"n", b"\x1b")


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange that is hard to show."""

    name: str
    app: Callable[[Effort], App]
    scope: Scope


def inside_rows(effort: Effort) -> Iterator[Row]:
    """One exchange after the other, from the oldest."""
    cases = CASES[:3] if effort.few else CASES
    apps = iter([case.app(effort) for case in cases])
    scopes = [case.scope for case in cases]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await next(apps)(scope, receive, send)

    with recorded(app, scopes, ring=_RING, body=_RING // 4) as ring, _viewed(ring) as seen:
        watch, control = seen
        for place, case in enumerate(cases):
            yield from _walk(case.name, _walked(place), watch, control, effort)
            if watch.process.poll() is not None:
                yield absent(case.name, f"the screen is gone: {watch.last_words()}")
                return
        yield from _walk("search in all of them", _sought(), watch, control, effort)
        if not effort.few:
            yield from _walk("two of 10 MB of JSON compared", _compared(), watch, control, effort)


Stride = tuple[bytes, float]
"""A key, and how long is waited after it, in pauses."""


def _walked(place: int) -> Iterator[Stride]:
    yield from _to(place)
    yield b"\r", 4
    yield from ((key, 1) for key in _WALK)


def _sought() -> Iterator[Stride]:
    yield from ((key, 1) for key in _EVERYWHERE)
    yield from ((key, 4) for key in _SCROLL)


def _compared() -> Iterator[Stride]:
    for name in ("10 MB of JSON", "10 MB of JSON, gzipped"):
        yield from _to([case.name for case in CASES].index(name))
        yield b"d", 1
    yield b"", 10
    yield from ((key, 1) for key in _COMPARE)


def _to(place: int) -> Iterator[Stride]:
    """To an exchange in the list."""
    yield from ((key, 1 / 8) for key in (b"g", *[b"j"] * place))


def _walk(
    name: str, strides: Iterator[Stride], watch: Watch, control: Control, effort: Effort
) -> Iterator[Row]:
    """Press the keys, then leave whatever they have opened."""
    pause = 0.01 if effort.few else _PAUSE
    control.ask("watch")
    for key, pauses in strides:
        watch.press(key)
        time.sleep(pauses * pause)
    told = control.ask("tell")
    late = told["late_ns"]
    for key in (b"\x1b", b"\x1b", b"q"):
        watch.press(key)
        time.sleep(pause / 2)
    if not late:
        yield absent(name, "nothing was measured")
        return
    yield one(f"{name}: longest stall", "ms", told["held_ns"] / 1e6, at_most(LONGEST))
    yield one(f"{name}: loop late, p99", "ms", share(late, 0.99) / 1e6)
    watch.forget()


@contextlib.contextmanager
def _viewed(ring: Path) -> Iterator[tuple[Watch, Control]]:
    """The screen on a ring that is filled already."""
    read = Path(f"{ring}{READ}")
    read.write_bytes(bytes(8))
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "benchmarks.ui.viewer", str(ring), str(theirs.fileno())]
    command.append(str(_STORE))
    try:
        with ours, theirs, watching(command, pass_fds=[theirs.fileno()]) as watch:
            theirs.close()
            if watch.wait(lambda frame: frame.selected is not None, _PATIENCE) is None:
                raise RuntimeError(f"nothing was shown: {watch.last_words()}")
            time.sleep(_SETTLE)
            yield watch, Control(ours)
    finally:
        read.unlink(missing_ok=True)


def _get(path: str) -> Scope:
    return {**HTTP_SCOPE, "method": "GET", "path": path, "raw_path": path.encode()}


def _few(effort: Effort, count: int) -> int:
    return min(count, 1_000) if effort.few else count


# What is in them


def _answers(content_type: str, body: bytes, encoding: str = "") -> App:
    headers = [(b"content-type", content_type.encode())]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _session(effort: Effort) -> App:
    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(_few(effort, _EVENTS)):
            text = json.dumps({"op": "tick", "number": number, "price": number * 0.25})
            await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": 1000, "reason": ""})

    return app


def _stream(effort: Effort) -> App:
    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(_few(effort, _EVENTS)):
            body = b'id: %d\nevent: tick\ndata: {"price": %d}\n\n' % (number, number)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def _raises(effort: Effort) -> App:
    depth = 100 if effort.few else 900

    def deeper(left: int) -> None:
        if not left:
            raise RuntimeError("\x1b[31m" + "long message " * 5_000)
        deeper(left - 1)

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        deeper(depth)

    return app


def _json(effort: Effort) -> bytes:
    items = [
        {"id": n, "name": f"item {n}", "tags": ["a", "b"]} for n in range(_few(effort, 160_000))
    ]
    return json.dumps(items).encode()


def _bomb(effort: Effort) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 24)
    size = _BOMB // 1024 if effort.few else _BOMB
    parts = [packer.compress(block) for _ in range(max(1, size // len(block)))]
    return b"".join([*parts, packer.flush()])


def _entities() -> bytes:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{lines}]><x>&e9;</x>'.encode()


def _parts(effort: Effort) -> bytes:
    part = b'--cut\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n'
    return part * _few(effort, _EVENTS) + b"--cut--\r\n"


def _form(effort: Effort) -> bytes:
    return b"&".join(b"name%d=value+%d" % (n, n) for n in range(_few(effort, _EVENTS)))


def _msgpack(effort: Effort) -> bytes:
    count = _few(effort, 1_000_000)
    return struct.pack(">BI", 0xDD, count) + b"\xa3abc" * count


def _picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1 << 24), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def _noise() -> bytes:
    piece = "\u202e[/][@click=app.quit]\x1b]52;c;MzEzMzc=\x07\u200b\u2066日本\U0001f1e9\x9b2J"
    return (piece.encode() + b"\xff\xfe\xc0\x80") * 20_000


CASES: Final = (
    Case("100,000 messages of a WebSocket", _session, {**WS_SCOPE, "path": "/ticks"}),
    Case("a stream of 100,000 server-sent events", _stream, _get("/stream")),
    Case("an exception 900 frames deep", _raises, _get("/deep")),
    Case("10 MB on one line", lambda _: _answers("text/plain", b"x" * _LARGE), _get("/line")),
    Case("10 MB of JSON",
         lambda effort: _answers("application/json", _json(effort)), _get("/json")),
    Case("JSON 100,000 deep", lambda _: _answers("application/json", b"[" * _DEEP + b"]" * _DEEP),
         _get("/nested")),
    Case("a gzip bomb of 10 GB", lambda effort: _answers("text/plain", _bomb(effort), "gzip"),
         _get("/bomb")),
    Case("10 MB of JSON, gzipped",
         lambda effort: _answers("application/json", gzip.compress(_json(effort)), "gzip"),
         _get("/packed")),
    Case("an XML entity bomb", lambda _: _answers("application/xml", _entities()), _get("/xml")),
    Case("100,000 parts", lambda effort: _answers("multipart/mixed; boundary=cut", _parts(effort)),
         _get("/parts")),
    Case("100,000 fields of a form",
         lambda effort: _answers("application/x-www-form-urlencoded", _form(effort)),
         _get("/form")),
    Case("a million items of MessagePack",
         lambda effort: _answers("application/msgpack", _msgpack(effort)), _get("/msgpack")),
    Case("10 MB that may be protobuf",
         lambda _: _answers("application/x-protobuf", b"\x0a\x04abcd\x10\x96\x01" * (_LARGE // 9)),
         _get("/proto")),
    Case("a picture of 3.6 gigapixels", lambda _: _answers("image/png", _picture()), _get("/png")),
    Case("a megabyte of noise", lambda _: _answers("text/html", _noise()), _get("/noise")),
)  # fmt: skip
