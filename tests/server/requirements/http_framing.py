"""RFC 9112 sections 6 and 11: content, its length, transfer codings, attacks."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    CHUNKS,
    answered,
    coding,
    length,
    post,
    refused,
    request,
)
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)


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
)

CODINGS: Final[tuple[Requirement, ...]] = (
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


REQUIREMENTS: Final = (*LENGTHS, *CODINGS)
