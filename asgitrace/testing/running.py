"""A trace that is being recorded in this process, with the interface of one that was loaded."""

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from asgitrace.asgi import App, LegacyApp
from asgitrace.library import Holder, LoadedExchange, LoadedTrace
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.store import Store
from asgitrace.words import counted

RING_SIZE: Final = 4 * 1024 * 1024
"""Bytes of the ring of a test, unless told otherwise."""

_MEMORY: Final = 64 * 1024 * 1024
_PORTION: Final = 65_536


class RunningTrace(LoadedTrace):
    """What the wrapped apps of this process do, as far as they have come when one looks.

        client = TestClient(trace(app))

    Any number of apps can be wrapped. They may run in any thread, task and event loop. The ring is
    made when the first app is wrapped, in a temporary file that has no name any more.

    Args:
        ring_size: bytes of the ring. What is overwritten before one looks is ``missed``.
    """

    _holder: "_Running"

    def __init__(self, ring_size: int = RING_SIZE) -> None:
        super().__init__(_Running(ring_size), None, None)
        self._before = 0

    def __call__(self, app: App | LegacyApp, *, body_limit: int | None = None) -> Trace:
        """Wrap an app so that its exchanges are in this trace.

        Args:
            app: an ASGI application.
            body_limit: bytes of a body that are kept of each message; 64 KiB if not given.
        """
        return Trace(app, recorder=self._holder.recorder(), body_limit=body_limit)

    def __repr__(self) -> str:
        return f"<RunningTrace of {counted(len(self), 'exchange')}>"

    @property
    def wrapped(self) -> bool:
        """Whether an app has been wrapped."""
        return self._holder.begun

    @property
    def last_look(self) -> tuple[LoadedExchange, Any] | None:
        """The exchange that was asked last, and what it answered."""
        return self._holder.last_look

    @property
    def this_test(self) -> LoadedTrace:
        """The exchanges that began in the present test, after its fixtures had been set up, as far
        as they are there now."""
        numbers = self._numbers
        return LoadedTrace(self._holder, numbers[numbers > self._before], None)

    def begin_test(self) -> None:
        """A test begins."""
        self._before = max(self.numbers, default=0)

    def close(self) -> None:
        """Take in what there is; nothing comes after that."""
        self._holder.close()


class _Running(Holder):
    """Store, ring and recorder of a running trace."""

    def __init__(self, ring_size: int) -> None:
        super().__init__(Store(_MEMORY))
        self.last_look: tuple[LoadedExchange, Any] | None = None
        self._ring_size = ring_size
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._reader: RingReader | None = None

    @property
    def begun(self) -> bool:
        return self._recorder is not None

    def recorder(self) -> Recorder:
        """The recorder, made when it is first asked for. Raises RingError."""
        with self._lock:
            if self._recorder is None:
                with TemporaryDirectory(prefix="asgitrace-") as folder:
                    memory = RingMemory.create(Path(folder, "test.ring"), self._ring_size)
                    self._reader = reader = RingReader.open(memory.path)
                layout = reader.layout
                self._source = self.store.add_process(layout.pid, layout.anchor, "tests").source
                self._recorder = Recorder(RingWriter(memory))
            return self._recorder

    def refresh(self) -> int:
        with self._lock:
            reader = self._reader
            while reader is not None and (batch := reader.poll(_PORTION)):
                self.store.take(self._source, batch)
                if batch.count < _PORTION:
                    # Whoever writes all the time is not waited for.
                    break
        return time.monotonic_ns()

    def exchange(self, number: int) -> LoadedExchange:
        return _Watched(self, number)

    def close(self) -> None:
        self.refresh()
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None


class _Watched(LoadedExchange):
    """Remembers what it was asked last, so that a failed assertion can show whose value it was."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if not name.startswith("_"):
            holder: _Running = super().__getattribute__("_holder")
            holder.last_look = self, value
        return value
