"""What the parent tells the app's process, and what that reports back: one JSON object a line."""

from typing import Final, Literal

import msgspec

from asgitrace.server.config import ServerConfig

Loop = Literal["auto", "asyncio", "uvloop"]
Interface = Literal["auto", "asgi3", "asgi2", "wsgi"]
"""What the app is called with; auto finds it out."""
WireMode = Literal["off", "events", "bytes"]
"""What is recorded of the wire: nothing, its events, or the raw bytes too."""

REFUSED_STATUS = 2
"""Exit status of the app's process after a mistake of the user's."""
STARTUP_FAILED_STATUS = 3
"""Exit status when the app's startup failed, as uvicorn has it."""

UNLIMITED_PATIENCE = 3600.0
_GRACE = 5.0


class AppSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which app to run, and how."""

    target: str
    """``module:attribute``, as the user typed it."""
    server: ServerConfig
    app_dir: str = "."
    factory: bool = False
    """The target is a function that returns the app."""
    interface: Interface = "auto"
    loop: Loop = "auto"
    body_limit: int = 64 * 1024
    """Bytes of a body kept of each message."""
    buffer: int = 64 * 1024 * 1024
    """Bytes of the ring."""
    wire: WireMode = "events"
    sample: str = "1"
    """Which exchanges are recorded: a share, or a filter over what the scope says."""
    keep_errors: bool = False
    """Whether those that are not chosen are recorded when they fail."""

    @property
    def patience(self) -> float:
        """Seconds in which the process ends when asked to, or else is ended.

        The limit is that of the exchanges first and then of the lifespan's shutdown; what is not
        over by then is cancelled, which takes its time, too."""
        limit = self.server.timeout_graceful_shutdown
        return UNLIMITED_PATIENCE if limit is None else 2 * limit + _GRACE


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first and only line to the app's process."""

    spec: AppSpec
    ring: str
    """Path of the ring file to make."""
    socket: int
    """File descriptor of the bound socket."""
    mark: bytes
    """What tells frames of output from everything else."""


class Served(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the processes of another server are told, by the environment variable ``SERVED``."""

    spec: AppSpec
    folder: str
    """Of this run: a named pipe for reports, and marks of what needs to be said only once."""
    mark: bytes
    """What tells frames of output from everything else."""
    pipes: tuple[tuple[int, int], tuple[int, int]]
    """Device and inode of what the standard output and error of the server lead to."""


SERVED: Final = "ASGITRACE_SERVED"
REPORTS: Final = "reports"
"""The name of the pipe in the folder of a run."""


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """A process of another server has imported the app."""

    pid: int


class Serving(msgspec.Struct, frozen=True, tag="serving"):
    """The app is up and reachable."""

    loop: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A mistake of the user's, in one sentence; the process ends with status 2."""

    message: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The app could not be imported or started; its traceback went to stderr."""

    message: str


class DebuggerWaits(msgspec.Struct, frozen=True, tag="debugger-waits"):
    """A debugger wants the user's terminal and waits for an answer."""

    where: str
    """The exchange it is in, e.g. ``GET /items``; empty where it is in none. The network's words.
    """
    interruptible: bool
    """It runs in the main thread, where a signal interrupts it."""


class DebuggerDone(msgspec.Struct, frozen=True, tag="debugger-done"):
    """The debugger needs the terminal no longer, for now."""


class Granted(msgspec.Struct, frozen=True, tag="granted"):
    """The terminal is the debugger's."""

    fresh: bool
    """A file descriptor of it comes along, in place of the one before."""


class Denied(msgspec.Struct, frozen=True, tag="denied"):
    """There is no terminal to be had."""

    ending: bool = False
    """Because the process is to end."""


Answer = Granted | Denied
Report = Loaded | Serving | Refused | Failed | DebuggerWaits | DebuggerDone
