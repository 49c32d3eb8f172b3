"""A small WebSocket client: wsproto speaks the protocol, this module moves the bytes."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from typing import Self

import wsproto
from wsproto import events
from wsproto.connection import ConnectionState
from wsproto.extensions import PerMessageDeflate

from asgitrace.demo.transport import PATIENCE, READ_SIZE, ServerGone, Stream, Target


class HandshakeRejected(Exception):
    """The server answered a WebSocket handshake with an ordinary response."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebSocketClosed(Exception):
    """The WebSocket is closed; 1006 means that the connection was lost without a close frame."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class WebSocket:
    """The client's end of a WebSocket."""

    def __init__(self, stream: Stream) -> None:
        self.subprotocol: str | None = None
        self._stream = stream
        self._protocol = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self._events: deque[events.Event] = deque()
        self._parts: list[str | bytes | bytearray] = []
        self._closed: WebSocketClosed | None = None

    @classmethod
    async def connect(
        cls,
        target: Target,
        path: str,
        *,
        subprotocols: Iterable[str] = (),
        compress: bool = False,
    ) -> Self:
        """Connect and shake hands; raises `HandshakeRejected` with the status of a refusal.
        ``compress`` offers permessage-deflate (RFC 7692)."""
        websocket = cls(await Stream.open(target))
        request = events.Request(
            host=target.authority,
            target=path,
            subprotocols=list(subprotocols),
            extensions=[PerMessageDeflate()] if compress else [],
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await websocket._shake_hands(request)
        except BaseException:
            websocket.abort()
            raise
        return websocket

    async def send(self, data: str | bytes) -> None:
        """Send a text or a binary message; raises `WebSocketClosed` where that is over."""
        if self._closed is not None:
            raise self._closed
        message: events.Event
        if isinstance(data, str):
            message = events.TextMessage(data=data)
        else:
            message = events.BytesMessage(data=data)
        await self._emit(message)

    async def receive(self) -> str | bytes:
        """The next whole message; raises `WebSocketClosed` when there is none to come.

        Cancelling it loses nothing: the next call goes on where this one was.
        """
        while True:
            match await self._next_event():
                case events.TextMessage(data=data, message_finished=last):
                    self._parts.append(data)
                    if last:
                        return "".join(str(part) for part in self._take_parts())
                case events.BytesMessage(data=data, message_finished=last):
                    self._parts.append(data)
                    if last:
                        return b"".join(p for p in self._take_parts() if not isinstance(p, str))

    async def ping(self, payload: bytes = b"") -> None:
        """Ask whether the server is there; its answer is taken in with what comes next."""
        if self._closed is not None:
            raise self._closed
        await self._emit(events.Ping(payload=payload))

    async def close(self, code: int = 1000, reason: str = "") -> int:
        """Close with a code; the code with which the server answered."""
        if self._closed is not None:
            return self._closed.code
        with contextlib.suppress(ConnectionError):
            await self._emit(events.CloseConnection(code=code, reason=reason))
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.receive()
        except WebSocketClosed as closed:
            return closed.code
        except TimeoutError:
            self.abort()
            return 1006

    def abort(self) -> None:
        """Drop the TCP connection without a close frame."""
        self._stream.abort()

    async def _shake_hands(self, request: events.Request) -> None:
        await self._emit(request)
        event = await self._next_event()
        if isinstance(event, events.RejectConnection):
            raise HandshakeRejected(event.status_code)
        assert isinstance(event, events.AcceptConnection)
        self.subprotocol = event.subprotocol

    def _take_parts(self) -> list[str | bytes | bytearray]:
        parts, self._parts = self._parts, []
        return parts

    async def _next_event(self) -> events.Event:
        while not self._events:
            if self._closed is not None:
                raise self._closed
            try:
                data = await self._stream.reader.read(READ_SIZE)
            except ConnectionError:
                data = b""
            if data:
                self._take_in(data)
            else:
                self.abort()
                self._closed = WebSocketClosed(1006)
        return self._events.popleft()

    def _take_in(self, data: bytes) -> None:
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._handle(event)
        except wsproto.utilities.ProtocolError as error:
            self.abort()
            raise ServerGone(str(error)) from error

    def _handle(self, event: events.Event) -> None:
        """Answer control frames at once, without waiting, so that no cancellation comes between."""
        state = self._protocol.state
        match event:
            case events.Ping():
                if state is ConnectionState.OPEN:
                    self._stream.writer.write(self._protocol.send(event.response()))
            case events.CloseConnection(code=code, reason=reason):
                if state is ConnectionState.REMOTE_CLOSING:
                    self._stream.writer.write(self._protocol.send(event.response()))
                self._stream.writer.close()
                self._closed = WebSocketClosed(code, reason)
            case _:
                self._events.append(event)

    async def _emit(self, event: events.Event) -> None:
        await self._stream.write(self._protocol.send(event))
