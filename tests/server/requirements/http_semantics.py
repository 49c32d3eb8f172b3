"""RFC 9110: methods, responses, expectations, upgrades, as far as a server keeps them."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    answered,
    get,
    post,
    refused,
    request,
    seen,
    still_open,
)
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9110, Level.MUST)
should = rows(9110, Level.SHOULD)
ours = rows(9110, Level.OURS)

UPGRADE = (
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
EXPECT = b"Expect: 100-continue"


def head_as_get(path: bytes) -> Check:
    """HEAD has the header of GET, as far as it is known, and no content."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(get(path))
            whole = peer.reply()
            peer.send(request(b"HEAD " + path + b" HTTP/1.1"))
            head = peer.reply("HEAD")
            assert head.body == b""
            assert head.status == whole.status
            assert head.all("content-length") in ([], whole.all("content-length"))
            still_open(peer)

    return check


def continues(bench: Bench) -> None:
    """The client waits, the app reads."""
    with bench.connect() as peer:
        peer.send(post(b"Content-Length: 5", EXPECT))
        assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        peer.send(b"hello")
        reply = peer.reply("POST")
        assert (reply.interim, reply.body) == ([], b"hello")
        still_open(peer)


def continues_in_chunks(bench: Bench) -> None:
    """So does chunked content."""
    with bench.connect() as peer:
        peer.send(post(b"Transfer-Encoding: chunked", b"expect: 100-CONTINUE"))
        assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        peer.send(b"5\r\nhello\r\n0\r\n\r\n")
        assert peer.reply("POST").body == b"hello"


def no_need_to_continue(bench: Bench) -> None:
    """The app answers without reading: no 100, and what may follow is not taken for a request."""
    with bench.connect() as peer:
        peer.send(post(b"Content-Length: 5", EXPECT, path=b"/unread"))
        reply = peer.reply("POST")
        assert (reply.status, reply.interim) == (200, [])
        assert reply.get("connection") == "close"
        assert peer.rest() == b""


def no_interim_for_http10(bench: Bench) -> None:
    """An HTTP/1.0 client knows no 1xx."""
    with bench.connect() as peer:
        peer.send(request(b"POST / HTTP/1.0", b"Content-Length: 5", EXPECT), b"hello")
        reply = peer.reply("POST")
        assert (reply.interim, reply.body) == ([], b"hello")


def not_switched(sent: bytes) -> Check:
    """No 101 comes."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(sent)
            assert peer.read(12) != b"HTTP/1.1 101"

    return check


METHODS: Final[tuple[Requirement, ...]] = (
    must("9.3.2", "head", "A response to HEAD has no content.", head_as_get(b"/unread")),
    must("9.3.2", "head-stream", "Also where its length is unknown.", head_as_get(b"/stream")),
    must(
        "9.3.2",
        "head-error",
        "Also where the app fails.",
        answered(request(b"HEAD /raise HTTP/1.1"), b"", status=500, method="HEAD", closes=True),
    ),
    must(
        "9.3.2",
        "head-content",
        "Content of a HEAD is read as content.",
        answered(
            request(b"HEAD / HTTP/1.1", b"Content-Length: 5", body=b"hello"), b"", method="HEAD"
        ),
    ),
    should(
        "9.3.6",
        "connect",
        "CONNECT is for proxies.",
        refused(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 405, 501),
    ),
    must(
        "9.3.7",
        "options-content",
        "Content of an OPTIONS is read as content.",
        answered(
            request(b"OPTIONS / HTTP/1.1", b"Content-Length: 5", body=b"hello"),
            b"hello",
            method="OPTIONS",
        ),
    ),
    must(
        "14.2",
        "range-post",
        "Range is for the app: it changes no response by itself.",
        answered(
            post(b"Content-Length: 5", b"Range: bytes=0-1", body=b"hello"), b"hello", method="POST"
        ),
    ),
)

RESPONSES: Final[tuple[Requirement, ...]] = (
    must(
        "6.4.1",
        "204",
        "A 204 has no content.",
        answered(get(b"/204"), b"", status=204, absent=("transfer-encoding",)),
    ),
    must(
        "8.6",
        "204-length",
        "And no Content-Length.",
        answered(get(b"/204"), b"", status=204, absent=("content-length",)),
    ),
    must(
        "6.4.1",
        "304",
        "A 304 has no content.",
        answered(get(b"/304"), b"", status=304, absent=("transfer-encoding",)),
    ),
    must("15.3.6", "205", "A 205 has none.", answered(get(b"/205"), b"", status=205)),
    must(
        "8.6",
        "empty",
        "A response without content has its length told.",
        answered(get(b"/nothing"), b""),
    ),
    must(
        "15.6.1",
        "500",
        "An app that fails before it answers makes a 500.",
        answered(get(b"/raise"), status=500, closes=True, connection="close"),
    ),
)

NEGOTIATION: Final[tuple[Requirement, ...]] = (
    must(
        "10.1.1", "continue", "A client that waits for it gets 100 when the app reads.", continues
    ),
    must("10.1.1", "continue-chunks", "In whatever framing and case.", continues_in_chunks),
    must(
        "10.1.1",
        "no-continue",
        "And none when the app answers without reading.",
        no_need_to_continue,
    ),
    must("10.1.1", "http10", "Nor does an HTTP/1.0 client.", no_interim_for_http10),
    must(
        "10.1.1", "no-content", "Nor one that sends no content.", answered(get(b"/", EXPECT), b"")
    ),
    must(
        "15.2",
        "http10-101",
        "No upgrade for HTTP/1.0.",
        not_switched(request(b"GET / HTTP/1.0", *UPGRADE)),
    ),
    must(
        "7.8",
        "unknown-protocol",
        "An upgrade to what is not spoken is ignored.",
        answered(get(b"/", b"Connection: Upgrade", b"Upgrade: h2c, x/1"), b""),
    ),
    must(
        "7.8",
        "no-option",
        "Upgrade counts only with the connection option.",
        not_switched(get(b"/", *UPGRADE[1:])),
    ),
    must("7.8", "post", "A POST is not upgraded to a WebSocket.", not_switched(post(*UPGRADE))),
    must(
        "7.6.1",
        "hop-by-hop",
        "Connection's options are the connection's: the app still sees the header.",
        seen(get(b"/scope", b"Connection: keep-alive"), header_connection=["keep-alive"]),
    ),
    must(
        "6.5.1",
        "sent-trailers",
        "Trailers are sent to clients that asked for them, in chunked content.",
        "tests/server/test_responder.py::test_trailers",
    ),
    must(
        "6.5.1",
        "unsent-trailers",
        "And to no others.",
        "tests/server/test_responder.py::test_trailers_that_cannot_be_sent",
    ),
    must(
        "15.2",
        "early-hints",
        "Interim responses come before the final one.",
        "tests/server/test_responder.py::test_early_hints_go_out_before_the_head",
    ),
    must(
        "15.2",
        "old-client",
        "HTTP/1.0 clients get none.",
        "tests/server/test_responder.py::test_hints_to_an_old_client_are_left_out",
    ),
)


REQUIREMENTS: Final = (*METHODS, *RESPONSES, *NEGOTIATION)
