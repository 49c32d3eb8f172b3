"""Processes that run without us as a session: attached to and let go, they cannot tell."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from asgitrace.errors import RingError
from asgitrace.process.following import RingFollower, Totals
from asgitrace.process.selection import Selection
from asgitrace.ring import About
from asgitrace.ring.processes import arguments_of
from asgitrace.store.session import Phase, SessionStatus, Sink
from asgitrace.words import counted

if TYPE_CHECKING:
    from asgitrace.process.lending import Lender

_PATIENCE_NS: Final = 2_000_000_000
"""How long what is left is taken in at the end, where a process writes faster than that goes."""
_APPS: Final = 2
"""Apps that the title names; of others it says how many there are."""


class AttachedSession:
    """Follows the rings of a selection.

    Args:
        selection: of what was there.
        directory: where the rings are; by default where this user's are.
        clock: monotonic ns.
    """

    def __init__(
        self,
        selection: Selection,
        *,
        directory: Path | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._selection = selection
        self._follower = RingFollower(
            selection.wanted, directory=directory, besides=selection.paths, clock=clock
        )
        self._polled = self._closed = self._more = False
        self._clock = clock
        self._let_go: int | None = None
        self.lender: Lender | None = None
        """Nobody's debugger asks for the terminal here."""
        self.kept: Path | None = None
        """No ring is ours to keep."""

    @property
    def live(self) -> bool:
        return self._selection.live

    @property
    def title(self) -> str:
        """The apps; with their number where there are more than two."""
        apps = sorted({ring.about.app or ring.path.name for ring in self._selection.choice.rings})
        rest = len(apps) - _APPS
        return ", ".join(apps[:_APPS]) + (f" and {rest} more" if rest > 0 else "")

    @property
    def totals(self) -> Totals:
        """What came of the rings so far."""
        return self._follower.totals

    @property
    def over(self) -> bool:
        """All processes have ended, and nobody runs who would start others."""
        if self._closed:
            return True
        if not self._polled or self._more or self.totals.running:
            return False
        return not any(_is_supervised(ring.about) for ring in self._selection.choice.rings)

    @property
    def pid(self) -> int | None:
        """A process that was not read to its end, or to when it was let go."""
        if self._closed or (self._let_go is not None and self._is_read()):
            return None
        running = (each for each in self.totals.processes if each.state == "running")
        return next((each.process.pid for each in running), None)

    def start(self) -> None: ...

    def restart(self) -> None: ...

    def poll(self, sink: Sink) -> None:
        """See Session. Raises RingError where none of the rings can be read."""
        if self._closed:
            return
        self._more = self._follower.poll(sink)
        self._polled = True
        if not self.totals.processes and self._follower.complaints:
            raise RingError(self._follower.complaints[-1])

    def status(self) -> SessionStatus:
        totals, complaints = self.totals, self._follower.complaints
        servers = sorted({ring.about.server for ring in self._selection.choice.rings} - {""})
        return SessionStatus(
            self._phase(totals),
            ", ".join(servers),
            complaints[-1] if complaints else self._ended(totals),
            fill=totals.fill,
            missed=totals.missed,
            refused=totals.refused,
            faults=totals.faults,
            sampled=totals.sampled,
            unsampled=totals.unsampled,
            attached=True,
            processes=totals.processes,
        )

    def _is_read(self) -> bool:
        """All is taken in that was there when it was let go, or there is no end of it."""
        return not self._more or self._clock() - (self._let_go or 0) > _PATIENCE_NS

    def _phase(self, totals: Totals) -> Phase:
        if not self._polled:
            return "starting"
        if totals.running:
            return "serving"
        return "stopped" if self.live else "loading" if self._more else "loaded"

    def _ended(self, totals: Totals) -> str:
        if not self.live or not totals.processes or totals.running:
            return ""
        if len(totals.processes) == 1:
            return "The process has ended."
        return f"All {counted(len(totals.processes), 'process')} have ended."

    async def stop(self) -> None:
        """Let go of the processes, which run on; what they have written so far can still be
        polled."""
        self._more = True
        self._let_go = self._clock()

    def close(self, *, keep: bool = False) -> None:
        """Give up the rings; their files are not ours."""
        if not self._closed:
            self._closed = True
            self._follower.close()


def _is_supervised(about: About) -> bool:
    """Whether the parent of a process runs the same program: then it is a server that has workers,
    and starts others in place of those that end."""
    own = about.argv[1:] or about.argv
    return bool(own) and arguments_of(about.ppid)[-len(own) :] == own
