"""Files and large bodies as responses, to clients that read and to some that do not."""

import asyncio
import contextlib
import os
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError, ClientDisconnected
from tests.wire_log import KeptLog

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
START: Message = {"type": "http.response.start", "status": 200}
SIZE = 3_000_000
"""More than a socket takes at once."""
CONTENT = bytes(range(250)) * (SIZE // 250)


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both loops: their transports buffer, and say that they do, each in its own way."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    return file


def start(length: int) -> Message:
    return {**START, "headers": [(b"content-length", b"%d" % length)]}


def pathsend(path: Any) -> Message:
    return {"type": "http.response.pathsend", "path": path if isinstance(path, int) else str(path)}


def zerocopysend(file: Any, **fields: Any) -> Message:
    return {"type": "http.response.zerocopysend", "file": file, **fields}


class Sender:
    """An app that sends these messages and keeps the first thing that is raised."""

    def __init__(self, *messages: Any) -> None:
        self.messages = messages
        self.raised: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for message in self.messages:
                await send(message)
        except Exception as exc:
            self.raised = exc
            with contextlib.suppress(AsgiProtocolError):
                await send({**START, "status": 404, "headers": [(b"content-length", b"0")]})
            with contextlib.suppress(AsgiProtocolError, OSError):
                await send({"type": "http.response.body"})


async def body_of(serving: Any, *messages: Message, log: KeptLog | None = None) -> bytes:
    async with serving(Sender(*messages), wire=log) as server:
        body: bytes = (await server.get(GET)).body
    return body


async def waits(log: KeptLog) -> None:
    """Until something that was sent waits to be accepted."""
    while not (log.connections and log.only.waiting):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("logged", [None, "events", "bytes"])
@pytest.mark.parametrize("length", [True, False])
async def test_a_path(serving: Any, path: Path, length: bool, logged: str | None) -> None:
    log = None if logged is None else KeptLog(raw=logged == "bytes")
    head = start(SIZE) if length else START
    assert await body_of(serving, head, pathsend(path), log=log) == CONTENT
    if log is not None:
        sizes = {one.what.name: one.size for one in log.only.out}
        assert sizes["RESPONSE_BODY"] == SIZE + (0 if length else len(b"2dc6c0\r\n\r\n"))
        assert all(one.accepted for one in log.only.out)


async def test_a_path_through_tls(serving: Any, path: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    app = Sender(start(SIZE), pathsend(path))
    async with serving(app, ssl_certfile=str(tmp_path / "both.pem")) as server:
        peer = await server.connect(context)
        await peer.send(GET)
        assert (await peer.reply()).body == CONTENT


async def test_a_path_after_head_sends_nothing(serving: Any, path: Path) -> None:
    async with serving(Sender(start(SIZE), pathsend(path))) as server:
        peer = await server.connect()
        await peer.send(GET.replace(b"GET", b"HEAD"))
        assert (await peer.head()).headers["content-length"] == str(SIZE)
        assert await peer.rest() == b""


async def test_an_empty_file(serving: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert await body_of(serving, START, pathsend(tmp_path / "empty")) == b""


async def test_the_next_request_follows_a_file(serving: Any, path: Path) -> None:
    async with serving(Sender(START, pathsend(path))) as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert len((await peer.reply()).body) == SIZE


@pytest.mark.parametrize("path_", ["relative/file", 5])
async def test_a_path_that_is_none(serving: Any, path_: Any) -> None:
    app = Sender(START, pathsend(path_))
    async with serving(app) as server:
        await server.get(GET)
    assert isinstance(app.raised, AsgiProtocolError)
    assert "an absolute path as a str" in str(app.raised)


async def test_a_path_where_nothing_is(serving: Any, tmp_path: Path) -> None:
    app = Sender(START, pathsend(tmp_path / "none"))
    async with serving(app) as server:
        await server.get(GET)
    assert isinstance(app.raised, FileNotFoundError)


async def test_a_path_that_is_no_file(serving: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (tmp_path, tmp_path / "fifo"):
        app = Sender(START, pathsend(name))
        async with serving(app) as server:
            await server.get(GET)
        assert "is not a regular file" in str(app.raised)


async def test_a_path_is_the_whole_body(serving: Any, path: Path) -> None:
    part = {"type": "http.response.body", "body": b"x", "more_body": True}
    app = Sender(START, part, pathsend(path))
    async with serving(app) as server:
        await server.get(GET)
    assert "'http.response.pathsend' where 'http.response.body' was expected" in str(app.raised)


@pytest.mark.parametrize("length", [SIZE - 1, SIZE + 1])
async def test_a_file_of_another_length(serving: Any, path: Path, length: int) -> None:
    app = Sender(start(length), pathsend(path))
    async with serving(app) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.head()
        assert len(await peer.rest()) < length
    assert "Content-Length" in str(app.raised)


async def test_zero_copy_in_parts(serving: Any, path: Path) -> None:
    with path.open("rb") as file:
        file.read(10)
        body = await body_of(
            serving,
            START,
            zerocopysend(file, count=5, more_body=True),
            {"type": "http.response.body", "body": b"-", "more_body": True},
            zerocopysend(file, offset=100, count=3, more_body=True),
            zerocopysend(file, count=5, more_body=True),
            zerocopysend(file),
        )
        assert file.read() == b""
    assert body == CONTENT[10:15] + b"-" + CONTENT[100:103] + CONTENT[15:]


async def test_zero_copy_from_a_descriptor_without_a_position(serving: Any, path: Path) -> None:
    class Handle:
        def __init__(self, fd: int) -> None:
            self.fileno = lambda: fd

    fd = os.open(path, os.O_RDONLY)
    handle = Handle(fd)
    body = await body_of(
        serving, START, zerocopysend(handle, count=7, more_body=True), zerocopysend(handle, count=3)
    )
    os.close(fd)
    assert body == CONTENT[:10]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"file": None}, "an open file with a descriptor, not None"),
        ({"file": 1}, "an open file with a descriptor, not 1"),
        ({"offset": "1"}, "the 'offset' of 'http.response.zerocopysend' is a number of bytes"),
        ({"count": -1}, "the 'count' of"),
        ({"count": True}, "the 'count' of"),
        ({"count": SIZE + 1}, f"its 'file' has {SIZE}"),
        ({"offset": SIZE + 5, "count": 1}, "its 'file' has 0"),
    ],
)
async def test_zero_copy_of_what_is_not_there(
    serving: Any, path: Path, fields: dict[str, Any], text: str
) -> None:
    with path.open("rb") as file:
        app = Sender(START, zerocopysend(**{"file": file, **fields}))
        async with serving(app) as server:
            await server.get(GET)
    assert isinstance(app.raised, AsgiProtocolError)
    assert text in str(app.raised)


