import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.ring import encode
from asgitrace.store import RowKind
from asgitrace.store.scope import TEXT_LIMIT, Title, cut, declares_trailers, title_of


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
    assert declares_trailers(payload) is declared


@settings(deadline=None)
@given(st.binary())
def test_garbage_never_raises(payload: bytes) -> None:
    assert isinstance(title_of(payload).path, str)
    declares_trailers(payload + b"trailers")


def test_a_bottomless_scope_never_raises() -> None:
    assert title_of(b"\x91" * 100_000).path == "(unreadable scope)"
