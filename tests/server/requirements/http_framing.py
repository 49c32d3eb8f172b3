"""RFC 9112 sections 6 to 9 and 11: content, transfer codings, connections, attacks."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    answered,
    broken,
    chunked,
    exchanged,
    post,
    refused,
    request,
    seen,
    still_open,
)
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)

CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def length(value: bytes, body: bytes = b"hello") -> bytes:
    """A POST with this Content-Length."""
    return post(b"Content-Length: " + value, body=body)


def coding(*values: bytes, also_length: bool = False, body: bytes = CHUNKS) -> bytes:
    """A POST with these Transfer-Encoding lines."""
    lines = [b"Transfer-Encoding:" + value for value in values]
    if also_length:
        lines.append(b"Content-Length: %d" % len(body))
    return post(*lines, body=body)


def bad_chunk(text: bytes) -> Check:
    """A first chunk like this is a fault."""
    return broken(chunked(text + b"\r\n0\r\n\r\n"))


def cut_off(sent: bytes, *, half: bool) -> Check:
    """A request that ends too early: the app is told, and nothing is answered with success."""

    def check(bench: Bench) -> None:
        told = len(bench.ended)
        with bench.connect() as peer:
            peer.send(sent)
            if half:
                peer.half_close()
                assert b" 200 " not in peer.rest()
        with bench.connect() as peer:
            still_open(peer)
        if not half:
            return
        assert bench.ended[told:] in ([], [("/", "http.disconnect")])

    return check


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


def response_chunked(version: bytes, *, chunks: bool) -> Check:
    """A response of unknown length: chunked, or ended by the connection's end."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(request(b"GET /stream HTTP/" + version))
            reply = peer.reply()
            assert reply.body == b"onetwo"
            assert reply.all("transfer-encoding") == (["chunked"] if chunks else [])
            assert reply.all("content-length") == []

    return check


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


