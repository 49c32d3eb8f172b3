"""The seam between what brings a trace in (a running app, a file) and what shows it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from asgitrace.clock import ClockAnchor
from asgitrace.ring import Batch
from asgitrace.store.annotation import NOTHING, Annotation
from asgitrace.store.model import Lag, LogLine, Process

Phase = Literal["starting", "serving", "failed", "restarting", "stopped", "loading", "loaded"]


@dataclass(frozen=True, slots=True)
class FollowedProcess:
    """One of several processes of a session, as it is now."""

    process: Process
    """What the sink made of it."""
    state: Literal["running", "ended", "gone", "crashed"]
    records: int = 0
    """Taken out of its ring so far."""
    missed: int = 0
    """Records overwritten before they were read."""
    fill: float = 0.0
    """Share of its ring in use, 0 to 1."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """What the status bar shows of where the trace comes from."""

    phase: Phase
    address: str = ""
    """Where the app listens, e.g. ``http://127.0.0.1:8000``; the file's name for an opened trace.
    """
    detail: str = ""
    """A sentence where there is something to say: why it failed, how the process ended."""
    loop: str = ""
    """Event loop of the app's process: ``asyncio`` or ``uvloop``."""
    fill: float = 0.0
    """Share of the ring in use, 0 to 1."""
    missed: int = 0
    """Records overwritten before they were read."""
    refused: int = 0
    """Payloads larger than the ring."""
    faults: int = 0
    """Errors inside the recorder."""
    sampled: int = 0
    """Exchanges that sampling chose; 0 where all are recorded."""
    unsampled: int = 0
    """Exchanges that it left out."""
    consumed: int = 0
    """Bytes of the file that are loaded."""
    total: int = 0
    """Bytes of the file; 0 where that is not known."""
    left: float | None = None
    """Seconds until all of it is loaded; None where that is not known."""
    attached: bool = False
    """Others started the processes: they are looked at only, and cannot be restarted."""
    processes: tuple[FollowedProcess, ...] = ()
    """Where there may be several, all of them that came, in that order; the figures above are of
    all together, ``fill`` is that of the fullest ring."""
    unfinished: tuple[LogLine, ...] = ()
    """Lines of output that are begun and not finished, as they are on their way into a sink."""


class Sink(Protocol):
    """Where a trace goes: the store of the screen, or a file."""

    def add_process(
        self, pid: int, anchor: ClockAnchor, target: str, *, server: str = "", worker: int = 0
    ) -> Process:
        """A process that is about to record; its number goes with all that it records.

        See `Process` for what is told of it."""
        ...

    def take(self, source: int, batch: Batch) -> None:
        """The next records of a process, and how many were missed before them."""
        ...

    def log(self, line: LogLine) -> None:
        """A line that a process wrote; its exchange, if any, by the number in its process."""
        ...

    def lag(self, lag: Lag) -> None: ...

    def introduce(self, source: int, exchange: int, number: int, annotation: Annotation) -> None:
        """What a file knows of a row before the first record of its exchange."""
        ...

    def note(
        self,
        source: int | None,
        text: str,
        status: int,
        time_ns: int,
        number: int = 0,
        annotation: Annotation = NOTHING,
    ) -> object:
        """Something that happened to the app's process; wall time in ns. ``number`` is that of its
        row where that is known, else 0."""
        ...

    def end_process(self, source: int, exit_status: int | None, text: str, now: int) -> None:
        """A process has ended and records nothing more.

        ``now`` is when, in monotonic ns, or 0 where that is not known; ``text`` says so in the
        list, unless it is empty.
        """
        ...


class Session(Protocol):
    """Where a trace comes from. All methods are called in the viewer's event loop and return at
    once."""

    @property
    def title(self) -> str:
        """What is shown: ``module:app`` or a file's name."""
        ...

    @property
    def live(self) -> bool:
        """Whether there is a process behind it, as opposed to a file."""
        ...

    def start(self) -> None:
        """Begin; called once, after the first paint."""
        ...

    def poll(self, sink: Sink) -> None:
        """Move what is new into the store, for a few milliseconds at most.

        Raises AsgitraceError, once, where nothing can come of it: the viewer is to end and say so.
        """
        ...

    def status(self) -> SessionStatus: ...

    def restart(self) -> None:
        """Start the app's process anew; does nothing for a file."""
        ...

    async def stop(self) -> None:
        """End the app's process; returns when that is done. What it left can still be polled.

        Called again meanwhile, it waits no longer for what is in flight."""
        ...
