"""A server that takes down what arrives, byte by byte, and exchanges to make code of."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from asgitrace.store.model import Exchange
from tests.tui.detail.samples import Script

AGENT = [(b"user-agent", b"shop/1"), (b"accept", b"*/*")]
HEADERS = [
    (b"x-twice", b"1"),
    (b"x-twice", b"2"),
    (b"x-empty", b""),
    (b"x-quotes", b'it\'s "so" `id` $(id) \\ !! %s'),
    (b"x-latin", b"caf\xe9"),
    (b"x-utf8", "茶".encode()),
    (b"x-escape", b"\x1b[31m\x07\x9b"),
    (b"cookie", b"a=1; b=2"),
    (b"cookie", b"c=3"),
    (b"accept", b"text/html"),
    (b"content-type", b"application/json"),
]
BODIES = [
    b"",
    b"@/etc/passwd",
    b'{"a": "it\'s"}\nsecond\n',
    "tea 茶 \u202e\u200b".encode(),
    b"a\r\nb\tc\x1b[31m",
    bytes(range(256)),
    b"\0" * 300_000,
    b"x" * 70_000,
    b"BODY\n$(id)\n",
]
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nyes"


@dataclass
class Arrived:
    """One request as it came."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def method(self) -> bytes:
        return self.line.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.line.split(b" ", 1)[1].rpartition(b" ")[0]

    def own(self) -> list[tuple[bytes, bytes]]:
        """The headers that do not belong to the connection, in the order of their names; of one
        name in their order."""
        found = [(name.lower(), value) for name, value in self.headers]
        return sorted(
            (pair for pair in found if pair[0] not in (b"host", b"content-length", b"connection")),
            key=lambda pair: pair[0],
        )


class Server:
    """Where requests arrive."""

    def __init__(self, port: int, path: str = "") -> None:
        self.port = port
        self.path = path
        self.requests: list[Arrived] = []

    @property
    def address(self) -> str:
        return f"unix:{self.path}" if self.path else f"http://127.0.0.1:{self.port}"

    def last(self) -> Arrived:
        return self.requests[-1]


@contextmanager
def arriving(path: str = "") -> Iterator[Server]:
    """Listen on a port, or a Unix socket."""
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    listener.bind(path or ("127.0.0.1", 0))
    listener.listen()
    server = Server(0 if path else listener.getsockname()[1], path)
    thread = threading.Thread(target=_serve, args=(listener, server))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def _serve(listener: socket.socket, server: Server) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as file:
            line = file.readline().rstrip(b"\r\n")
            headers = []
            while (text := file.readline().rstrip(b"\r\n")) != b"":
                name, _, value = text.partition(b":")
                headers.append((name, value.strip(b" ")))
            length = next((int(v) for n, v in headers if n.lower() == b"content-length"), 0)
            server.requests.append(Arrived(line, headers, file.read(length)))
            connection.sendall(ANSWER)


def request(
    method: str = "GET",
    target: bytes = b"/items",
    headers: list[tuple[bytes, bytes]] | None = None,
    body: bytes | None = None,
    **scope: Any,
) -> Exchange:
    """A request that arrived whole; ``body`` None: it had none."""
    path, _, query = target.partition(b"?")
    given = [[b"host", b"127.0.0.1:8000"], *map(list, headers or [])]
    if body is not None:
        given.append([b"content-length", str(len(body)).encode()])
    usual: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "headers": given,
        "server": ["127.0.0.1", 8000],
    }
    script = Script(**{**usual, **scope})
    script.receive("http.request", body=body or b"", more_body=False)
    script.send("http.response.start", status=200, headers=[])
    return script.send("http.response.body", body=b"").done().exchange(1)


def streamed(exchange: Exchange) -> Exchange:
    """The same, answered with events."""
    return replace(exchange, row=replace(exchange.row, mime="text/event-stream"))


COMMENT = re.compile(r"[A-Za-z0-9 .,:/\[\]()=_-]*\Z")


def comments(code: str) -> list[str]:
    """The comments above the code; nothing in them means anything to a shell that reads them as a
    command."""
    found = [line[2:] for line in code.splitlines() if line.startswith("# ")]
    assert all(COMMENT.match(comment) for comment in found), found
    return found
