import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.errors import StartupFailed
from asgitrace.server import AsgiProtocolError, Server, ServerConfig
from asgitrace.server.lifespan import Lifespan

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def scripted(*answers: Message | None, scopes: list[Scope] | None = None) -> Any:
    """An app that answers each lifespan event in turn; None: not at all."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scopes is not None:
            scopes.append(scope)
        for answer in answers:
            await receive()
            if answer is not None:
                await send(answer)

    return app


STARTED: Message = {"type": "lifespan.startup.complete"}
STOPPED: Message = {"type": "lifespan.shutdown.complete"}


async def run(app: Any, mode: Any = "auto") -> dict[str, Any] | None:
    lifespan = Lifespan(app, mode)
    try:
        await lifespan.startup()
        state = lifespan.state
        await lifespan.shutdown()
        return state
    finally:
        await lifespan.stop()


async def test_from_start_to_end() -> None:
    scopes: list[Scope] = []

    assert await run(scripted(STARTED, STOPPED, scopes=scopes)) == {}
    assert scopes == [
        {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": {},
        }
    ]


async def test_the_state_reaches_every_request(serving: Any) -> None:
    states: list[dict[str, Any]] = []
    shared: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["shared"] = shared
            await scripted(STARTED, STOPPED)(scope, receive, send)
            return
        states.append(dict(scope["state"]))
        scope["state"]["mine"] = True
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    async with serving(app, lifespan="on") as server:
        peer = await server.connect()
        for _ in range(2):
            await peer.send(GET)
            await peer.reply(bodiless=True)

    assert states == [{"shared": shared}] * 2
    assert states[0]["shared"] is shared


async def test_a_traceback_for_a_reason_is_logged_and_its_last_line_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = 'Traceback (most recent call last):\n  File "shop.py", line 3\nOSError: no database\n'
    with pytest.raises(StartupFailed, match=r"failed: OSError: no database$"):
        await run(scripted({"type": "lifespan.startup.failed", "message": whole}), "on")
    assert "shop.py" in caplog.text


@pytest.mark.parametrize("mode", ["auto", "on"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [({"message": "no database"}, "no database"), ({}, "the app gave no reason")],
)
async def test_the_startup_fails(mode: str, answer: Message, reason: str) -> None:
    with pytest.raises(StartupFailed, match=reason):
        await run(scripted({"type": "lifespan.startup.failed", **answer}), mode)


async def raising(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("not mine")


async def test_auto_takes_an_exception_for_no_support(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "asgitrace.server")

    assert await run(raising) is None
    assert [(r.levelname, bool(r.exc_info)) for r in caplog.records if r.name != "asyncio"] == [
        ("INFO", False),
        ("DEBUG", True),
    ]


async def test_auto_takes_a_return_for_no_support(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "asgitrace.server")

    assert await run(scripted()) is None
    assert "returned without an answer" in caplog.text


async def test_on_demands_support(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StartupFailed, match=r"ValueError.*--lifespan off"):
        await run(raising, "on")
    assert "ValueError: not mine" in caplog.text


async def test_on_demands_an_answer() -> None:
    with pytest.raises(StartupFailed, match="returned without an answer"):
        await run(scripted(), "on")


async def test_off_calls_nothing() -> None:
    assert await run(raising, "off") is None


async def test_the_shutdown_fails(caplog: pytest.LogCaptureFixture) -> None:
    await run(scripted(STARTED, {"type": "lifespan.shutdown.failed", "message": "stuck"}))

    assert "shutdown failed: stuck" in caplog.text


@pytest.mark.parametrize("answers", [[STARTED], [STARTED, None]])
async def test_it_returns_before_its_end(
    caplog: pytest.LogCaptureFixture, answers: Sequence[Message | None]
) -> None:
    await run(scripted(*answers))

    assert "returned before 'lifespan.shutdown.complete'" in caplog.text


async def test_it_raises_while_running(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await scripted(STARTED)(scope, receive, send)
        raise ValueError("mine")

    await run(app)

    assert "ValueError: mine" in caplog.text


async def test_it_raises_after_saying_why(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await scripted({"type": "lifespan.startup.failed", "message": "x"})(scope, receive, send)
        raise ValueError("mine")

    with pytest.raises(StartupFailed, match="x"):
        await run(app)
    assert caplog.text == ""


async def test_it_returns_after_saying_why() -> None:
    lifespan = Lifespan(scripted({"type": "lifespan.startup.failed", "message": "x"}), "auto")
    with pytest.raises(StartupFailed):
        await lifespan.startup()
    await asyncio.sleep(0)
    await lifespan.stop()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([STOPPED], "'lifespan.startup.complete' or 'lifespan.startup.failed' was expected"),
        ([STARTED, STARTED], "'lifespan.shutdown.complete' or"),
        ([STARTED, STOPPED, None], ""),
    ],
)
async def test_illegal_messages(answers: list[Message | None], expected: str) -> None:
    errors: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await scripted(*answers)(scope, receive, send)
        except AsgiProtocolError as exc:
            errors.append(str(exc))

    await run(app)

    assert len(errors) == bool(expected)
    assert expected in "".join(errors)


async def test_the_server_raises_the_failure_and_closes_its_sockets(serving: Any) -> None:
    failing = scripted({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(StartupFailed, match="no database"):
        async with serving(failing, lifespan="auto"):
            pass


async def test_a_shutdown_during_the_startup() -> None:
    entered = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await asyncio.Event().wait()

    server = Server(app, ServerConfig(), [], handle_signals=False)
    task = asyncio.create_task(server.serve())
    await entered.wait()
    server.shutdown()

    await task
