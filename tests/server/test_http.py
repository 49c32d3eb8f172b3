import asyncio
import logging
from enum import IntEnum
from typing import Any
from unittest.mock import Mock

import anyio
import pytest

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError, ClientDisconnected
from asgitrace.server.errors import is_disconnect
from asgitrace.server.http import HttpExchange
from asgitrace.server.http_link import HttpLink

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
START: Message = {"type": "http.response.start", "status": 200}
END: Message = {"type": "http.response.body"}


async def test_receive(serving: Any) -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        await send(START)
        await send(END)
        seen.append(await receive())
        seen.append(await receive())
        done.set()

    done = asyncio.Event()
    async with serving(app) as server:
        await server.get(GET)
        await done.wait()

    assert seen == [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
        {"type": "http.disconnect"},
    ]


async def test_a_waiting_receive_ends_with_the_response(serving: Any) -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

        async def watch() -> None:
            seen.append(await receive())

        async with asyncio.TaskGroup() as group:
            group.create_task(watch())
            cancelled = group.create_task(watch())
            await asyncio.sleep(0)
            cancelled.cancel()
            await asyncio.sleep(0)
            await send(START)
            await send(END)

    async with serving(app) as server:
        assert (await server.get(GET)).status == 200
        await server.stop()
    assert seen == [{"type": "http.disconnect"}]


class FrameworkError(Exception):
    pass


