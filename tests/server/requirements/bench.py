"""A server in a thread of its own, and peers on blocking sockets that speak raw bytes."""

import asyncio
import contextlib
import itertools
import queue
import socket
import threading
from collections.abc import Iterator
from typing import Any, Self

import h11

from asgitrace.asgi import App, Receive, Scope, Send
from asgitrace.server import Server, ServerConfig, bind
from asgitrace.wire import WireLog

LIMIT = 10.0
"""Seconds after which a wait has failed."""


class Reply:
    """One response, as h11's client side understood it."""

    def __init__(self) -> None:
        self.status = 0
        self.version = b""
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.trailers: list[tuple[bytes, bytes]] = []
        self.interim: list[int] = []

    def all(self, name: str) -> list[str]:
        """The values of every line with this name."""
        return [value for key, value in self.headers if key == name]

    def get(self, name: str) -> str:
        """The value of the one line with this name, or nothing."""
        values = self.all(name)
        assert len(values) <= 1, self.headers
        return values[0] if values else ""


class Peer:
    """One connection to the server."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._early = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.sock.close()

    def send(self, *pieces: bytes) -> None:
        """Write; a server that has closed is not an error."""
        with contextlib.suppress(OSError):
            for piece in pieces:
                self.sock.sendall(piece)

    def half_close(self) -> None:
        """Say that nothing more comes."""
        self.sock.shutdown(socket.SHUT_WR)

    def receive(self) -> bytes:
        """What comes next; nothing at the end."""
        early, self._early = self._early, b""
        if early:
            return early
        try:
            return self.sock.recv(65536)
        except ConnectionResetError:
            return b""

    def read(self, count: int) -> bytes:
        """So many bytes; fewer at the end."""
        data = b""
        while len(data) < count and (piece := self.receive()):
            data += piece
        self._early = data[count:]
        return data[:count]

    def until(self, end: bytes) -> bytes:
        """Everything up to and with this."""
        data = b""
        while end not in data:
            piece = self.receive()
            assert piece, f"the connection ended after {data!r}"
            data += piece
        at = data.index(end) + len(end)
        self._early = data[at:]
        return data[:at]

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        data = b""
        while piece := self.receive():
            data += piece
        return data

    def reply(self, method: str = "GET") -> Reply:
        """The next response to a request with this method."""
        machine = h11.Connection(h11.CLIENT)
        machine.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
        machine.send(h11.EndOfMessage())
        reply = Reply()
        while True:
            event = machine.next_event()
            if event is h11.NEED_DATA:
                machine.receive_data(self.receive())
            elif isinstance(event, h11.InformationalResponse):
                reply.interim.append(event.status_code)
            elif isinstance(event, h11.Response):
                reply.status = event.status_code
                reply.version = event.http_version
                reply.headers = [
                    (key.decode(), value.decode("latin-1")) for key, value in event.headers
                ]
            elif isinstance(event, h11.Data):
                reply.body += event.data
            elif isinstance(event, h11.EndOfMessage):
                reply.trailers = list(event.headers)
                self._early = machine.trailing_data[0]
                return reply
            else:
                raise AssertionError(f"no response: {event!r}")


class Bench:
    """The server, its app's calls, and connections to it."""

    def __init__(self, address: tuple[str, int], calls: list[Scope]) -> None:
        self.address = address
        self.calls = calls
        self.ended: queue.Queue[tuple[str, Any]] = queue.Queue()
        """What the app was told at the end: path, and code or message."""
        self._numbers = itertools.count()

    def connect(self) -> Peer:
        """A new connection."""
        return Peer(socket.create_connection(self.address, LIMIT))

    def path(self) -> bytes:
        """A path of which `end` can be asked."""
        return b"/%d" % next(self._numbers)

    def end(self, path: bytes) -> Any:
        """What the app was told at the end of its call for this path, once it is."""
        while True:
            ended, how = self.ended.get(timeout=LIMIT)
            if ended == path.decode():
                return how

    def called(self, path: str) -> bool:
        """Whether the app was called with this path."""
        return any(scope["path"] == path for scope in self.calls)


@contextlib.contextmanager
def bench(app: App, *, wire: WireLog | None = None, **options: Any) -> Iterator[Bench]:
    """A bench with this app; the server has these options, and tells this log of its wire."""
    config = ServerConfig(**{"port": 0, "lifespan": "off", "timeout_keep_alive": 30.0, **options})
    sock = bind(config)
    calls: list[Scope] = []
    running = Bench(sock.getsockname()[:2], calls)
    ready = threading.Event()

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        calls.append(scope)
        scope["ended"] = running.ended
        await app(scope, receive, send)

    loop = asyncio.new_event_loop()
    server = Server(noted, config, [sock], wire=wire, on_ready=ready.set, handle_signals=False)
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),), daemon=True)
    thread.start()
    assert ready.wait(LIMIT)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(server.shutdown)
        loop.call_soon_threadsafe(server.shutdown)
        thread.join(LIMIT)
        assert not thread.is_alive()
        loop.close()
