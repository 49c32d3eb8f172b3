"""A running app as a session: how it is started, watched, restarted and ended, whoever serves it.

What is particular to asgitrace's own server is in `live`, to another one in `served`."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

from asgitrace.errors import TargetError
from asgitrace.process.app_process import describe_exit
from asgitrace.process.output_pipes import OutputPipes, Owner
from asgitrace.process.reload import watch
from asgitrace.process.spec import AppSpec, Failed, Refused, Report, Serving
from asgitrace.store.session import Phase, SessionStatus, Sink

if TYPE_CHECKING:
    from pathlib import Path

    from asgitrace.process.lending import Lender

_PATIENCE: Final = 10
"""Output is taken in at least every so many polls."""

_TICK: Final = 0.02
_HURRY: Final = 1.0
"""Seconds in which a process ends that was asked to twice, before it is killed."""


class Run(Protocol):
    """One run of the app, from its start to its end. Nothing here waits."""

    @property
    def output(self) -> OutputPipes:
        """What is written."""
        ...

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """The exit status once it is over (negative: the signal that ended it), else None."""
        ...

    def reports(self) -> Sequence[Report]:
        """What was reported since the last time."""
        ...

    def terminate(self) -> None:
        """Ask it to end in good order."""
        ...

    def kill(self) -> None:
        """End it and all that belongs to it, without asking."""
        ...

    def close(self) -> None:
        """Give it up; it must have ended."""
        ...


class RunningSession(ABC):
    """Runs the app in processes of its own and brings what they record into a sink."""

    live = True

    def __init__(self, spec: AppSpec, address: str, reload_dirs: Sequence[str] = ()) -> None:
        self._spec = spec
        self._reload_dirs = reload_dirs
        self._watcher: asyncio.Task[None] | None = None
        self._status = SessionStatus("starting", address)
        self._run: Run | None = None
        self.lender: Lender | None = None
        """Who steps aside while a debugger of the app's has the terminal; None: there is none."""
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
        return self._run is None and not self._reload_dirs and self._status.phase != "starting"

    @property
    def pid(self) -> int | None:
        """Process id of the app, or of its server, while it runs."""
        return self._run.pid if self._run is not None else None

    def start(self) -> None:
        """Start the app, unless it was started before."""
        if self._run is None and self._status.phase == "starting":
            self._run = self._begin()

    def status(self) -> SessionStatus:
        return self._status

    def poll(self, sink: Sink) -> None:
        """Take in reports, output and records. Raises AsgitraceError if the app could not be run at
        all."""
        self._keep_watching()
        run = self._run
        if run is None:
            if self._reason is not None and not self._ending:
                self._begin_again(sink)
            return
        ended = run.poll()
        self._take_reports(run)
        run.output.read()
        if ended is not None:
            run.output.drain()
        behind = self._take_records(sink, over=ended is not None)
        self._take_lines(run, sink, behind=behind)
        if ended is not None and not behind and not run.output.has_lines:
            self._finish(run, ended, sink)

    def restart(self) -> None:
        """Start the app anew, at the user's word."""
        self.restart_because("restarted")

    def restart_because(self, reason: str) -> None:
        """End the app, if it runs, and start it again; ``reason`` becomes a row in the list."""
        self._reason = reason
        self._status = replace(self._status, phase="restarting", detail=reason)
        if self._run is not None:
            self._terminate(self._run)
            asyncio.get_running_loop().call_later(self._spec.patience, self._run.kill)

    async def stop(self) -> None:
        """End the app in good order, or by force after the limit. Asked again meanwhile, it waits
        no longer for what is in flight."""
        patience = _HURRY if self._ending else self._spec.patience
        self._deadline = min(self._deadline or inf, time.monotonic() + patience)
        self._ending = True
        if self._watcher is not None:
            self._watcher.cancel()
        run = self._run
        if run is not None:
            self._terminate(run)
            while run.poll() is None and time.monotonic() < self._deadline:
                self._take_reports(run)
                run.output.read()
                await asyncio.sleep(_TICK)
            run.kill()

    def close(self, *, keep: bool = False) -> None:
        """Give up everything, by force what is still there; nothing may be called after it. The
        rings are kept where what they hold was not looked at to its end."""
        if self._run is not None:
            self._run.kill()
            self._run.close()
            self._give_up(self._run, crashed=keep)
            self._run = None

    @abstractmethod
    def _begin(self) -> Run:
        """Start the app."""

    @abstractmethod
    def _take_records(self, sink: Sink, *, over: bool) -> bool:
        """Take in records for a slice of time; True if there are more. ``over``: all processes have
        ended."""

    @abstractmethod
    def _owner(self) -> Owner:
        """Whose a line of output is."""

    @abstractmethod
    def _tell_end(self, run: Run, status: int, sink: Sink) -> None:
        """Tell the sink that the app has ended."""

    @abstractmethod
    def _give_up(self, run: Run, *, crashed: bool) -> None:
        """Close the rings and remove their files, unless there was a crash."""

    def _terminate(self, run: Run) -> None:
        run.terminate()

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

    def _take_reports(self, run: Run) -> None:
        for report in run.reports():
            self._take_report(report)

    def _take_report(self, report: Report) -> None:
        match report:
            case Serving(loop=loop):
                self._served = True
                self._status = replace(self._status, phase="serving", detail="", loop=loop)
            case Refused(message=message):
                self.refusal = message
            case Failed(message=message):
                self._status = replace(self._status, phase="failed", detail=message)
            case _:
                pass

    def _take_lines(self, run: Run, sink: Sink, *, behind: bool) -> None:
        """Take in output, behind the records of the exchanges it belongs to if these do not keep it
        waiting for long."""
        self._waited = self._waited + 1 if behind else 0
        if self._waited % _PATIENCE:
            return
        owner = self._owner()
        for line in run.output.lines(owner):
            sink.log(line)
        unfinished = tuple(run.output.unfinished(owner))
        if unfinished != self._status.unfinished:
            self._status = replace(self._status, unfinished=unfinished)

    def _finish(self, run: Run, status: int, sink: Sink) -> None:
        """The app has ended and all it left is read."""
        expected = self._ending or self._reason is not None
        if self.refusal is None or self._served:
            self._tell_end(run, status, sink)
        self._run = None
        run.close()
        self._give_up(run, crashed=status < 0 and not expected)
        if self.refusal is not None and not self._served and not self._ending:
            raise TargetError(self.refusal)
        if self._ending:
            self._status = replace(self._status, phase="stopped")
        elif self._reason is not None:
            self._begin_again(sink)
        else:
            self._settle(status)

    def _begin_again(self, sink: Sink) -> None:
        sink.note(None, f"{self.title} {self._reason}", 0, time.time_ns())
        self._reason = None
        self.refusal = None
        self._status = replace(self._status, phase="starting", detail="", fill=0.0)
        self.start()

    def _settle(self, status: int) -> None:
        """The app ended by itself: say so until somebody restarts it."""
        how = describe_exit(status)
        detail = self._status.detail if self._status.phase == "failed" else ""
        if self.refusal is not None:
            detail = self.refusal
        phase: Phase = "stopped" if status == 0 else "failed"
        was = "was " if status < 0 else ""
        self._status = replace(
            self._status,
            phase=phase,
            detail=f"{detail} ({how})" if detail else f"{self._who} {was}{how}.",
        )

    _who = "The app"
    """Who ended, in a sentence."""