LENGTHS: Final[tuple[Requirement, ...]] = (
    must(
        "6.2",
        "length",
        "A Content-Length says how long the content is.",
        answered(length(b"5"), b"hello", method="POST"),
    ),
    must("6.2", "zero", "It may be 0.", answered(length(b"0", b""), b"", method="POST")),
    must(
        "6.3",
        "none",
        "Without Content-Length and Transfer-Encoding there is no content.",
        answered(post(), b"", method="POST"),
    ),
    must(
        "6.3",
        "get-content",
        "A GET may have content, which is read as such.",
        answered(request(b"GET / HTTP/1.1", b"Content-Length: 5", body=b"hello"), b"hello"),
    ),
    *(
        must(
            "6.3",
            f"length-{name}",
            f"A Content-Length of {value.decode('latin-1')!r} is invalid: 400.",
            refused(length(value)),
        )
        for name, value in {
            "word": b"abc",
            "plus": b"+5",
            "minus": b"-5",
            "minus-zero": b"-0",
            "hex": b"0x5",
            "octal": b"0o5",
            "underscore": b"1_0",
            "inner-space": b"1 0",
            "empty": b"",
            "fraction": b"5.0",
            "letters-after": b"5a",
            "list": b"5, 6",
            "semicolon": b"5;a",
            "arabic": "\u0665".encode(),
            "vtab": b"\x0b5",
        }.items()
    ),
    must(
        "6.3",
        "two-lengths",
        "Two Content-Lengths that differ are invalid: 400.",
        refused(post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!")),
    ),
    must(
        "6.3",
        "huge-length",
        "One that fits no integer is refused at once.",
        refused(length(b"9" * 30, b""), 400, 413),
    ),
    ours(
        "6.3",
        "leading-zeros",
        "One with leading zeros, which others read as octal, is refused.",
        refused(length(b"005")),
    ),
    must(
        "8",
        "short-content",
        "Content that ends early is incomplete: the app is told.",
        cut_off(length(b"10"), half=True),
    ),
    must(
        "8",
        "short-chunks",
        "Chunks without the last one are incomplete.",
        cut_off(chunked(b"5\r\nhello\r\n"), half=True),
    ),
    must(
        "8",
        "short-head",
        "A head that ends early is no request.",
        cut_off(b"GET / HTTP/1.1\r\nHost: a\r\n", half=True),
    ),
    must("8", "reset", "A client that goes harms nobody else.", cut_off(length(b"10"), half=False)),
)

CODINGS: Final[tuple[Requirement, ...]] = (
    must(
        "7.1",
        "chunked",
        "Chunked content is decoded.",
        answered(chunked(CHUNKS), b"hello", method="POST"),
    ),
    must(
        "7.1",
        "chunks",
        "There may be many chunks.",
        answered(chunked(b"1\r\na\r\n" * 500 + b"0\r\n\r\n"), b"a" * 500, method="POST"),
    ),
    must(
        "7.1",
        "no-chunks",
        "Or only the last one.",
        answered(chunked(b"0\r\n\r\n"), b"", method="POST"),
    ),
    must(
        "7.1",
        "hex",
        "Sizes are hexadecimal, in either case.",
        answered(
            chunked(b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
            b"0123456789" * 2,
            method="POST",
        ),
    ),
    must(
        "7.1",
        "zeros",
        "They may have leading zeros, and so may the last one.",
        answered(chunked(b"005\r\nhello\r\n000\r\n\r\n"), b"hello", method="POST"),
    ),
    must(
        "7",
        "coding-case",
        "The name of a coding has no case.",
        answered(coding(b" ChUnKeD"), b"hello", method="POST"),
    ),
    must(
        "7",
        "coding-space",
        "Whitespace around it does not count.",
        answered(coding(b"\tchunked "), b"hello", method="POST"),
    ),
    *(
        must(
            "7.1",
            f"chunk-{name}",
            f"A chunk's line must not be {text.decode('latin-1')!r}.",
            bad_chunk(text),
        )
        for name, text in {
            "hex-prefix": b"0x5\r\nhello",
            "plus": b"+5\r\nhello",
            "minus": b"-5\r\nhello",
            "underscore": b"0_5\r\nhello",
            "leading-space": b" 5\r\nhello",
            "trailing-space": b"5 \r\nhello",
            "word": b"five\r\nhello",
            "empty": b"\r\nhello",
            "bare-cr": b"5\rhello",
            "long-data": b"5\r\nhello!!",
            "short-data": b"5\r\nhell",
            "overflow": b"FFFFFFFFFFFFFFFFF\r\nhello",
        }.items()
    ),
    must(
        "7.1",
        "chunk-no-crlf",
        "A chunk's data is followed by CRLF.",
        broken(chunked(b"5\r\nhello0\r\n\r\n")),
    ),
    ours(
        "7.1",
        "chunk-bare-lf",
        "LF alone does not end a chunk's line: refused.",
        bad_chunk(b"5\nhello"),
    ),
    ours("7.1", "data-bare-lf", "Nor its data.", broken(chunked(b"5\r\nhello\n0\r\n\r\n"))),
    ours("7.1", "last-bare-lf", "Nor the content.", broken(chunked(b"5\r\nhello\r\n0\r\n\n"))),
    must(
        "7.1.1",
        "extension",
        "Chunk extensions are ignored.",
        answered(chunked(b'5;a=b;c="d;e";f\r\nhello\r\n0;g\r\n\r\n'), b"hello", method="POST"),
    ),
    *(
        must(
            "7.1.1",
            f"extension-{name}",
            f"An extension must not be {text.decode('latin-1')!r}.",
            bad_chunk(b"5;" + text + b"\r\nhello"),
        )
        for name, text in {
            "empty": b"",
            "no-token": b"a[=b",
            "nul": b"\x00a",
            "bare-cr": b"a\rb",
            "control": b"a=\x07",
            "open-quote": b'a="b',
        }.items()
    ),
    must(
        "7.1.1",
        "extension-long",
        "Their length is limited.",
        broken(chunked(b"5;a=" + b"b" * 100_000 + b"\r\nhello\r\n0\r\n\r\n"), 400, 431),
    ),
    must(
        "7.1.2",
        "trailers",
        "Trailers are read and are not headers.",
        seen(
            chunked(b"0\r\nX-Sum: 1\r\nHost: b\r\n\r\n", b"/scope"),
            header_x_sum=[],
            header_host=["example.com"],
        ),
    ),
    must(
        "7.1.2",
        "bad-trailer",
        "What is no field line is no trailer.",
        broken(chunked(b"0\r\nX Y: 1\r\n\r\n")),
    ),
    must(
        "7.1.2",
        "folded-trailer",
        "A trailer is not folded.",
        broken(chunked(b"0\r\nX: 1\r\n 2\r\n\r\n")),
    ),
    must(
        "6.1",
        "to-http10",
        "A response to HTTP/1.0 is not chunked.",
        response_chunked(b"1.0", chunks=False),
    ),
    must(
        "6.3",
        "response-chunked",
        "A response of unknown length to HTTP/1.1 is.",
        response_chunked(b"1.1", chunks=True),
    ),
    must(
        "6.1",
        "app-chunked",
        "The app's own Transfer-Encoding is not passed on twice.",
        answered(request(b"GET /chunked HTTP/1.1"), b"own framing", transfer_encoding="chunked"),
    ),
    must(
        "6.1",
        "unknown",
        "A coding that is not known is refused: 501.",
        refused(coding(b" gzip", body=b""), 501),
    ),
    must(
        "6.3",
        "chunked-not-last",
        "A coding after chunked is answered with 400.",
        refused(coding(b" chunked, gzip")),
    ),
    must(
        "6.1",
        "chunked-twice",
        "Chunked is not applied twice.",
        refused(coding(b" chunked, chunked")),
    ),
    must(
        "6.1",
        "http10-coding",
        "Transfer-Encoding in HTTP/1.0 is a faulty framing.",
        refused(request(b"POST / HTTP/1.0", b"Transfer-Encoding: chunked", body=CHUNKS)),
    ),
    *(
        must(
            "11.2",
            f"both-{name}",
            "Transfer-Encoding and Content-Length together may be an "
            f"attempt at smuggling, refused: {value.decode('latin-1')!r}.",
            refused(coding(value, also_length=True)),
        )
        for name, value in {
            "plain": b" chunked",
            "case": b" Chunked",
            "tab": b"\tchunked",
            "space": b" chunked ",
            "unknown": b" xchunked",
            "identity": b" identity",
            "comma-first": b" , chunked",
            "comma-last": b" chunked,",
            "twice": b" chunked, chunked",
            "empty": b"",
            "vtab": b" \x0bchunked",
            "formfeed": b" \x0cchunked",
            "nul": b" chunked\x00",
            "quoted": b' "chunked"',
            "parameter": b" chunked;a=b",
            "folded": b"\r\n chunked",
        }.items()
    ),
    must(
        "11.2",
        "two-codings",
        "Nor are two lines of codings that differ accepted.",
        refused(coding(b" chunked", b" identity", also_length=True)),
    ),
    must(
        "11.2",
        "length-first",
        "In whatever order they come.",
        refused(post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=CHUNKS)),
    ),
    must(
        "11.2",
        "coding-space-colon",
        "A space before the colon hides no coding.",
        refused(post(b"Transfer-Encoding : chunked", b"Content-Length: 14", body=CHUNKS)),
    ),
    must(
        "11.1",
        "splitting",
        "A header of the app with CRLF in it splits no response.",
        answered(request(b"GET /split HTTP/1.1"), status=500, absent=("set-cookie",), closes=True),
    ),
)

CONNECTIONS: Final[tuple[Requirement, ...]] = (
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
)

REQUIREMENTS: Final = (*LENGTHS, *CODINGS, *CONNECTIONS)
