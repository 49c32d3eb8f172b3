"""One HTTP exchange as the demo's handlers see it: a thin layer over the ASGI triple."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from asgitrace.asgi import Message, Receive, Scope, Send

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]


class ClientGone(Exception):
    """The client closed the connection before it had the whole response."""


class Refusal(Exception):
    """The request cannot be served; it becomes a JSON error response."""

    def __init__(self, status: int, error: object, headers: Headers = ()) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error
        self.headers = headers


class Request:
    """What a handler reads from and answers to."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        state: Mapping[str, Any],
        parameters: Mapping[str, str],
    ) -> None:
        self.scope = scope
        self.state = state
        self.parameters = parameters
        self._receive = receive
        self._send = send

    @property
    def method(self) -> str:
        """The request method, in capitals."""
        return str(self.scope["method"])

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header; ``name`` in lower case, as the specification has it."""
        return next((value for key, value in self.scope["headers"] if key == name), None)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """An integer of the query string, brought into ``low..high``."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        try:
            value = int(query[name][0]) if name in query else default
        except ValueError:
            raise Refusal(422, f"{name} must be a whole number") from None
        return min(max(value, low), high)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The request body as it arrives, one item for each ``http.request`` message."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            yield message.get("body", b"")
            more = message.get("more_body", False)

    async def json(self, limit: int = 65_536) -> object:
        """The request body, decoded; refuses what is too large or not JSON."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise Refusal(413, f"the body may have {limit} bytes")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Refusal(400, "the body is not JSON") from None

    async def start(self, status: int, headers: Headers = ()) -> None:
        """Send the status and the headers."""
        await self._emit(
            {"type": "http.response.start", "status": status, "headers": list(headers)}
        )

    async def write(self, chunk: bytes, *, more: bool = True) -> None:
        """Send a piece of the response body; ``more=False`` ends the response."""
        await self._emit({"type": "http.response.body", "body": chunk, "more_body": more})

    async def respond(
        self,
        status: int,
        body: bytes = b"",
        content_type: bytes = b"text/plain; charset=utf-8",
        headers: Headers = (),
    ) -> None:
        """Send a whole response; the answer to HEAD has the headers of GET and no body."""
        fields = [(b"content-length", b"%d" % len(body)), *headers]
        if body:
            fields.append((b"content-type", content_type))
        if status == 204:  # RFC 9110 8.6: no Content-Length in a 204
            fields = list(headers)
        await self.start(status, fields)
        await self.write(b"" if self.method == "HEAD" else body, more=False)

    async def respond_json(self, status: int, value: object, headers: Headers = ()) -> None:
        """Send ``value`` as JSON."""
        body = json.dumps(value).encode()
        await self.respond(status, body, b"application/json", headers)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[Callable[[float], Awaitable[None]]]:
        """Watch for the client's going while a long response is made.

        Gives ``pause(seconds)``, which raises `ClientGone` as soon as the client has left. A server
        need not say so in ``send``: some raise OSError there, others drop the message.
        """
        watcher = asyncio.create_task(self._disconnected())

        async def pause(seconds: float) -> None:
            await asyncio.wait({watcher}, timeout=seconds)
            if watcher.done():
                watcher.result()
                raise ClientGone

        try:
            yield pause
        finally:
            watcher.cancel()
            await asyncio.wait({watcher})

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _emit(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError as error:  # ASGI 2.4: send() on a closed connection
            raise ClientGone from error
