"""The parent of the app's process, as that process sees it."""

import contextlib
import os
import queue
import signal
import socket
import threading
import time
from typing import Final

import msgspec

from asgitrace.process.spec import Answer, Denied, Granted, Orders, Report

_CHUNK: Final = 65_536


class Parent:
    """The other end of the control socket: orders and answers come in, reports go out."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._socket.set_inheritable(False)
        self._rest = b""
        self._fds: list[int] = []
        self._answers: queue.SimpleQueue[tuple[Answer, int | None]] = queue.SimpleQueue()
        self._reporting = threading.Lock()

    def orders(self) -> Orders:
        """Wait for the orders."""
        return msgspec.json.decode(self._line() or b"", type=Orders)

    def report(self, report: Report) -> None:
        """Send a report; a parent that is gone does not mind."""
        with self._reporting, contextlib.suppress(OSError):
            self._socket.sendall(msgspec.json.encode(report) + b"\n")

    def ask(self, report: Report) -> tuple[Answer, int | None]:
        """Send a report that is answered, and wait for the answer; with it may come a file
        descriptor. One thread at a time may ask."""
        self.report(report)
        return self._answers.get()

    def watch(self, patience: float) -> None:
        """End this process when the parent goes: in good order if it can, within ``patience``
        seconds even if the app blocks its loop."""
        threading.Thread(
            target=self._wait, args=(patience,), name="asgitrace-parent", daemon=True
        ).start()

    def _wait(self, patience: float) -> None:
        with contextlib.suppress(OSError):
            while line := self._line():
                answer: Answer = msgspec.json.decode(line, type=Answer)
                fresh = isinstance(answer, Granted) and answer.fresh
                self._answers.put((answer, self._fds.pop(0) if fresh else None))
        self._answers.put((Denied(), None))
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    def _line(self) -> bytes:
        """The next line; empty when the parent is gone."""
        while b"\n" not in self._rest:
            data, fds, _, _ = socket.recv_fds(self._socket, _CHUNK, 4)
            if not data:
                return b""
            for fd in fds:
                os.set_inheritable(fd, False)
            self._fds += fds
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line
