"""python-socketio in front of the Starlette app, which has all that is not Socket.IO's."""

from typing import Any

import socketio

from tests.frameworks.apps.starlette_app import app as starlette

server = socketio.AsyncServer(async_mode="asgi")


@server.event
async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    """Greet who comes."""
    await server.emit("joined", {"as": auth["name"]}, to=sid)


@server.event
async def say(sid: str, text: str) -> str:
    """Tell all, and acknowledge."""
    await server.emit("said", text)
    return f"said {text}"


app = socketio.ASGIApp(server, starlette)
