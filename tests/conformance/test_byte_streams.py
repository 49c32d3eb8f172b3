"""Whatever bytes come in whatever pieces: connections end well and leave nothing behind."""

from collections.abc import Iterator
from typing import Any

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.asgi import Receive, Scope, Send
from tests.conformance.inside import Inside
from tests.conformance.strict import Request, read

ODD = [
    *(bytes([byte]) for byte in b'\r\n\x00 :\t\x0b;,+-0aA\xff"=/#%1'),
    b"\r\n",
    b"\r\n\r\n",
    b"chunked",
]
FIELDS = [
    b"X: a",
    b"X:",
    b"Cookie: a=b; c=d",
    b"Connection: keep-alive",
    b"X-Odd: \xff\t\x80",
    b"Expect: 100-continue",
    b"Accept: */*",
]
CODINGS = [b"Transfer-Encoding: chunked", b"transfer-encoding:\tChunked "]
TEXT = st.text("abcXYZ-_./~0123456789", max_size=8).map(str.encode)


@st.composite
def chunked(draw: st.DrawFn) -> bytes:
    """Content in chunks."""
    out = b""
    for data in draw(st.lists(st.binary(min_size=1, max_size=40), max_size=4)):
        extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b;c"']))
        size = draw(st.sampled_from([b"%x", b"%X", b"0%x"])) % len(data)
        out += size + extension + b"\r\n" + data + b"\r\n"
    trailers = draw(st.sampled_from([b"", b"", b"X-Sum: 1\r\n"]))
    return out + b"0\r\n" + trailers + b"\r\n"


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """One request as it should be."""
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"PURGE"]))
    target = b"/" + draw(TEXT) + draw(st.sampled_from([b"", b"?a=b", b"?%20"]))
    if draw(st.integers(0, 9)) == 0:
        target = b"http://other.example" + target
    lines = [b"Host: " + draw(st.sampled_from([b"a", b"example.com:80", b"[::1]"]))]
    lines += draw(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True))
    content = b""
    match draw(st.sampled_from(["none", "length", "chunks"])):
        case "length":
            content = draw(st.binary(max_size=60))
            lines.append(b"Content-Length: %d" % len(content))
        case "chunks":
            content = draw(chunked())
            lines.append(draw(st.sampled_from(CODINGS)))
    version = draw(st.sampled_from([b"HTTP/1.1"] * 9 + [b"HTTP/1.0"]))
    if version == b"HTTP/1.0" and b"chunked" in lines[-1].lower():
        version = b"HTTP/1.1"
    head = b"\r\n".join([method + b" " + target + b" " + version, *draw(st.permutations(lines))])
    return head + b"\r\n\r\n" + content


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Some requests with a few faults."""
    data = b"".join(draw(st.lists(requests(), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["insert", "insert", "replace", "delete", "repeat", "cut"])):
            case "insert":
                data = data[:at] + draw(st.sampled_from(ODD)) + data[at:]
            case "replace":
                data = data[:at] + draw(st.sampled_from(ODD)) + data[at + 1 :]
            case "delete":
                data = data[:at] + data[at + draw(st.integers(1, 4)) :]
            case "repeat":
                data = data[:at] + data[max(0, at - draw(st.integers(1, 40))) :]
            case _:
                data = data[:at]
    return data


@st.composite
def pieces(draw: st.DrawFn, streams: "st.SearchStrategy[bytes]") -> list[bytes]:
    """A stream cut somewhere."""
    data = draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


class Echo:
    """Answers with the content; keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        at = len(self.seen)
        target = scope["raw_path"] + (b"?" if scope["query_string"] else b"")
        self.seen.append(Request(scope["method"], target + scope["query_string"], None))
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        self.seen[at] = Request(self.seen[at].method, self.seen[at].target, body)
        # To HTTP/1.0, a response without a length is the last one.
        known = len(body) % 2 or scope["http_version"] == "1.0"
        headers = [(b"content-length", b"%d" % len(body))] if known else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def responses(data: bytes, methods: list[str]) -> list[tuple[int, bytes]]:
    """The final responses in a stream that has nothing else in it."""
    found: list[tuple[int, bytes]] = []
    while data:
        method = methods[len(found)] if len(found) < len(methods) else "GET"
        try:
            status, body, data = response(data, method)
        except h11.RemoteProtocolError:
            # What is refused may have been a HEAD, whose response has a length and no content.
            assert len(found) >= len(methods)
            status, body, data = response(data, "HEAD")
        found.append((status, body))
    return found


def response(data: bytes, method: str) -> tuple[int, bytes, bytes]:
    machine = h11.Connection(h11.CLIENT)
    machine.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    machine.send(h11.EndOfMessage())
    machine.receive_data(data)
    status, body = 0, b""
    while not isinstance(event := machine.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif event is h11.NEED_DATA:
            machine.receive_data(b"")
    return status, body, machine.trailing_data[0]


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    made = Inside(Echo())
    yield made
    made.close()


def exchange(inside: Inside, sent: list[bytes]) -> tuple[list[Request], list[tuple[int, bytes]]]:
    """What the app saw, and what was answered."""
    echo: Any = inside.service.app
    echo.seen.clear()
    data = inside.run(inside.talk(sent))
    answered = responses(data, [request.method for request in echo.seen])
    assert len(answered) <= len(echo.seen) + 1
    for request, (status, body) in zip(echo.seen, answered, strict=False):
        if status == 200:
            assert body == (b"" if request.method == "HEAD" else request.body)
    return echo.seen, answered


@settings(max_examples=150, deadline=None)
@given(sent=pieces(st.lists(requests(), max_size=5).map(b"".join)))
def test_valid_requests(inside: Inside, sent: list[bytes]) -> None:
    expected = read(b"".join(sent))

    seen, answered = exchange(inside, sent)

    assert [(request.method, request.body) for request in seen] == [
        (request.method, request.body) for request in expected
    ]
    assert [status for status, _ in answered] == [200] * len(expected)


@settings(max_examples=300, deadline=None)
@given(sent=pieces(mutated()))
def test_requests_with_faults(inside: Inside, sent: list[bytes]) -> None:
    may = read(b"".join(sent))

    seen, answered = exchange(inside, sent)

    assert len(seen) <= len(may), "the app saw what a strict reading refuses"
    for got, request in zip(seen, may, strict=False):
        assert got.method == request.method
        assert got.body in (None, request.body)
    assert {status for status, _ in answered} <= {200, 400, 408, 413, 414, 417, 426, 431, 501, 505}


@settings(max_examples=150, deadline=None)
@given(sent=pieces(st.binary(max_size=300)))
def test_any_bytes(inside: Inside, sent: list[bytes]) -> None:
    seen, answered = exchange(inside, sent)

    assert len(seen) <= len(read(b"".join(sent)))
    assert len(answered) <= 1


def test_the_next_request_after_empty_chunks(inside: Inside) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
    empty = head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    seen, answered = exchange(inside, [empty + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])

    assert [request.method for request in seen] == ["POST", "GET"]
    assert [status for status, _ in answered] == [200, 200]
