"""A running app as a session: its process, its ring, its restarts."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

from asgitrace.errors import RingError, TargetError
from asgitrace.process.app_process import AppProcess, describe_exit
from asgitrace.process.lending import Lender, Lending
from asgitrace.process.reload import watch
from asgitrace.process.spec import (
    AppSpec,
    DebuggerDone,
    DebuggerWaits,
    Failed,
    Refused,
    Serving,
)
from asgitrace.process.taking import SLICE_NS, take_records
from asgitrace.ring import RingReader, new_ring_path
from asgitrace.store.session import Phase, SessionStatus, Sink

if TYPE_CHECKING:
    from asgitrace.store.model import Process

_HURRIED_NS: Final = 60_000_000
"""How long one poll may take in records where the ring is half full of what is not read: rather
than that records are lost, the screen waits."""
_FULL: Final = 1 / 2

_PATIENCE: Final = 10
"""Output is taken in at least every so many polls."""

_TICK: Final = 0.02
_HURRY: Final = 1.0
"""Seconds in which a process ends that was asked to twice, before it is killed."""


class LiveSession:
    """Runs the app in a process of its own and brings what it records into a sink.

    The listening socket is bound by the caller and outlives the app's processes, so that a restart
    refuses nobody."""

    live = True

    def __init__(
        self, spec: AppSpec, listener: socket.socket, address: str, reload_dirs: Sequence[str] = ()
    ) -> None:
        self._spec = spec
        self._reload_dirs = reload_dirs
        self._watcher: asyncio.Task[None] | None = None
        self._listener = listener
        self._status = SessionStatus("starting", address)
        self._app: AppProcess | None = None
        self._lending: Lending | None = None
        self.lender: Lender | None = None
        """Who steps aside while a debugger of the app's has the terminal; None: there is none."""
        self._reader: RingReader | None = None
        self._source: Process | None = None
        self._notes: list[tuple[str, int]] = []
        self._served = False
        self._ending = False
        self._deadline = 0.0
        self._waited = 0
        """For so many polls in a row there were too many records to take in output, too."""
        self._reason: str | None = None
        self.kept: Path | None = None
        """The ring file of a process that crashed, kept for ``asgitrace open``."""
        self.refusal: str | None = None
        """A mistake of the user's because of which the app never ran."""

    @property
    def title(self) -> str:
        return self._spec.target

    @property
    def over(self) -> bool:
        """The app has ended, and nothing but the user will start it again."""
        return self._app is None and not self._reload_dirs and self._status.phase != "starting"

    @property
    def pid(self) -> int | None:
        """Process id of the app while it runs."""
        return self._app.pid if self._app is not None else None

    def start(self) -> None:
        """Start the app's process, unless it was started before."""
        if self._app is None and self._status.phase == "starting":
            self._app = AppProcess(self._spec, self._listener, str(new_ring_path()))
            self._lending = Lending(self._app, lambda: self.lender)

    def status(self) -> SessionStatus:
        return self._status

    def poll(self, sink: Sink) -> None:
        """Take in reports, output and records. Raises AsgitraceError if the app could not be run at
        all."""
        self._keep_watching()
        app = self._app
        if app is None:
            if self._reason is not None and not self._ending:
                self._begin_again(sink)
            return
        ended = app.poll()
        self._take_reports(app)
        app.output.read()
        self._open_ring(app, sink)
        if ended is not None:
            app.output.drain()
        behind = self._take_records(sink)
        self._take_lines(app, sink, behind=behind)
        if ended is not None and not behind and not app.output.has_lines:
            self._finish(app, ended, sink)

    def restart(self) -> None:
        """Start the app anew, at the user's word."""
        self.restart_because("restarted")

    def restart_because(self, reason: str) -> None:
        """End the app's process, if it runs, and start another; ``reason`` becomes a row in the
        list."""
        self._reason = reason
        self._status = replace(self._status, phase="restarting", detail=reason)
        if self._app is not None:
            self._terminate(self._app)
            asyncio.get_running_loop().call_later(self._spec.patience, self._app.kill)

    async def stop(self) -> None:
        """End the app's process in good order, or by force after the limit. Asked again meanwhile,
        it waits no longer for what is in flight."""
        patience = _HURRY if self._ending else self._spec.patience
        self._deadline = min(self._deadline or inf, time.monotonic() + patience)
        self._ending = True
        if self._watcher is not None:
            self._watcher.cancel()
        app = self._app
        if app is not None:
            self._terminate(app)
            while app.poll() is None and time.monotonic() < self._deadline:
                self._take_reports(app)
                app.output.read()
                await asyncio.sleep(_TICK)
            app.kill()
        if self._lending is not None:
            await self._lending.over()

    def _terminate(self, app: AppProcess) -> None:
        """Ask the process to end, and its debugger to quit."""
        if self._lending is not None:
            self._lending.end()
        app.terminate()

    def close(self, *, keep: bool = False) -> None:
        """Give up everything, by force what is still there; nothing may be called after it. The
        ring is kept where what it holds was not looked at to its end."""
        if self._app is not None:
            self._app.kill()
            self._app.close()
            self._drop_ring(Path(self._app.ring), crashed=keep)
            self._app = None
            self._close_ring()

    def _keep_watching(self) -> None:
        """Watch the source files, from the first poll on: only then there is an event loop."""
        if not self._reload_dirs or self._ending:
            return
        if self._watcher is None:
            self._watcher = asyncio.get_running_loop().create_task(
                watch(self._reload_dirs, self.restart_because)
            )
        elif self._watcher.done():
            why = self._watcher.exception()
            self._reload_dirs = ()
            self._status = replace(self._status, detail=f"No longer watching for changes: {why}")

    def _take_reports(self, app: AppProcess) -> None:
        for report in app.reports():
            match report:
                case Serving(loop=loop):
                    self._served = True
                    self._status = replace(self._status, phase="serving", detail="", loop=loop)
                case Refused(message=message):
                    self.refusal = message
                case Failed(message=message):
                    self._status = replace(self._status, phase="failed", detail=message)
                case DebuggerWaits() | DebuggerDone() if self._lending is not None:
                    self._lending.take(report)

    def _open_ring(self, app: AppProcess, sink: Sink) -> None:
        if self._reader is not None or not Path(app.ring).exists():
            return
        try:
            self._reader = RingReader.open(Path(app.ring))
        except RingError as error:
            self._status = replace(self._status, detail=str(error))
            return
        layout = self._reader.layout
        self._source = sink.add_process(layout.pid, layout.anchor, self._spec.target)

    def _take_lines(self, app: AppProcess, sink: Sink, *, behind: bool) -> None:
        """Take in output, behind the records of the exchanges it belongs to if these do not keep it
        waiting for long."""
        self._waited = self._waited + 1 if behind else 0
        if self._waited % _PATIENCE:
            return
        source = self._source.source if self._source is not None else 0
        for line in app.output.lines(source):
            sink.log(line)
        unfinished = tuple(app.output.unfinished(source))
        if unfinished != self._status.unfinished:
            self._status = replace(self._status, unfinished=unfinished)

    def _take_records(self, sink: Sink) -> bool:
        """Take in records for a slice of time; True if there are more."""
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
        )
        return taken.more

    def _finish(self, app: AppProcess, status: int, sink: Sink) -> None:
        """The process has ended and all it left is read."""
        source = self._source.source if self._source is not None else None
        expected = self._ending or self._reason is not None
        if self.refusal is None or self._served:
            text = f"{self.title} (pid {app.pid}) {describe_exit(status)}"
            if source is None:
                sink.note(None, text, status, time.time_ns())
            else:
                sink.end_process(source, status, text, time.monotonic_ns())
        self._app = None
        self._close_ring()
        app.close()
        self._drop_ring(Path(app.ring), crashed=status < 0 and not expected)
        if self.refusal is not None and not self._served and not self._ending:
            raise TargetError(self.refusal)
        if self._ending:
            self._status = replace(self._status, phase="stopped")
        elif self._reason is not None:
            self._begin_again(sink)
        else:
            self._settle(status)

    def _close_ring(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._source = None

    def _begin_again(self, sink: Sink) -> None:
        sink.note(None, f"{self.title} {self._reason}", 0, time.time_ns())
        self._reason = None
        self.refusal = None
        self._status = replace(self._status, phase="starting", detail="", fill=0.0)
        self.start()

    def _settle(self, status: int) -> None:
        """The process ended by itself: say so until somebody restarts it."""
        how = describe_exit(status)
        detail = self._status.detail if self._status.phase == "failed" else ""
        if self.refusal is not None:
            detail = self.refusal
        phase: Phase = "stopped" if status == 0 else "failed"
        was = "was " if status < 0 else ""
        self._status = replace(
            self._status,
            phase=phase,
            detail=f"{detail} ({how})" if detail else f"The app {was}{how}.",
        )

    def _drop_ring(self, path: Path, *, crashed: bool) -> None:
        if crashed and path.exists():
            self.kept = path
            return
        # Each for itself: of a process killed while it made its ring only the unfinished file is
        # there.
        for left in (path, path.with_name(path.name + ".new")):
            with contextlib.suppress(OSError):
                left.unlink()
