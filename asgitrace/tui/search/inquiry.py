"""What is searched for in all exchanges: kept while one goes to what was found and comes back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from asgitrace.views.needle import Needle, NeedleError
from asgitrace.views.occurrences.model import EVERYTHING, Parts, Query
from asgitrace.views.occurrences.sweep import Sweep
from asgitrace.views.units import format_duration, format_size
from asgitrace.words import counted

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_BUDGET_NS: Final = 14_000_000
"""How long is searched at a time."""
_TELLING_NS: Final = 1_000_000_000
"""After which the time that is left can be told."""


@dataclass(slots=True)
class Inquiry:
    """The question and how far it is answered."""

    store: "Store"
    typed: str = ""
    parts: Parts = EVERYTHING
    capitals: bool | None = None
    """Whether capitals differ; None where what is typed tells."""
    expression: bool | None = None
    """Whether it is a regular expression; None where the slashes tell."""
    sweep: Sweep | None = None
    cursor: int = 0
    wrong: str = ""
    """Why it cannot be searched for."""
    stopped: bool = False
    """Somebody stopped it."""
    clock: Callable[[], int] = time.perf_counter_ns
    _executor: ThreadPoolExecutor | None = field(default=None, repr=False)
    _taken: int = field(default=0, repr=False)
    """Nanoseconds that were worked or waited for it."""
    _last: int | None = field(default=None, repr=False)

    def begin(self, now: int) -> bool:
        """Search for what is typed, from the newest on; whether that can be done."""
        self.close()
        self.sweep, self.wrong, self.stopped, self.cursor = None, "", False, 0
        self._taken, self._last = 0, None
        if not self.typed:
            return False
        try:
            needle = Needle(self.typed, capitals=self.capitals, expression=self.expression)
        except NeedleError as error:
            self.wrong = str(error)
            return False
        if not self.parts:
            self.wrong = "nothing is chosen that is to be searched"
            return False
        self._executor = ThreadPoolExecutor(1, "search")
        self.sweep = Sweep(self.store, Query(needle, self.parts), now, self._executor)
        return True

    @property
    def running(self) -> bool:
        """Whether there is more to search."""
        return self.sweep is not None and not self.sweep.done

    def work(self) -> None:
        """Go on for some milliseconds."""
        sweep = self.sweep
        if sweep is None or sweep.done:
            return
        now = self.clock()
        end = now + _BUDGET_NS
        if not sweep.work(lambda: self.clock() < end):
            self.close()
        if self._last is not None:
            self._taken += now - self._last
        self._last = now

    def rest(self) -> None:
        """It is not worked on for a while, which does not count."""
        self._last = None

    def stop(self) -> None:
        """Leave it at what was found."""
        if self.sweep is not None and self.running:
            self.sweep.stop()
            self.stopped = True
        self.close()

    def close(self) -> None:
        """Let go of the thread."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    # What is told

    def told(self, groups: int) -> str:
        """How far it is, and what came of it."""
        sweep = self.sweep
        if sweep is None:
            return self.wrong
        if sweep.failure:
            return sweep.failure
        found = counted(len(sweep.found), "occurrence")
        found += f" in {counted(groups, 'exchange')}" if groups else ""
        if self.running:
            return f"{found}   {self._progress(sweep)}"
        words = [found]
        if sweep.capped:
            words.append("more are not looked for: say more of what is meant")
        elif self.stopped:
            words.append(f"stopped at {self._searched(sweep)}")
        else:
            words.append(f"all {sweep.total_rows:,} searched")
        if sweep.newer:
            words.append(f"{sweep.newer:,} newer not searched: r")
        return "   ".join(words)

    def _progress(self, sweep: Sweep) -> str:
        words = [self._searched(sweep)]
        if self._taken > _TELLING_NS and sweep.share > 0:
            words.append(f"{format_duration(int(self._taken / sweep.share) - self._taken)} left")
        return "   ".join(words)

    @staticmethod
    def _searched(sweep: Sweep) -> str:
        return (
            f"{sweep.rows:,} of {sweep.total_rows:,} exchanges,"
            f" {format_size(sweep.bytes)} of {format_size(sweep.total_bytes)}"
        )
