"""Recording without a screen: from a session into an exporter, with a line of progress."""

import asyncio
import contextlib
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, TextIO

from asgitrace.cli.recordable import Recordable
from asgitrace.clock import ClockAnchor
from asgitrace.errors import AsgitraceError
from asgitrace.events import Header, Kind, Phase
from asgitrace.export import Exporter, Introduction, Note, export_batch
from asgitrace.ring import Batch
from asgitrace.store.annotation import NOTHING, Annotation
from asgitrace.store.model import Lag, LogLine, Process
from asgitrace.store.session import SessionStatus
from asgitrace.wire import Wire
from asgitrace.words import counted

_TICK: Final = 0.02
_PROGRESS_SECONDS: Final = 0.5
_HELD: Final = 1000
"""Lines that are kept while somebody else has the terminal."""
_ENDS: Final = (Kind.RETURN, Kind.RAISE)
_LIFESPAN: Final = b"\xa4type\xa8lifespan"
"""As it is in msgpack."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Tally:
    """What was recorded so far."""

    exchanges: int = 0
    """Exchanges that have ended, those that the server refused among them, lifespan not
    counted."""
    events: int = 0
    wire: int = 0
    """Events of the wire."""
    missed: int = 0
    passed: int | None = None
    """Of the exchanges, those that passed the filter; None where there is none."""
    given_up: int = 0
    """Events, or exchanges, that there was no room for until they could be judged."""

    def words(self, separator: str) -> str:
        """The figures with what they count."""
        parts = [counted(self.exchanges, "exchange")]
        if self.passed is not None:
            parts = [f"{self.passed:,} of {parts[0]}"]
        else:
            parts.append(counted(self.events, "event"))
            if self.wire:
                parts.append(counted(self.wire, "wire event"))
        if self.missed:
            parts.append(f"{self.missed:,} missed")
        if self.given_up:
            parts.append(f"{self.given_up:,} given up for want of room")
        return separator.join(parts)


class ExportSink:
    """Hands what a session brings on to an exporter, and counts."""

    def __init__(self, exporter: Exporter, show_line: Callable[[LogLine], None]) -> None:
        self._exporter = exporter
        self._show_line = show_line
        self._processes = 0
        self._lifespans: set[tuple[int, int]] = set()
        self.tally = Tally()

    def add_process(
        self, pid: int, anchor: ClockAnchor, target: str, *, server: str = "", worker: int = 0
    ) -> Process:
        process = Process(self._processes, pid, anchor, target, server, worker)
        self._processes += 1
        self._exporter.process(process)
        return process

    def take(self, source: int, batch: Batch) -> None:
        export_batch(self._exporter, source, batch)
        self.count(source, batch)

    @property
    def written(self) -> int:
        """Exchanges that were written and have ended."""
        return self.tally.exchanges if self.tally.passed is None else self.tally.passed

    def settle(self) -> None:
        """Called every now and then, whether anything came or not."""

    def finish(self) -> None:
        """Nothing more comes."""

    def count(self, source: int, batch: Batch) -> None:
        """Count what is in a batch."""
        self.tally.missed += batch.missed
        for record in batch.records():
            header = record.header
            if header.kind == Kind.LOOP:
                continue
            if header.phase != Phase.RETURNED:
                if header.kind == Kind.WIRE:
                    self.tally.wire += 1
                else:
                    self.tally.events += 1
            if header.kind == Kind.SCOPE and _LIFESPAN in record.payload[:64]:
                self._lifespans.add((source, header.exchange))
            elif _ends(header) and (source, header.exchange) not in self._lifespans:
                self.tally.exchanges += 1

    def lag(self, lag: Lag) -> None:
        self._exporter.lag(lag)

    def log(self, line: LogLine) -> None:
        self._exporter.log(line)
        if line.stream != "log":
            self._show_line(line)

    def introduce(self, source: int, exchange: int, number: int, annotation: Annotation) -> None:
        self._exporter.introduce(Introduction(source, exchange, number, annotation))

    def note(
        self,
        source: int | None,
        text: str,
        status: int,
        time_ns: int,
        number: int = 0,
        annotation: Annotation = NOTHING,
    ) -> None:
        self._exporter.note(Note(source, time_ns, status, text, number, annotation))

    def end_process(self, source: int, exit_status: int | None, text: str, now: int) -> None:
        self.note(source, text, exit_status or 0, time.time_ns())


def _ends(header: Header) -> bool:
    """Whether an exchange ends with this record."""
    if header.kind == Kind.WIRE:
        return header.message == Wire.REFUSED and header.exchange > 0
    return header.kind in _ENDS


@dataclass(frozen=True, slots=True)
class Limits:
    """When a recording ends by itself."""

    count: int | None = None
    """Exchanges."""
    seconds: float | None = None


async def record(
    session: Recordable,
    sink: ExportSink,
    limits: Limits,
    progress: "Progress",
    begin: Callable[[], None],
) -> None:
    """Run the session until a limit, a signal or the app's own end. Raises AsgitraceError.

    ``begin`` is called once there is something to record, or it is certain that the app was not
    refused.
    """
    ending = Ending(session, progress)
    session.lender = progress.stepped_aside
    with ending.by_signals():
        session.start()
        started = time.monotonic()
        try:
            while not ending.asked.is_set():
                session.poll(sink)
                sink.settle()
                if session.status().phase != "starting" or sink.tally.events:
                    begin()
                progress.update(
                    sink.tally, session.status(), idle=session.pid is None and not session.over
                )
                if session.over:
                    break
                if limits.count is not None and sink.written >= limits.count:
                    break
                if limits.seconds is not None and time.monotonic() - started >= limits.seconds:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ending.asked.wait(), _TICK)
            await ending.finish(partial(session.poll, sink))
            while session.pid is not None:
                session.poll(sink)
                await asyncio.sleep(0)
        except BaseException:
            # Nobody takes in what is recorded now, but the app is to end in good order.
            await ending.finish(lambda: None)
            raise
        finally:
            session.close()
            progress.close()


class Ending:
    """Ends a session in good order at the first signal, at once at the second."""

    def __init__(self, session: Recordable, progress: "Progress") -> None:
        self._session = session
        self._progress = progress
        self._stops: list[asyncio.Task[None]] = []
        self.asked = asyncio.Event()
        """A signal came."""

    @contextlib.contextmanager
    def by_signals(self) -> Iterator[None]:
        """Take signals as the wish to end."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signalled)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def _signalled(self) -> None:
        self.asked.set()
        if self._stops:
            self._stop()

    def _stop(self) -> asyncio.Task[None]:
        self._stops.append(asyncio.ensure_future(self._session.stop()))
        return self._stops[-1]

    async def finish(self, poll: Callable[[], None]) -> None:
        """Stop the session and take in what it still brings. If that takes its time, say how to be
        quicker."""
        self._stop()
        how = "the app is stopping; interrupt again to end it at once"
        slow = asyncio.get_running_loop().call_later(_PROGRESS_SECONDS, self._progress.say, how)
        try:
            while not all(task.done() for task in self._stops):
                poll()
                await asyncio.wait(self._stops, timeout=_TICK)
        finally:
            slow.cancel()


