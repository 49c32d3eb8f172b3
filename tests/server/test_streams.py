"""Any bytes in any pieces: one answer a request, a defined end, nothing left behind."""

import asyncio
from typing import Any

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Connection
from asgitrace.server.service import Service
from asgitrace.wire import Wire
from tests.server.transport import Recorded
from tests.wire_log import KeptLog

LINES = [
    *(b"GET / HTTP/1.1\r\n", b"POST /a HTTP/1.1\r\n", b"HEAD / HTTP/1.0\r\n", b"GET /\r\n"),
    *(b"OPTIONS * HTTP/1.1\r\n", b"CONNECT a:1 HTTP/1.1\r\n", b"GET http://b/ HTTP/1.1\r\n"),
    *(b"Host: a\r\n", b"Host: \r\n", b"Content-Length: 3\r\n", b"Content-Length: x\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Expect: y\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n"),
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"abc",
        b"3\r\nabc\r\n",
        b"0\r\n",
        b"3;\r\n",
        b"x: y\r\n",
    ),
]
GOOD = st.sampled_from(
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ]
)
STREAMS = st.lists(st.sampled_from(LINES) | GOOD, max_size=12).map(b"".join) | st.binary(
    max_size=99
)


class Pipe(Recorded):
    """Closes when told to, and can close one side."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.Protocol | None = None

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...

    def close(self) -> None:
        if not self.closed:
            super().close()
            assert self.protocol is not None
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close


class Run:
    """One connection, fed a stream in pieces; the app reads everything and echoes it."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.methods: list[str] = []
        self.received: list[bytes] = []
        self.log = KeptLog()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.methods.append(scope["method"])
        self.received.append(b"")
        more = True
        while more:
            message = await receive()
            self.received[-1] += message.get("body", b"")
            more = message.get("more_body", False)
        length = (b"content-length", b"2")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def run(self) -> bytes:
        """What is written until the connection is lost."""
        loop = asyncio.get_running_loop()
        problems: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _, context: problems.append(context))
        service = Service(self.app, ServerConfig(), None, loop, self.log)
        transport = Pipe()
        connection = transport.protocol = Connection(transport, service)
        service.opened(connection)
        for piece in self.pieces:
            if not transport.closed:
                connection.data_received(piece)
                await self.settle(service)
        if not transport.closed and not connection.eof_received():
            transport.close()
        await self.settle(service)
        # What lingers waits for the peer's end, which it was told of already or is now.
        transport.close()
        await asyncio.wait_for(service.emptied(), 5)
        assert not service.exchanges
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert problems == []
        self.check_log(len(transport.written))
        return transport.written

    def check_log(self, written: int) -> None:
        """Each exchange begins with its request; the app is called for those not refused."""
        notes = self.log.only
        stream = b"".join(self.pieces)
        numbers = {told.exchange for told in notes.events}
        assert [number for number in numbers if number in notes.called] == notes.called
        assert len(notes.called) == len(self.methods)
        for number in numbers - {0}:
            kinds = notes.kinds(number)
            assert kinds.index("REQUEST") == 0
            assert kinds.count("REQUEST") == 1
            assert number in notes.called or "REFUSED" in kinds
            assert kinds.count("RESPONSE") <= 1
        assert notes.kinds(0)[0] == "OPENED"
        assert notes.events[-1].what is Wire.CLOSED
        for told in notes.of(Wire.REQUEST):
            assert told.content["head"] in stream
            assert told.size == len(told.content["head"])
        closed = notes.find(Wire.CLOSED).content
        assert closed["received"] <= len(stream)
        assert closed["sent"] == written

    async def settle(self, service: Service) -> None:
        for _ in range(30):
            await asyncio.sleep(0)


def responses(written: bytes, methods: list[str]) -> list[int]:
    """The status codes in what was written, read as a client does that sent these requests."""
    found: list[int] = []
    rest = written
    for method in [*methods, "GET"]:
        if not rest:
            break
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        client.send(h11.EndOfMessage())
        client.receive_data(rest)
        client.receive_data(b"")
        while isinstance(event := client.next_event(), h11.InformationalResponse):
            assert event.status_code == 100
        assert isinstance(event, h11.Response)
        found.append(event.status_code)
        while not isinstance(client.next_event(), h11.EndOfMessage):
            pass
        rest = client.trailing_data[0]
    assert rest == b""
    return found


@settings(max_examples=150, deadline=None)
@given(STREAMS, st.data())
def test_the_pieces_make_no_difference(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    ends = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    whole = Run([stream] if stream else [])
    cut = Run([stream[a:b] for a, b in ends if a < b])

    expected = responses(asyncio.run(whole.run()), whole.methods)
    found = responses(asyncio.run(cut.run()), cut.methods)

    assert found == expected
    assert cut.methods == whole.methods
    answered = len([status for status in found if status == 200])
    assert answered <= len(cut.methods)
    assert len(found) <= len(cut.methods) + 1
    assert cut.received[:answered] == whole.received[:answered]
