"""RFC 9112 sections 2 to 5: messages, the request line, the target, header fields."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import (
    HOST,
    answered,
    refused,
    request,
    seen,
)
from tests.server.requirements.model import Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)


def line(text: bytes) -> bytes:
    """A request with this request line."""
    return request(text)


def field(text: bytes) -> bytes:
    """A request with this header line."""
    return request(b"GET / HTTP/1.1", text)


def host(value: bytes) -> bytes:
    """A request with this Host."""
    return request(b"GET / HTTP/1.1", host=b"Host: " + value + b"\r\n")


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

REQUEST_LINE: Final[tuple[Requirement, ...]] = (
    should(
        "3",
        "two-spaces",
        "One space separates method and target.",
        refused(line(b"GET  / HTTP/1.1")),
    ),
    should(
        "3",
        "two-spaces-version",
        "And one the target and the version.",
        refused(line(b"GET /  HTTP/1.1")),
    ),
    should("3", "tab", "A tab is no space.", refused(line(b"GET\t/ HTTP/1.1"))),
    should(
        "3",
        "leading-space",
        "A request line does not begin with a space.",
        refused(line(b" GET / HTTP/1.1")),
    ),
    should("3", "trailing-space", "Nor does it end with one.", refused(line(b"GET / HTTP/1.1 "))),
    should("3", "spaces-only", "A line of spaces is no request line.", refused(b"   \r\n\r\n")),
    must("3", "no-target", "A request line has a target.", refused(line(b"GET HTTP/1.1"))),
    must(
        "3.1",
        "case",
        "Methods have a case: `get` is not GET, and ASGI has no word for it.",
        refused(line(b"get / HTTP/1.1"), 501),
    ),
    must("3.1", "token", "A method is a token.", refused(line(b"G(T / HTTP/1.1"))),
    must(
        "3.1",
        "unknown",
        "A method the server does not know is the app's affair.",
        seen(line(b"PURGE /scope HTTP/1.1"), method="PURGE"),
    ),
    should(
        "3.1",
        "long",
        "A method longer than any is refused.",
        refused(line(b"A" * 100_000 + b" / HTTP/1.1"), 400, 414, 431, 501),
    ),
    must(
        "3",
        "long-target",
        "A target longer than the limit is refused: 414.",
        refused(line(b"GET /" + b"a" * 200_000 + b" HTTP/1.1"), 414),
    ),
    should(
        "3",
        "8000-octets",
        "Request lines of 8000 octets are understood.",
        answered(line(b"GET /" + b"a" * 7980 + b" HTTP/1.1")),
    ),
    must("3.2", "space", "A target has no whitespace.", refused(line(b"GET /a b HTTP/1.1"))),
    should("3.2", "fragment", "A target has no fragment.", refused(line(b"GET /#a HTTP/1.1"))),
    must("3.2", "not-ascii", "A target is ASCII.", refused(line(b"GET /caf\xc3\xa9 HTTP/1.1"))),
    must("3.2", "nul", "A target has no NUL.", refused(line(b"GET /a\x00b HTTP/1.1"))),
    must(
        "3.2", "control", "Nor another control character.", refused(line(b"GET /a\x07b HTTP/1.1"))
    ),
    must("3.2", "relative", "A target is not a relative path.", refused(line(b"GET a HTTP/1.1"))),
    must(
        "3.2.1",
        "path-and-query",
        "An origin-form target is a path and a query.",
        seen(line(b"GET /scope?a=%20b HTTP/1.1"), path="/scope", query_string="a=%20b"),
    ),
    must(
        "3.2.1",
        "percent",
        "The path is decoded, and kept as it came.",
        seen(line(b"GET /%C3%A9%2F?scope HTTP/1.1"), path="/\xe9/", raw_path="/%C3%A9%2F"),
    ),
    must(
        "3.2.1",
        "dots",
        "A path is not normalised.",
        seen(line(b"GET /a/../b//c/.?scope HTTP/1.1"), path="/a/../b//c/."),
    ),
    must(
        "3.2.1",
        "double-slash",
        "A path may begin with two slashes: it is no authority.",
        seen(line(b"GET //a/b?scope HTTP/1.1"), path="//a/b"),
    ),
    must(
        "3.2.2",
        "absolute-form",
        "An absolute-form target is understood.",
        seen(line(b"GET http://example.com/x?scope HTTP/1.1"), path="/x", query_string="scope"),
    ),
    must(
        "3.2.2",
        "no-path",
        "Its path may be empty.",
        seen(line(b"GET http://example.com?scope HTTP/1.1"), path="/"),
    ),
    must(
        "3.2.2",
        "host-of-target",
        "The target's host counts, not that of the Host field.",
        seen(line(b"GET http://other.example/scope HTTP/1.1"), header_host=["other.example"]),
    ),
    must(
        "3.2.2",
        "host-needed",
        "An absolute-form target needs a Host all the same.",
        refused(b"GET http://example.com/ HTTP/1.1\r\n\r\n"),
    ),
    must(
        "3.2.3",
        "authority-form",
        "Only CONNECT has an authority for its target.",
        refused(line(b"GET example.com:80 HTTP/1.1")),
    ),
    must(
        "3.2.4",
        "asterisk",
        "OPTIONS may have an asterisk for its target.",
        answered(line(b"OPTIONS * HTTP/1.1"), method="OPTIONS"),
    ),
    must("3.2.4", "asterisk-get", "No other method has one.", refused(line(b"GET * HTTP/1.1"))),
    must(
        "3.3",
        "scheme",
        "The scheme is that of the connection.",
        seen(line(b"GET https://example.com/scope HTTP/1.1"), scheme="http"),
    ),
)

HOSTS: Final[tuple[Requirement, ...]] = (
    must(
        "3.2",
        "no-host",
        "An HTTP/1.1 request without Host is answered with 400.",
        refused(b"GET / HTTP/1.1\r\n\r\n"),
    ),
    must("3.2", "two-hosts", "So is one with two.", refused(field(b"Host: other.example"))),
    must("3.2", "same-host-twice", "Even if they are the same.", refused(field(HOST[:-2]))),
    must("3.2", "empty-host", "So is an empty Host, as an http URI has one.", refused(host(b""))),
    must("3.2", "userinfo", "So is one with user information.", refused(host(b"me@example.com"))),
    must("3.2", "host-path", "So is one with a path.", refused(host(b"example.com/a"))),
    must("3.2", "host-query", "So is one with a query.", refused(host(b"example.com?a"))),
    must("3.2", "host-list", "So is a list of them.", refused(host(b"a.example, b.example"))),
    must("3.2", "host-space", "So is one with a space.", refused(host(b"a b"))),
    must("3.2", "host-port", "So is one with a port that is no number.", refused(host(b"a:b"))),
    must("3.2", "host-scheme", "So is one with a scheme.", refused(host(b"http://a"))),
    must(
        "3.2", "host-ipv6", "An IPv6 address with a port is a Host.", answered(host(b"[::1]:8000"))
    ),
    must(
        "3.2",
        "http10",
        "An HTTP/1.0 request needs no Host.",
        answered(b"GET / HTTP/1.0\r\n\r\n", closes=True),
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

REQUIREMENTS: Final = (*SYNTAX, *REQUEST_LINE, *HOSTS, *FIELDS)
