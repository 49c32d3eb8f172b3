"""From a trace file into an exporter, in bounded memory.

Without a filter everything is handed on as it comes. With one the file is read twice: first its
exchanges are judged, in a store that gives up what was judged, and only the numbers of those that
pass are kept; then their records are handed on in the order of the file.
"""

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from asgitrace.cli.choosing import Judging
from asgitrace.cli.headless import ExportSink
from asgitrace.errors import TraceFileError
from asgitrace.export import (
    Exporter,
    Introduction,
    Note,
    Slice,
    SourceBatch,
    TraceReader,
    export_batch,
    open_trace,
)
from asgitrace.export.files import display
from asgitrace.export.slices import BATCH_RECORDS
from asgitrace.store import Lag, LogLine, Process

if TYPE_CHECKING:
    from asgitrace.filter import Predicate

_PROGRESS_SECONDS: Final = 0.25


class Progress:
    """One line on a terminal that is overwritten; nothing elsewhere."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out = out or sys.stderr
        self._terminal = out.isatty()
        self._due = 0.0
        self._shown = False

    def update(self, what: str, reader: TraceReader) -> None:
        """Tell how far something is."""
        now = time.monotonic()
        if not self._terminal or now < self._due:
            return
        self._due = now + _PROGRESS_SECONDS
        share = f"{reader.consumed / reader.total:4.0%}" if reader.total else ""
        self._out.write(f"\r\x1b[K{what} {share} {reader.consumed / 1e6:,.0f} MB")
        self._out.flush()
        self._shown = True

    def say(self, text: str) -> None:
        """A line of our own."""
        self.close()
        print(f"asgitrace: {text}", file=self._out, flush=True)

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._shown = False


@contextlib.contextmanager
def rereadable(path: Path) -> Iterator[Path]:
    """A file that can be read twice: of standard input and pipes a copy that is gone afterwards.
    Raises TraceFileError."""
    if path.is_file():
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="asgitrace-", suffix=".jsonl") as copy:
        try:
            with contextlib.ExitStack() as stack:
                source = sys.stdin.buffer if _is_stdin(path) else path.open("rb")
                stack.callback(source.close)
                shutil.copyfileobj(source, copy)
            copy.flush()
        except OSError as error:
            why = error.strerror or str(error)
            raise TraceFileError(f"{display(path)} cannot be read: {why}.") from error
        yield Path(copy.name)


def _is_stdin(path: Path) -> bool:
    return str(path) == "-"


@dataclass(slots=True)
class Outcome:
    """What became of a file."""

    words: str
    damage: str
    """Why it was not read to its end; empty if it was."""


def copy(path: Path, exporter: Exporter, progress: Progress) -> Outcome:
    """Hand on everything in a file."""
    counter = ExportSink(exporter, lambda _: None)
    with _opened(path) as reader:
        items = Sound(reader)
        for item in items:
            _hand_on(exporter, item)
            if isinstance(item, SourceBatch):
                counter.count(item.source, item.batch)
            progress.update("written", reader)
        return Outcome(counter.tally.words(", "), items.damage)


def select(
    path: Path, exporter: Exporter, predicate: "Predicate", memory: int, progress: Progress
) -> Outcome:
    """Hand on the exchanges of a file that pass a filter, and what belongs to none."""
    with open_trace(path) as reader:
        judging = Judging(predicate, memory)
        for item in Sound(reader, judging.batch):
            judging.take(item)
            progress.update("judged", reader)
        choice = judging.finish()
    with open_trace(path) as reader:
        items = Sound(reader)
        for item in items:
            choice.hand_on(exporter, item)
            progress.update("written", reader)
        return Outcome(judging.words, items.damage)


def _opened(path: Path) -> TraceReader:
    if _is_stdin(path):
        return TraceReader(open(0, "rb", closefd=False), "standard input")
    return open_trace(path)


def _hand_on(exporter: Exporter, item: Slice) -> None:
    match item:
        case SourceBatch():
            export_batch(exporter, item.source, item.batch)
        case Process():
            exporter.process(item)
        case Introduction():
            exporter.introduce(item)
        case LogLine():
            exporter.log(item)
        case Lag():
            exporter.lag(item)
        case Note():
            exporter.note(item)


class Sound:
    """What can be read of a file."""

    def __init__(self, reader: TraceReader, batch: int = BATCH_RECORDS) -> None:
        self._reader = reader
        self._batch = batch
        self.damage = ""
        """Why the rest could not."""

    def __iter__(self) -> Iterator[Slice]:
        try:
            yield from self._reader.batches(self._batch)
        except TraceFileError as error:
            self.damage = str(error)
        if self._reader.cut is not None:
            self.damage = f"Line {self._reader.cut}, the last one, is cut off and was left out."
