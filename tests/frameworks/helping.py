"""What the test clients of frameworks are asked to do; each function drives one of them and returns
all that was seen, so that what is seen of a wrapped app can be compared with the bare one.

The frameworks are imported late: not all of them are always there."""

import asyncio
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import httpx

import asgitrace
from tests.frameworks.clients import summary_of

Drive = Callable[[Any], list[Any]]

FILE: Final = bytes(range(256)) * 1024
_ECHOED: Final = ("hello", b"\x00\xff bytes", "Grüße ☕")
_OWN: Final = str(Path(asgitrace.__file__).parent)
_VARIABLE: Final = ContextVar("VARIABLE", default="default")


class Seen(list[Any]):
    """What was seen, exceptions among it."""

    @contextmanager
    def raising(self) -> Iterator[None]:
        """What is raised in here, with the functions that it went through but for asgitrace's."""
        try:
            yield
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            names = [one.name for one in frames if not one.filename.startswith(_OWN)]
            context = error.__context__ and type(error.__context__).__name__
            self.append((type(error).__name__, str(error), context, names))
        else:
            self.append("nothing was raised")

    def answer(self, response: Any) -> None:
        """A response of httpx or one like it."""
        headers = sorted(response.headers.items())
        self.append((response.status_code, headers, response.content))


def summary() -> str:
    """What the apps answer to the upload of FILE."""
    return summary_of(FILE).decode()


def asynchronous(drive: Callable[[Any, Seen], Coroutine[Any, Any, None]]) -> Drive:
    """Run a coroutine function as one of these."""

    def run(app: Any) -> list[Any]:
        seen = Seen()
        asyncio.run(drive(app, seen))
        return seen

    run.__name__ = drive.__name__
    return run


def starlette_client(app: Any) -> list[Any]:
    """Starlette's TestClient, which FastAPI's is too: HTTP, WebSocket, lifespan, raising."""
    from starlette.testclient import TestClient

    seen = Seen()
    with TestClient(app) as client:
        seen.append(client.app is app)
        seen.append(sorted(client.app_state))
        for path in ("/hello?name=asgi", "/stream", "/started", "/nowhere"):
            seen.answer(client.get(path))
        seen.answer(client.post("/background"))
        seen.answer(client.get("/finished"))
        with seen.raising():
            client.get("/raise")
        _starlette_sessions(client, seen)
    seen.answer(TestClient(app, raise_server_exceptions=False).get("/raise"))
    return seen


def _starlette_sessions(client: Any, seen: Seen) -> None:
    from starlette.testclient import WebSocketDenialResponse
    from starlette.websockets import WebSocketDisconnect

    for ending in ("leave", "close", "raise"):
        with seen.raising(), client.websocket_connect("/ws") as session:
            session.send_text(_ECHOED[0])
            seen.append(session.receive_text())
            session.send_bytes(_ECHOED[1])
            seen.append(session.receive_bytes())
            if ending == "leave":
                continue
            session.send_text(ending)
            with seen.raising():
                session.receive_text()
    with seen.raising():
        try:
            client.websocket_connect("/nowhere").__enter__()
        except (WebSocketDisconnect, WebSocketDenialResponse) as error:
            seen.append((type(error).__name__, getattr(error, "code", 0)))


def starlette_upload(app: Any) -> list[Any]:
    """A body of several pieces through Starlette's TestClient."""
    from starlette.testclient import TestClient

    seen = Seen()
    with TestClient(app) as client:
        pieces = (FILE[at : at + 65536] for at in range(0, len(FILE), 65536))
        seen.append(client.post("/upload", content=pieces).text == summary())
    return seen


def fastapi_client(app: Any) -> list[Any]:
    """FastAPI's TestClient, with a form, a dependency that is overridden through the app, and the
    description of its interface."""
    from fastapi.testclient import TestClient

    from tests.frameworks.apps.fastapi_app import works

    seen = Seen(starlette_client(app))
    app.dependency_overrides[works] = lambda: ["overridden"]
    try:
        with TestClient(app) as client:
            seen.answer(client.get("/finished"))
            seen.append(client.post("/upload", files={"file": FILE}).text == summary())
            seen.answer(client.get("/hello"))
            seen.answer(client.get("/openapi.json"))
    finally:
        app.dependency_overrides.clear()
    seen.append(app.title)
    return seen


@asynchronous
async def transport(app: Any, seen: Seen) -> None:
    """httpx's ASGITransport, which calls the app in the caller's own task and context."""

    async def marked(scope: Any, receive: Any, send: Any) -> None:
        seen.append(_VARIABLE.get())
        _VARIABLE.set("of the app")
        await app(scope, receive, send)

    _VARIABLE.set("of the caller")
    address = "http://testserver"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address) as client:
        for path in ("/hello?name=asgi", "/stream"):
            seen.answer(await client.get(path))
        seen.append((await client.post("/upload", content=FILE)).text == summary())
        with seen.raising():
            await client.get("/raise")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(marked), base_url=address) as client:
        seen.answer(await client.get("/hello?name=asgi"))
    seen.append(_VARIABLE.get())
    told = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=told, base_url=address) as client:
        seen.answer(await client.get("/raise"))


@asynchronous
async def lifespan_manager(app: Any, seen: Seen) -> None:
    """asgi-lifespan's LifespanManager, with its state, around httpx."""
    from asgi_lifespan import LifespanManager

    async with LifespanManager(app) as manager:
        seen.append(sorted(manager._state))
        address = "http://testserver"
        inside = httpx.ASGITransport(manager.app)
        async with httpx.AsyncClient(transport=inside, base_url=address) as client:
            for path in ("/started", "/finished"):
                seen.answer(await client.get(path))
            seen.answer(await client.post("/background"))
            seen.answer(await client.get("/finished"))


