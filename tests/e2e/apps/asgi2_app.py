"""ASGI 2 "double callables": a class, and a function that gives a coroutine function."""

from collections.abc import Awaitable, Callable

from asgitrace.asgi import Receive, Scope, Send


class Application:
    """The class form: instantiated with the scope, then called."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await _answer(self.scope, send, b"asgi2 class\n")


def application(scope: Scope) -> Callable[[Receive, Send], Awaitable[None]]:
    """The function form."""

    async def instance(receive: Receive, send: Send) -> None:
        await _answer(scope, send, b"asgi2 function\n")

    return instance


async def _answer(scope: Scope, send: Send, body: bytes) -> None:
    if scope["type"] != "http":
        raise ValueError(f"scope type {scope['type']!r} is not supported")
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
