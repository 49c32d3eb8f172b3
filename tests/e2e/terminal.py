"""A program in a pseudo-terminal, and what is to be seen there: a terminal of 120 × 40 cells."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyte

from tests.e2e.conftest import PATIENCE, eventually

COLUMNS, LINES = 120, 40

KEYS: Final = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "ctrl+u": "\x15",
    "ctrl+z": "\x1a",
    "ctrl+q": "\x11",
    "ctrl+r": "\x12",
}
"""What a terminal sends; every other key sends itself."""

_ANSWERS: Final = {b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""Synchronised output is known and off."""
_SEQUENCE: Final = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])"
)
_NOT_FOR_PYTE: Final = re.compile(rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-?]*\$[@-~]")
"""Keyboard protocols and queries, which pyte would paint."""
_MODES: Final = {
    1049: "the alternate screen is on",
    1000: "mouse clicks are reported",
    1003: "mouse movements are reported",
    1006: "the mouse is reported in SGR",
    2004: "pastes are bracketed",
    1004: "focus is reported",
}


class Terminal:
    """Paints what a program writes, and types."""

    def __init__(self, process: subprocess.Popen[bytes], fd: int, cooked: list[object]) -> None:
        self.process = process
        self._fd = fd
        self._cooked = cooked
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def screen(self) -> list[str]:
        """All lines, without the blanks at their ends."""
        with self._lock:
            return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """All lines in one."""
        return "\n".join(self.screen())

    @property
    def title(self) -> str:
        """The title of the window."""
        with self._lock:
            return str(self._screen.title)

    def row(self, text: str) -> str:
        """The first line that has this text in it, or an empty one."""
        return next((line for line in self.screen() if text in line), "")

    def wait_until(self, seen: Callable[[str], object], what: str) -> str:
        """Wait until the screen is as it should be; returns it."""

        def looked() -> str:
            over = self.process.poll() is not None and not self._reader.is_alive()
            text = self.text()
            good = bool(seen(text))
            assert good or not over, f"it ended without: {what}\n{text}"
            return text if good else ""

        try:
            return str(eventually(looked, what))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    def wait_for(self, *texts: str) -> str:
        """Wait until all these are on the screen; returns it."""
        return self.wait_until(lambda text: all(part in text for part in texts), repr(texts))

    def wait_gone(self, part: str) -> str:
        """Wait until this is not on the screen; returns it."""
        return self.wait_until(lambda text: part not in text, f"no {part!r}")

    def press(self, *keys: str) -> None:
        """Type."""
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())

    def resize(self, columns: int, lines: int) -> None:
        """The window gets another size."""
        with self._lock:
            self._screen.resize(lines, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        # Its session is not that of this terminal, which would tell it.
        self.process.send_signal(signal.SIGWINCH)

    def answer(self, text: str, *, instead_of: str = "") -> None:
        """Type into the line that has the keys, in place of what is there, and enter it.

        Textual takes keys that are commands later than those that are text: each must be seen."""
        if instead_of:
            self.press("ctrl+u")
            self.wait_gone(instead_of)
        self.press(*text)
        self.wait_for(text)
        self.press("enter")

    def wait_end(self) -> int:
        """Wait for the program's end and all it painted; returns its exit status."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def left_behind(self) -> list[str]:
        """What is not as a shell expects it: nothing, where the terminal was given back."""
        with self._lock:
            modes = self._screen.mode
            left = [words for mode, words in _MODES.items() if mode << 5 in modes]
            if self._screen.cursor.hidden:
                left.append("the cursor is hidden")
        if termios.tcgetattr(self._fd)[:4] != self._cooked[:4]:
            left.append("input is raw")
        return left

    def stop(self) -> None:
        """Stop reading."""
        self._closed.set()
        self._reader.join(PATIENCE)

    def hang_up(self) -> None:
        """The terminal goes away, as when its window is closed, but without a signal."""
        self.stop()
        os.close(self._fd)
        self._fd = -1

    def close(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.stop()
        if self._fd >= 0:
            os.close(self._fd)

    def _read(self) -> None:
        while not self._closed.is_set():
            if not select.select([self._fd], [], [], 0.05)[0]:
                if self.process.poll() is not None:
                    return
                continue
            try:
                data = os.read(self._fd, 65_536)
            except OSError:  # The end of the other side, on Linux.
                return
            if not data:
                return
            self._paint(data)

    def _paint(self, data: bytes) -> None:
        data = self._rest + data
        for question, answer in _ANSWERS.items():
            for _ in range(data.count(question)):
                os.write(self._fd, answer)
        start = data.rfind(b"\x1b")
        whole = start < 0 or _SEQUENCE.match(data, start)
        data, self._rest = (data, b"") if whole else (data[:start], data[start:])
        with self._lock:
            self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))


@contextlib.contextmanager
def terminal(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    stderr: int | None = None,
) -> Iterator[Terminal]:
    """Run a program in a terminal of its own; killed at the end where it still runs.

    ``stderr``: a file descriptor, in place of the terminal."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        cooked = termios.tcgetattr(theirs)
        process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs if stderr is None else stderr,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        screen = Terminal(process, ours, cooked)
        try:
            yield screen
        finally:
            screen.close()
    finally:
        # Open until now: with none of these left, what was painted last could not be read.
        os.close(theirs)