class Progress:
    """One line on a terminal that is overwritten; elsewhere the changes of phase only."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out = out or sys.stderr
        self._terminal = out.isatty()
        self._due = 0.0
        self._last = ""
        self._where = ""
        self._held: deque[str] | None = None
        """What is to be written once the terminal is ours again; None while it is."""

    @contextlib.asynccontextmanager
    async def stepped_aside(self) -> AsyncIterator[None]:
        """Write nothing to the terminal for as long as this lasts; afterwards the latest lines of
        what was to be written."""
        self.close()
        if self._terminal:
            self._held = deque(maxlen=_HELD)
        try:
            yield
        finally:
            held, self._held = self._held, None
            for text in held or ():
                self._write(text)

    def update(self, tally: Tally, status: SessionStatus, *, idle: bool) -> None:
        """Show how far it is; ``idle`` where no process runs until the source changes."""
        if self._held is not None:
            return
        serving = status.phase == "serving"
        where = status.address if serving else status.phase
        if status.phase == "failed" and idle:
            where = f"{status.detail} Waiting for a change."
        if not self._terminal:
            if where != self._where:
                self._where = where
                self.say(f"recording {where}" if serving else where)
            return
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + _PROGRESS_SECONDS
        line = f"● {_inert(where)} · {tally.words(' · ')}"
        if line != self._last:
            self._last = line
            self._out.write(f"\r\x1b[K{line}")
            self._out.flush()

    def show_line(self, line: LogLine) -> None:
        """The app's output, which has no pane of its own here, made inert."""
        self._write(f"{_inert(line.text)}\n")

    def say(self, text: str) -> None:
        """A line of our own."""
        self._write(f"asgitrace: {_inert(text)}\n")

    def _write(self, text: str) -> None:
        if self._held is not None:
            self._held.append(text)
            return
        self.close()
        self._out.write(text)
        self._out.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._last:
            self._out.write("\r\x1b[K")
            self._last = ""


def _inert(text: str) -> str:
    """A text as a terminal may have it."""
    # Late: with it come all views.
    from asgitrace.views.clean import clean

    return clean(text)


def why_ended(session: Recordable) -> AsgitraceError | None:
    """The reason where the app did not run, or ended badly."""
    status = session.status()
    return AsgitraceError(status.detail) if status.phase == "failed" else None
