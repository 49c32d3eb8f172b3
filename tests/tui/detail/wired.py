"""Exchanges with what happened on the wire below them."""

import json
from typing import Any

from asgitrace.events import Flag
from asgitrace.ring import encode
from asgitrace.store.model import Connection, Exchange, State, WireEvent
from asgitrace.wire import Frame, Wire
from tests.replacing import replace
from tests.tui.detail.samples import MS, PROCESS, START, Script, http, websocket

IN, OUT = Wire.FRAME_IN, Wire.FRAME_OUT
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def wire_event(
    index: int,
    what: Wire,
    at: int,
    /,
    size: int = 0,
    number: int = 0,
    wait: float | None = 0,
    more: bool = False,
    **content: Any,
) -> WireEvent:
    """One event; ``wait``: ms until the socket had accepted it, None if it has not."""
    return WireEvent(
        index=index,
        wire=what,
        at=at,
        accepted=None if wait is None else at + int(wait * MS),
        number=number,
        flags=Flag.MORE if more else Flag(0),
        size=size,
        payload=encode(content) if content else b"",
    )


class Wired:
    """A script with wire events, each at the moment the script has come to."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.wire: list[WireEvent] = []

    def on(
        self, what: Wire, size: int = 0, number: int = 0, ago: float = 0, **more: Any
    ) -> "Wired":
        """An event on the wire, ``ago`` ms before now."""
        at = self.script.at - int(ago * MS)
        self.wire.append(wire_event(len(self.wire), what, at, size, number, **more))
        return self

    def frame(self, what: Wire, opcode: int, size: int, ago: float = 0, **more: Any) -> "Wired":
        """A WebSocket frame; a client's are masked."""
        fin, rsv1 = more.pop("fin", True), more.pop("rsv1", False)
        number = Frame(opcode, fin, rsv1, what is IN).pack()
        return self.on(what, size, number, ago, **more)

    def control(self, what: Wire, opcode: int, data: bytes, ago: float = 0) -> "Wired":
        """A control frame with its payload."""
        return self.frame(what, opcode, len(data), ago, data=data)

    def exchange(self, number: int, **changes: Any) -> Exchange:
        """The exchange, on connection 7."""
        self.wire.sort(key=lambda event: event.at)
        wire = tuple(replace(event, index=index) for index, event in enumerate(self.wire))
        made = self.script.exchange(number, **changes)
        return replace(
            made, row=replace(made.row, connection=7), wire=wire, connection=connection(number)
        )


def connection(number: int = 1, key: int = 7, **changes: Any) -> Connection:
    """A connection that is still open."""
    made = Connection(
        process=PROCESS,
        number=key,
        opened=START - 2 * MS,
        closed=None,
        peer="127.0.0.1:52118",
        local="127.0.0.1:8000",
        tls="",
        end="",
        received=4_210,
        sent=18_333,
        requests=3,
        exchanges=(number,),
        busy=True,
        events=(wire_event(0, Wire.OPENED, START - 2 * MS, peer="127.0.0.1:52118", tls=None),),
    )
    return replace(made, **changes)


UPGRADE = b"GET /chat?room=tea HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUpgrade: websocket\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def wired_chat() -> Exchange:
    """A session with pings, a compressed message in two frames, a slow socket, a close."""
    script = websocket()
    w = Wired(script)
    w.on(Wire.REQUEST, len(UPGRADE), 1, 0.02, head=UPGRADE)
    script.receive("websocket.connect", 0.01).work(0.4)
    script.send("websocket.accept", 0.08, subprotocol="chat.v1", headers=[])
    w.on(Wire.INFORMATIONAL, len(SWITCHING), 101, 0.04, head=SWITCHING)
    for number, (who, said) in enumerate(
        [("mara", "Is the kettle on?"), ("jun", "もちろん！お茶にしましょう"), ("mara", "🫖👍")]
    ):
        line = json.dumps({"from": who, "text": said}, ensure_ascii=False)
        size = len(line.encode())
        wait = 120 + 300 * number
        script.receive("websocket.receive", wait, text=line, bytes=None)
        w.frame(IN, TEXT, size - 9, 42 if number == 1 else 0.03, rsv1=True, inflated=size)
        script.work(0.2).send("websocket.send", 0.05, text=line)
        w.frame(OUT, TEXT, size, 0.02, wait=38 if number == 2 else 0.01)
        if number == 0:
            script.work(20)
            w.control(OUT, PING, b"\x00\x01")
            script.work(3.1)
            w.control(IN, PONG, b"\x00\x01")
    script.receive("websocket.receive", 30, text=None, bytes=bytes(range(200)))
    w.frame(IN, BINARY, 128, 12, fin=False, more=True).frame(IN, 0, 72, 0.02)
    script.send("websocket.send", 1.5, bytes=bytes(range(200)))
    w.frame(OUT, BINARY, 200, 1.4, wait=1.3)
    script.work(2).receive("websocket.disconnect", 900, code=1001, reason="")
    w.control(IN, CLOSE, b"\x03\xe9bye", 0.05).control(OUT, CLOSE, b"\x03\xe9", 0.04)
    script.work(0.3).done()
    w.on(Wire.CLOSED, 0, 0, -0.2, by="client", how="eof")
    return w.exchange(21)


