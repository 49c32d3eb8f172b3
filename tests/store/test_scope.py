import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.ring import encode
from asgitrace.store import Origin, RowKind
from asgitrace.store.scope import (
    TEXT_LIMIT,
    Start,
    Title,
    _start_of_any,
    _title_of_any,
    cut,
    start_of,
    title_of,
)


@pytest.mark.parametrize(
    ("scope", "title"),
    [
        (
            {"type": "http", "method": "POST", "path": "/a", "query_string": b"b=c"},
            Title(RowKind.HTTP, "POST", "/a?b=c"),
        ),
        ({"type": "websocket", "path": "/ws"}, Title(RowKind.WEBSOCKET, "WS", "/ws")),
        ({"type": "lifespan"}, Title(RowKind.LIFESPAN, "LIFESPAN", "")),
        ({"type": "carrier-pigeon"}, Title(RowKind.OTHER, "?", "(scope of type carrier-pigeon)")),
        ({"type": 7, "path": "/x"}, Title(RowKind.OTHER, "?", "/x")),
        ({}, Title(RowKind.OTHER, "?", "(scope of type ?)")),
        ({"type": "http", "method": 1, "path": [1]}, Title(RowKind.HTTP, "?", "")),
        (
            {"type": "http", "method": "GET", "path": "/é", "query_string": "é=1".encode()},
            Title(RowKind.HTTP, "GET", "/é?é=1"),
        ),
        (
            {"type": "http", "method": "GET", "path": b"/\xff", "query_string": b"\xe9"},
            Title(RowKind.HTTP, "GET", "/ÿ?é"),
        ),
        ([1, 2], Title(RowKind.OTHER, "?", "(unreadable scope)")),
    ],
)
def test_title(scope: object, title: Title) -> None:
    assert title_of(encode(scope)) == title


def test_long_strings_are_cut() -> None:
    found = title_of(encode({"type": "http", "method": "M" * 1000, "path": "/" * 100_000}))
    assert found.method == "M" * 64 + "…"
    assert found.path == "/" * TEXT_LIMIT + "…"
    assert cut("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("payload", "declared"),
    [
        (encode({"type": "http.response.start", "status": 200}), False),
        (encode({"type": "http.response.start", "trailers": True}), True),
        (encode({"type": "http.response.start", "trailers": False}), False),
        (encode({"type": "http.response.start", "headers": [[b"trailers", b"1"]]}), False),
        (b"trailers", False),
    ],
)
def test_trailers(payload: bytes, declared: bool) -> None:
    assert start_of(payload).trailers is declared


@settings(deadline=None)
@given(st.binary())
def test_garbage_never_raises(payload: bytes) -> None:
    assert isinstance(title_of(payload).path, str)
    assert isinstance(start_of(payload), Start)


def test_a_bottomless_scope_never_raises() -> None:
    assert title_of(b"\x91" * 100_000).path == "(unreadable scope)"


@pytest.mark.parametrize(
    ("headers", "mime"),
    [
        ([[b"content-type", b"text/html; charset=utf-8"]], "text/html"),
        ([[b"x", b"content-type"], [b"Content-Type", b" Application/JSON "]], "application/json"),
        ([["content-type", "text/plain"]], "text/plain"),
        ([[b"content-type", b""], [b"content-type", b"a/b"]], "a/b"),
        ([[b"content-type", b"a/" + b"b" * 1000]], "a/" + "b" * 125 + "…"),
        ([[b"content-type", 7], [b"content-type"], 7, None, [b"content-types", b"a"]], ""),
        ([[b"content-type", b"\xff/\x00"]], "ÿ/\x00"),
        ({"content-type": "a/b"}, ""),
        (None, ""),
    ],
)
def test_mime(headers: object, mime: str) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    assert start_of(encode(start)).mime == mime


@pytest.mark.parametrize(
    ("server", "client", "expected", "host"),
    [
        (["127.0.0.1", 8000], ["10.0.0.1", 5], "127.0.0.1:8000", "10.0.0.1"),
        (["::1", 80], ["::1", 5], "[::1]:80", "::1"),
        (["/run/app.sock", None], None, "/run/app.sock", ""),
        (None, [], "", ""),
        ("host", "host", "", ""),
        ([7, "x"], [7], "", ""),
        ({"host": 1}, {"host": 1}, "", ""),
        (["h" * 1000, 1], ["c" * 1000, 1], "h" * 255 + "…:1", "c" * 255 + "…"),
    ],
)
def test_origin_and_client(server: object, client: object, expected: str, host: str) -> None:
    scope = {"type": "http", "http_version": "1.1", "scheme": "https", "server": server}
    found = title_of(encode({**scope, "client": client}))
    assert found.origin == Origin("1.1", "https", expected)
    assert found.client == host
    odd = {"type": "http", "http_version": [1], "scheme": {}, "server": server}
    assert title_of(encode(odd)).origin == Origin("", "", expected)


USUAL = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "https",
    "path": "/é",
    "query_string": b"a=b",
    "client": ["10.0.0.1", 5],
    "server": ["::1", 8000],
    "headers": [[b"Content-Type", b"text/HTML; charset=utf-8"]],
    "trailers": True,
}
odd = st.sampled_from(
    [None, "", b"", "websocket", "\xdf" * 9_000, b"\xff", "x" * 65, "x" * 300, 7, 2**64 - 1, 8.0,
     True, [], [7], ["h", 8.0], ["h", True], ["h", None], ["x" * 256, 80], ["h", 80, 1], [None, 80],
     ["", 2**63], [[b"content-type", b""], [b"content-type", b"A"]], [["content-type", "b"]],
     [[b"content-type", b"\xff;"]], [[b"content-type"]], [[b"content-type", b"x" * 200]]]
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(USUAL)), odd, max_size=3), st.integers(0, 300))
def test_usual_content_reads_as_any_other_does(changes: dict[str, object], end: int) -> None:
    for given_ in ({**USUAL, **changes}, changes):
        for payload in (encode(given_), encode(given_)[:end]):
            assert title_of(payload) == _title_of_any(payload)
            assert start_of(payload) == _start_of_any(payload)