async def test_zero_copy_of_a_closed_file_and_of_a_pipe(serving: Any, path: Path) -> None:
    with path.open("rb") as closed:
        pass
    read, write = os.pipe()
    with os.fdopen(read, "rb") as pipe, os.fdopen(write, "wb"):
        for file, text in ((closed, "an open file"), (pipe, "is not a regular file")):
            app = Sender(START, zerocopysend(file, offset=0))
            async with serving(app) as server:
                await server.get(GET)
            assert text in str(app.raised)


async def test_a_file_that_gets_shorter_ends_the_connection(serving: Any, path: Path) -> None:
    os.truncate(path, 30_000_000)
    app = Sender(START, pathsend(path))
    async with serving(app) as server:
        peer = await server.connect()
        peer.writer.transport.pause_reading()
        await peer.send(GET)
        # It does not fit between the two, however long that takes.
        await asyncio.sleep(0.05)
        os.truncate(path, 1000)
        peer.writer.transport.resume_reading()
        data = await peer.rest()
    assert not data.endswith(b"0\r\n\r\n")
    assert "bytes early" in str(app.raised)


@pytest.mark.parametrize("logged", [True, False])
@pytest.mark.parametrize("kind", ["file", "body"])
async def test_a_client_that_leaves_in_the_middle(
    serving: Any, path: Path, kind: str, logged: bool
) -> None:
    os.truncate(path, 30_000_000)
    body = {"type": "http.response.body", "body": bytes(30_000_000)}
    app = Sender(START, pathsend(path) if kind == "file" else body)
    log = KeptLog() if logged else None
    async with serving(app, wire=log) as server:
        peer = await server.connect()
        await peer.send(GET)
        await peer.head()
        peer.writer.transport.abort()
        await server.stop()
    assert isinstance(app.raised, ClientDisconnected)
    if log is not None:
        told = next(one for one in log.only.out if one.what.name == "RESPONSE_BODY")
        assert (told.size > 30_000_000, told.accepted) == (True, 0)


