"""The keep-alive time of one connection."""

import asyncio
from collections.abc import Callable


class IdleTimer:
    """Calls `expired` when the connection was idle for `timeout` seconds without a break.

    Requests come far more often than the time runs out: beginning and ending an idle spell only
    notes the time, and one timer at a time looks whether it has come.
    """

    __slots__ = ("_expired", "_handle", "_loop", "_since", "_timeout")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, timeout: float, expired: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._timeout = timeout
        self._expired = expired
        self._since: float | None = None
        self._handle: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The connection is idle from now on."""
        self._since = self._loop.time()
        if self._handle is None:
            self._handle = self._loop.call_later(self._timeout, self._check)

    def end(self) -> None:
        """The connection is busy."""
        self._since = None

    def cancel(self) -> None:
        """Never call `expired`."""
        self._since = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _check(self) -> None:
        self._handle = None
        if self._since is None:
            return
        left = self._since + self._timeout - self._loop.time()
        if left > 0:
            self._handle = self._loop.call_later(left, self._check)
        else:
            self._expired()
