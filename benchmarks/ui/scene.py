"""A stretch of real traffic, recorded once and then played as often as a ring is to be fed.

The app of `shop` runs on the embedded server and is visited over the loopback interface; what the
recorder wrote is kept as it is. Each time it is played, exchanges and connections get numbers that
come after the last ones, and all stamps move together: so what the screen is shown is, record for
record, what asgitrace records."""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from asgitrace.demo.client import Connection
from asgitrace.demo.transport import Target
from asgitrace.demo.websocket import WebSocket, WebSocketClosed
from asgitrace.events import Header, Kind, pack_marks, pack_what
from asgitrace.recorder import Recorder, Trace, WireRecorder
from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.server.config import ServerConfig
from asgitrace.server.serve import Server
from asgitrace.server.sockets import bind
from benchmarks.ui.shop import shop

ROUTES: Final = (
    *(("GET", f"/api/items/{number}?page={number % 7}&size=20") for number in range(60)),
    *(("POST", "/api/orders") for _ in range(12)),
    *(("GET", f"/static/app.{number}.js") for number in range(10)),
    *(("GET", path) for path in ("/missing",) * 4 + ("/old",) * 4 + ("/broken",) * 2),
    ("GET", "/api/fail"),
    *(("GET", "/api/events") for _ in range(3)),
    *(("WS", f"/ws/room/{number}") for number in range(4)),
)
"""A hundred visits, in the shares in which an API has them."""
_VISITORS: Final = 8
_RING: Final = 64 * 1024 * 1024
_ORDER: Final = b'{"item": 4711, "count": 2, "note": "as a present"}'
_AGENT: Final = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0")
_MESSAGES: Final = 6


class Played(NamedTuple):
    """One record, with what has to be added when it is played: see `RingWriter.write`."""

    moment: int
    """When it was written, in ns since the first."""
    what: int
    marks: int
    identity: int
    step: int
    """What a later round adds to the identity."""
    called: int
    """Stamps in ns since the first record; `returned` is negative where there is none."""
    returned: int
    size: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Scene:
    """The stretch: its records in their order."""

    records: tuple[Played, ...]
    exchanges: int
    length_ns: int

    @property
    def events_each(self) -> float:
        """Records of an exchange, those of its connection included."""
        return len(self.records) / self.exchanges


def record(exchanges: int, *, wire: bool) -> Scene:
    """Record so many visits; ``wire``: with what the server tells of the wire, as users get it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scene.ring")
        writer = RingWriter(RingMemory.create(path, _RING))
        with _unheard():
            asyncio.run(_serve_and_visit(Recorder(writer), exchanges, wire=wire))
        reader = RingReader.open(path)
        found = [(one.header, one.payload) for one in reader.poll().records()]
        reader.close()
        writer.close(unlink=True)
    return _scene(found)


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """The app fails now and then on purpose, and the server would say so."""
    server = logging.getLogger("asgitrace.server")
    server.disabled = True
    try:
        yield
    finally:
        server.disabled = False


async def _serve_and_visit(recorder: Recorder, exchanges: int, *, wire: bool) -> None:
    config = ServerConfig(port=0, lifespan="off", ws_ping_interval=None)
    listener = bind(config)
    target = Target("127.0.0.1", int(listener.getsockname()[1]))
    log = WireRecorder(recorder) if wire else None
    ready = asyncio.Event()
    server = Server(
        Trace(shop, recorder=recorder),
        config,
        [listener],
        wire=log,
        on_ready=ready.set,
        handle_signals=False,
    )
    serving = asyncio.create_task(server.serve())
    visits = islice(cycle(ROUTES), exchanges)
    try:
        await ready.wait()
        await asyncio.gather(*(_visit(target, visits) for _ in range(_VISITORS)))
    finally:
        server.shutdown()
        await serving


async def _visit(target: Target, visits: Iterator[tuple[str, str]]) -> None:
    """One visitor takes what comes next, on one connection while it lasts."""
    connection: Connection | None = None
    for method, path in visits:
        if method == "WS":
            await _talk(target, path)
            continue
        if connection is None:
            connection = await Connection.open(target)
        body = _ORDER if method == "POST" else b""
        kind = [("content-type", "application/json")] if body else []
        headers = [_AGENT, ("accept", "application/json"), *kind]
        response = await connection.request(method, path, headers=headers, body=body)
        await response.read()
        if not connection.reusable:
            await connection.close()
            connection = None
    if connection is not None:
        await connection.close()


async def _talk(target: Target, path: str) -> None:
    websocket = await WebSocket.connect(target, path)
    with contextlib.suppress(WebSocketClosed):
        for number in range(_MESSAGES):
            await websocket.send(f'{{"op": "say", "number": {number}}}')
            await websocket.receive()
        if path.endswith("/3"):
            await websocket.send("fail")
            await websocket.receive()
    await websocket.close()


def _scene(found: list[tuple[Header, bytes]]) -> Scene:
    start = min(header.called for header, _ in found)
    exchanges = max(header.exchange for header, _ in found)
    connections = max((one.call for one, _ in found if one.kind == Kind.WIRE), default=0)
    played = []
    moment = 0
    for header, payload in found:
        moment = max(moment, header.called - start, header.returned - start)
        step = exchanges if header.exchange else 0
        if header.kind == Kind.WIRE:
            step |= connections << 32
        played.append(
            Played(
                moment,
                pack_what(header.kind, header.phase, header.outcome, header.message),
                pack_marks(header.number, header.flags),
                header.exchange | header.call << 32,
                step,
                header.called - start,
                header.returned - start if header.returned else -1,
                header.size,
                payload,
            )
        )
    return Scene(tuple(played), exchanges, moment + 1)
