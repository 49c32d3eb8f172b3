"""What every export format offers, and what a trace consists of besides the store's own words."""

from dataclasses import dataclass, field
from typing import Protocol

from asgitrace.events import Record
from asgitrace.ring import Batch
from asgitrace.store.annotation import NOTHING, Annotation
from asgitrace.store.model import Lag, LogLine, Process


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened to the app's process: it started, was restarted, failed or ended."""

    source: int | None
    """The process; None where it never got so far as to record."""
    time_ns: int
    """Wall time, ns since the epoch."""
    status: int
    """Exit status, negative for a signal; 0 where there is none."""
    text: str
    number: int = 0
    """Of its row; 0 where that is not known."""
    annotation: Annotation = field(default=NOTHING)


@dataclass(frozen=True, slots=True)
class Introduction:
    """A row of the list, before the first record of its exchange."""

    source: int
    exchange: int
    number: int = 0
    """Of the row; greater than those before. 0 where it is not known."""
    annotation: Annotation = field(default=NOTHING)


class Exporter(Protocol):
    """Takes in a trace, piece by piece in its order. Every method may raise TraceFileError."""

    def process(self, process: Process) -> None:
        """A process that records; comes before anything it recorded."""
        ...

    def introduce(self, introduction: Introduction) -> None:
        """What is known of a row before the first record of its exchange."""
        ...

    def record(self, source: int, record: Record) -> None:
        """The next record of a process."""
        ...

    def missed(self, source: int, count: int) -> None:
        """Records of a process were overwritten before they were read."""
        ...

    def log(self, line: LogLine) -> None: ...

    def lag(self, lag: Lag) -> None:
        """How late the loop of a process was."""
        ...

    def note(self, note: Note) -> None: ...

    def close(self) -> None:
        """Nothing more comes; all is to be in its place when this returns."""
        ...


def export_batch(exporter: Exporter, source: int, batch: Batch) -> None:
    """Hand on what was read from a ring, the gap before it included."""
    if batch.missed:
        exporter.missed(source, batch.missed)
    for record in batch.records():
        exporter.record(source, record)
