"""What real clients do to an app of the matrix, and what they see: httpx, websockets, and a bare
socket for the bytes."""

import hashlib
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.frameworks.features import Feature, Framework

PATIENCE: Final = 30.0
_CHANGING: Final = frozenset({"date"})
"""Headers of a response that differ from one to the next."""
_OF_THE_SERVER: Final = _CHANGING | {"server", "connection", "keep-alive", "transfer-encoding"}
"""Those that a server adds by its own judgement."""

FILE: Final = bytes(range(256))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the client saw it, and the body of its request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    uploaded: bytes = b""

    @classmethod
    def of(cls, response: httpx.Response) -> "Answer":
        """Of a response that was read; the headers without the server's own."""
        headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
        kept = tuple(sorted(one for one in headers if one[0] not in _OF_THE_SERVER))
        return cls(response.status_code, kept, response.content)


@dataclass(frozen=True, slots=True)
class Session:
    """A WebSocket session as the client saw it."""

    heard: tuple[str | bytes, ...]
    subprotocol: str | None
    code: int
    reason: str


@dataclass(slots=True)
class Visit:
    """All that was seen at one port."""

    answers: dict[str, Answer] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    bytes: dict[str, bytes] = field(default_factory=dict)
    """Whole responses as they came, by the path."""
    own: Any = None
    """What the framework's own visit has seen."""


def visit(framework: Framework, port: int) -> Visit:
    """Do everything once that the app has, one after the other."""
    seen = Visit()
    has = framework.features
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        for feature, path in _PATHS.items():
            if feature in has:
                # uvicorn closes a connection on which an app raised, and does not say so before.
                kind = {"connection": "close"} if feature is Feature.RAISING else {}
                seen.answers[path] = Answer.of(client.get(path, headers=kind))
        if Feature.UPLOAD in has:
            seen.answers["/upload"] = _upload(client, framework)
        if Feature.BACKGROUND in has:
            seen.answers["/background"] = Answer.of(client.post("/background"))
            seen.answers["/finished"] = _finished(client)
    for feature, path in _PATHS.items():
        if feature in has:
            seen.bytes[path] = _bytes(port, path)
    if Feature.WEBSOCKET in has:
        seen.sessions |= {ending: _session(port, ending) for ending in ("leave", "close", "raise")}
    if Feature.BROADCAST in has:
        seen.sessions |= _broadcast(port)
    if framework.own is not None:
        seen.own = framework.own.visit(port)
    return seen


HELLO: Final = "/hello?name=asgi"
RAISE: Final = "/raise"
_PATHS: Final = {
    Feature.HTTP: HELLO,
    Feature.STREAMING: "/stream",
    Feature.LIFESPAN: "/started",
    Feature.RAISING: RAISE,
}


def file_of(framework: Framework) -> bytes:
    """What is uploaded."""
    return FILE * (framework.upload_size // len(FILE))


def summary_of(data: bytes) -> bytes:
    """What the app answers to an upload."""
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode()


def _upload(client: httpx.Client, framework: Framework) -> Answer:
    data = file_of(framework)
    if framework.multipart:
        # Always the same boundary, so that two uploads are the same bytes.
        kind = {"content-type": "multipart/form-data; boundary=matrix"}
        response = client.post("/upload", files={"file": ("f.bin", data)}, headers=kind)
    else:
        kind = {"content-type": "application/octet-stream"}
        response = client.post("/upload", content=data, headers=kind)
    answer = Answer.of(response)
    return Answer(answer.status, answer.headers, answer.body, response.request.read())


def _finished(client: httpx.Client) -> Answer:
    """The first answer that says that work is done."""
    until = time.monotonic() + PATIENCE
    while (response := client.get("/finished")).text != "yes\n":
        assert time.monotonic() < until, "the background work was never done"
        time.sleep(0.01)
    return Answer.of(response)


def _bytes(port: int, path: str) -> bytes:
    """A whole response, without the lines of the headers that change."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        whole = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [
        line
        for line in head.split(b"\r\n")
        if line.partition(b":")[0].decode("latin-1").lower() not in _CHANGING
    ]
    return b"\r\n".join([*lines, b"", body])


def _session(port: int, ending: str) -> Session:
    """An echo of text, of bytes and of text that is not ASCII; then the end."""
    heard: list[str | bytes] = []
    with connect(f"ws://127.0.0.1:{port}/ws", open_timeout=PATIENCE) as client:
        for message in ("hello", b"\x00\xff bytes", "Grüße ☕"):
            client.send(message)
            heard.append(client.recv(PATIENCE))
        if ending == "leave":
            client.close(4001, "enough")
        else:
            client.send(ending)
        _until_closed(client, heard)
        return _ended(client, heard)


def _broadcast(port: int) -> dict[str, Session]:
    address = f"ws://127.0.0.1:{port}/chat"
    heard: tuple[list[str | bytes], list[str | bytes]] = ([], [])
    with connect(address, open_timeout=PATIENCE) as first, connect(address) as second:
        for client, list_ in zip((first, second), heard, strict=True):
            list_.append(client.recv(PATIENCE))
        for speaker, text in ((first, "one"), (second, "two"), (first, "three")):
            speaker.send(text)
            for client, list_ in zip((first, second), heard, strict=True):
                list_.append(client.recv(PATIENCE))
        first.close()
        second.close()
        return {
            "first": _ended(first, heard[0]),
            "second": _ended(second, heard[1]),
        }


def _until_closed(client: ClientConnection, heard: list[str | bytes]) -> None:
    try:
        while True:
            heard.append(client.recv(PATIENCE))
    except ConnectionClosed:
        return


def _ended(client: ClientConnection, heard: list[str | bytes]) -> Session:
    # Who closed first says why; the other repeats the code.
    code, reason = int(client.close_code or 0), client.close_reason or ""
    return Session(tuple(heard), client.subprotocol, code, reason)
