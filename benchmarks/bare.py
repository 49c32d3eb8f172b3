"""What protocol machines and the app cost by themselves, in a loop without any socket."""

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import h11
import wsproto
from wsproto.events import AcceptConnection, BytesMessage

from asgitrace.asgi import App, Message
from benchmarks.questions import ECHO_FRAME, FRAME, HANDSHAKE, JSON
from benchmarks.site_app import JSON_BODY

_DATE: Final = b"Thu, 01 Jan 2026 00:00:00 GMT"


def h11_exchange() -> Callable[[], None]:
    """Read one request and write its response, on a connection that is used again."""
    machine, wire = h11.Connection(h11.SERVER), JSON.wire
    headers = [
        (b"date", _DATE),
        (b"server", b"bare"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(JSON_BODY)),
    ]

    def once() -> None:
        machine.receive_data(wire)
        machine.next_event()
        machine.next_event()
        machine.send(h11.Response(status_code=200, headers=headers))
        machine.send(h11.Data(data=JSON_BODY))
        machine.send(h11.EndOfMessage())
        machine.start_next_cycle()

    return once


def wsproto_echo() -> Callable[[], None]:
    """Read one frame and write its echo."""
    machine = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    machine.receive_data(HANDSHAKE)
    list(machine.events())
    machine.send(AcceptConnection())

    def once() -> None:
        machine.receive_data(FRAME)
        for event in machine.events():
            assert isinstance(event, BytesMessage)
            if machine.send(BytesMessage(data=bytes(event.data))) != ECHO_FRAME:
                raise RuntimeError("what wsproto wrote is no echo")

    return once


def app_call(app: App, scope: dict[str, Any]) -> Callable[[], None]:
    """Call an app that does not wait for anything."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    def once() -> None:
        _drive(app(scope, receive, send))  # type: ignore[arg-type]

    return once


def cost(once: Callable[[], None], seconds: float) -> float:
    """µs of CPU time for one, over about so many seconds."""
    count, used = 50, 0.0
    while True:
        started = time.process_time()
        for _ in range(count):
            once()
        used = time.process_time() - started
        if used >= seconds:
            return used / count * 1e6
        count *= 2


def _drive(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("the app waited")
