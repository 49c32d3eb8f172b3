"""The terminal's side of the screen: reads what is painted, at full speed or slowly, and notes when
each frame had arrived."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from benchmarks.terminal import ANSWER, ASKED, plain, spawned

_BEGIN: Final = b"\x1b[?2026h"
_END: Final = b"\x1b[?2026l"
_MARK: Final = "▎".encode()
_SELECTED: Final = re.compile(_MARK + rb"[^0-9\n]{0,16}?([0-9]+)")
"""The cursor's mark at the left of a row, and the row's number behind it."""
_FAST: Final = 65_536
_SLOW: Final = 4096


class Frame(NamedTuple):
    """One update of the screen, as a whole."""

    at: float
    """When its last byte had been read, on the clock of `time.perf_counter`."""
    size: int
    selected: int | None
    """The number of the row with the cursor, if it was painted."""
    text: bytes
    """Without control sequences."""


class Watch:
    """A program in a terminal, whose frames are kept."""

    def __init__(self, fd: int, process: subprocess.Popen[bytes], started: float) -> None:
        self._fd = fd
        self.process = process
        self.started = started
        self.frames: list[Frame] = []
        self.bytes_painted = 0
        self.raw: bytearray | None = None
        """All that was written, where it is wanted."""
        self.pause = 0.0
        """Seconds before each read of a slow terminal."""
        self.splash: float | None = None
        """When the alternate screen was entered."""
        self._rest = b""
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def press(self, keys: bytes) -> float:
        """Type; tells when."""
        at = time.perf_counter()
        os.write(self._fd, keys)
        return at

    def wait(
        self, wanted: Callable[[Frame], object], timeout: float, *, since: float = 0.0
    ) -> Frame | None:
        """The first frame later than ``since`` that is as wanted; None where none comes."""
        deadline = time.perf_counter() + timeout
        at = 0
        with self._news:
            while True:
                for frame in self.frames[at:]:
                    if frame.at >= since and wanted(frame):
                        return frame
                at = len(self.frames)
                left = deadline - time.perf_counter()
                if left <= 0 or self._over:
                    return None
                self._news.wait(min(left, 0.2))

    def between(self, start: float, end: float) -> list[Frame]:
        """The frames of a time."""
        with self._news:
            return [frame for frame in self.frames if start <= frame.at < end]

    def forget(self) -> None:
        """Let go of the frames up to now."""
        with self._news:
            del self.frames[:]

    def selected(self) -> int | None:
        """The number of the row with the cursor, as last painted."""
        with self._news:
            painted = (frame.selected for frame in reversed(self.frames))
            return next((number for number in painted if number is not None), None)

    def end(self, number: int = signal.SIGTERM, timeout: float = 8.0) -> int | None:
        """Send a signal, read to the end; the exit status, None if it had to be killed."""
        self.pause = 0.0
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        return self.ended(timeout)

    def ended(self, timeout: float) -> int | None:
        """The exit status, once all is read; None if it had to be killed."""
        try:
            status: int | None = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._thread.join(2.0)
        return status

    def cooked(self) -> bool:
        """Whether the terminal echoes and edits lines, as a shell wants it."""
        wanted = termios.ICANON | termios.ECHO | termios.ISIG
        flags = int(termios.tcgetattr(self._fd)[3])
        return flags & wanted == wanted

    def last_words(self) -> str:
        """The last that was painted."""
        with self._news:
            words = plain(self._rest) or (self.frames[-1].text if self.frames else b"")
        return " ".join(words.decode(errors="replace").split())[-400:] or "it painted nothing"

    def _read(self) -> None:
        while True:
            if self.pause:
                time.sleep(self.pause)
            ready, _, _ = select.select([self._fd], [], [], 0.1)
            if not ready:
                if self.process.poll() is not None:
                    break
                continue
            try:
                data = os.read(self._fd, _SLOW if self.pause else _FAST)
            except OSError:  # On Linux the end of the other side is an input/output error.
                break
            if not data:
                break
            self._take(data, time.perf_counter())
        with self._news:
            self._over = True
            self._news.notify_all()

    def _take(self, data: bytes, at: float) -> None:
        self.bytes_painted += len(data)
        if self.raw is not None:
            self.raw += data
        if ASKED in data:
            os.write(self._fd, ANSWER)
        if self.splash is None and b"\x1b[?1049h" in data:
            self.splash = at
        *whole, self._rest = (self._rest + data).split(_END)
        if not whole:
            return
        with self._news:
            for piece in whole:
                _, _, painted = piece.rpartition(_BEGIN)
                text = plain(painted)
                found = _SELECTED.search(text)
                number = int(found[1]) if found else None
                self.frames.append(Frame(at, len(painted), number, text))
            self._news.notify_all()


@contextlib.contextmanager
def watching(
    command: Sequence[str],
    *,
    pass_fds: Sequence[int] = (),
    keep: bool = False,
    environment: dict[str, str] | None = None,
) -> Iterator[Watch]:
    """Run a program in a terminal that keeps what is painted; ended afterwards."""
    with spawned(command, pass_fds=pass_fds, environment=environment) as (fd, process, started):
        watch = Watch(fd, process, started)
        if keep:
            watch.raw = bytearray()
        try:
            yield watch
        finally:
            if process.poll() is None:
                watch.end()


class Control:
    """The line to the viewer's session."""

    def __init__(self, ours: socket.socket) -> None:
        self._file = ours.makefile("rwb")
        ours.settimeout(120.0)

    def ask(self, question: str) -> dict[str, Any]:
        """Its answer to one line. Raises OSError, ValueError where it is gone."""
        self._file.write(question.encode() + b"\n")
        self._file.flush()
        answer: dict[str, Any] = json.loads(self._file.readline())
        return answer
