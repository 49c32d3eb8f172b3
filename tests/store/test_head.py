"""First lines of requests that no app saw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.ring import encode
from asgitrace.store import RowKind
from asgitrace.store.head import UNREAD, title_of_head
from asgitrace.store.scope import TEXT_LIMIT, Title


@pytest.mark.parametrize(
    ("head", "method", "path"),
    [
        (b"GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\n", "GET", "/a?b=c"),
        (b"\r\nGET http://x/a HTTP/1.1\n", "GET", "http://x/a"),
        (b"GET /a b HTTP/1.1\r\n", "GET", "/a b"),
        (b"GET /caf\xc3\xa9 HTTP/1.1\r\n", "GET", "/café"),
        (b"GET /caf\xe9 HTTP/1.1\r\n", "GET", "/café"),
        (b"GET /\r\n", "GET", "/"),
        (b" / HTTP/1.1\r\n", "?", "/"),
        (b"\x16\x03\x01", "?", "\x16\x03\x01"),
        (b"\r\n\r\n", "?", "(no request)"),
        (b"M" * 65 + b" / HTTP/1.1", "?", "M" * 65 + " / HTTP/1.1"),
    ],
)
def test_titles(head: bytes, method: str, path: str) -> None:
    title = title_of_head(encode({"head": head}))
    assert title == Title(RowKind.HTTP, method, path)


@pytest.mark.parametrize("payload", [b"", b"\xc1", encode({"head": "text"}), encode([1])])
def test_without_a_head(payload: bytes) -> None:
    assert title_of_head(payload) == UNREAD


@given(st.binary() | st.binary().map(lambda head: encode({"head": head})))
def test_any_head_has_a_title(payload: bytes) -> None:
    title = title_of_head(payload)
    assert len(title.method) <= 64


def test_a_long_line_is_cut() -> None:
    title = title_of_head(encode({"head": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n"}))
    assert len(title.path) == TEXT_LIMIT + 1
    assert title.path.endswith("x…")
