"""The one recorder of this process, made when the first traced app is called.

A ring has a single writer, so all traced apps of a process share it; and a server that forks its
workers after importing the app must not have them share one, so it is made late and forgotten in a
child."""

import atexit
import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from asgitrace.recorder.recorder import BODY_LIMIT, Recorder
from asgitrace.recorder.surroundings import describe_process
from asgitrace.ring import RingMemory, RingWriter, new_ring_path, room_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from asgitrace.ring import About

RING_SIZE: Final = 64 * 1024 * 1024
"""Bytes of a ring, unless told otherwise."""


class ProcessRecorder:
    """Holds the recorder of the current process."""

    _recorder: Recorder | None
    _writer: RingWriter | None
    _asked: bool
    _lock: threading.Lock
    _app = ""
    _entered: "Callable[[int], object] | None" = None
    _made: "Callable[[Recorder], None] | None" = None
    _left = False

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def arrange(
        self,
        app: str,
        entered: "Callable[[int], object]",
        made: "Callable[[Recorder], None]",
    ) -> None:
        """Somebody else has started this process to read its ring, and removes it then.

        Args:
            app: what the ring says of the app, ``module:attr``.
            entered: see Recorder.
            made: called with each recorder, within the first call of an app.
        """
        self._app, self._entered, self._made, self._left = app, entered, made, True

    def get(self, size: int, app: object = None, receive: object = None) -> Recorder | None:
        """The recorder, made on the first call with a ring of ``size`` bytes in the runtime
        directory; None where that failed, which is logged once and never the app's concern.

        The app and what it is given for ``receive`` are what the ring says of the process."""
        if self._asked:
            return self._recorder
        with self._lock:
            if not self._asked:
                try:
                    self._make(size, app, receive)
                except Exception as error:
                    _warn("Nothing is recorded in this process: %s", error)
                self._asked = True
        return self._recorder

    def finish(self) -> None:
        """The app's lifespan is over: remove the ring, and make another should there be more to
        record. Many a server ends by a signal, where ``atexit`` is not asked."""
        self._close()
        self._forget()

    def _make(self, size: int, app: object, receive: object) -> None:
        about = describe_process(self._app or app, receive)
        writer = RingWriter(make_ring(new_ring_path(), size, about))
        self._writer, self._recorder = writer, Recorder(writer, BODY_LIMIT, self._entered)
        atexit.register(self._close)
        # A forked child of multiprocessing ends without atexit.
        if util := sys.modules.get("multiprocessing.util"):
            util.Finalize(None, self._close, exitpriority=0)
        if self._made is not None:
            self._made(self._recorder)

    def _forget(self) -> None:
        self._recorder = self._writer = None
        self._asked = False
        # A new one: another thread of the parent may have held it.
        self._lock = threading.Lock()

    def _close(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.close(unlink=not self._left)


def make_ring(path: "Path", size: int, about: "About") -> RingMemory:
    """A ring of ``size`` bytes, or of fewer where there is no room for it, which is logged. Raises
    RingError."""
    room = room_for(path, size)
    if room < size:
        _warn("The ring has %d KiB in place of %d: there is no room in %s for more", room // 1024,
              size // 1024, path.parent)  # fmt: skip
    return RingMemory.create(path, room, about)


def _warn(text: str, *values: object) -> None:
    import logging

    logging.getLogger("asgitrace").warning(text, *values)


process_recorder: Final = ProcessRecorder()
