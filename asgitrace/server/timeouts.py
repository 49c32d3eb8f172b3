"""How long one connection waits for its client."""

import asyncio
from collections.abc import Callable
from enum import Enum


class Wait(Enum):
    """What is waited for, in the words of `Wire.TIMEOUT`."""

    HEAD = "request head"
    CONTENT = "request body"
    NEXT = "next request"


class Deadline:
    """Calls `expired` when what is waited for did not come in time.

    Requests come far more often than a time runs out: to wait, and to wait no more, only notes the
    time, and one timer at a time looks whether it has come.
    """

    __slots__ = ("_at", "_due", "_expired", "_handle", "_loop", "seconds", "wait")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, expired: Callable[["Deadline"], None]
    ) -> None:
        self.wait: Wait | None = None
        """What is waited for now."""
        self.seconds = 0.0
        """How long at most."""
        self._loop = loop
        self._expired = expired
        self._at = 0.0
        self._due = 0.0
        """When the timer looks."""
        self._handle: asyncio.TimerHandle | None = None

    def begin(self, wait: Wait, seconds: float | None) -> None:
        """Wait from now on, or without a limit if that is None."""
        if seconds is None:
            self.wait = None
            return
        self.wait, self.seconds = wait, seconds
        self._at = self._loop.time() + seconds
        if self._handle is None or self._due > self._at:
            self._set_timer()

    def end(self) -> None:
        """Nothing is waited for."""
        self.wait = None

    def cancel(self) -> None:
        """Never call `expired`."""
        self.wait = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _set_timer(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._due = self._at
        self._handle = self._loop.call_at(self._at, self._look)

    def _look(self) -> None:
        self._handle = None
        if self.wait is None:
            return
        if self._at > self._loop.time():
            self._set_timer()
        else:
            self._expired(self)
