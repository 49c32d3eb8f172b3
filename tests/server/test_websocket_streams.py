"""Any frames in any pieces, over real sockets: a defined end, and nothing left behind."""

import asyncio
import contextlib
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import ServerConfig
from asgitrace.server.connection import Door
from asgitrace.server.service import Service

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
LIMIT = 5.0


def frame(first: int, payload: bytes) -> bytes:
    """A masked frame; the mask is zero, so the payload stays readable."""
    return bytes([first, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


GOOD = st.sampled_from(
    [
        *(frame(0x81, b"hi"), frame(0x82, b""), frame(0x01, b"\xc3"), frame(0x00, b"\xa4")),
        *(frame(0x80, b""), frame(0x89, b"?"), frame(0x8A, b"!"), frame(0xC1, deflated(b"x" * 99))),
        *(frame(0x42, deflated(b"abc")[:2]), frame(0x80, deflated(b"abc")[2:])),
        frame(0x88, b"\x03\xe8"),
    ]
)
BAD = st.sampled_from(
    [
        *(frame(0x83, b""), frame(0x91, b""), frame(0x09, b""), frame(0x81, b"\xff")),
        *(frame(0x88, b"\x01"), frame(0x88, b"\x03\xed"), frame(0xC1, b"\x06\xff\xff")),
        *(b"\x81\x01a", b"\x82\xfe\x00\x01", b"\x82\xff" + b"\xff" * 8, b"\x81", b""),
    ]
)
STREAMS = st.tuples(st.lists(GOOD, max_size=6), BAD | GOOD, st.lists(GOOD, max_size=2)).map(
    lambda parts: b"".join((*parts[0], parts[1], *parts[2]))
)


class Run:
    """One client that sends what it is given and reads all that comes back."""

    def __init__(self, chunks: list[bytes], *, deflate: bool) -> None:
        self.chunks = chunks
        self.deflate = deflate
        self.received: list[Message] = []

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.received.append(await receive())
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message)
            with contextlib.suppress(OSError):
                await send({**message, "type": "websocket.send"})
        self.received.append(message)

    async def run(self) -> bytes:
        loop = asyncio.get_running_loop()
        service = Service(self.app, ServerConfig(ws_ping_interval=None), None, loop)
        server = await loop.create_server(lambda: Door(service), "127.0.0.1", 0)
        async with server, asyncio.timeout(LIMIT):
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(UPGRADE + (DEFLATE if self.deflate else b"") + b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
            with contextlib.suppress(OSError):
                for chunk in self.chunks:
                    writer.write(chunk)
                    await writer.drain()
                    await asyncio.sleep(0)
                writer.write_eof()
            written = await reader.read()
            writer.close()
            await service.emptied()
        assert not service.connections
        assert all(task.done() for task in service.exchanges.values())
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return written


def events(written: bytes, *, deflate: bool) -> list[Event]:
    """What a client understands; there is nothing it does not, and nothing after a Close."""
    extension = PerMessageDeflate()
    if deflate:
        extension.finalize("permessage-deflate")
    client = Connection(ConnectionType.CLIENT, [extension])
    client.receive_data(written)
    found = list(client.events())
    closes = [at for at, event in enumerate(found) if isinstance(event, CloseConnection)]
    assert closes in ([], [len(found) - 1])
    return found


@settings(max_examples=60, deadline=None)
@given(STREAMS, st.booleans(), st.data())
def test_any_stream_has_a_defined_end(stream: bytes, deflate: bool, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=4).map(sorted))
    pieces = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    run = Run([stream[a:b] for a, b in pieces], deflate=deflate)
    found = events(asyncio.run(run.run()), deflate=deflate)

    first, *messages, last = run.received
    assert first == {"type": "websocket.connect"}
    assert last["type"] == "websocket.disconnect"
    sent = [message.get("text", message.get("bytes")) for message in messages]
    back = [event.data for event in found if isinstance(event, TextMessage | BytesMessage)]
    assert back == sent[: len(back)]
    if found and isinstance(found[-1], CloseConnection):
        assert last["code"] == found[-1].code
        assert len(back) == len(sent)
    else:
        assert last["code"] in (1006, 1000, 1005)
    assert all(
        isinstance(event, TextMessage | BytesMessage | Ping | Pong | CloseConnection)
        for event in found
    )
