"""What the values of well-known headers say."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.headers.spans import http_date, span_text
from asgitrace.views.headers.tokens import extended, items, parameters, weight
from asgitrace.views.headers.values import _EXPLAINED, parts_of
from tests.tui.detail.samples import WALL


def said(name: bytes, value: bytes, *, request: bool = False) -> list[tuple[str, str]]:
    parts = parts_of(name, value, WALL, request=request)
    return [(part.label.strip(), part.value) for part in parts]


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (b"Cache-Control", b'max-age=3600, private="a, b", odd, max-age=x', [
            ("max-age=3600", "fresh for 1 hour"), ('private="a, b"', "not in shared caches: a, b"),
            ("odd", "unknown directive"), ("max-age=x", "not a number of seconds")]),
        (b"etag", b'W/"a"', [('W/"a"', "weak: the same meaning, perhaps other bytes")]),
        (b"if-none-match", b'"a", *, x', [('"a"', "strong: the same bytes"), ("*", "any version"),
                                          ("x", "not in quotes: no entity tag")]),
        (b"last-modified", b"Tue, 14 Nov 2023 21:13:20 GMT", [("", "1 hour before the request")]),
        (b"expires", b"0", [("", "not a date")]),
        (b"if-range", b'"x"', [('"x"', "strong: the same bytes")]),
        (b"age", b"90", [("", "1 minute 30 seconds")]),
        (b"retry-after", b"Tue, 14 Nov 2023 22:13:20 GMT", [("", "at the time of the request")]),
        (b"vary", b"*", [("*", "on more than headers: no cache can use it again")]),
        (b"strict-transport-security", b"max-age=86400; includeSubDomains; preload", [
            ("max-age=86400", "for 1 day"), ("includeSubDomains", "hosts below this one too"),
            ("preload", "may be built into browsers")]),
        (b"accept", b"a/b;q=0.5, c/d, e/f;q=0, g/h;q=x", [
            ("c/d", "weight 1"), ("g/h", "weight 1"), ("a/b", "weight 0.5"),
            ("e/f", "not acceptable")]),
        (b"content-type", b"text/html", [("charset", "not named")]),
        (b"content-type", b'multipart/form-data; boundary="x y"',
         [("boundary", "x y  between the parts")]),
        (b"content-type", b"nonsense; charset=utf-8", [("nonsense", "not a media type"),
                                                      ("charset", "utf-8")]),
        (b"content-disposition", b"attachment; filename*=UTF-8''na%C3%AFve", [
            ("attachment", "saved as a file"), ("filename*", "na\u00efve")]),
        (b"content-encoding", b"gzip, odd", [("gzip", "GZIP"), ("odd", "unknown coding")]),
        (b"range", b"bytes=0-99,-5,7-,9-3,x", [
            ("0-99", "100 bytes"), ("-5", "the last 5 bytes"), ("7-", "from byte 7 to the end"),
            ("9-3", "ends before it starts: the header is ignored"), ("x", "not a range")]),
        (b"range", b"lines=1-2", [("lines", "unknown unit: the whole is sent")]),
        (b"content-range", b"bytes 0-9/100", [("", "10 bytes of 100")]),
        (b"content-range", b"bytes 0-9/*", [("", "10 bytes of a length not known")]),
        (b"content-range", b"bytes */100", [("", "no such part; there are 100 bytes")]),
        (b"content-range", b"bytes 9-0/5", [("", "not a range of bytes")]),
        (b"content-range", b"odd", [("", "not a range of bytes")]),
        (b"content-length", b"12", []),
        (b"content-length", b"x", [("", "not a length")]),
        (b"authorization", b"Basic dXNlcjpwYXNz", [
            ("Basic", "the scheme"), ("user", "user"),
            ("password", "in the value, in base64, which hides nothing")]),
        (b"authorization", b"Basic !", [("Basic", "the scheme"), ("", "not base64")]),
        (b"authorization", b"Bearer abc", [("Bearer", "the scheme"), ("token", "3 characters")]),
        (b"origin", b"null", [("null", "a page without an origin: a file, a sandboxed frame")]),
        (b"access-control-allow-origin", b"*", [("*", "pages of any origin, without cookies")]),
        (b"sec-fetch-site", b"none", [("none", "no page asked for it: typed, a bookmark")]),
        (b"x-forwarded-for", b"1.2.3.4, 5.6.7.8", [
            ("1.2.3.4", "the client, as the first proxy saw it"), ("5.6.7.8", "a proxy before")]),
        (b"forwarded", b'for="[::1]";proto=https, for=b', [
            ("1 for", "[::1]"), ("1 proto", "https"), ("2 for", "b")]),
        (b"content-security-policy", b"default-src 'self' x; upgrade-insecure-requests", [
            ("default-src", "'self' x"), ("upgrade-insecure-requests", "set")]),
        (b"server-timing", b'db;dur=53;desc="the db", x', [("db", "53 ms  the db"),
                                                           ("x", "no duration")]),
        (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", [
            ("version", "00"), ("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("parent", "00f067aa0ba902b7"), ("flags", "01, sampled")]),
        (b"traceparent", b"odd", [("", "not a trace context")]),
        (b"sec-websocket-extensions", b"permessage-deflate; server_max_window_bits=10; x", [
            ("permessage-deflate", "messages are compressed"),
            ("server_max_window_bits", "10 bits of the server's window"),
            ("x", "unknown parameter")]),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==", []),
        (b"sec-websocket-key", b"YQ==", [("", "1 bytes instead of 16")]),
        (b"sec-websocket-key", b"!", [("", "not base64")]),
        (b"sec-websocket-version", b"8", [("", "only 13 is in use")]),
        (b"upgrade", b"websocket, h2c, x", [("websocket", "a WebSocket session"),
                                            ("h2c", "HTTP/2 in clear text; obsolete")]),
        (b"x-unknown", b"x", []),
    ],
)  # fmt: skip
def test_values(name: bytes, value: bytes, expected: list[tuple[str, str]]) -> None:
    assert said(name, value) == expected


def test_directives_of_a_request() -> None:
    found = said(b"cache-control", b"no-cache, max-age=0, max-stale, min-fresh=5", request=True)
    assert [words for _, words in found] == [
        "do not answer from a cache without asking",
        "not older than 0 seconds",
        "may be stale, however long",
        "must stay fresh for 5 seconds",
    ]


def test_a_token_is_decoded_and_marked() -> None:
    late = WALL // 1_000_000_000 - 60
    token = f"{part({'alg': 'HS256'})}.{part({'sub': 'mara', 'exp': late})}.c2ln"
    found = said(b"authorization", b"Bearer " + token.encode())
    assert ("JWT", "decoded, NOT verified") in found
    assert ("sub", "mara") in found
    assert dict(found)["exp"].endswith("1 minute before the request")
    assert ("signature", "3 bytes") in found
    bare = f"{part({'alg': 'none'})}.{part([1])}."
    assert dict(said(b"authorization", b"Bearer " + bare.encode()))["claims"] == "[1]"


@given(st.sampled_from(sorted(_EXPLAINED)), st.binary(max_size=60), st.booleans())
def test_any_value_can_be_explained(name: bytes, value: bytes, request_: bool) -> None:
    parts_of(name, value, WALL, request=request_)


NASTY = st.text(st.sampled_from('ab=;,"\\-/*0 19:qw.'), max_size=30)


@given(st.sampled_from(sorted(_EXPLAINED)), NASTY)
def test_any_value_that_nearly_is_one(name: bytes, value: str) -> None:
    parts_of(name, value.encode(), WALL, request=False)


def test_pieces() -> None:
    assert list(items('a, "b, c" ,, d="\\",e", f')) == ["a", '"b, c"', 'd="\\",e"', "f"]
    assert parameters("") == ("", [])
    assert parameters('A/B; X="y;z"; Q') == ("a/b", [("x", "y;z"), ("q", "")])
    assert [weight(item) for item in ("a", "a;q=0.3", "a;q=7", "a;q=nan", "a;q=1x")] == [
        1.0, 0.3, 1.0, 1.0, 1.0,
    ]  # fmt: skip
    assert extended("latin-1''a%20b") == "latin-1''a%20b"


def test_spans() -> None:
    assert span_text(0) == "0 seconds"
    assert span_text(90_061) == "1 day 1 hour"
    assert span_text(31_536_000) == "1 year"
    assert span_text(3_601) == "1 hour 1 second"
    assert http_date("x" * 100) is None
