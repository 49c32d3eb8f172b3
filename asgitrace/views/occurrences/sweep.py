"""Goes through all that is kept, the newest first, a little at a time."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.model import LogLine, RowKind
from asgitrace.views.needle import NeedleError
from asgitrace.views.occurrences.exchange import note_occurrences, occurrences
from asgitrace.views.occurrences.model import Occurrence, Parts, Query, occurrence
from asgitrace.views.occurrences.sieve import ByteSieve

if TYPE_CHECKING:
    from asgitrace.store.segment import Segment
    from asgitrace.store.store import Store

MOST: Final = 2_000
"""Occurrences at which it stops."""
MOST_OF_ONE: Final = 50
"""Occurrences that are kept of one exchange; the others are counted."""

_LINES: Final = 500
"""Log lines that are looked through at a time."""

_AHEAD: Final = 8
"""Segments that are looked through in advance."""

Numbers = npt.NDArray[np.int64]
Exchanges = npt.NDArray[np.uint32]


class _Enough(Exception):
    """So much was found that nobody will look at more."""


class Sweep:
    """One search in a store.

    Args:
        store: what is searched, as it is now; what comes later is counted as newer.
        query: what is looked for.
        now: monotonic ns, up to when open exchanges last.
        executor: where records are unpacked and their bytes looked through, which takes
            milliseconds; here, where there is none.
    """

    def __init__(
        self, store: "Store", query: Query, now: int = 0, executor: Executor | None = None
    ) -> None:
        self.query = query
        self.found: list[Occurrence] = []
        """In the order in which they were found: the newest exchanges first."""
        self.rows = 0
        """Rows that were gone through."""
        self.total_rows = len(store)
        self.bytes = 0
        """Bytes of records that were gone through."""
        self.lines = 0
        self.total_lines = 0
        """Log lines likewise."""
        self.dropped: dict[int, int] = {}
        """Occurrences that were counted only, by the number of their row."""
        self.failure = ""
        """Why it was stopped."""
        self.done = False
        self.capped = False
        """It ended early, as so much was found."""
        self._store = store
        self._now = now
        self._executor = executor
        self._waits = False
        """There is nothing to do before the executor is ready."""
        self._segments = store.segments()
        self.total_bytes = sum(each.raw_bytes for _, all_ in self._segments for each in all_)
        self._lines = store.logs_since(0) if Parts.LOG in query.parts else []
        self.total_lines = len(self._lines)
        self._first_line = store.log_total - self.total_lines
        self._logged: dict[int, list[Occurrence]] = {}
        """What was found in log lines, by the number of the row."""
        self._newest = int(store.numbers[-1]) if len(store) else 0
        self._judged: set[int] = set()
        self._way = self._go()

    @property
    def newer(self) -> int:
        """Rows that came after the search began."""
        numbers = self._store.numbers
        return len(numbers) - int(numbers.searchsorted(self._newest, "right"))

    @property
    def share(self) -> float:
        """How much of the bytes was gone through."""
        if self.done:
            return 1.0
        return self.bytes / self.total_bytes if self.total_bytes else 0.0

    def work(self, go_on: Callable[[], bool]) -> bool:
        """Go on as long as ``go_on`` says so; whether there is more to do."""
        try:
            self._waits = False
            while not (self.done or self._waits) and go_on():
                next(self._way)
        except StopIteration:
            self.done = True
        except NeedleError as error:
            self.failure, self.done = str(error), True
        except _Enough:
            self.capped = self.done = True
        return not self.done

    def stop(self) -> None:
        """Go on no more."""
        self.done = True

    def _go(self) -> Iterator[None]:
        yield from self._log()
        yield from self._notes()
        sieve = ByteSieve(self.query.needle)
        for source, segments in self._segments:
            index = _Index(self._store, source, self._logged)
            yield from index.build()
            for segment, sifted in self._ahead(sieve, segments):
                while not sifted.done():
                    self._waits = True
                    yield None
                yield from self._segment(segment, sifted.result(), index)
        self._segments = []
        self.rows = self.total_rows

    def _ahead(
        self, sieve: ByteSieve, segments: "list[Segment]"
    ) -> "Iterator[tuple[Segment, Future[Exchanges]]]":
        """The segments with what is being found in them, a few of them ahead."""
        waiting: deque[tuple[Segment, Future[Exchanges]]] = deque()
        for segment in segments:
            waiting.append((segment, self._sift(sieve, segment)))
            if len(waiting) > _AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _sift(self, sieve: ByteSieve, segment: "Segment") -> "Future[Exchanges]":
        if not self.query.parts & ~Parts.LOG:
            return _done(np.zeros(0, np.uint32))
        if self._executor is None:
            return _done(sieve.exchanges(segment.read()))
        return self._executor.submit(lambda: sieve.exchanges(segment.read()))

    def _segment(
        self, segment: "Segment", exchanges: "Exchanges", index: "_Index"
    ) -> Iterator[None]:
        logged = index.logged(segment.lowest, segment.highest)
        numbers = np.union1d(logged, index.numbers(exchanges))
        yield None
        for number in numbers[::-1].tolist():
            if number not in self._judged:
                self._judged.add(number)
                yield from self._exchange(number)
        self.bytes += segment.raw_bytes
        self.rows = min(self.total_rows, self.rows + index.passed(segment.first))
        yield None

    def _exchange(self, number: int) -> Iterator[None]:
        count = 0
        for line in self._logged.pop(number, ()):
            count += 1
            self._add_to(number, count, line)
        if not self.query.parts & ~Parts.LOG:
            return
        for exchange in self._store.read_through(number, self._now):
            if exchange is None:
                yield None
                continue
            for found in occurrences(exchange, self.query):
                if found is None:
                    yield None
                    continue
                count += 1
                self._add_to(number, count, found)
        yield None

    def _add_to(self, number: int, count: int, found: Occurrence) -> None:
        """Add to those of an exchange, or only count them."""
        if count > MOST_OF_ONE:
            self.dropped[number] = count - MOST_OF_ONE
        else:
            self._add(found)

    def _add(self, found: Occurrence) -> None:
        self.found.append(found)
        if len(self.found) >= MOST:
            raise _Enough

    def _log(self) -> Iterator[None]:
        lines = self._lines
        for place in range(len(lines) - 1, -1, -1):
            self._line(lines[place], self._first_line + place)
            self.lines += 1
            if self.lines % _LINES == 0:
                yield None
        self._lines = []
        yield None

    def _line(self, line: LogLine, index: int) -> None:
        """Keep what is in a line: that of an exchange is told with the others of it."""
        for span in self.query.needle.spans(line.text):
            number = line.exchange if line.exchange in self._store else 0
            found = occurrence(number, f"log {line.stream}", line.text, span, "log", index)
            if number:
                self._logged.setdefault(number, []).insert(0, found)
            else:
                self._add(found)

    def _notes(self) -> Iterator[None]:
        """The notes on the app's process, which have no records."""
        store = self._store
        notes = store.numbers[store.kind == RowKind.PROCESS][::-1].tolist()
        for number in notes:
            if number in store:
                text = store.row(number, self._now).path
                for found in note_occurrences(number, text, self.query):
                    if found is not None:
                        self._add(found)
            yield None


