"""An app under another server as a session: the server's processes, their rings, their output."""

import errno
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from asgitrace.errors import OptionError
from asgitrace.process.app_process import describe_exit
from asgitrace.process.following import RingFollower
from asgitrace.process.found import FoundRing
from asgitrace.process.output_pipes import Owner
from asgitrace.process.running import Run, RunningSession
from asgitrace.process.served_process import ServedProcess
from asgitrace.process.servers import Launch, ServerKind, version_of
from asgitrace.process.spec import AppSpec, Failed, Loaded, Refused, Report, Serving
from asgitrace.process.startup_watch import StartupWatch
from asgitrace.ring.processes import is_alive
from asgitrace.server import bind, describe, load_tls, release
from asgitrace.server.config import ServerConfig
from asgitrace.store.session import Sink
from asgitrace.words import gist

if TYPE_CHECKING:
    from asgitrace.store.model import LogLine

_AWAITED: Final = 1.0
"""Seconds that a line of a worker's output waits for its ring to be found."""


class ServedSession(RunningSession):
    """Runs the app under another server, and brings what its workers record into a sink.

    Args:
        spec: the app; its place is that of ``launch``.
        kind: the server.
        launch: how it is to run; see `settle_place`.
        address: where it will listen.

    Raises OptionError for what the server cannot be told."""

    def __init__(
        self,
        spec: AppSpec,
        kind: ServerKind,
        launch: Launch,
        address: str,
        reload_dirs: Sequence[str] = (),
    ) -> None:
        super().__init__(spec, address, reload_dirs)
        self._kind = kind
        self._command = [kind.module, *kind.arguments(launch)]
        self._config = launch.config
        self._name = f"{kind.name} {version_of(kind.package)}".strip()
        self._rings: dict[int, list[Path]] = {}
        """Their files, by process id."""
        self._ended: set[int] = set()
        """Numbers of processes of the sink whose rings were removed."""
        self._dead: set[int] = set()
        """Ids of processes that had ended, unnoticed, before they were asked to."""
        self._last_look = False
        self._failed = False
        """The app could not be imported or started."""
        self._missed = 0
        """Records, in the runs before this one."""
        self._seen: dict[int, int] = {}
        self._follower: RingFollower | None = None
        self._workers: dict[int, float] = {}
        """When they imported the app, by process id."""
        self._who = kind.name

    @property
    def title(self) -> str:
        return f"{self._spec.target} · {self._name}"

    def _begin(self) -> Run:
        run = os.urandom(8).hex()
        self._rings.clear()
        self._workers.clear()
        self._seen.clear()
        self._dead.clear()
        self._served = self._failed = self._last_look = False
        self._missed = self._status.missed

        def wanted(ring: FoundRing) -> bool:
            if ring.about.run != run:
                return False
            self._rings.setdefault(ring.pid, []).append(ring.path)
            return True

        self._follower = RingFollower(wanted)
        return ServedProcess(self._command, self._spec, run)

    def _take_report(self, report: Report) -> None:
        match report:
            case Loaded(pid=pid):
                self._workers[pid] = time.monotonic()
            case Serving(loop=loop):
                self._status = replace(self._status, loop=loop)
            case Refused() if not self._served:
                self.refusal = report.message
                self._end_server()
            case Failed(message=message) if not self._served:
                self._fail(message)
            case _:
                pass

    def _fail(self, why: str) -> None:
        """What one worker cannot import or start no other can; many a server would try for ever."""
        if not self._failed:
            self._failed = True
            self._status = replace(self._status, phase="failed", detail=why)
            self._end_server()

    def _terminate(self, run: Run) -> None:
        running = [each.process for each in self._status.processes if each.state == "running"]
        self._dead |= {each.pid for each in running if not is_alive(each.pid)}
        super()._terminate(run)

    def _end_server(self) -> None:
        if self._run is not None:
            self._run.terminate()

    def _settle(self, status: int) -> None:
        if not self._failed:
            super()._settle(status)

    def _take_records(self, sink: Sink, *, over: bool) -> bool:
        if self._workers and not self._served and not over and is_taken(self._config):
            self._served = True
            if self._status.phase == "starting":
                self._status = replace(self._status, phase="serving", detail="")
        follower = self._follower
        if follower is None:
            return False
        if over and not self._last_look:
            self._last_look = True
            follower.hurry()
        more = follower.poll(StartupWatch(sink, self._seen, self._startup_failed))
        totals = follower.totals
        self._status = replace(
            self._status,
            fill=totals.fill,
            missed=self._missed + totals.missed,
            refused=totals.refused,
            faults=totals.faults,
            sampled=totals.sampled,
            unsampled=totals.unsampled,
            processes=totals.processes,
        )
        self._drop_rings()
        return more or (over and totals.running > 0)

    def _startup_failed(self, reason: str) -> None:
        self._fail(f"the app's startup failed: {gist(reason)}")

    def _drop_rings(self) -> None:
        """Remove the rings of workers that have ended, but for the last one that crashed."""
        expected = self._ending or self._reason is not None
        for each in self._status.processes:
            source, paths = each.process.source, self._rings.get(each.process.pid)
            if each.state == "running" or source in self._ended or not paths:
                continue
            self._ended.add(source)
            path: Path | None = paths.pop(0)
            crashed = not expected or each.process.pid in self._dead
            if each.state != "ended" and crashed:
                path, self.kept = self.kept, path
            if path is not None:
                path.unlink(missing_ok=True)

    def _owner(self) -> Owner:
        processes = {each.process.pid: each.process.source for each in self._status.processes}
        now = time.monotonic()

        def owner(line: "LogLine") -> "LogLine | None":
            source = processes.get(line.source)
            if source is not None:
                return replace(line, source=source)
            if line.exchange and now - self._workers.get(line.source, 0.0) < _AWAITED:
                return None
            return replace(line, source=0, exchange=0)

        return owner

    def _tell_end(self, run: Run, status: int, sink: Sink) -> None:
        text = f"{self._name} with {self._spec.target} (pid {run.pid}) {describe_exit(status)}"
        sink.note(None, text, status, time.time_ns())

    def _give_up(self, run: Run, *, crashed: bool) -> None:
        if self._follower is not None:
            self._follower.close()
            self._follower = None
        if self._config.uds is not None:
            # Not every server removes what it has bound.
            Path(self._config.uds).unlink(missing_ok=True)
        # Those that nobody has looked at to their end.
        for path in (path for paths in self._rings.values() for path in paths):
            if crashed:
                self.kept = path
            else:
                path.unlink(missing_ok=True)


def settle_place(config: ServerConfig) -> tuple[ServerConfig, str]:
    """Where a server is to listen, with a free port in place of 0, and the address as a user would
    type it. Raises AddressError where nobody can listen there, OptionError for certificates that
    cannot be used."""
    if config.fd is not None:
        raise OptionError("--fd is for asgitrace's own server; pass --host and --port, or --uds.")
    tls = load_tls(config) is not None
    listener = bind(config)
    try:
        address = describe(listener, tls)
        if config.uds is None:
            config = replace(config, port=listener.getsockname()[1])
    finally:
        release(listener)
    return config, address


def is_taken(config: ServerConfig) -> bool:
    """Whether somebody listens there; for a port, without connecting to it: the server would tell
    of that."""
    if config.uds is not None:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(config.uds) == 0
    family, kind, protocol, _, address = socket.getaddrinfo(
        config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
