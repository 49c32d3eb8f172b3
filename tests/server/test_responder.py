"""What goes out, byte for byte, and what is told of it."""

import asyncio
from typing import Any

import pytest

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError
from asgitrace.wire import Wire
from tests.wire_log import KeptLog

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
TE = b"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers;q=1, trailers\r\nConnection: close, te\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
OLD_KEPT = b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"


def start(*headers: tuple[bytes, bytes], status: int = 200, trailers: bool = False) -> Message:
    plain = [(b"date", b"d"), (b"server", b"s"), *headers]
    return {
        "type": "http.response.start", "status": status, "headers": plain, "trailers": trailers
    }  # fmt: skip


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def hint(*links: bytes) -> Message:
    return {"type": "http.response.early_hint", "links": list(links)}


def trailers(*headers: Any, more: bool = False) -> Message:
    return {"type": "http.response.trailers", "headers": headers, "more_trailers": more}


class Sender:
    """An app that sends these messages and keeps what was raised at each."""

    def __init__(self, *messages: Any) -> None:
        self.messages = messages
        self.errors: list[str] = []
        self.extensions: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.extensions = scope["extensions"]
        for message in self.messages:
            try:
                await send(message)
            except AsgiProtocolError as exc:
                self.errors.append(str(exc))


async def sent(serving: Any, request: bytes, *messages: Any, log: KeptLog | None = None) -> bytes:
    """All that a client gets that closes its side after its request, as text without head lines
    that are always the same."""
    async with serving(Sender(*messages), wire=log) as server:
        peer = await server.connect()
        await peer.send(request)
        peer.writer.write_eof()
        data: bytes = await peer.rest()
    return data.replace(b"date: d\r\nserver: s\r\n", b"")


def story(log: KeptLog) -> list[tuple[str, int, int, bool]]:
    """What was sent: name, size, number, more."""
    return [(one.what.name, one.size, one.number, one.more) for one in log.only.out]


LENGTH = (b"content-length", b"5")


