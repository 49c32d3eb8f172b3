"""Flow control: coroutines that wait for a change, and the write side of one transport."""

import asyncio

_COPY_LIMIT = 64 * 1024
"""Above this size two writes are cheaper than joining the pieces."""


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


class Outlet:
    """The write side of a transport: joins a held head with its body, and tells when to wait."""

    __slots__ = ("_held", "_loop", "_paused", "_transport", "_waiters")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._waiters = Waiters()
        self._paused = False

    def hold(self, data: bytes) -> None:
        """Write `data` together with what follows, at the latest on the next turn of the loop.

        The app cannot await anything without the loop turning, so a head that is not followed at
        once by its body never waits for it.
        """
        self._held += data
        self._loop.call_soon(self.flush)

    def write(self, data: bytes) -> None:
        """Write what was held, then `data`."""
        if self._held:
            held, self._held = self._held, b""
            if len(data) > _COPY_LIMIT:
                self._transport.write(held)
            else:
                data = held + data
        self._transport.write(data)

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def pause(self) -> None:
        """The transport's buffer is full."""
        self._paused = True

    def resume(self) -> None:
        """The transport's buffer has room again, or there is no transport any more."""
        self._paused = False
        self._waiters.wake()

    @property
    def blocked(self) -> bool:
        """Whether to `drain` before going on."""
        return self._paused or self._transport.is_closing()

    async def drain(self) -> None:
        """Wait while the buffer is full, or until the loop has told that the transport is lost."""
        if not self._paused:
            # A transport swallows what is written after an error; an app that only ever sends
            # would keep the loop from saying so.
            await asyncio.sleep(0)
        while self._paused:
            await self._waiters.wait()
