"""The user's terminal in the app's process, for as long as a debugger has it."""

import contextlib
import fcntl
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Final, TextIO

Divert = Callable[[Mapping[int, int]], AbstractContextManager[None]]
"""Lets what is written to the standard streams, by the numbers of their file descriptors, go to
others for a while."""

_STREAMS: Final = ("stdin", "stdout", "stderr")


class BorrowedTerminal:
    """A terminal that is put in the place of the standard streams and taken away again.

    What other threads print meanwhile goes where it always does. Only the file descriptors cannot
    tell threads apart: what is written to them directly is seen in the terminal."""

    def __init__(self, fd: int, divert: Divert) -> None:
        self._fd = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
        os.close(fd)
        self._divert = divert
        self._streams: list[TextIO] = []
        self._fitted: Any = None

    def close(self) -> None:
        """It is gone."""
        os.close(self._fd)

    @contextlib.contextmanager
    def given_to(self, debugger: Any) -> Iterator[None]:
        """Let a debugger of this thread ask here."""
        with self._descriptors(), self._files(), self._attributes_of(debugger), _signals():
            self._fit(debugger)
            yield

    @contextlib.contextmanager
    def _descriptors(self) -> Iterator[None]:
        """The file descriptors 0, 1 and 2 are the terminal."""
        with contextlib.ExitStack() as back:
            kept = {number: _duplicate(number) for number in range(3)}
            for number, copy in kept.items():
                back.callback(_restore, copy, number)
            ways = {number: copy for number, copy in kept.items() if number and copy is not None}
            back.enter_context(self._divert(ways))
            for number in range(3):
                os.dup2(self._fd, number)
            yield

    @contextlib.contextmanager
    def _files(self) -> Iterator[None]:
        """`sys.stdin`, `sys.stdout` and `sys.stderr` are the terminal in this thread."""
        if not self._streams:
            # Not before: the app may have closed the file descriptors.
            self._streams = [_open(number) for number in range(3)]
        before = [getattr(sys, name) for name in _STREAMS]
        thread = threading.get_ident()
        for name, own, others in zip(_STREAMS, self._streams, before, strict=True):
            setattr(sys, name, PerThread(thread, own, others))
        try:
            yield
        finally:
            for name, own, others in zip(_STREAMS, self._streams, before, strict=True):
                with contextlib.suppress(OSError, ValueError):
                    own.flush()
                setattr(sys, name, others)

    @contextlib.contextmanager
    def _attributes_of(self, debugger: Any) -> Iterator[None]:
        """What a debugger took for its input and output when it was made."""
        kept = debugger.stdin, debugger.stdout
        debugger.stdin, debugger.stdout = self._streams[:2]
        try:
            yield
        finally:
            debugger.stdin, debugger.stdout = kept

    def _fit(self, debugger: Any) -> None:
        """A debugger with a prompt of prompt_toolkit's made it for a terminal that was none."""
        if self._fitted is debugger or not hasattr(debugger, "pt_init"):
            return
        self._fitted = debugger
        module: Any = sys.modules.get("IPython.terminal.debugger")
        if module is None:
            return
        from prompt_toolkit.application import create_app_session
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        stdin, stdout, _ = self._streams
        module._use_simple_prompt = False
        with create_app_session(input=create_input(stdin), output=create_output(stdout)):
            debugger.pt_init()


class PerThread:
    """One stream for one thread and another for all others."""

    def __init__(self, thread: int, own: TextIO, others: TextIO) -> None:
        self._thread = thread
        self._own = own
        self._others = others

    def __getattr__(self, name: str) -> Any:
        return getattr(self._current, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._current)

    def __next__(self) -> str:
        return next(self._current)

    @property
    def _current(self) -> TextIO:
        return self._own if threading.get_ident() == self._thread else self._others


def _open(number: int) -> TextIO:
    """A text stream of a standard file descriptor, as Python makes it for a terminal."""
    raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    buffer = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer, "utf-8", "backslashreplace" if number else "replace", line_buffering=True
    )


def _duplicate(number: int) -> int | None:
    """Another file descriptor for the same, none of the standard ones, which the app may have
    closed; None where it has closed this one."""
    try:
        return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)
    except OSError:
        return None


def _restore(kept: int | None, number: int) -> None:
    if kept is None:
        os.close(number)
        return
    os.dup2(kept, number, inheritable=True)
    os.close(kept)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """In the main thread an interrupt is for the debugger, and the wish that the process ends ends
    the debugger; the loop, which stands, learns of that one afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []

    def leave(number: int, frame: FrameType | None) -> None:
        # Late: it is there, as there is a debugger.
        from bdb import BdbQuit

        asked.append(number)
        raise BdbQuit

    with contextlib.ExitStack() as back:
        back.callback(_send, asked)
        wakeup = signal.set_wakeup_fd(-1)
        back.callback(signal.set_wakeup_fd, wakeup, warn_on_full_buffer=False)
        for number, own in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, leave)):
            back.callback(_handle_again, number, signal.signal(number, own), wakeup >= 0)
        yield


def _send(numbers: Iterable[int]) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)


def _handle_again(number: int, handler: Any, looping: bool) -> None:
    if handler is None:
        return  # not Python's, which cannot put it back
    signal.signal(number, handler)
    if looping:
        # As event loops have it: what the app waits for in the system is not to fail.
        signal.siginterrupt(number, False)
