from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.server import AsgiProtocolError
from asgitrace.server.defaults import DefaultHeaders
from asgitrace.server.heads import ResponseHeads, informational, trailer_section

TODAY = b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
LENGTH = (b"content-length", b"5")


def heads() -> ResponseHeads:
    return ResponseHeads(DefaultHeaders(lambda: 0.0))


def lines(*headers: tuple[bytes, bytes], status: int = 200, **options: bool) -> list[bytes]:
    """The lines of a head behind Date and Server."""
    data = heads().get(status, headers, **options).data
    assert data.endswith(b"\r\n\r\n")
    return data[:-4].split(b"\r\n")[3:]


def test_a_head() -> None:
    head = heads().get(404, [(b"A", b" 1\t"), [b"b", b""]])
    assert head.data == (
        b"HTTP/1.1 404 Not Found\r\n" + TODAY + b"server: asgitrace\r\n"
        b"A: 1\r\nb: \r\ntransfer-encoding: chunked\r\n\r\n"
    )
    assert (head.status, head.length, head.chunked, head.close) == (404, None, True, False)


def test_a_status_without_a_phrase() -> None:
    assert heads().get(299, []).data.startswith(b"HTTP/1.1 299 \r\n")


def test_heads_are_made_once_a_second() -> None:
    now = 0.0
    kept = ResponseHeads(DefaultHeaders(lambda: now))
    first = kept.get(200, [(b"a", b"1")])

    assert kept.get(200, ((b"a", b"1"),)) is first
    assert kept.get(200, [(b"a", b"1")], close=True) is not first
    now = 1.5
    assert b"00:00:01 GMT" in kept.get(200, [(b"a", b"1")]).data


def test_few_heads_are_kept() -> None:
    kept = heads()
    first = kept.get(200, [])
    for number in range(300):
        kept.get(200, [(b"n", b"%d" % number)])
    assert kept.get(200, []) is not first


@pytest.mark.parametrize(
    ("headers", "options", "expected"),
    [
        ([LENGTH], {}, [b"content-length: 5"]),
        ([LENGTH, LENGTH], {}, [b"content-length: 5"]),
        ([LENGTH], {"close": True}, [b"content-length: 5", b"connection: close"]),
        ([LENGTH], {"old": True}, [b"content-length: 5", b"connection: keep-alive"]),
        ([LENGTH], {"old": True, "close": True}, [b"content-length: 5", b"connection: close"]),
        ([], {"old": True}, [b"connection: close"]),
        ([], {}, [b"transfer-encoding: chunked"]),
        ([], {"status": 304}, []),
        ([LENGTH], {"status": 304}, [b"content-length: 5"]),
        ([LENGTH], {"status": 204}, []),
        ([LENGTH, (b"Transfer-Encoding", b"gzip")], {}, [b"content-length: 5"]),
        ([(b"connection", b"Close, x")], {"status": 204}, [b"connection: x, close"]),
        ([(b"connection", b"keep-alive")], {"status": 204}, []),
        ([(b"keep-alive", b"timeout=9"), (b"te", b"x")], {"status": 204}, []),
        (
            [(b"upgrade", b"websocket")],
            {"status": 204},
            [b"upgrade: websocket", b"connection: upgrade"],
        ),
    ],
)
def test_framing_and_connection(
    headers: list[tuple[bytes, bytes]], options: Any, expected: list[bytes]
) -> None:
    assert lines(*headers, **options) == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        ("200", [], "must be an integer, not '200'"),
        (200.0, [], "must be an integer"),
        (103, [], "a status from 200 to 599, not 103"),
        (600, [], "a status from 200 to 599, not 600"),
        (200, [(b"a", b"b\r\nc: d")], "not valid HTTP"),
        (200, [(b"a", b"b\nc")], "not valid HTTP"),
        (200, [(b"a", b"b\x00")], "not valid HTTP"),
        (200, [(b"a b", b"c")], "not valid HTTP"),
        (200, [(b"", b"c")], "not valid HTTP"),
        (200, [(b":status", b"200")], "not valid HTTP"),
        (200, [(b"content-length", b"-1")], "not valid HTTP"),
        (200, [(b"content-length", b"1"), (b"content-length", b"2")], "conflicting"),
        (200, [("a", b"b")], "pairs of bytes"),
        (200, ["ab"], "pairs of bytes"),
        (200, [(b"a", [])], "must be bytes"),
        (200, 1, "pairs of bytes"),
    ],
)
def test_what_is_no_head(status: Any, headers: Any, expected: str) -> None:
    with pytest.raises(AsgiProtocolError, match=expected):
        heads().get(status, headers)


@given(st.lists(st.tuples(st.binary(), st.binary())), st.integers(100, 700), st.booleans())
def test_no_header_splits_a_head(
    headers: list[tuple[bytes, bytes]], status: int, old: bool
) -> None:
    try:
        head = heads().get(status, headers, old=old)
    except AsgiProtocolError:
        return
    assert head.data.count(b"\r\n") == head.data.count(b"\n") == head.data.count(b"\r")
    assert head.data.index(b"\r\n\r\n") == len(head.data) - 4


def test_informational() -> None:
    assert informational(103, [(b"link", b"</a>")]) == (
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    )
    with pytest.raises(AsgiProtocolError, match="the 103 response is not valid"):
        informational(103, [(b"link", b"a\nb")])


def test_trailers() -> None:
    assert trailer_section([[b"Digest", b"x"]]) == (b"Digest: x\r\n\r\n", [(b"Digest", b"x")])
    for name in (b"Content-Length", b"trailer", b"set-cookie"):
        with pytest.raises(AsgiProtocolError, match="must not be in the trailers"):
            trailer_section([(name, b"1")])
    with pytest.raises(AsgiProtocolError, match="trailers are not valid"):
        trailer_section([(b"a", b"\x00")])
