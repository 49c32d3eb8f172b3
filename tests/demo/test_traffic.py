import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from random import Random
from typing import TYPE_CHECKING

import pytest

from asgitrace.asgi import App, Receive, Scope, Send
from asgitrace.demo import members, traffic
from asgitrace.demo.app import DemoApp
from asgitrace.demo.client import Pool
from asgitrace.demo.traffic import Traffic, main
from asgitrace.demo.transport import Target
from asgitrace.demo.visits import ACTIONS, LONG_ACTIONS, Visitor, knock_at_private, speak_nonsense

if TYPE_CHECKING:
    from tests.demo.conftest import Serving

PATIENCE = 60.0
RATE = 300.0

EVERYTHING = {
    ("GET", "/"),
    ("GET", "/api/items"),
    ("POST", "/api/items"),
    ("DELETE", "/api/items"),
    ("GET", "/api/items/"),
    ("DELETE", "/api/items/"),
    ("GET", "/slow"),
    ("GET", "/stream"),
    ("GET", "/events"),
    ("POST", "/upload"),
    ("PUT", "/upload"),
    ("GET", "/download"),
    ("POST", "/report"),
    ("GET", "/boom"),
    ("GET", "/old"),
    ("GET", "/missing"),
    ("websocket", "/ws/chat"),
    ("websocket", "/ws/private"),
}


class Tap:
    """Notes which routes are called; ``seen(routes)`` waits for them."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._routes: set[tuple[str, str]] = set()
        self._changed = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            path = scope["path"].rstrip("0123456789")
            async with self._changed:
                self._routes.add((scope.get("method", scope["type"]), path))
                self._changed.notify_all()
        await self._app(scope, receive, send)

    async def seen(self, *routes: tuple[str, str]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self._routes.issuperset(routes))


@contextlib.asynccontextmanager
async def started(port: int, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "asgitrace.demo.traffic",
        f"http://127.0.0.1:{port}",
        f"--rate={RATE}",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, bytes]:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        output = await process.stdout.read()
        return await process.wait(), output


@pytest.mark.anyio
async def test_visits_everything_until_stdin_ends(serving: "Serving") -> None:
    tap = Tap(DemoApp())
    async with serving(tap) as port, started(port, "--exit-on-stdin-eof", "--seed=1") as process:
        await tap.seen(*EVERYTHING - {("GET", "/missing")})
        assert process.stdin is not None
        process.stdin.write(b"what is written there does not matter")
        process.stdin.close()
        assert await ended(process) == (0, b"")


@pytest.mark.anyio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_quietly(serving: "Serving", number: signal.Signals) -> None:
    tap = Tap(DemoApp())
    async with serving(tap) as port, started(port) as process:
        await tap.seen(("websocket", "/ws/chat"))
        process.send_signal(number)
        assert await ended(process) == (0, b"")


@pytest.mark.anyio
async def test_its_time_ends_it(serving: "Serving") -> None:
    async with serving(DemoApp()) as port, started(port, "--for=0.2") as process:
        assert await ended(process) == (0, b"")


@pytest.mark.anyio
async def test_survives_a_restart_of_the_server(serving: "Serving") -> None:
    first, second = Tap(DemoApp()), Tap(DemoApp())
    async with asyncio.TaskGroup() as group:
        async with serving(first) as port:
            task = group.create_task(Traffic(Target("127.0.0.1", port), RATE).run())
            await first.seen(("websocket", "/ws/chat"), ("GET", "/api/items"))
        async with serving(second, port):
            await second.seen(("websocket", "/ws/chat"), ("GET", "/api/items"))
            task.cancel()
            await asyncio.wait({task})


@pytest.mark.anyio
@pytest.mark.parametrize("leave", members.WAYS_TO_LEAVE)
async def test_ways_to_leave_the_chat(serving: "Serving", leave: members.Leaving) -> None:
    async with serving(DemoApp()) as port:
        target = Target("127.0.0.1", port)
        visitor = Visitor(target, Pool(target), Random(1), 1_000_000)
        async with asyncio.timeout(PATIENCE):
            await members.attend(visitor, "ada", leave)


async def closing(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts every WebSocket and closes it at once."""
    await receive()
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1001})


@pytest.mark.anyio
async def test_private_place_that_is_open(serving: "Serving") -> None:
    async with serving(closing) as port:
        target = Target("127.0.0.1", port)
        async with asyncio.timeout(PATIENCE):
            await knock_at_private(Visitor(target, Pool(target), Random(1)))


@pytest.mark.anyio
async def test_nonsense_is_answered_by_the_server(serving: "Serving") -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "lifespan"

    async with serving(never) as port:
        target = Target("127.0.0.1", port)
        async with asyncio.timeout(PATIENCE):
            await speak_nonsense(Visitor(target, Pool(target), Random(1)))


@pytest.mark.anyio
async def test_member_whose_server_closes_first(serving: "Serving") -> None:
    async with serving(closing) as port:
        target = Target("127.0.0.1", port)
        visitor = Visitor(target, Pool(target), Random(1), 1_000_000)
        async with asyncio.timeout(PATIENCE):
            await members.attend(visitor, "ada", members.close_normally)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def test_gives_up_where_nothing_answers(
    closed_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(traffic, "START_PATIENCE", 0.2)
    assert main([f"http://127.0.0.1:{closed_port}"]) == 2
    assert capsys.readouterr().err == (
        f"nothing answered at http://127.0.0.1:{closed_port} within 0.2 s: start the app first\n"
    )


def test_its_time_ends_the_waiting_too(closed_port: int) -> None:
    assert main([f"http://127.0.0.1:{closed_port}", "--for=0.01"]) == 0


def test_refuses_other_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://192.0.2.1:8000"]) == 2
    assert capsys.readouterr().err == (
        "'192.0.2.1' is not this machine: give a loopback host, 127.0.0.1\n"
    )


@pytest.mark.parametrize("options", [["--rate=0"], ["--rate=nan"], ["--for=-1"], ["--seed=x"]])
def test_refuses_senseless_options(options: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["http://127.0.0.1:8000", *options])
    assert refused.value.code == 2


def test_every_action_has_a_weight_and_a_description() -> None:
    assert set(ACTIONS) > LONG_ACTIONS
    assert all(action.__doc__ and weight > 0 for action, weight in ACTIONS.items())
