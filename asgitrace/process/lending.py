"""Lending the user's terminal to the debugger in the app's process."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from asgitrace.process.relay import Relay, open_terminal
from asgitrace.process.spec import Answer, DebuggerDone, DebuggerWaits, Denied, Granted

Lender = Callable[[], AbstractAsyncContextManager[None]]
"""Who has the terminal steps aside for as long as this lasts."""

PAUSE: Final = 0.2
"""Seconds after which a debugger that asks no more is over: while it is stepped, the screen does
not come back between two of its prompts."""

_TICK: Final = 0.02


class Borrower(Protocol):
    """The app's process, as far as it borrows."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def answer(self, answer: Answer, fd: int | None = None) -> None: ...


class Lending:
    """The terminal as one process of the app borrows it, again and again."""

    def __init__(self, app: Borrower, lender: Callable[[], Lender | None]) -> None:
        self._app = app
        self._lender = lender
        self._wish: DebuggerWaits | None = None
        self._granted = False
        self._ended = False
        self._lending: asyncio.Task[None] | None = None

    def take(self, report: DebuggerWaits | DebuggerDone) -> None:
        """The process wants the terminal, or needs it no longer."""
        if isinstance(report, DebuggerDone):
            self._wish, self._granted = None, False
            return
        self._wish = report
        lender = self._lender()
        if self._ended or lender is None:
            self._deny()
        elif self._lending is None or self._lending.done():
            self._lending = asyncio.get_running_loop().create_task(self._lend(lender))
            self._lending.add_done_callback(self._look_again)

    def end(self) -> None:
        """The process is to end: its debugger reads the end of what is typed, and gets the terminal
        no more."""
        self._ended = True

    async def over(self) -> None:
        """Wait until the terminal is back."""
        if self._lending is not None:
            with contextlib.suppress(Exception):
                await asyncio.shield(self._lending)

    async def _lend(self, lender: Lender) -> None:
        async with lender():
            terminal = None if self._over else open_terminal()
            if terminal is None:
                self._deny()
                return
            relay = Relay(terminal, self._interrupt)
            with relay.running(self._resized):
                relay.say(_announce(self._where))
                self._grant(relay.slave)
                relay.hand_over()
                await self._until_left(relay)

    def _look_again(self, lending: "asyncio.Task[None]") -> None:
        """A wish may have come while the terminal was being given back."""
        if self._wish is None or self._granted:
            return
        if self._ended or lending.cancelled() or lending.exception() is not None:
            self._deny()
        else:
            self.take(self._wish)

    async def _until_left(self, relay: Relay) -> None:
        """Wait until the debugger asks no more; grant again where it does."""
        left: float | None = None
        where = self._where
        while not (self._over or relay.lost):
            await asyncio.sleep(_TICK)
            if self._wish is not None:
                left = None
                if not self._granted:
                    if self._where != where:
                        where = self._where
                        relay.say(_announce(where))
                    self._grant()
            elif left is None:
                left = time.monotonic()
            elif time.monotonic() - left >= PAUSE and relay.quiet:
                return

    @property
    def _where(self) -> str:
        return "" if self._wish is None else self._wish.where

    @property
    def _over(self) -> bool:
        return self._ended or self._app.poll() is not None

    def _grant(self, fd: int | None = None) -> None:
        self._granted = True
        self._app.answer(Granted(fd is not None), fd)

    def _deny(self) -> None:
        """Refuse a wish that waits; one that was granted is at its end by itself."""
        if self._wish is not None and not self._granted:
            self._app.answer(Denied(self._ended))
            self._wish = None

    def _interrupt(self) -> bool:
        """As the terminal would do it: for the process and those that it started."""
        wish = self._wish
        if wish is None:
            return True
        if wish.interruptible:
            self._signal(signal.SIGINT)
        return wish.interruptible

    def _resized(self) -> None:
        self._signal(signal.SIGWINCH)

    def _signal(self, number: int) -> None:
        if self._app.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._app.pid, number)


def _announce(where: str) -> str:
    # Late: only who stops at a breakpoint needs it.
    from asgitrace.views.clean import clean

    place = f" in {clean(where)}" if where else ""
    return f"asgitrace: breakpoint{place}, `c` continues, the screen comes back then"