def _done(found: Exchanges) -> "Future[Exchanges]":
    future: Future[Exchanges] = Future()
    future.set_result(found)
    return future


class _Index:
    """The rows of one process by the numbers of their exchanges."""

    def __init__(self, store: "Store", source: int, logged: Collection[int]) -> None:
        """``logged``: rows of which there is something in the log."""
        ours: Any = store.source == source
        if ours.all():
            ours = slice(None)
        # Copies, as the columns change while it is built.
        self._exchanges = store.exchange_numbers[ours].copy()
        self._numbers: Numbers = store.numbers[ours].copy()
        self._firsts = store.first[ours].copy()
        self._left = len(self._numbers)
        told = np.sort(np.fromiter(logged, np.int64, len(logged)))
        places = np.minimum(self._numbers.searchsorted(told), max(0, self._left - 1))
        places = places[self._numbers[places] == told] if self._left else places[:0]
        self._logged = self._exchanges[places], self._numbers[places]

    def build(self) -> Iterator[None]:
        """Put all in order, in a few steps."""
        yield None
        # They are nearly in order, which this way of sorting makes use of.
        order = self._exchanges.argsort(kind="stable")
        yield None
        self._exchanges, self._numbers = self._exchanges[order], self._numbers[order]
        yield None
        self._firsts.sort(kind="stable")
        yield None

    def logged(self, lowest: int, highest: int) -> Numbers:
        """The rows of exchanges between two of which there is something in the log."""
        exchanges, numbers = self._logged
        found: Numbers = numbers[(exchanges >= lowest) & (exchanges <= highest)]
        return found

    def numbers(self, exchanges: Exchanges) -> Numbers:
        """The rows of these exchanges, ascending."""
        if not len(self._exchanges):
            return self._numbers
        places = np.minimum(self._exchanges.searchsorted(exchanges), len(self._exchanges) - 1)
        there = self._exchanges[places] == exchanges
        found: Numbers = np.sort(self._numbers[places[there]])
        return found

    def passed(self, sequence: int) -> int:
        """How many rows more began at this record or behind it."""
        left = int(self._firsts.searchsorted(sequence))
        passed, self._left = self._left - left, left
        return passed
