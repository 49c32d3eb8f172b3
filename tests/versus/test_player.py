"""The client, against servers that say what a test has them say."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from asgitrace.versus.player import play
from asgitrace.versus.plays import Heard, HearEnd, HttpPlay, Play, WebSocketPlay

Serve = Callable[[bytes], tuple[str, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answers the first bytes of each connection with the same, and closes it."""
    listeners: list[tuple[socket.socket, threading.Thread]] = []

    def start(answer: bytes) -> tuple[str, int]:
        listener = socket.create_server(("127.0.0.1", 0))

        def answer_one() -> None:
            with closing(listener.accept()[0]) as peer:
                peer.recv(65_536)
                peer.sendall(answer)

        thread = threading.Thread(target=answer_one)
        thread.start()
        listeners.append((listener, thread))
        host, port = listener.getsockname()
        return str(host), int(port)

    yield start
    for listener, thread in listeners:
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("one", "answer", "heard"),
    [
        (HttpPlay("a"), b"", Heard(end="closed")),
        (
            HttpPlay("a"),
            b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi",
            Heard(200, "1.1", ((b"X-A", b"1"), (b"Content-Length", b"2")), (), 2, "kept"),
        ),
        (
            HttpPlay("a", method=b"HEAD", version=b"1.0"),
            b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
            Heard(200, "1.0", ((b"Content-Length", b"2"),), (), 0, "closed"),
        ),
        (
            HttpPlay("a", expect=True, pieces=(b"x",)),
            b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n",
            Heard(417, "1.1", ((b"Content-Length", b"0"),), (), 0, "kept"),
        ),
        (
            HttpPlay("a"),
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
            Heard(200, "1.1", ((b"Content-Length", b"9"),), (), 2, "cut off"),
        ),
        (
            WebSocketPlay("a", steps=(HearEnd(),)),
            b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            Heard(403, headers=((b"content-length", b"0"),), end="refused"),
        ),
        (WebSocketPlay("a"), b"", Heard(end="closed")),
    ],
)
def test_what_a_client_hears(serve: Serve, one: Play, answer: bytes, heard: Heard) -> None:
    assert play(one, serve(answer), "1") == heard


@pytest.mark.parametrize("one", [HttpPlay("a"), WebSocketPlay("a")])
def test_what_is_not_http(serve: Serve, one: Play) -> None:
    assert play(one, serve(b"SSH-2.0-nonsense\r\n\r\n"), "1").end.startswith("not ")


def test_nobody_listens() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        place = listener.getsockname()
    assert play(HttpPlay("a"), place, "1") == Heard(end="refused")
