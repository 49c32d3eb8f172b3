"""The one recorder of this process, made when the first traced app is called.

A ring has a single writer, so all traced apps of a process share it; and a server that forks its
workers after importing the app must not have them share one, so it is made late and forgotten in a
child."""

import atexit
import os
import secrets
import sys
from typing import Final

from asgitrace.recorder.recorder import Recorder
from asgitrace.ring import RingMemory, RingWriter, runtime_directory

RING_SIZE: Final = 64 * 1024 * 1024
"""Bytes of a ring, unless told otherwise."""


class ProcessRecorder:
    """Holds the recorder of the current process."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None
        self._writer: RingWriter | None = None
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._close)

    def get(self, size: int, body_limit: int) -> Recorder:
        """The recorder, made on the first call with a ring of ``size`` bytes in the runtime
        directory."""
        if self._recorder is None:
            name = f"{os.getpid()}-{secrets.token_hex(4)}.ring"
            about = {"argv": [arg[:200] for arg in sys.argv[:8]], "python": sys.version.split()[0]}
            memory = RingMemory.create(runtime_directory() / name, size, about)
            self._writer = RingWriter(memory)
            self._recorder = Recorder(self._writer, body_limit)
        return self._recorder

    def _forget(self) -> None:
        self._recorder = self._writer = None

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close(unlink=True)


process_recorder: Final = ProcessRecorder()
