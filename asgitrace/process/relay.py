"""Between the user's terminal and a pseudo-terminal that a debugger has.

The app's process never touches the terminal itself: it is in a session of its own, and whatever
becomes of it, we have the terminal as it was."""

import asyncio
import contextlib
import errno
import fcntl
import os
import pty
import signal
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from typing import Any, Final, Self

_CHUNK: Final = 4096
_WAITING: Final = 65_536
"""Bytes for a terminal that does not keep up; beyond it the debugger waits."""

_DISCARD_LINE: Final = b"\x15"
_RESET: Final = b"\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1l\x1b>"
"""No colours, the cursor shown, pastes and keys as usual: a debugger that was killed left it so."""


def open_terminal() -> int | None:
    """The terminal that the user types in, on a file descriptor of its own, so that nobody else's
    becomes non-blocking; None where there is none, or it is another job's at present."""
    try:
        name = os.ttyname(0)
        fd = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None
    with contextlib.suppress(OSError):  # not our session's: then there are no jobs
        if os.tcgetpgrp(fd) != os.getpgrp():
            os.close(fd)
            return None
    return fd


class Relay:
    """Carries what is typed to the debugger, and what that writes to the terminal.

    Args:
        terminal: a non-blocking file descriptor of the user's terminal; closed at the end.
        interrupt: called for an interrupt that was typed, where the debugger left the terminal to
            turn it into a signal; False says that nobody can be interrupted by one.
    """

    def __init__(self, terminal: int, interrupt: Callable[[], bool]) -> None:
        self._terminal = terminal
        self._interrupt = interrupt
        self._cooked = termios.tcgetattr(terminal)
        self._master, self._slave = pty.openpty()
        termios.tcsetattr(self._slave, termios.TCSANOW, self._cooked)
        os.set_blocking(self._master, False)
        self._to_terminal = bytearray()
        self._to_debugger = bytearray()
        self._loop = asyncio.get_running_loop()
        self.lost = False
        """The terminal is gone."""

    @property
    def slave(self) -> int:
        """The debugger's side, until `hand_over`."""
        return self._slave

    def hand_over(self) -> None:
        """The debugger has its side."""
        os.close(self._slave)

    @property
    def quiet(self) -> bool:
        """Whether all that was written is in the terminal."""
        return not self._to_terminal

    def say(self, text: str) -> None:
        """Write a line of our own."""
        self._to_terminal += text.encode("utf-8", "replace") + b"\r\n"
        self._flush_terminal()

    @contextlib.contextmanager
    def running(self, resized: Callable[[], None]) -> Iterator[Self]:
        """Carry; afterwards the terminal is as it was, and the debugger reads its end.

        ``resized`` is called after the terminal got another size."""

        def resize() -> None:
            self._resize()
            resized()

        self._resize()
        self._loop.add_signal_handler(signal.SIGWINCH, resize)
        try:
            with contextlib.suppress(termios.error):
                tty.setraw(self._terminal, termios.TCSANOW)
            self._loop.add_reader(self._terminal, self._typed)
            self._loop.add_reader(self._master, self._written)
            yield self
        finally:
            self._loop.remove_signal_handler(signal.SIGWINCH)
            self._stop()

    def _stop(self) -> None:
        for fd in (self._terminal, self._master):
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)
        os.close(self._master)
        with contextlib.suppress(OSError):
            os.write(self._terminal, bytes(self._to_terminal) + _RESET)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._terminal, termios.TCSANOW, self._cooked)
        os.close(self._terminal)

    def _resize(self) -> None:
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(self._terminal, termios.TIOCGWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    # To the debugger

    def _typed(self) -> None:
        data = self._read(self._terminal)
        if data is None:
            return
        if not data:
            self.lost = True
            self._loop.remove_reader(self._terminal)
            return
        self._to_debugger += self._with_interrupts(data)
        self._flush_debugger()

    def _with_interrupts(self, data: bytes) -> bytes:
        """What was typed, interrupts in it told."""
        mode = self._mode()
        if mode is None or not mode[3] & termios.ISIG:
            return data
        key: bytes = mode[6][termios.VINTR]
        if key not in data or self._interrupt():
            return data
        # At a prompt that edits lines itself the least that can be done is to discard the line.
        return data if mode[3] & termios.ICANON else data.replace(key, _DISCARD_LINE)

    def _mode(self) -> list[Any] | None:
        try:
            return termios.tcgetattr(self._master)
        except termios.error:
            return None

    def _flush_debugger(self) -> None:
        self._flush(self._master, self._to_debugger, self._flush_debugger)

    # To the terminal

    def _written(self) -> None:
        data = self._read(self._master)
        if data is None:
            return
        if not data:
            self._loop.remove_reader(self._master)
            return
        self._to_terminal += data
        self._flush_terminal()

    def _flush_terminal(self) -> None:
        self._flush(self._terminal, self._to_terminal, self._flush_terminal)
        if len(self._to_terminal) > _WAITING:
            self._loop.remove_reader(self._master)
        elif not self.lost:
            self._loop.add_reader(self._master, self._written)

    # Both

    def _read(self, fd: int) -> bytes | None:
        """What there is; None where there is nothing yet, empty at the end."""
        try:
            return os.read(fd, _CHUNK)
        except OSError as error:
            return None if error.errno in (errno.EAGAIN, errno.EINTR) else b""

    def _flush(self, fd: int, data: bytearray, again: Callable[[], None]) -> None:
        """Write what can be written; the rest when there is room."""
        try:
            while data:
                del data[: os.write(fd, data[:_CHUNK])]
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                self._loop.add_writer(fd, again)
                return
            data.clear()
        self._loop.remove_writer(fd)