async def test_what_a_framework_raises_for_the_disconnect_is_no_error(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        done.set()
        try:
            await send(START)
        except OSError:
            raise FrameworkError  # noqa: B904 -- as frameworks do

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        peer.writer.transport.abort()
        await done.wait()
        await server.stop()
    assert caplog.records == []


def test_what_is_a_disconnect() -> None:
    gone = ClientDisconnected()
    framework = FrameworkError()
    framework.__context__ = gone
    loop = ValueError()
    loop.__context__ = RuntimeError()
    loop.__context__.__context__ = loop
    assert is_disconnect(gone)
    assert is_disconnect(framework)
    assert is_disconnect(ExceptionGroup("", [gone, ExceptionGroup("", [framework])]))
    assert not is_disconnect(loop)
    assert not is_disconnect(ExceptionGroup("", [gone, ValueError()]))


@pytest.mark.parametrize("started", [False, True])
async def test_a_disconnect_is_told_at_once(
    serving: Any, caplog: pytest.LogCaptureFixture, started: bool
) -> None:
    caplog.set_level(logging.DEBUG, "asgitrace.server")
    waiting, done = asyncio.Event(), asyncio.Event()
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if started:
            await send(START)
        waiting.set()
        seen.append(await receive())
        done.set()
        await send(END if started else START)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await waiting.wait()
        await peer.close()
        await done.wait()
        await server.stop()
    assert seen == [{"type": "http.disconnect"}]
    assert [record.levelname for record in caplog.records if record.name == "asgitrace.server"] == [
        "DEBUG"
    ]


async def test_a_disconnect_in_the_middle_of_the_body(serving: Any) -> None:
    seen: list[Message] = []
    waiting, done = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        waiting.set()
        seen.append(await receive())
        done.set()

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        await waiting.wait()
        await peer.close()
        await done.wait()

    assert seen == [
        {"type": "http.request", "body": b"abc", "more_body": True},
        {"type": "http.disconnect"},
    ]


async def test_a_whole_body_is_delivered_before_the_disconnect() -> None:
    exchange = HttpExchange({}, Mock(spec=HttpLink))
    exchange.feed(b"ab")
    exchange.feed(b"c")
    exchange.end_of_body()
    exchange.disconnected()

    assert [await exchange.receive() for _ in range(2)] == [
        {"type": "http.request", "body": b"abc", "more_body": False},
        {"type": "http.disconnect"},
    ]


async def test_only_a_disconnect_in_a_task_group_is_no_error(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def start() -> None:
            await send(START)

        await receive()
        await receive()
        done.set()
        async with anyio.create_task_group() as group:
            group.start_soon(start)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.close()
        await done.wait()
        await server.stop()
    assert caplog.records == []


async def test_another_error_after_the_disconnect_is_logged(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        done.set()
        raise ValueError("mine")

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.close()
        await done.wait()
        await server.stop()
    assert "ValueError: mine" in caplog.text


async def test_the_app_raises_before_its_response(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("mine")

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        reply = await peer.reply()

        assert reply.status == 500
        assert reply.body == b"Internal Server Error"
        assert await peer.rest() == b""
    assert "ValueError: mine" in caplog.text


async def test_the_app_raises_in_its_response(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"abc", "more_body": True})
        raise ValueError("mine")

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.head()

        assert await peer.rest() == b"3\r\nabc\r\n"
    assert "ValueError: mine" in caplog.text


async def test_the_app_raises_after_its_response(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({**START, "headers": [(b"content-length", b"0")]})
        await send(END)
        raise ValueError("mine")

    async with serving(app) as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(GET)
            assert (await peer.reply()).status == 200
    assert caplog.text.count("ValueError: mine") == 2


@pytest.mark.parametrize(
    ("messages", "status", "log"),
    [
        ([], 500, "returned without starting its response"),
        ([START], 200, "returned without completing its response"),
        ([START, {**END, "body": b"", "more_body": True}], 200, "without completing"),
    ],
)
async def test_the_app_returns_early(
    serving: Any,
    caplog: pytest.LogCaptureFixture,
    messages: list[Message],
    status: int,
    log: str,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)

        assert (await peer.head()).status == status
        await peer.rest()
    assert log in caplog.text


@pytest.mark.parametrize("body", [b"abc", b"abcdef"])
@pytest.mark.parametrize("swallow", [False, True])
async def test_content_length_is_kept_honest(
    serving: Any, caplog: pytest.LogCaptureFixture, body: bytes, swallow: bool
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({**START, "headers": [(b"content-length", b"5")]})
        try:
            await send({"type": "http.response.body", "body": body})
        except AsgiProtocolError:
            if not swallow:
                raise

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET + GET)
        head = await peer.head()

        assert head.headers["content-length"] == "5"
        assert len(await peer.rest()) < 5
    assert "Content-Length" in caplog.text


class Code(IntEnum):
    FINE = 200


@pytest.mark.parametrize(
    "message",
    [
        {**START, "status": Code.FINE},
        {**START, "headers": iter([[b"X-A", b"1"]])},
        {**START, "headers": [(b"transfer-encoding", b"gzip")]},
        {**START, "headers": [(b"Date", b"today"), (b"server", b"mine")]},
    ],
)
async def test_legal_heads(serving: Any, message: Message) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(message)
        await send({**END, "body": bytearray(b"x")})

    async with serving(app) as server:
        reply = await server.get(GET)

        assert reply.status == 200
        assert reply.body == b"x"
        assert reply.headers["transfer-encoding"] == "chunked"
        assert (reply.headers["date"] == "today") is (reply.headers["server"] == "mine")


@pytest.mark.parametrize(
    ("before", "message", "expected"),
    [
        ([], END, "'http.response.body' where 'http.response.start' was expected"),
        ([START], START, "'http.response.start' where 'http.response.body' was expected"),
        ([START, END], END, "'http.response.body' after the response was complete"),
        ([], {"type": "websocket.accept"}, "'http.response.start' was expected"),
        ([], {"status": 200}, "a message is a dict with a 'type'"),
        ([], None, "a message is a dict with a 'type'"),
        ([], {"type": 1}, "the 'type' of a message is a str, not 1"),
        ([], {"type": "http.response.start"}, "has no 'status'"),
        ([], {**START, "status": "200"}, "must be an integer, not '200'"),
        ([], {**START, "status": 101}, "a status from 200 to 599, not 101"),
        ([], {**START, "headers": [("a", "b")]}, r"pairs of bytes, not \('a', 'b'\)"),
        ([], {**START, "headers": [(b"a", b"b", b"c")]}, "pairs of bytes"),
        ([], {**START, "headers": None}, "pairs of bytes"),
        ([], {**START, "headers": [1]}, "pairs of bytes"),
        ([], {**START, "headers": [(b"a", bytearray(b"b"))]}, "must be bytes"),
        ([], {**START, "headers": [(b"a", b"b\r\nc: d")]}, "not valid HTTP"),
        ([], {**START, "headers": [(b":status", b"1")]}, "not valid HTTP"),
        ([], {**START, "headers": [(b"content-length", b"x")]}, "not valid HTTP"),
        ([START], {**END, "body": "text"}, "'body' of 'http.response.body' must be bytes, not str"),
    ],
)
async def test_illegal_messages(
    serving: Any, before: list[Message], message: Any, expected: str
) -> None:
    raised = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for legal in before:
            await send(legal)
        with pytest.raises(AsgiProtocolError, match=expected):
            await send(message)
        raised.set_result(True)

    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        assert await raised


def test_client_disconnected_is_an_os_error() -> None:
    assert issubclass(ClientDisconnected, OSError)
    assert issubclass(AsgiProtocolError, RuntimeError)
