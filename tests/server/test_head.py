import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.server.head import (
    MAX_FIELDS,
    MAX_HEAD,
    MAX_LINE,
    HeadScanner,
    Refusal,
    is_plain,
)

LINE = b"GET / HTTP/1.1\r\n"
HOST = b"Host: a\r\n"
END = b"\r\n"


def brief(value: object) -> str:
    return repr(value)[:40]


def look(head: bytes) -> Refusal | None:
    return HeadScanner().look(head)


@pytest.mark.parametrize(
    "head",
    [
        LINE + HOST + END,
        LINE + END,
        LINE + b"A:\r\nB: \t\r\nC:\xff\xe9 \tx \r\n" + END,
        LINE + b"x" * (MAX_HEAD - 100) + b":\r\n" + END,
        LINE + b"a:b\r\n" * MAX_FIELDS + END,
        b"GET /" + b"x" * (MAX_LINE - 16) + b" HTTP/1.1\r\n" + END,
    ],
    ids=brief,
)
def test_good(head: bytes) -> None:
    assert is_plain(head)
    assert look(head) is None


@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        # RFC 9112 section 2.2: line ends
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "bare LF"),
        (LINE + b"Host: a\nX: b\r\n\r\n", 400, "bare LF"),
        (b"\nGET / HTTP/1.1\r\n\r\n", 400, "bare LF"),
        (b"GET / HTTP/1.1\rHost: a\r\n\r\n", 400, "bare CR"),
        (LINE + b"A: b\rc\r\n\r\n", 400, "bare CR"),
        (LINE + b"A: b\r\r\n\r\n", 400, "bare CR"),
        (LINE + b"A: b\0c\r\n\r\n", 400, "0x00"),
        (LINE + b"A: b\x07\r\n\r\n", 400, "0x07"),
        (LINE + b"A: b\x7f\r\n\r\n", 400, "0x7f"),
        (LINE + b"A: \x0bb\r\n\r\n", 400, "0x0b"),
        (b"\x16\x03\x01", 400, "TLS handshake"),
        (LINE + b" \r\nHost: a\r\n\r\n", 400, "white space"),
        # section 5.2
        (LINE + b"A: b\r\n c\r\n\r\n", 400, "white space"),
        (LINE + b"A: b\r\n\tc\r\n\r\n", 400, "white space"),
        # sizes: RFC 9112 section 3, RFC 9110 section 5.4
        (b"GET /" + b"x" * MAX_LINE, 414, "longer than"),
        (b"A" * (MAX_LINE + 1), 400, "no request line"),
        (LINE + b"A: " + b"x" * MAX_HEAD + b"\r\n\r\n", 431, "longer than"),
        (LINE + b"A" * MAX_HEAD, 431, "longer than"),
        (LINE + b"a:b\r\n" * (MAX_FIELDS + 1) + END, 431, "more than"),
    ],
    ids=brief,
)
def test_bad_where_h11_is_lenient(head: bytes, status: int, reason: str) -> None:
    refused = look(head)

    assert refused is not None
    assert refused.status == status
    assert reason in refused.reason
    assert END * 2 not in head or not is_plain(head)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"GET /\r\n", "no version"),
        (b"GET  / HTTP/1.1\r\n", "one space"),
        (b"GET / HTTP/1.1 \r\n", "one space"),
        (b"   \r\n", "one space"),
        (b"GET /a b HTTP/1.1\r\n", "one space"),
        (b"GET\t/ HTTP/1.1\r\n", "one space"),
        (b"GET HTTP/1.1\r\n", "one space"),
        (b"G{T / HTTP/1.1\r\n", "token"),
        (b" / HTTP/1.1\r\n", "token"),
        (b"GET /\xe9 HTTP/1.1\r\n", "target"),
        (b"GET / http/1.1\r\n", "version"),
        (b"GET / HTTP/1\r\n", "version"),
        (b"GET / HTTP/01.01\r\n", "version"),
        (b"GET / HTTP/1.1x\r\n", "version"),
    ],
)
def test_a_request_line_is_refused_before_the_head_is_complete(line: bytes, reason: str) -> None:
    refused = look(line)

    assert refused is not None
    assert refused.status == 400
    assert reason in refused.reason


def test_a_tls_client_is_told_what_is_spoken_here() -> None:
    for hello in (b"\x16", b"\x16\x03\x01\x02\x00\x01"):
        refused = look(hello)
        assert refused is not None
        assert (refused.status, "TLS handshake" in refused.reason) == (400, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"A : b\r\n", "colon"),
        (b"A\t: b\r\n", "colon"),
        (b": b\r\n", "token"),
        (b"A\r\n", "no colon"),
        (b"A[b: c\r\n", "token"),
        (b"A\xebb: c\r\n", "token"),
        (b"A b: c\r\n", "token"),
    ],
)
def test_a_header_line_is_refused_when_it_is_complete(line: bytes, reason: str) -> None:
    refused = look(LINE + line)

    assert refused is not None
    assert refused.status == 400
    assert reason in refused.reason
    assert look(LINE + line[:-1]) is None


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                b"GET",
                b"/",
                b" ",
                b"HTTP/1.1",
                b"\r\n",
                b"\n",
                b"\r",
                b"A",
                b":",
                b"b",
                b"\0",
                b"\t",
            ),
            *(b"x" * MAX_LINE, b"Host: a\r\n", LINE, b"\xff", b"a:b\r\n" * MAX_FIELDS),
        ]
    ),
    max_size=12,
)


@given(PIECES, st.integers(0, 2**64))
def test_the_pieces_make_no_difference(pieces: list[bytes], seed: int) -> None:
    head = b"".join(pieces)
    whole = HeadScanner()
    expected = whole.look(head)

    scanner, refused, at = HeadScanner(), None, 0
    for index, piece in enumerate(pieces):
        # Where a piece ends in the middle of it, or not.
        for step in (len(piece) >> (seed >> index & 1), len(piece)):
            refused = refused or scanner.look(bytearray(head[: at + step]))
        at += len(piece)

    assert (refused and refused.status) == (expected and expected.status)


@given(PIECES)
def test_what_is_not_plain_is_refused(pieces: list[bytes]) -> None:
    head = LINE + b"".join(pieces) + b"\r\n\r\n"
    head = head[: head.index(b"\r\n\r\n") + 4]

    if not is_plain(head):
        assert look(head) is not None
