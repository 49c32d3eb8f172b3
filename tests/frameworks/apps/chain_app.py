"""A chain of middleware as introductions teach it: a class that changes the response, a function
that wraps ``receive``, a class that answers what is raised inside, a decorator of the handler."""

import functools
from collections.abc import Awaitable, Callable

from asgitrace.asgi import App, Message, Receive, Scope, Send
from tests.frameworks.apps.plain_app import hello, raise_error, respond, stream, upload

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


class Header:
    """A class: adds a header to each response."""

    def __init__(self, app: App, name: bytes, value: bytes) -> None:
        self.app = app
        self.added = (name, value)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap ``send``."""

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], self.added]}
            await send(message)

        await self.app(scope, receive, changed)


def counting(app: App) -> App:
    """A function: counts the bytes that are received, and tells the scope of them."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "received": 0}

        async def counted() -> Message:
            message = await receive()
            scope["received"] += len(message.get("body", b""))
            return message

        await app(scope, counted, send)

    return wrapped


class Answering:
    """A class: makes a response of what is raised inside, and says no more of it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Catch."""
        try:
            await self.app(scope, receive, send)
        except RuntimeError:
            await respond(send, b"sorry\n", 500)


def http_only(handler: Handler) -> Handler:
    """A decorator: other scopes are refused."""

    @functools.wraps(handler)
    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"scope type {scope['type']!r} is not supported")
        await handler(scope, receive, send)

    return checked


@http_only
async def routes(scope: Scope, receive: Receive, send: Send) -> None:
    """The handlers inside of it all."""
    known = {"/hello": hello, "/stream": stream, "/upload": upload, "/raise": raise_error}
    await known[scope["path"]](scope, receive, send)


app = Header(counting(Answering(Header(routes, b"x-inner", b"1"))), b"x-outer", b"2")
