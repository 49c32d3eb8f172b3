"""A small HTTP/1.1 client: h11 speaks the protocol, this module moves the bytes.

It can do what a polite library would not: read slowly, send a body with pauses, hang up midway.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass, field
from typing import Self, TypeAlias

import h11

from asgitrace.demo.transport import PATIENCE, READ_SIZE, ServerGone, Stream, Target

Headers: TypeAlias = Iterable[tuple[str, str]]
Body: TypeAlias = bytes | AsyncIterable[bytes]


class Connection:
    """One HTTP connection, kept alive as long as both sides allow it."""

    def __init__(self, stream: Stream, authority: str) -> None:
        self._stream = stream
        self._authority = authority
        self._protocol = h11.Connection(h11.CLIENT)

    @classmethod
    async def open(cls, target: Target, *, receive_buffer: int | None = None) -> Self:
        """Connect; a small ``receive_buffer`` lets a slow reader be felt by the server."""
        return cls(await Stream.open(target, receive_buffer), target.authority)

    async def request(
        self, method: str, path: str, *, headers: Headers = (), body: Body = b""
    ) -> "Response":
        """Send a request and wait for the response's head; a body in pieces is sent chunked."""
        self._next_cycle()
        fields = [("host", self._authority), *headers]
        if isinstance(body, bytes):
            if body or method in ("POST", "PUT", "PATCH"):
                fields.append(("content-length", str(len(body))))
        else:
            fields.append(("transfer-encoding", "chunked"))
        await self._emit(h11.Request(method=method, target=path, headers=fields))
        if isinstance(body, bytes):
            await self._emit(h11.Data(data=body))
        else:
            async for piece in body:
                await self._emit(h11.Data(data=piece))
        await self._emit(h11.EndOfMessage())
        return await self._response_head()

    @property
    def reusable(self) -> bool:
        """Whether another request can be sent once the response has been read."""
        done = self._protocol.our_state is self._protocol.their_state is h11.DONE
        return done and not self._stream.reader.at_eof()

    async def close(self) -> None:
        """Close the connection in order."""
        await self._stream.close()

    def abort(self) -> None:
        """Hang up, whatever is under way."""
        self._stream.abort()

    async def next_event(self) -> h11.Event:
        """The next event of the response."""
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                async with asyncio.timeout(PATIENCE):
                    data = await self._stream.reader.read(READ_SIZE)
                self._protocol.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise ServerGone(str(error)) from error
        if isinstance(event, h11.ConnectionClosed) or not isinstance(event, h11.Event):
            raise ServerGone("the server closed the connection")
        return event

    def _next_cycle(self) -> None:
        if self._protocol.our_state is h11.DONE:
            self._protocol.start_next_cycle()

    async def _response_head(self) -> "Response":
        while not isinstance(event := await self.next_event(), h11.Response):
            pass  # 100 Continue, 103 Early Hints
        return Response(self, event)

    async def _emit(self, event: h11.Event) -> None:
        data = self._protocol.send(event)
        if data:
            await self._stream.write(data)


class Response:
    """A response whose head has arrived."""

    def __init__(self, connection: Connection, head: h11.Response) -> None:
        self._connection = connection
        self._head = head

    @property
    def status(self) -> int:
        """The status code."""
        return self._head.status_code

    def header(self, name: str) -> str | None:
        """The first value of a header; ``name`` in lower case."""
        wanted = name.encode()
        values = (value for key, value in self._head.headers if key == wanted)
        return next((value.decode("latin-1") for value in values), None)

    async def next_chunk(self) -> bytes:
        """The next piece of the body as it arrives; empty at its end."""
        event = await self._connection.next_event()
        return bytes(event.data) if isinstance(event, h11.Data) else b""

    async def read(self) -> bytes:
        """The rest of the body."""
        body = bytearray()
        while chunk := await self.next_chunk():
            body += chunk
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that has been read to its end."""

    status: int
    location: str | None
    body: bytes


@dataclass(slots=True)
class Pool:
    """Idle keep-alive connections to one target."""

    target: Target
    _idle: list[Connection] = field(default_factory=list)

    async def fetch(
        self, method: str, path: str, *, headers: Headers = (), body: bytes = b""
    ) -> Answer:
        """Make a request on an idle connection, or on a new one, and read the response."""
        fields = list(headers)
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                # A server may close an idle connection at any moment: then it is a stale one.
                with contextlib.suppress(ConnectionError):
                    return await self._exchange(connection, method, path, fields, body)
            await connection.close()
        connection = await Connection.open(self.target)
        return await self._exchange(connection, method, path, fields, body)

    async def _exchange(
        self, connection: Connection, method: str, path: str, headers: Headers, body: bytes
    ) -> Answer:
        try:
            response = await connection.request(method, path, headers=headers, body=body)
            answer = Answer(response.status, response.header("location"), await response.read())
        except BaseException:
            connection.abort()
            raise
        if connection.reusable:
            self._idle.append(connection)
        else:
            await connection.close()
        return answer

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().close()
