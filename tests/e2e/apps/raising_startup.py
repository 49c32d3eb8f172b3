"""An app that raises in the lifespan, as one without support for it does; it serves HTTP."""

from asgitrace.asgi import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise in the lifespan, answer everything else."""
    if scope["type"] == "lifespan":
        await receive()
        raise RuntimeError("raised in the lifespan")
    headers = [(b"content-length", b"3")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"up\n"})
