"""RFC 9112 sections 8 and 9: what ends too early, and connections that persist or not."""

import socket
import struct
from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    answered,
    chunked,
    exchanged,
    post,
    request,
    still_open,
)
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)


def pipelined(bench: Bench) -> None:
    """Three requests at once."""
    sent = post(b"Content-Length: 3", body=b"one") + chunked(b"3\r\ntwo\r\n0\r\n\r\n") + request()
    replies = exchanged(bench, sent, "POST", "POST", "GET")
    assert [reply.body for reply in replies] == [b"one", b"two", b""]


def pipelined_in_pieces(bench: Bench) -> None:
    """The second request comes in the middle of a segment."""
    two = post(b"Content-Length: 3", body=b"one") + post(b"Content-Length: 3", body=b"two")
    with bench.connect() as peer:
        peer.send(two[:-10], two[-10:])
        assert [peer.reply("POST").body for _ in range(2)] == [b"one", b"two"]


def unread_content(bench: Bench) -> None:
    """The app answers without reading; the next request is found all the same, or none is."""
    with bench.connect() as peer:
        peer.send(post(b"Content-Length: 5", body=b"hello", path=b"/unread"), request())
        assert peer.reply("POST").body == b"unread"
        rest = peer.reply()
        assert rest.status == 200


def after_close(bench: Bench) -> None:
    """What follows a request with ``close`` is not processed."""
    with bench.connect() as peer:
        peer.send(request(b"GET / HTTP/1.1", b"Connection: close"))
        peer.send(request(b"GET /after-close HTTP/1.1"))
        assert peer.reply().get("connection") == "close"
        assert peer.rest() == b""
    assert not bench.called("/after-close")


def lingers(bench: Bench) -> None:
    """A big upload is refused while it is still being sent."""
    with bench.connect() as peer:
        peer.send(post(b"Content-Length: nonsense"), b"x" * 1_000_000)
        assert peer.reply("POST").status == 400


def cut_response(path: bytes) -> Check:
    """The app's content does not have the length it declared: the connection tells."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(request(b"GET " + path + b" HTTP/1.1"), request())
            head, _, body = peer.rest().partition(b"\r\n\r\n")
        declared = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert b"HTTP/" not in body
        assert len(body) <= declared
        if b" 200 " in head.split(b"\r\n")[0]:
            assert len(body) < declared or path == b"/long"

    return check


def keeps(line: bytes, *fields: bytes) -> Check:
    """The connection stays open after this request."""
    return answered(request(line, *fields))


def cut_off(head: bytes, content: bytes = b"", *, reset: bool = False) -> Check:
    """The content ends too early: the app is told, nothing is answered, others are not harmed."""

    def check(bench: Bench) -> None:
        path = bench.path()
        with bench.connect() as peer:
            peer.send(post(head, body=content, path=path))
            if reset:
                peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                peer.half_close()
                assert b" 200 " not in peer.rest()
        assert bench.end(path) == "http.disconnect"
        with bench.connect() as peer:
            still_open(peer)

    return check


def cut_head(bench: Bench) -> None:
    """The connection ends within a head."""
    with bench.connect() as peer:
        peer.send(b"GET /cut-head HTTP/1.1\r\nHost: a\r\n")
        peer.half_close()
        assert b" 200 " not in peer.rest()
    assert not bench.called("/cut-head")


CONNECTIONS: Final[tuple[Requirement, ...]] = (
    must(
        "8",
        "short-content",
        "Content that ends early is incomplete: the app is told.",
        cut_off(b"Content-Length: 10", b"hello"),
    ),
    must(
        "8",
        "short-chunks",
        "Chunks without the last one are incomplete.",
        cut_off(b"Transfer-Encoding: chunked", b"5\r\nhello\r\n"),
    ),
    must(
        "8",
        "short-head",
        "A head that ends early is no request.",
        cut_head,
    ),
    must(
        "8",
        "reset",
        "A client that goes harms nobody else.",
        cut_off(b"Content-Length: 10", b"hello", reset=True),
    ),
    should(
        "9.3",
        "persists",
        "A connection persists after an HTTP/1.1 request.",
        keeps(b"GET / HTTP/1.1"),
    ),
    must(
        "9.3",
        "http10-closes",
        "It does not after one of HTTP/1.0.",
        answered(request(b"GET / HTTP/1.0"), closes=True),
    ),
    should(
        "9.3",
        "unread-content",
        "Content that the app did not read is not a request.",
        unread_content,
    ),
    must("9.3.2", "pipelining", "Pipelined requests are answered in their order.", pipelined),
    must("9.3.2", "pipelining-pieces", "However they are cut.", pipelined_in_pieces),
    must("9.6", "close", "A request with `close` is the last; the response says so.", after_close),
    must(
        "9.6",
        "close-case",
        "The option has no case and may stand in a list.",
        answered(
            request(b"GET / HTTP/1.1", b"Connection: foo, Close"), closes=True, connection="close"
        ),
    ),
    must(
        "9.6",
        "close-of-app",
        "The app may close too.",
        answered(request(b"GET /close HTTP/1.1"), b"ok", closes=True, connection="close"),
    ),
    must("9.6", "in-stages", "What was answered is not lost when the client sends on.", lingers),
    must(
        "6.3",
        "app-too-short",
        "Content shorter than declared ends the connection.",
        cut_response(b"/short"),
    ),
    must(
        "6.3",
        "app-too-long",
        "Content longer than declared is not sent beyond it.",
        cut_response(b"/long"),
    ),
    should(
        "9.5",
        "idle",
        "An idle connection is closed after a time.",
        "tests/server/test_connection.py::test_an_idle_connection_is_closed",
    ),
    should(
        "9.3",
        "going-down",
        "A server that goes down finishes what is in flight.",
        "tests/server/test_serve.py::test_what_is_in_flight_is_finished",
    ),
    must(
        "9.7",
        "tls",
        "HTTP goes over TLS as over TCP.",
        "tests/server/test_connection.py::test_tls",
    ),
    should(
        "9.5",
        "slow-head",
        "A head that does not come is not waited for.",
        "tests/server/test_lifecycle.py::test_a_head_that_does_not_come",
    ),
    should(
        "9.5",
        "slow-content",
        "Nor is content.",
        "tests/server/test_lifecycle.py::test_content_that_does_not_come",
    ),
    should(
        "9.6",
        "half-closed",
        "A client that sends no more still gets its answers.",
        "tests/server/test_lifecycle.py::test_all_requests_of_a_half_closed_client_are_answered",
    ),
    should(
        "9.5",
        "gone",
        "A client that goes is noticed, and the app told.",
        "tests/server/test_lifecycle.py::test_a_reset",
    ),
    must(
        "9.3.2",
        "read-ahead",
        "Requests that wait are bounded.",
        "tests/server/test_lifecycle.py::test_more_requests_than_are_read_ahead",
    ),
)


REQUIREMENTS: Final = CONNECTIONS
