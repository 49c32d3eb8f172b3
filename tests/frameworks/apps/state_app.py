"""A lifespan with state: what start-up puts into it, each request finds in its scope."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from asgitrace.asgi import Receive, Scope, Send
from tests.frameworks.apps.plain_app import hello, respond


@contextlib.asynccontextmanager
async def resources() -> AsyncIterator[dict[str, Any]]:
    """What the app needs as long as it runs."""
    pool = ["connection"]
    yield {"pool": pool}
    pool.clear()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application."""
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        async with resources() as state:
            scope["state"].update(state)
            await send({"type": "lifespan.startup.complete"})
            assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["path"] == "/started":
        await respond(send, b"yes\n" if scope["state"]["pool"] == ["connection"] else b"no\n")
    else:
        await hello(scope, receive, send)