def wired_upload() -> Exchange:
    """A body in pieces, a response to HEAD with a body, headers that the server changed."""
    head = b"PUT /files/7 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: 3000\r\n\r\n"
    script = http("PUT", "/files/7")
    w = Wired(script)
    w.on(Wire.REQUEST, len(head), 4, 0.03, head=head, more=True)
    script.work(5)
    w.on(Wire.REQUEST_BODY, 1000, 0).on(Wire.REQUEST_BODY, 1200, 0, -4)
    script.work(8).receive("http.request", 1, body=b"x" * 2200, more_body=True)
    script.receive("http.request", 150, body=b"y" * 800, more_body=False)
    w.on(Wire.REQUEST_BODY, 800, 0, 0.05).on(Wire.REQUEST_END, 0, 0, 0.04)
    script.work(1)
    script.send(
        "http.response.start", status=204,
        headers=[[b"content-length", b"6"], [b"server", b"files/1"]],
    )  # fmt: skip
    sent = (
        b"HTTP/1.1 204 No Content\r\ndate: Mon, 06 May 2024 07:08:09 GMT\r\nserver: files/1\r\n\r\n"
    )
    w.on(Wire.RESPONSE, len(sent), 204, 0.01, head=sent)
    script.send("http.response.body", body=b"stored", more_body=False)
    return _done(w).exchange(22)


def wired_stream() -> Exchange:
    """Still open: the socket does not take what is sent, and the app waits in `receive`."""
    head = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
    script = http("GET", "/events")
    w = Wired(script)
    w.on(Wire.REQUEST, len(head), 1, 0.03, head=head)
    script.send("http.response.start", status=200, headers=[[b"content-type", b"text/plain"]])
    sent = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
    w.on(Wire.RESPONSE, len(sent), 200, 0.01, head=sent)
    for tick in range(12):
        script.work(40 * tick)
        script.send("http.response.body", 0.03, body=b"tick %d\n" % tick, more_body=True)
        w.on(Wire.RESPONSE_BODY, 13, 0, 0.01, more=True, wait=None if tick == 11 else 0.01)
    return script_waits(w).exchange(23, pending="receive")


def wired_refusal() -> Exchange:
    """The app is never called."""
    script = http("GET", "/")
    script.events.clear()
    w = Wired(script)
    text = "a header line without a colon"
    w.on(Wire.ERROR, 0, 400, text=text, by="client")
    w.on(Wire.REFUSED, 0, 400, text=text)
    sent = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"
    script.work(0.1)
    w.on(Wire.RESPONSE, len(sent), 400, head=sent).on(Wire.RESPONSE_BODY, 29)
    wire = tuple(w.wire)
    made = http("GET", "/").done().exchange(24)
    row = replace(
        made.row, state=State.REFUSED, method="?", path="", status=400, connection=7, events=0
    )
    return replace(made, row=row, events=(), wire=wire, connection=connection(24))


def wired_close_before_accept() -> Exchange:
    """A close code that cannot go out."""
    script = websocket("/private")
    w = Wired(script)
    w.on(Wire.REQUEST, len(UPGRADE), 1, 0.02, head=UPGRADE)
    script.receive("websocket.connect", 0.01).work(0.4)
    script.send("websocket.close", 0.08, code=4401, reason="who are you?")
    sent = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
    w.on(Wire.RESPONSE, len(sent), 403, 0.04, head=sent)
    return _done(w).exchange(25)


def many(count: int) -> Exchange:
    """An echo of ``count`` messages: four events a message."""
    script = websocket()
    w = Wired(script)
    w.on(Wire.REQUEST, len(UPGRADE), 1, 0.02, head=UPGRADE)
    script.receive("websocket.connect", 0.01).send("websocket.accept", 0.08)
    w.on(Wire.INFORMATIONAL, len(SWITCHING), 101, 0.04, head=SWITCHING)
    for _ in range(count):
        script.receive("websocket.receive", 0.4, text="x" * 20)
        w.frame(IN, TEXT, 20, 0.03)
        script.send("websocket.send", 0.05, text="x" * 20)
        w.frame(OUT, TEXT, 20, 0.02)
    return script_waits(w).exchange(26, pending="receive")


def script_waits(wired: Wired) -> Wired:
    """The app waits in `receive`."""
    wired.script.pending().work(800)
    return wired


def _done(wired: Wired) -> Wired:
    wired.script.work(0.2).done()
    return wired


def all_wired() -> list[Exchange]:
    return [
        wired_chat(), wired_upload(), wired_stream(), wired_refusal(), wired_close_before_accept(),
    ]  # fmt: skip


class Listed(list[Connection]):
    """Connections as a store lists them."""

    @property
    def open(self) -> int:
        return sum(found.closed is None for found in self)

    @property
    def busy(self) -> int:
        return sum(found.closed is None and found.busy for found in self)

    def find(self, source: int, number: int) -> int | None:
        keys = [(found.process.source, found.number) for found in self]
        return keys.index((source, number)) if (source, number) in keys else None
