"""What is in an exchange: a body of ten megabytes on one line, and text that means harm."""

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from asgitrace.asgi import App, Message, Receive, Scope, Send
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import RingMemory, RingWriter, runtime_directory
from benchmarks.apps import HTTP_SCOPE, WS_SCOPE
from benchmarks.effort import Effort
from benchmarks.report import Row, absent
from benchmarks.terminal import plain
from benchmarks.ui.figures import at_most, one
from benchmarks.ui.watch import Watch, watching

_RING: Final = 64 * 1024 * 1024
_BODY_LIMIT: Final = 16 * 1024 * 1024
_LINE: Final = b"body of one line " + b"0123456789abcdef" * (10 * 1024 * 1024 // 16)
_PATIENCE: Final = 20.0
_PAUSE: Final = 0.25
_BODY_KEY: Final = b"4"

_SIGNATURE: Final = b"31337"
"""Stands in each harmful sequence, and in none that Textual writes."""
HARM: Final = (
    "\x1b[31337m", "\x1b]0;31337\x07", "\x1b]52;c;MzEzMzc=\x07", "\x1b]8;;http://31337\x1b\\",
    "\x9b31337m", "\x9d31337\x9c", "\x1bP31337\x1b\\", "\x1b_31337\x1b\\", "\x07", "\x08\x08",
    "\x7f", "\x0b\x0c", "\r31337", "\u202e31337", "[/]", "[@click=app.quit]31337[/]",
    "[bold 31337",
)  # fmt: skip
"""Control sequences of all kinds, and Textual's markup."""
_RAW: Final = re.compile(rb"\x1b[^\x1b]{0,3}31337|\x1b\]52;c;Mz|\x1b\]8;;http://31337")
_STRAY: Final = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]")
_TABS: Final = (b"1", b"2", b"3", b"4", b"5", b"6")
_WALK: Final = (
    *_TABS, b"v", b"b", b"v", b"b", b"\t", b"\x1b", b"C", b"\x1b", b"B", b"\x1b", b"S", b"\x1b",
    b"l", b"\x1b", b"?", b"\x1b", b"O", b"\x1b", b"f", b"313", b"\x1b", b"L", b"L", b"L",
)  # fmt: skip
"""Every tab and every screen, from an exchange that is open."""


def contents_rows(effort: Effort) -> Iterator[Row]:
    """The large body, then the hostile text on all panes."""
    with recorded(_answering(_LINE), [_scope("/large")]) as ring, _opened(ring) as watch:
        yield from _large_body(watch)
    harms = HARM[-2:] if effort.few else HARM
    hostile = [_hostile_scope(base, harm) for base in (HTTP_SCOPE, WS_SCOPE) for harm in harms]
    with recorded(_harmful, hostile) as ring, _opened(ring, keep=True) as watch:
        yield from _walked(watch, len(hostile))


def _large_body(watch: Watch) -> Iterator[Row]:
    name = "body of 10 MB on one line: key to paint"
    watch.press(b"\r")
    time.sleep(2 * _PAUSE)
    pressed = watch.press(_BODY_KEY)
    shown = watch.wait(lambda frame: b"body of one line" in frame.text, _PATIENCE, since=pressed)
    if shown is None:
        yield absent(name, f"it did not come: {watch.last_words()}")
        return
    yield one(name, "ms", (shown.at - pressed) * 1e3, at_most(200))
    time.sleep(_PAUSE)
    pressed = watch.press(b"\x1b[F")
    end = watch.wait(lambda frame: frame.size > 500, _PATIENCE, since=pressed)
    if end is not None:
        yield one("the same: to its end", "ms", (end.at - pressed) * 1e3, at_most(200))


def _walked(watch: Watch, exchanges: int) -> Iterator[Row]:
    for _ in range(exchanges):
        watch.press(b"\r")
        time.sleep(_PAUSE / 2)
        for key in _TABS:
            watch.press(key)
            time.sleep(_PAUSE / 10)
        watch.press(b"\x1b")
        time.sleep(_PAUSE / 4)
        watch.press(b"\x1b[A")
    watch.press(b"\r")
    for key in _WALK:
        watch.press(key)
        time.sleep(_PAUSE / 2)
    time.sleep(_PAUSE)
    ended = watch.process.poll() is not None
    painted = bytes(watch.raw or b"")
    harmful = len(_RAW.findall(painted)) + len(_STRAY.findall(plain(painted)))
    seen = plain(painted).count(_SIGNATURE)
    yield one("hostile text on all panes: control bytes to the terminal", "", harmful, at_most(0))
    yield one("the same: ended or crashed by it", "", int(ended), at_most(0))
    yield one("the same: how often it was painted, made harmless", "", seen)


def _scope(path: str) -> Scope:
    return {**HTTP_SCOPE, "method": "GET", "path": path, "raw_path": path.encode()}


def _hostile_scope(base: Scope, harm: str) -> Scope:
    raw = harm.encode()
    headers = [(b"host", raw), (b"x-" + raw, raw), (b"content-type", b"text/plain;" + raw)]
    return {
        **base,
        "path": f"/{harm}",
        "raw_path": b"/" + raw,
        "query_string": raw,
        "headers": headers,
        "client": (harm, 1),
        "http_version": harm,
        "subprotocols": [harm],
        **({"method": harm} if "method" in base else {}),
    }


async def _harmful(scope: Scope, receive: Receive, send: Send) -> None:
    """Gives back what it got, everywhere it can, and raises it."""
    harm = str(scope["path"])[1:]
    raw = harm.encode()
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": harm, "headers": [(raw, raw)]})
        await send({"type": "websocket.send", "text": harm})
        await send({"type": "websocket.send", "bytes": raw})
        await send({"type": "websocket.close", "code": 1011, "reason": harm})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": [(raw, raw)]})
        await send({"type": "http.response.body", "body": raw * 3})
    raise RuntimeError(harm)


def _answering(body: bytes) -> App:
    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@contextlib.contextmanager
def recorded(
    app: App, scopes: list[Scope], *, ring: int = _RING, body: int = _BODY_LIMIT
) -> Iterator[Path]:
    """A ring of so many bytes with these exchanges, as the recorder writes them."""
    path = runtime_directory() / f"benchmark-{os.getpid()}-{os.urandom(4).hex()}.ring"
    writer = RingWriter(RingMemory.create(path, ring))
    traced: Any = Trace(app, recorder=Recorder(writer, body))
    try:
        for scope in scopes:
            _call(traced, scope)
        writer.close(unlink=False)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _call(app: App, scope: Scope) -> None:
    kind = "websocket.connect" if scope["type"] == "websocket" else "http.request"

    async def receive() -> Message:
        return {"type": kind}

    async def send(_: Message) -> None: ...

    with contextlib.suppress(RuntimeError):  # the harmful app's own
        asyncio.run(_run(app(scope, receive, send)))


async def _run(call: Any) -> None:
    await call


@contextlib.contextmanager
def _opened(ring: Path, *, keep: bool = False) -> Iterator[Watch]:
    command = [sys.executable, "-m", "asgitrace", "open", str(ring)]
    with watching(command, keep=keep) as watch:
        if watch.wait(lambda frame: frame.selected is not None, _PATIENCE) is None:
            raise RuntimeError(f"nothing was shown: {watch.last_words()}")
        time.sleep(_PAUSE)
        yield watch
