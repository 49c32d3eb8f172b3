import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.server.chunks import BadChunk, ChunkScanner


def scan(stream: bytes, size: int) -> tuple[int | None, int | None]:
    """The status of the refusal, and where the content ends, for a stream in pieces."""
    scanner = ChunkScanner()
    for at in range(0, len(stream), size):
        try:
            end = scanner.scan(stream[at : at + size])
        except BadChunk as exc:
            return exc.refusal.status, None
        if end is not None:
            return None, at + end
    return None, None


@pytest.mark.parametrize(
    "content",
    [
        b"0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"A\r\n\r\n\r\n\r\n\r\n\r\n\r\n000\r\n\r\n",
        b'1;a\r\nx\r\n1;b=c;d="e;\\" \xff"\r\ny\r\n0 ; f = g\r\n\r\n',
        b"0\r\nTrailer: a\r\nB:\r\n\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_good(content: bytes, size: int) -> None:
    assert scan(content + b"GET / HTTP/1.1\r\n", size) == (None, len(content))
    assert scan(content[:-1], size) == (None, None)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"0x5\r\nhello", 400),
        (b"5_0\r\n", 400),
        (b"-1\r\n", 400),
        (b"+1\r\n", 400),
        (b" 5\r\nhello", 400),
        (b"5 \r\nhello", 400),
        (b"\r\n", 400),
        (b";a\r\n", 400),
        (b"5;\r\nhello", 400),
        (b"5;a=\r\nhello", 400),
        (b"5;a b\r\nhello", 400),
        (b"5;a\0\r\nhello", 400),
        (b"5;a\rb\r\nhello", 400),
        (b"5;a\nhello\r\n", 400),
        (b"5\rhello\r\n", 400),
        (b"5\nhello\r\n0\r\n\r\n", 400),
        (b"5\r\nhello0\r\n\r\n", 400),
        (b"5\r\nhelloxx\r\n0\r\n\r\n", 400),
        (b"5\r\nhello\n0\r\n\r\n", 400),
        (b"5\r\nhello\r0\r\n\r\n", 400),
        (b"FFFFFFFFFFFFFFFF0\r\n", 400),
        (b"8000000000000000\r\n", 400),
        (b"f" * 30 + b"\r\n", 400),
        (b"1;" + b"a" * 5000 + b"\r\n", 400),
        (b"1;" + b"a" * 5000, 400),
        (b"1" * 5000, 400),
        ((b"1;" + b"a" * 4000 + b"\r\nx\r\n") * 5, 400),
        (b"0\r\nA: b\n\r\n", 400),
        (b"0\r\n\n", 400),
        (b"0\r\nA : b\r\n\r\n", 400),
        (b"0\r\n A: b\r\n\r\n", 400),
        (b"0\r\nA: b\r\n c\r\n\r\n", 400),
        (b"0\r\nA\r\n\r\n", 400),
        (b"0\r\nA: \x01\r\n\r\n", 400),
        (b"0\r\nA: " + b"a" * 17000, 431),
        (b"0\r\n" + b"A: b\r\n" * 3000, 431),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("size", [1, 3, 100_000])
def test_bad(content: bytes, status: int, size: int) -> None:
    assert scan(content, size) == (status, None)


@given(st.binary(max_size=40) | st.text('05aF;="\\ \r\n:x', max_size=30).map(str.encode))
def test_the_pieces_make_no_difference(stream: bytes) -> None:
    assert len({scan(stream, size) for size in (1, 2, 7, 1000)}) == 1


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=9), st.integers(1, 20))
def test_content_and_trailers(chunks: list[bytes], size: int) -> None:
    stream = b"".join(b"%x;a\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    stream += b"0\r\nA: b\r\n\r\n"
    scanner = ChunkScanner()
    content = b""
    for at in range(0, len(stream), size):
        scanner.scan(stream[at : at + size])
        content += scanner.take()
    assert content == b"".join(chunks)
    assert scanner.over
    assert scanner.trailers == b"A: b\r\n\r\n"