async def test_a_large_body_is_written_as_the_client_takes_it(serving: Any) -> None:
    data = os.urandom(1000) * 20_000
    written: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def part(name: str, body: bytes, more: bool) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": more})
            written.append(name)

        await send(START)
        async with asyncio.TaskGroup() as group:
            group.create_task(part("large", data, True))
            await asyncio.sleep(0)
            # It waits for the first, as it would have to wait for room.
            group.create_task(part("small", b"end", False))
            await asyncio.sleep(0)
            assert written == []

    log = KeptLog()
    async with serving(app, wire=log) as server:
        assert (await server.get(GET)).body == data + b"end"
    assert written == ["large", "small"]
    assert [one.what.name for one in log.only.out] == [
        "RESPONSE",
        "RESPONSE_BODY",
        "RESPONSE_BODY",
    ]
    assert all(one.accepted for one in log.only.out)


async def test_a_cancelled_app_leaves_an_unfinished_response(serving: Any, path: Path) -> None:
    os.truncate(path, 30_000_000)
    app = Sender(START, pathsend(path))
    async with serving(app, timeout_graceful_shutdown=0.05) as server:
        peer = await server.connect()
        peer.writer.transport.pause_reading()
        await peer.send(GET)
        await asyncio.sleep(0.05)
        await server.stop()
        peer.writer.transport.resume_reading()
        with contextlib.suppress(ConnectionError):
            assert not (await peer.rest()).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("secure", [False, True])
async def test_what_a_slow_client_has_not_taken_waits(
    serving: Any, tmp_path: Path, secure: bool
) -> None:
    parts, size = 40, 512 * 1024
    sent = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(parts * size))
        for number in range(parts):
            more = number < parts - 1
            await send({"type": "http.response.body", "body": bytes(size), "more_body": more})
            sent.append(number)

    options: dict[str, str] = {}
    context = None
    if secure:
        authority = trustme.CA()
        issued = authority.issue_cert("localhost")
        issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
        context = ssl.create_default_context()
        authority.configure_trust(context)
        options = {"ssl_certfile": str(tmp_path / "both.pem")}
    log = KeptLog()
    async with serving(app, wire=log, **options) as server:
        peer = await server.connect(context)
        peer.writer.transport.pause_reading()
        await peer.send(GET)
        await waits(log)
        assert len(sent) < parts
        peer.writer.transport.resume_reading()
        assert len((await peer.reply()).body) == parts * size
    assert len(log.only.out) == 1 + parts
    assert all(one.accepted for one in log.only.out)


async def test_a_response_that_is_broken_off_elsewhere(serving: Any, path: Path) -> None:
    os.truncate(path, 30_000_000)
    sending = asyncio.Event()
    raised: list[BaseException] = []

    async def send_file(send: Send) -> None:
        sending.set()
        try:
            await send(pathsend(path))
        except OSError as exc:
            raised.append(exc)

    tasks = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        tasks.append(asyncio.create_task(send_file(send)))
        await sending.wait()
        await asyncio.sleep(0)
        raise ValueError("mine")

    async with serving(app) as server:
        peer = await server.connect()
        # With content that nobody reads the connection lingers, and is not closing at once.
        await peer.send(GET.replace(b"GET", b"POST")[:-2] + b"Content-Length: 9\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert not (await peer.rest()).endswith(b"0\r\n\r\n")
        await asyncio.gather(*tasks)
    assert isinstance(raised[0], ClientDisconnected)
