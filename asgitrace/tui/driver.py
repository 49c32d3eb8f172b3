"""Textual's driver for a terminal that may go away, as when its window is closed."""

import os
import select
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from io import TextIOWrapper


class TerminalFile:
    """Where the screen is painted. Once that fails nothing is written any more, nor raised.

    Textual writes in a thread; an exception would end it, and with nobody to take what is painted
    the app would wait for it for ever."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._gone = False

    def write(self, text: str) -> int:
        self._do(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        self._do(self._file.flush)

    def _do(self, work: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            work()
        except (OSError, ValueError):
            self._gone = True
            self._discard()
            self._lost()

    def _discard(self) -> None:
        """What is still to be written goes nowhere: Python would fail at its end to write it."""
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._file.fileno())
            os.close(nowhere)


class TraceDriver(LinuxDriver):
    """Paints on standard output, so that standard error can be sent elsewhere, and tells the app
    (its ``hang_up``) when the terminal is gone."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        out = cast("TextIOWrapper", sys.__stdout__)
        # Glyphs that a terminal's old encoding does not have are no reason to end.
        out.reconfigure(errors="replace")
        self._file = cast("Any", TerminalFile(out, self._lost))
        self.aside = False
        """Somebody else has the terminal: nothing is painted."""
        self._watch = select.poll()
        if os.isatty(self.fileno):
            self._watch.register(self.fileno, 0)

    @property
    def terminal_gone(self) -> bool:
        """Whether the terminal was closed, which a signal may have told or not, and which painting
        would show, if there were something to paint."""
        return bool(self._watch.poll(0))

    def write(self, data: str) -> None:
        if not self.aside:
            super().write(data)

    def step_aside(self) -> None:
        """Give the terminal away as it was before."""
        self.suspend_application_mode()
        self.aside = True
        self._auto_restart = False

    def come_back(self) -> None:
        """Take the terminal again, whatever size it has now."""
        self.aside = False
        self._auto_restart = True
        self.resume_application_mode()

    def _lost(self) -> None:
        """Called in the thread that writes; a loop that is closed needs no telling."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(cast("Any", self._app).hang_up)

    def _sigcont_application(self, *_: object) -> None:
        """Resume, if there is something to resume: a terminal that was given back meanwhile.

        A hangup comes with this signal too, and then there is no terminal."""
        try:
            raw = not termios.tcgetattr(self.fileno)[3] & termios.ICANON
        except (termios.error, OSError):
            return
        if not raw:
            super()._sigcont_application()
