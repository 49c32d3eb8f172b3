"""A whole trace, for programs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from asgitrace.errors import ChoiceError, FilterError
from asgitrace.export import create_trace, open_trace
from asgitrace.export.feeding import Feeder
from asgitrace.export.saving import write
from asgitrace.filter import compile_filter, match
from asgitrace.library.exchange import Holder, LoadedExchange
from asgitrace.store import Connection, Lag, LogLine, Process, Store
from asgitrace.views.clean import clean

if TYPE_CHECKING:
    from os import PathLike

_ALL: Final = 2**50
"""Bytes of a store that is to keep everything."""

_TOLD: Final = 8
"""Exchanges that are named where it was to be one."""
_LONGEST: Final = 80
"""Characters of their paths."""


def load(path: "str | PathLike[str]", *, memory: int | None = None) -> "LoadedTrace":
    """Load a trace file as `asgitrace record` or the screen have written it, of any format so far.

    Args:
        path: the file.
        memory: bytes that the trace may take; beyond it the oldest exchanges are left out, and
            ``left_out`` says how many. None: as much as it takes.

    Raises TraceFileError where it cannot be read, or is damaged; a last line that is cut off is
    left out, and ``cut`` tells its number.
    """
    store = Store(_ALL if memory is None else memory)
    feeder = Feeder(store)
    with open_trace(Path(path)) as reader:
        for item in reader.batches():
            feeder.take(item)
        feeder.end()
        return LoadedTrace(Holder(store), None, reader.cut)


class LoadedTrace:
    """The exchanges of a trace, or those of them that passed a filter; made by ``load``.

    Iterating gives LoadedExchange, in the order of their numbers; ``trace[7]`` is the one that has
    this number in the list of the screen.
    """

    def __init__(
        self, holder: Holder, chosen: npt.NDArray[np.int64] | None, cut: int | None
    ) -> None:
        self._holder = holder
        self._chosen = chosen
        self.cut = cut
        """Number of the file's last line if it was cut off, and so was left out; else None."""

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[LoadedExchange]:
        return (self._holder.exchange(number) for number in self._numbers.tolist())

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self._has(number)

    def __getitem__(self, number: int) -> LoadedExchange:
        if not self._has(number):
            raise KeyError(number)
        return self._holder.exchange(number)

    def __repr__(self) -> str:
        return f"<LoadedTrace of {len(self):,} exchanges>"

    @property
    def exchanges(self) -> Sequence[LoadedExchange]:
        """The exchanges as a list. Notes on the app's process (it started, ended, …) are among
        them, as in the list of the screen: their kind is PROCESS."""
        return list(self)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the exchanges, ascending."""
        numbers: list[int] = self._numbers.tolist()
        return numbers

    @property
    def _store(self) -> Store:
        self._holder.refresh()
        return self._holder.store

    @property
    def _numbers(self) -> npt.NDArray[np.int64]:
        return self._store.numbers.copy() if self._chosen is None else self._chosen

    def filter(self, text: str) -> "LoadedTrace":
        """The exchanges that pass a filter, in the language of the screen, e.g. ``path:/api dur>1s
        status>=400``. An empty one lets everything pass.

        Raises FilterError for one that cannot be read, or whose patterns take too long.
        """
        __tracebackhide__ = True  # in a test, what is wrong with it is what is to be read
        if not text.strip():
            return self
        numbers = self._numbers
        try:
            predicate = compile_filter(text)
        except FilterError as error:
            raise error.with_traceback(None) from None
        matcher = match(predicate, self._store)
        matcher.advance(self._holder.refresh(), lambda: True)
        if matcher.failure:
            raise FilterError(matcher.failure, position=0, length=len(text), expected="")
        passed = np.intersect1d(numbers, matcher.numbers, assume_unique=True)
        return LoadedTrace(self._holder, passed, self.cut)

    def one(self, text: str = "") -> LoadedExchange:
        """The only exchange, or the only one that passes a filter.

        Raises ChoiceError, which is an AssertionError too, where there is none or are several: it
        says which there are. Raises FilterError for a filter that cannot be read.
        """
        __tracebackhide__ = True  # in a test, what it says is what is to be read
        found = self.filter(text)
        if len(found) == 1:
            return found[found.numbers[0]]
        raise ChoiceError(*_explain(self, found, " ".join(text.split())))

    @property
    def connections(self) -> Sequence[Connection]:
        """The connections of the whole trace, in the order of their first event."""
        return self._store.connections(0)

    @property
    def logs(self) -> Sequence[LogLine]:
        """What the processes wrote, oldest first."""
        return self._store.logs

    @property
    def lags(self) -> Sequence[Lag]:
        """How late the event loops were, oldest first."""
        return tuple(self._store.lags)

    @property
    def processes(self) -> Sequence[Process]:
        """The processes that recorded."""
        return self._store.processes

    @property
    def missed(self) -> int:
        """Records that were overwritten before they were written to the file."""
        return self._store.missed_total

    @property
    def left_out(self) -> int:
        """Exchanges for which there was no room, see ``load``."""
        return self._store.evicted_total

    def save(self, path: "str | PathLike[str]", *, overwrite: bool = False) -> None:
        """Write these exchanges to a trace file, with their numbers and what was noted on them; of
        a whole trace also log lines and the loops' lateness. Raises TraceFileError."""
        chosen = self.numbers
        numbers = None if len(chosen) == len(self._store) else chosen
        with create_trace(Path(path), created=datetime.now(UTC), overwrite=overwrite) as exporter:
            write(exporter, self._store, numbers)

    def _has(self, number: int) -> bool:
        place = int(self._numbers.searchsorted(number))
        return place < len(self._numbers) and int(self._numbers[place]) == number


def _explain(trace: LoadedTrace, found: LoadedTrace, text: str) -> list[str]:
    """Why there is not one, and which there are: among these is what was meant."""
    count = len(found)
    if not text:
        sentence = f"There are {count:,} exchanges, not one" if count else "There is no exchange"
    elif count:
        sentence = f"{count:,} exchanges pass {text}, not one"
    else:
        sentence = f"No exchange passes {text}; there {'are' if len(trace) else 'is none'}"
    return [sentence, *_named(found if count else trace)]


def _named(trace: LoadedTrace) -> list[str]:
    """Its exchanges, the first few of them, each in a few words."""
    named = [_name(trace[number]) for number in trace.numbers[:_TOLD]]
    rest = len(trace) - len(named)
    return named + ([f"and {rest} more"] if rest else [])


def _name(one: LoadedExchange) -> str:
    how = one.status or one.state.name.lower()
    return clean(" ".join(f"#{one.number} {one.method} {one.path[:_LONGEST]} {how}".split()))