@asynchronous
async def failing_lifespan(app: Any, seen: Seen) -> None:
    """The same, of an app whose start-up raises."""
    from asgi_lifespan import LifespanManager

    with seen.raising():
        async with LifespanManager(app):
            seen.append("it started")


@asynchronous
async def async_asgi_testclient(app: Any, seen: Seen) -> None:
    """async-asgi-testclient: HTTP, WebSocket, lifespan, raising."""
    from async_asgi_testclient import TestClient

    async with TestClient(app) as client:
        for path in ("/hello?name=asgi", "/stream"):
            seen.answer(await client.get(path))
        seen.append((await client.post("/upload", data=FILE)).text == summary())
        with seen.raising():
            await client.get("/raise")
        async with client.websocket_connect("/ws") as session:
            await session.send_text(_ECHOED[2])
            seen.append(await session.receive_text())
            await session.send_bytes(_ECHOED[1])
            seen.append(await session.receive_bytes())


def litestar_client(app: Any) -> list[Any]:
    """Litestar's TestClient: HTTP, WebSocket, lifespan, raising."""
    from litestar.testing import TestClient

    seen = Seen()
    with TestClient(app) as client:
        for path in ("/hello?name=asgi", "/stream", "/started", "/raise", "/nowhere"):
            seen.answer(client.get(path))
        seen.append(client.post("/upload", content=FILE).text == summary())
        seen.answer(client.post("/background"))
        seen.append(client.app.state.finished[-1])
        with client.websocket_connect("/ws") as session:
            session.send_text(_ECHOED[0])
            seen.append(session.receive_text())
            session.send_bytes(_ECHOED[1])
            seen.append(session.receive_bytes())
            session.send_text("close")
            with seen.raising():
                session.receive_text()
    return seen


@asynchronous
async def quart_client(app: Any, seen: Seen) -> None:
    """Quart's client and test app, made by hand around the app: HTTP, WebSocket, lifespan."""
    from quart.testing import QuartClient, TestApp
    from quart.testing.connections import WebsocketDisconnectError

    async with TestApp(app):
        client = QuartClient(app)
        for path in ("/hello?name=asgi", "/stream", "/started", "/raise", "/nowhere"):
            response = await client.get(path)
            headers = sorted(response.headers.items())
            seen.append((response.status_code, headers, await response.get_data()))
        answer = await client.post("/upload", data=FILE)
        seen.append(await answer.get_data(as_text=True) == summary())
        async with client.websocket("/ws") as session:
            await session.send(_ECHOED[0])
            seen.append(await session.receive())
            await session.send(_ECHOED[1])
            seen.append(await session.receive())
            await session.send("close")
            try:
                await session.receive()
            except WebsocketDisconnectError as error:
                seen.append(error.args)


@asynchronous
async def quart_own_client(app: Any, seen: Seen) -> None:
    """The client and the test app that a Quart app makes."""
    async with app.test_app() as running:
        client = running.test_client()
        seen.append(await (await client.get("/hello?name=asgi")).get_data())
        async with client.websocket("/ws") as session:
            await session.send(_ECHOED[0])
            seen.append(await session.receive())


@asynchronous
async def communicators(app: Any, seen: Seen) -> None:
    """Channels' communicators: HTTP, WebSocket, a group, a consumer that raises."""
    from channels.testing import HttpCommunicator, WebsocketCommunicator

    http = HttpCommunicator(app, "GET", "/hello?name=asgi")
    answer = await http.get_response()
    seen.append((answer["status"], sorted(answer["headers"]), answer["body"]))
    members = [WebsocketCommunicator(app, "/chat") for _ in range(2)]
    for member in members:
        seen.append(await member.connect())
        seen.append(await member.receive_from())
    await members[0].send_to(text_data="one")
    seen.extend([await member.receive_from() for member in members])
    for member in members:
        await member.disconnect()
    session = WebsocketCommunicator(app, "/ws")
    seen.append(await session.connect())
    await session.send_to(bytes_data=_ECHOED[1])
    seen.append(await session.receive_from())
    seen.append(await session.receive_nothing())
    await session.send_to(text_data="close")
    seen.append(await session.receive_output())
    await session.wait()
    raising = WebsocketCommunicator(app, "/ws")
    await raising.connect()
    await raising.send_to(text_data="raise")
    with seen.raising():
        await raising.wait()


@asynchronous
async def identities(app: Any, seen: Seen) -> None:
    """asgiref's communicator: the objects themselves, in and out."""
    from asgiref.testing import ApplicationCommunicator

    scope: dict[str, Any] = {"type": "http", "extensions": {}}
    communicator: Any = ApplicationCommunicator(app, scope)  # type: ignore[no-untyped-call]
    request = {"type": "http.request", "body": b"x", "own": object()}
    await communicator.send_input(request)
    start, body = [await communicator.receive_output() for _ in range(2)]
    await communicator.wait()
    kept = scope["kept"]
    given = (scope, request, start, body)
    seen.append([one is other for one, other in zip(kept, given, strict=True)])
    seen.append(communicator.future.result())


async def keeping_app(scope: Any, receive: Any, send: Any) -> str:
    """Keeps what it is given and gives in its scope."""
    start = {"type": "http.response.start", "status": 200, "headers": iter([(b"a", b"b")])}
    body = {"type": "http.response.body", "body": b"y", "own": object()}
    scope["kept"] = [scope, await receive(), start, body]
    await send(start)
    await send(body)
    return "what it returns"


async def unable_app(scope: Any, receive: Any, send: Any) -> None:
    """Its start-up raises."""
    await receive()
    raise RuntimeError("no start-up")