@pytest.mark.parametrize(
    ("request_", "messages", "expected"),
    [
        (LAST, [start(LENGTH), body(b"he", more=True), body(b"llo")],
         b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"),
        (LAST, [start(), body(b"he", more=True), body(b"llo")],
         b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
         b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        (LAST, [start(), body(b"he", more=True), body()],
         b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
         b"2\r\nhe\r\n0\r\n\r\n"),
        (OLD, [start(), body(b"hello")], b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"),
        (OLD_KEPT, [start(), body(b"hello")],
         b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"),
        (HEAD, [start(LENGTH), body(b"hello")],
         b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n"),
        (HEAD, [start(), body(b"hello")],
         b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"),
        (LAST, [start(LENGTH, status=204), body(b"hello")],
         b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"),
        (LAST, [start(LENGTH, status=304), body()],
         b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\nconnection: close\r\n\r\n"),
    ],
)  # fmt: skip
async def test_framing(
    serving: Any, request_: bytes, messages: list[Message], expected: bytes
) -> None:
    assert await sent(serving, request_, *messages) == expected


async def test_http_1_0_keeps_a_connection_when_asked_to(serving: Any) -> None:
    async with serving(Sender(start(LENGTH), body(b"hello"))) as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(OLD_KEPT)
            reply = await peer.reply()
            assert (reply.headers["connection"], reply.body) == ("keep-alive", b"hello")
        await peer.send(OLD)
        assert (await peer.reply()).headers["connection"] == "close"
        assert await peer.rest() == b""


async def test_the_app_may_close(serving: Any) -> None:
    async with serving(Sender(start(LENGTH, (b"Connection", b"close")), body(b"hello"))) as server:
        peer = await server.connect()
        await peer.send(GET)
        assert (await peer.reply()).body == b"hello"
        assert await peer.rest() == b""


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([b"hell"], "the response body ended 1 bytes short of its Content-Length of 5"),
        ([b"hell", b"o!"], "the response body is 1 bytes longer than its Content-Length of 5"),
        ([b"", b"hello!"], "is 1 bytes longer than its Content-Length of 5"),
    ],
)
async def test_a_wrong_length_ends_the_connection(
    serving: Any, parts: list[bytes], text: str
) -> None:
    log = KeptLog()
    messages = [body(part, more=part is not parts[-1]) for part in parts]
    data = await sent(serving, GET + GET, start(LENGTH), *messages, log=log)
    head, _, content = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"hello".startswith(content)
    assert len(content) < 5
    assert len(log.only.of(Wire.ERROR)) == 1
    assert log.only.of(Wire.ERROR)[0].content["by"] == "app"
    assert text in log.only.of(Wire.ERROR)[0].content["text"]


async def test_what_is_told(serving: Any) -> None:
    log = KeptLog()
    data = await sent(serving, LAST, start(), body(b"he", more=True), body(), log=log)
    head = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    size = len(head) + len(b"date: d\r\nserver: s\r\n")
    assert story(log) == [
        ("RESPONSE", size, 200, True),
        ("RESPONSE_BODY", 7, 0, True),
        ("RESPONSE_END", 5, 0, False),
    ]
    assert log.only.out[0].content["head"].replace(b"date: d\r\nserver: s\r\n", b"") == head
    assert all(0 < one.made <= one.accepted for one in log.only.out)
    assert [one.made for one in log.only.out] == sorted(one.made for one in log.only.out)


@pytest.mark.parametrize(
    ("request_", "messages", "expected"),
    [
        (LAST, [start(LENGTH), body(b"hello")], [("RESPONSE_BODY", False)]),
        (LAST, [start(), body(b"hello")], [("RESPONSE_BODY", False)]),
        (LAST, [start((b"content-length", b"0")), body()], []),
        (HEAD, [start(LENGTH), body(b"hello")], []),
        (LAST, [start(status=304), body()], []),
    ],
)
async def test_how_responses_end(
    serving: Any, request_: bytes, messages: list[Message], expected: list[tuple[str, bool]]
) -> None:
    log = KeptLog()
    await sent(serving, request_, *messages, log=log)
    told = [(name, more) for name, _, _, more in story(log)]
    assert told == [("RESPONSE", bool(expected)), *expected]


async def test_raw_bytes_are_what_the_client_gets(serving: Any) -> None:
    log = KeptLog(raw=True)
    data = await sent(serving, LAST, start(), body(b"x" * 100_000), log=log)
    raw = b"".join(one.content["data"] for one in log.only.out if one.what is Wire.BYTES_OUT)
    assert raw.replace(b"date: d\r\nserver: s\r\n", b"") == data


async def test_the_servers_own_responses_are_told(serving: Any) -> None:
    log = KeptLog()
    await sent(serving, b"nonsense\r\n\r\n", log=log)
    assert [one.what for one in log.only.out] == [Wire.RESPONSE, Wire.RESPONSE_BODY]
    assert log.only.out[0].number == 400


async def test_continue_is_told(serving: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start(LENGTH))
        await send(body(b"hello"))

    log = KeptLog()
    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET[:-2] + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert (await peer.head()).status == 100
        await peer.send(b"hi")
        assert (await peer.reply()).body == b"hello"
    assert story(log)[0] == ("INFORMATIONAL", 25, 100, False)
    assert log.only.out[0].content == {"head": b"HTTP/1.1 100 Continue\r\n\r\n"}


HINTED = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nlink: </b>\r\n\r\n"
REST = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"


@pytest.mark.parametrize("before", [True, False])
async def test_early_hints_go_out_before_the_head(serving: Any, before: bool) -> None:
    log = KeptLog()
    pair = [hint(b"</a>", b"</b>"), start(LENGTH)]
    messages = pair if before else reversed(pair)
    assert await sent(serving, LAST, *messages, body(b"hello"), log=log) == HINTED + REST
    assert [name for name, *_ in story(log)] == ["INFORMATIONAL", "RESPONSE", "RESPONSE_BODY"]
    assert log.only.out[0].number == 103


async def test_hints_that_come_too_late_are_left_out(serving: Any) -> None:
    messages = [start(LENGTH), body(b"he", more=True), hint(b"</a>"), body(b"llo")]
    assert await sent(serving, LAST, *messages) == REST


async def test_hints_to_an_old_client_are_left_out(serving: Any) -> None:
    data = await sent(serving, OLD, hint(b"</a>"), start(LENGTH), body(b"hello"))
    assert data == REST


@pytest.mark.parametrize(
    "links", [[], None, 1, [1], ["</a>"], [b"a\r\nb: c"]], ids=lambda links: repr(links)
)
async def test_hints_that_are_none(serving: Any, links: Any) -> None:
    app = Sender(
        {"type": "http.response.early_hint", "links": links}, start(LENGTH), body(b"hello")
    )
    async with serving(app) as server:
        reply = await server.get(LAST)
        assert (reply.status, reply.body) == (200, b"hello")
    assert len(app.errors) == (0 if links == [] else 1)


TRAILED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n"
)


async def test_trailers(serving: Any) -> None:
    log = KeptLog()
    messages = [
        start(trailers=True),
        body(b"hello"),
        trailers((b"digest", b"x"), more=True),
        trailers((b"b", b"y")),
    ]
    data = await sent(serving, TE, *messages, log=log)
    assert data == TRAILED + b"0\r\ndigest: x\r\nb: y\r\n\r\n"
    assert story(log)[2:] == [("RESPONSE_END", 22, 0, False)]
    assert log.only.out[2].content == {"trailers": [(b"digest", b"x"), (b"b", b"y")]}


@pytest.mark.parametrize(
    ("request_", "headers", "expected"),
    [
        (LAST, [], TRAILED + b"0\r\n\r\n"),
        (TE, [LENGTH], REST),
        (OLD, [], b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"),
    ],
)
async def test_trailers_that_cannot_be_sent(
    serving: Any, request_: bytes, headers: list[tuple[bytes, bytes]], expected: bytes
) -> None:
    messages = [start(*headers, trailers=True), body(b"hello"), trailers((b"a", b"b"))]
    assert await sent(serving, request_, *messages) == expected


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (trailers((b"content-length", b"1")), "must not be in the trailers"),
        (trailers((b"a", b"b\r\n")), "not valid HTTP"),
        (trailers(("a", "b")), "pairs of bytes"),
        ({"type": "http.response.trailers", "headers": 1}, "cannot be gone through"),
        (body(b"more"), "where 'http.response.trailers' was expected"),
    ],
)
async def test_illegal_trailers(serving: Any, message: Message, text: str) -> None:
    app = Sender(start(trailers=True), body(b"hello"), message)
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(TE)
        await peer.rest()
    assert text in app.errors[0]


async def test_announced_trailers_that_never_come(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    data = await sent(serving, TE, start(trailers=True), body(b"hello"))
    assert data == TRAILED + b"0\r\n\r\n"
    assert "without sending the trailers" in caplog.text


async def test_announced_trailers_that_never_come_after_too_short_a_body(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    data = await sent(serving, TE, start(LENGTH, trailers=True), body(b"hell"))
    assert data.endswith(b"\r\n\r\nhell")
    assert "ended 1 bytes short" in caplog.text


async def test_debug_leaves_no_trace_on_the_wire(serving: Any) -> None:
    debug = {"type": "http.response.debug", "info": {"template": object()}}
    app = Sender(
        debug, debug, {"type": "http.response.debug"}, start(LENGTH), debug, body(b"hello")
    )
    async with serving(app) as server:
        assert (await server.get(GET)).body == b"hello"
    assert [error.partition(" ")[2] for error in app.errors] == [
        "app sent 'http.response.debug' twice",
        "'info' of 'http.response.debug' is a dict, not None",
        "app sent 'http.response.debug' where 'http.response.body' was expected",
    ]


async def test_what_is_offered(serving: Any) -> None:
    app = Sender(start(LENGTH), body(b"hello"))
    async with serving(app) as server:
        await server.get(GET)
        modern = set(app.extensions)
        await server.get(OLD)
    always = {"http.response.debug", "http.response.pathsend", "http.response.zerocopysend"}
    assert modern == always | {"http.response.early_hint", "http.response.trailers"}
    assert set(app.extensions) == always


async def test_push_is_of_http_2(serving: Any) -> None:
    push = {"type": "http.response.push", "path": "/a", "headers": []}
    app = Sender(start(LENGTH), push, body(b"hello"))
    async with serving(app) as server:
        assert (await server.get(GET)).body == b"hello"
    assert "'http.response.push' where 'http.response.body' was expected" in app.errors[0]


async def test_a_breach_is_told(serving: Any) -> None:
    log = KeptLog()
    async with serving(Sender(body()), wire=log) as server:
        assert (await server.get(GET)).status == 500
        await asyncio.sleep(0)
    told = [(one.number, one.content) for one in log.only.of(Wire.ERROR)]
    expected = "the app sent 'http.response.body' where 'http.response.start' was expected"
    assert told == [
        (0, {"by": "app", "text": expected}),
        (500, {"by": "app", "text": "the app returned without starting its response"}),
    ]
