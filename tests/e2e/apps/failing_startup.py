"""An app that reports that it cannot start."""

from asgitrace.asgi import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer ``lifespan.startup.failed``."""
    if scope["type"] != "lifespan":
        raise ValueError("called though the start-up failed")
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is not there"})
