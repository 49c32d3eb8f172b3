import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.server.reader import Breach, Content, End, Head, Reading, RequestReader

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def events(reader: RequestReader, *pieces: bytes) -> list[Head | Content | End]:
    found: list[Head | Content | End] = []
    for piece in pieces:
        reader.feed(piece)
        while (event := reader.next_event()) is not None:
            found.append(event)
    return found


def refused(*pieces: bytes) -> Breach:
    with pytest.raises(Breach) as caught:
        events(RequestReader(), *pieces)
    return caught.value


def test_a_request_without_content() -> None:
    reader = RequestReader()
    head, end = events(reader, b"\r\n\r", b"\nGET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b")

    assert isinstance(head, Head)
    assert head.raw == b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    assert head.head.raw_path == b"/a"
    assert end == End([])
    assert not reader.has_content
    assert reader.waiting == 6
    assert reader.next_event() is None

    reader.next_request()
    second, _ = events(reader, b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert isinstance(second, Head)
    assert second.head.raw_path == b"/b"


def test_content_of_a_known_length() -> None:
    reader = RequestReader()
    _, *found = events(reader, HEAD + b"Content-Length: 6\r\n\r\nab", b"cd", b"efGET")

    assert found == [Content(b"ab"), Content(b"cd"), Content(b"ef"), End([])]
    assert reader.has_content
    assert reader.take_rest() == b"GET"
    assert not reader.waiting


def test_chunked_content_with_trailers() -> None:
    reader = RequestReader()
    _, *found = events(reader, CHUNKED + b"2;x\r\nab\r\n0\r\nA: b\r\n\r\nGET")

    assert found == [Content(b"ab"), End([(b"a", b"b")])]
    assert reader.reading is Reading.NOTHING
    assert reader.waiting == 3


def test_empty_codings_are_ignored() -> None:
    head, end = events(RequestReader(), HEAD + b"transfer-encoding:, ,Chunked , \r\n\r\n0\r\n\r\n")

    assert isinstance(head, Head)
    assert head.head.fields[b"transfer-encoding"] == b"chunked"
    assert end == End([])


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        (b"Content-Length: 1\r\n", True),
        (b"Transfer-Encoding: chunked\r\n", True),
        (b"Content-Length: 0\r\n", False),
        (b"", False),
    ],
)
def test_whether_the_client_waits_for_leave(headers: bytes, waits: bool) -> None:
    reader = RequestReader()
    events(reader, HEAD + headers + b"Expect: 100-continue\r\n\r\n")

    assert reader.awaits_continue is waits


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (HEAD + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 5, 5\r\n\r\n", 400),
        (HEAD + b"Content-Length: 9223372036854775808\r\n\r\n", 400),
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (HEAD + b"Host: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
    ],
)
def test_a_refused_head(stream: bytes, status: int) -> None:
    breach = refused(stream)

    assert breach.refusal.status == status
    assert breach.refusal.reason == str(breach)
    assert breach.raw == stream


@pytest.mark.parametrize(
    "content", [b"x", b"1\r\nab", b"0\r\nContent-Length: x\r\n\r\n", b"0\r\nA : b\r\n\r\n"]
)
def test_refused_content(content: bytes) -> None:
    breach = refused(CHUNKED, content)

    assert breach.refusal.status == 400
    assert breach.raw == b""


def test_nothing_more_comes() -> None:
    reader = RequestReader()
    events(reader, b"GET / HT")
    assert reader.eof().raw == b"GET / HT"
    reader = RequestReader()
    events(reader, HEAD + b"Content-Length: 6\r\n\r\nab")
    assert reader.eof().raw == b""


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1), st.booleans(), st.data())
def test_content_in_any_pieces(parts: list[bytes], chunked: bool, data: st.DataObject) -> None:
    body = b"".join(parts)
    stream = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if chunked:
        stream = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        stream += b"0\r\n\r\n"
    stream += b"GET"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=9)))
    ends = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    reader = RequestReader()
    _, *found = events(reader, *(stream[a:b] for a, b in ends if a < b))

    assert b"".join(event.data for event in found if isinstance(event, Content)) == body
    assert found[-1] == End([])
    assert reader.take_rest() == b"GET"
