"""Giving the terminal away for a while: to a debugger, a pager, an editor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from asgitrace.tui.driver import TraceDriver

if TYPE_CHECKING:
    from asgitrace.tui.app import TraceApp


class Aside:
    """Takes the screen away and brings it back; one at a time has the terminal.

    The trace goes on meanwhile, but nothing of it is painted. Where there is no terminal, as in
    tests, nothing is to be taken away."""

    def __init__(self, app: "TraceApp") -> None:
        self._app = app
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def on(self) -> bool:
        """Whether somebody else has the terminal."""
        return self._turn.locked()

    @asynccontextmanager
    async def stepped_aside(self) -> AsyncIterator[None]:
        """The terminal is the caller's, as it was before the screen came; waits for others that
        have it. The screen does not come back where the app is to quit, nor between two that wait
        for the terminal."""
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            self._leave()
            yield
        finally:
            self._turn.release()
            if not self._waiting:
                self._return()

    def _leave(self) -> None:
        driver = self._driver()
        if driver is not None and not driver.aside:
            self._app.app_suspend_signal.publish(self._app)
            driver.step_aside()

    def _return(self) -> None:
        driver = self._driver()
        if driver is None or not driver.aside or not self._app.stays:
            return
        driver.come_back()
        self._app.app_resume_signal.publish(self._app)
        self._app.refresh(layout=True)

    def _driver(self) -> TraceDriver | None:
        driver = self._app.terminal_driver
        return driver if isinstance(driver, TraceDriver) else None
