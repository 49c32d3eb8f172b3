"""RFC 9112 sections 2 and 5: messages, versions, header fields."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    HOST,
    answered,
    field,
    host,
    line,
    refused,
    request,
    seen,
)
from tests.server.requirements.model import Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)


def piecemeal(bench: Bench) -> None:
    """A request arrives byte by byte."""
    with bench.connect() as peer:
        peer.send(*(bytes([byte]) for byte in request(b"GET /scope HTTP/1.1")))
        assert peer.reply().status == 200


def own_version(bench: Bench) -> None:
    """An HTTP/1.0 request."""
    with bench.connect() as peer:
        peer.send(request(b"GET / HTTP/1.0"))
        assert peer.reply().version == b"1.1"


SYNTAX: Final[tuple[Requirement, ...]] = (
    must(
        "2.2",
        "octets",
        "A message is octets: a field value need not be UTF-8.",
        seen(request(b"GET /scope HTTP/1.1", b"X-Name: \xff\xe9"), header_x_name=["\xff\xe9"]),
    ),
    must("2.2", "in-pieces", "A message is a stream: its bytes may come one by one.", piecemeal),
    must(
        "2.2",
        "bare-cr-request-line",
        "A CR without LF in a request line is invalid.",
        refused(b"GET / HTTP/1.1\rHost: a\r\n\r\n"),
    ),
    must(
        "2.2",
        "bare-cr-target",
        "A CR within the target is invalid.",
        refused(line(b"GET /a\rb HTTP/1.1")),
    ),
    must(
        "2.2", "bare-cr-value", "A CR within a field value is invalid.", refused(field(b"X: a\rb"))
    ),
    must("2.2", "bare-cr-name", "A CR within a field name is invalid.", refused(field(b"X\rY: a"))),
    must(
        "2.2",
        "bare-cr-blank-line",
        "A CR in place of the empty line ends nothing.",
        refused(b"GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n"),
    ),
    ours(
        "2.2",
        "bare-lf-request-line",
        "A lone LF does not end a request line: refused.",
        refused(b"GET / HTTP/1.1\n" + HOST + b"\r\n"),
    ),
    ours(
        "2.2",
        "bare-lf-field",
        "A lone LF does not end a field line: refused.",
        refused(b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
    ),
    ours(
        "2.2",
        "bare-lf-only",
        "A request with LF everywhere is refused.",
        refused(b"GET / HTTP/1.1\nHost: a\n\n"),
    ),
    should(
        "2.2",
        "empty-line-first",
        "An empty line before a request line is ignored.",
        answered(b"\r\n" + request()),
    ),
    should(
        "2.2",
        "empty-line-between",
        "An empty line between two requests is ignored.",
        answered(
            request(b"POST / HTTP/1.1", b"Content-Length: 2", body=b"ok") + b"\r\n",
            b"ok",
            method="POST",
        ),
    ),
    must(
        "2.2",
        "whitespace-first",
        "Whitespace before the first field line is not skipped over.",
        refused(b"GET / HTTP/1.1\r\n X: y\r\n" + HOST + b"\r\n"),
    ),
    must(
        "2.2",
        "whitespace-line-first",
        "Nor is a line of whitespace.",
        refused(b"GET / HTTP/1.1\r\n \r\n" + HOST + b"\r\n"),
    ),
    should(
        "2.2",
        "garbage",
        "What is not HTTP is answered with 400 and closed.",
        refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    ),
    should("2.2", "garbage-text", "Nor is text HTTP.", refused(b"hello there\r\n\r\n")),
    must("2.3", "own-version", "A response has the server's own version.", own_version),
    must("2.3", "version-case", "HTTP is written in capitals.", refused(line(b"GET / http/1.1"))),
    must("2.3", "no-minor", "A version has two digits.", refused(line(b"GET / HTTP/1"))),
    must("2.3", "leading-zeros", "And two only.", refused(line(b"GET / HTTP/01.01"))),
    must("2.3", "long-minor", "Not three.", refused(line(b"GET / HTTP/1.10"))),
    must("2.3", "inner-space", "With nothing in between.", refused(line(b"GET / HTTP/ 1.1"))),
    must(
        "2.3",
        "other-name",
        "Another protocol's name is no version.",
        refused(line(b"GET / ICY/1.1")),
    ),
    should(
        "2.3",
        "http2",
        "A major version that is not spoken is refused.",
        refused(line(b"GET / HTTP/2.0"), 400, 505),
    ),
    should("2.3", "http99", "However high.", refused(line(b"GET / HTTP/9.9"), 400, 505)),
    should("2.3", "http09", "A request line without version is refused.", refused(line(b"GET /"))),
    must(
        "2.3",
        "higher-minor",
        "A higher minor version is answered as HTTP/1.1.",
        answered(line(b"GET / HTTP/1.2")),
    ),
)


FIELDS: Final[tuple[Requirement, ...]] = (
    must("5", "no-colon", "A field line has a colon.", refused(field(b"X"))),
    must("5", "empty-name", "A field has a name.", refused(field(b": x"))),
    must("5", "bad-name", "A name is a token.", refused(field(b"X[Y: z"))),
    must("5", "name-with-space", "Without spaces.", refused(field(b"X Y: z"))),
    must("5", "name-with-tab", "Without tabs.", refused(field(b"X\tY: z"))),
    must("5", "name-not-ascii", "In ASCII.", refused(field(b"X\xc3\xab: z"))),
    must("5", "name-with-nul", "Without NUL.", refused(field(b"X\x00Y: z"))),
    must(
        "5.1",
        "space-before-colon",
        "Whitespace before the colon is answered with 400.",
        refused(field(b"X : y")),
    ),
    must("5.1", "tab-before-colon", "A tab too.", refused(field(b"X\t: y"))),
    must(
        "5.1",
        "space-before-host-colon",
        "Also in Host.",
        refused(request(b"GET / HTTP/1.1", host=b"Host : a\r\n")),
    ),
    must(
        "5.1",
        "whitespace-around",
        "Whitespace around a value is not part of it.",
        seen(request(b"GET /scope HTTP/1.1", b"X: \t a b\t "), header_x=["a b"]),
    ),
    must(
        "5.1",
        "no-whitespace",
        "There need not be any.",
        seen(request(b"GET /scope HTTP/1.1", b"X:a"), header_x=["a"]),
    ),
    must(
        "5.1",
        "empty-value",
        "A value may be empty.",
        seen(request(b"GET /scope HTTP/1.1", b"X:"), header_x=[""]),
    ),
    must(
        "5.2",
        "obs-fold",
        "A folded field line is answered with 400.",
        refused(field(b"X: a\r\n b")),
    ),
    must("5.2", "obs-fold-tab", "With a tab too.", refused(field(b"X: a\r\n\tb"))),
    must("5.2", "obs-fold-host", "Also in Host.", refused(host(b"a\r\n b"))),
    must(
        "5.2",
        "obs-fold-length",
        "Also in Content-Length.",
        refused(request(b"POST / HTTP/1.1", b"Content-Length:\r\n 5", body=b"hello")),
    ),
)

REQUIREMENTS: Final = (*SYNTAX, *FIELDS)
