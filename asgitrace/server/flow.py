"""Flow control: coroutines that wait for a change, and the write side of one transport."""

import asyncio
import contextlib
from collections.abc import Iterator
from time import monotonic_ns
from typing import Any, Final, TypeAlias

from asgitrace.server.errors import ClientDisconnected
from asgitrace.wire import ConnectionLog, Wire

_COPY_LIMIT: Final = 64 * 1024
"""Above this size two writes are cheaper than joining the pieces."""
_HIGH_WATER: Final = 64 * 1024
"""Bytes in the transport's buffer from which on the app waits: asyncio's own default."""
_WAITING_KEPT: Final = 4096
"""Events whose second time is waited for on one connection."""

Buffer: TypeAlias = bytes | memoryview


class Waiters:
    """Wakes every coroutine that waits at the moment.

    One future for each waiter and not a shared one: a cancelled task cancels the future it awaits,
    and an app may well call `receive` from several tasks.
    """

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        self._futures: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Wait for the next `wake`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        try:
            await future
        finally:
            self._futures.remove(future)

    def wake(self) -> None:
        """Let all go on that wait now."""
        for future in self._futures:
            if not future.done():
                future.set_result(None)


Told: TypeAlias = tuple[Wire, int, int, dict[str, Any] | None, bool]
"""What bytes to be written are on the wire: the event, its size, number and content as `Wire` has
them, and whether more of the same message follows."""


class Outlet:
    """The write side of a transport: joins a held head with its body, and tells when to wait.

    With a `ConnectionLog`, everything is written together with the wire event that it is, and the
    log is told both its times: when it was made here, and when the socket had taken its last byte.
    For the second the transport's high-water mark is zero, so that it pauses as soon as anything
    waits in its buffer and resumes as soon as nothing does; what waits there longest and what came
    last are accepted at the same moment then. Under TLS it is the moment when the TLS layer had
    passed everything on. An event for which no second time is told never got that far.
    """

    __slots__ = (
        "_events",
        "_held",
        "_loop",
        "_paused",
        "_transport",
        "_waiters",
        "_waiting",
        "ended",
        "log",
        "sent",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        log: ConnectionLog | None = None,
    ) -> None:
        self.log = log
        self.ended = False
        """Nothing more is to be written: the connection is about to be closed."""
        self.sent = 0
        """Bytes written, counted where there is a log."""
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._events: list[tuple[Told, int]] = []
        """Events of what is held, and when each was made."""
        self._waiting: list[tuple[Wire, int, int, int]] = []
        """What the transport holds in its buffer, as `ConnectionLog.accepted` wants it."""
        self._waiters = Waiters()
        self._paused = False
        if log is not None:
            # TLS transports pause at the mark, others above it.
            transport.set_write_buffer_limits(high=1, low=0)

    def hold(self, data: bytes, event: Told | None = None) -> None:
        """Write `data` together with what follows, at the latest on the next turn of the loop.

        The app cannot await anything without the loop turning, so a head that is not followed at
        once by its body never waits for it.
        """
        self._held += data
        if event is not None:
            self._events.append((event, monotonic_ns()))
        self._loop.call_soon(self.flush)

    def write(self, data: Buffer, event: Told | None = None) -> None:
        """Write what was held, then `data`, which is `event` on the wire.

        Without a log the event is not looked at: do not make one.
        """
        if self._held:
            held, self._held = self._held, b""
            if len(data) > _COPY_LIMIT:
                self._put(held)
            else:
                data = held + data
        if event is not None:
            self._events.append((event, monotonic_ns()))
        self._put(data)

    def put_first(self, data: bytes, event: Told | None = None) -> None:
        """Write `data` before what is held; if nothing is any more, leave it."""
        if self._held:
            self._held = data + self._held
            if event is not None:
                self._events.insert(0, (event, monotonic_ns()))

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._put(held)

    def _put(self, data: Buffer) -> None:
        self._transport.write(data)
        if self.log is not None:
            self._tell(self.log, data)

    def _tell(self, log: ConnectionLog, data: Buffer) -> None:
        self.sent += len(data)
        events = self._events
        if log.raw:
            told: Told = (Wire.BYTES_OUT, len(data), 0, {"data": bytes(data)}, False)
            events.append((told, monotonic_ns()))
        lost = self._transport.is_closing()
        accepted = 0 if self._paused or lost else monotonic_ns()
        for (what, size, number, content, more), made in events:
            log.sent(what, made, accepted, size, number, content, more=more)
            if self._paused and len(self._waiting) < _WAITING_KEPT:
                self._waiting.append((what, made, size, number))
        events.clear()

    def announce(self, event: Told) -> int:
        """Tell of what is written in pieces from now on; returns the time, for `arrived`."""
        made = monotonic_ns()
        if self.log is not None:
            what, size, number, content, more = event
            self.log.sent(what, made, 0, size, number, content, more=more)
        return made

    def arrived(self, event: Told, made: int) -> None:
        """All the pieces of what was announced are written."""
        what, size, number, _, _ = event
        if self._paused:
            self._waiting.append((what, made, size, number))
        elif self.log is not None:
            self.log.accepted(what, made, size, number)

    @contextlib.contextmanager
    def unbuffered(self) -> Iterator[int | None]:
        """While bytes are written past the transport: it pauses as soon as it holds any itself.

        Gives the descriptor of the socket, None where nothing can be written to that directly.
        """
        transport = self._transport
        direct = transport.get_extra_info("sslcontext") is None and not (
            self.log is not None and self.log.raw
        )
        socket = transport.get_extra_info("socket") if direct else None
        if self.log is None:
            transport.set_write_buffer_limits(high=1, low=0)
        try:
            yield None if socket is None else socket.fileno()
        finally:
            if self.log is None:
                transport.set_write_buffer_limits()

    @property
    def empty(self) -> bool:
        """Whether the transport holds nothing."""
        return not self._transport.get_write_buffer_size()

    def count(self, size: int) -> None:
        """So many bytes were written past the transport."""
        self.sent += size

    async def made_room(self) -> None:
        """Wait until the transport can be given more. Raises `ClientDisconnected`."""
        if self._paused:
            await self.drain()
        else:
            await asyncio.sleep(0)
        if self.ended or self._transport.is_closing():
            raise ClientDisconnected

    def pause(self) -> None:
        """The transport's buffer is full; with a log, it is not empty."""
        self._paused = True

    def resume(self) -> None:
        """The transport's buffer has room again; with a log, it is empty."""
        self._paused = False
        self._tell_accepted()
        self._waiters.wake()

    def _tell_accepted(self) -> None:
        if self.log is not None:
            for what, made, size, number in self._waiting:
                self.log.accepted(what, made, size, number)
            self._waiting.clear()

    def lost(self, *, flushed: bool = False) -> None:
        """There is no transport any more. What waited never got out, unless it was ``flushed``:
        TLS does not say so of the last that it passes on before it closes."""
        if flushed:
            self._tell_accepted()
        self._paused = False
        self._held = b""
        self._events.clear()
        self._waiting.clear()
        self._waiters.wake()

    @property
    def blocked(self) -> bool:
        """Whether to `drain` before going on."""
        if self._paused:
            return self.log is None or self._transport.get_write_buffer_size() > _HIGH_WATER
        return self._transport.is_closing()

    async def drain(self) -> None:
        """Wait while the buffer is full, or until the loop has told that the transport is lost."""
        if not self._paused:
            # A transport swallows what is written after an error; an app that only ever sends
            # would keep the loop from saying so.
            await asyncio.sleep(0)
        while self._paused:
            await self._waiters.wait()
