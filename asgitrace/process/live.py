"""An app under asgitrace's own server as a session: its process, its ring, its debugger."""

import contextlib
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from asgitrace.errors import RingError
from asgitrace.process.app_process import AppProcess, describe_exit
from asgitrace.process.lending import Lending
from asgitrace.process.output_pipes import Owner, owned_by
from asgitrace.process.running import Run, RunningSession
from asgitrace.process.spec import AppSpec, DebuggerDone, DebuggerWaits, Report
from asgitrace.process.taking import SLICE_NS, take_records
from asgitrace.ring import RingReader, new_ring_path
from asgitrace.store.session import Sink

if TYPE_CHECKING:
    from pathlib import Path

    from asgitrace.store.model import Process

_HURRIED_NS: Final = 60_000_000
"""How long one poll may take in records where the ring is half full of what is not read: rather
than that records are lost, the screen waits."""
_FULL: Final = 1 / 2


class LiveSession(RunningSession):
    """Runs the app in a process of its own and brings what it records into a sink.

    The listening socket is bound by the caller and outlives the app's processes, so that a restart
    refuses nobody."""

    def __init__(
        self, spec: AppSpec, listener: socket.socket, address: str, reload_dirs: Sequence[str] = ()
    ) -> None:
        super().__init__(spec, address, reload_dirs)
        self._listener = listener
        self._lending: Lending | None = None
        self._ring: Path | None = None
        self._reader: RingReader | None = None
        self._source: Process | None = None

    async def stop(self) -> None:
        """See Session."""
        await super().stop()
        if self._lending is not None:
            await self._lending.over()

    def _begin(self) -> Run:
        self._ring = new_ring_path()
        app = AppProcess(self._spec, self._listener, str(self._ring))
        self._lending = Lending(app, lambda: self.lender)
        return app

    def _terminate(self, run: Run) -> None:
        """Ask the process to end, and its debugger to quit."""
        if self._lending is not None:
            self._lending.end()
        super()._terminate(run)

    def _take_report(self, report: Report) -> None:
        if isinstance(report, DebuggerWaits | DebuggerDone):
            if self._lending is not None:
                self._lending.take(report)
        else:
            super()._take_report(report)

    def _take_records(self, sink: Sink, *, over: bool) -> bool:
        self._open_ring(sink)
        if self._reader is None or self._source is None:
            return False
        slice_ns = SLICE_NS if self._reader.behind < _FULL else _HURRIED_NS
        taken = take_records(self._reader, sink, self._source.source, slice_ns)
        state = self._reader.state()
        self._status = replace(
            self._status,
            fill=state.fill,
            missed=self._status.missed + taken.missed,
            refused=state.refused,
            faults=state.faults,
            sampled=state.sampled,
            unsampled=state.unsampled,
        )
        return taken.more

    def _open_ring(self, sink: Sink) -> None:
        if self._reader is not None or self._ring is None or not self._ring.exists():
            return
        try:
            self._reader = RingReader.open(self._ring)
        except RingError as error:
            self._status = replace(self._status, detail=str(error))
            return
        layout = self._reader.layout
        self._source = sink.add_process(layout.pid, layout.anchor, self._spec.target)

    def _owner(self) -> Owner:
        return owned_by(self._source.source if self._source is not None else 0)

    def _tell_end(self, run: Run, status: int, sink: Sink) -> None:
        text = f"{self.title} (pid {run.pid}) {describe_exit(status)}"
        if self._source is None:
            sink.note(None, text, status, time.time_ns())
        else:
            sink.end_process(self._source.source, status, text, time.monotonic_ns())

    def _give_up(self, run: Run, *, crashed: bool) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._source = None
        path, self._ring = self._ring, None
        if path is None:
            return
        if crashed and path.exists():
            self.kept = path
            return
        # Each for itself: of a process killed while it made its ring only the unfinished file is
        # there.
        for left in (path, path.with_name(path.name + ".new")):
            with contextlib.suppress(OSError):
                left.unlink()
