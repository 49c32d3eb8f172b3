"""RFC 9112 section 3: the request line, its target, and Host."""

from typing import Final

from tests.server.requirements.http_checks import HOST, answered, field, host, line, refused, seen
from tests.server.requirements.model import Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)

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


REQUIREMENTS: Final = (*REQUEST_LINE, *HOSTS)
