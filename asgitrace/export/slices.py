"""Lines of a trace as what a store takes in: batches of records, as if read from a ring, and what
stands between them."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from asgitrace.clock import ClockAnchor
from asgitrace.export.base import Introduction, Note
from asgitrace.export.blocks import Blocks, LineError, reason
from asgitrace.export.lines import (
    EventLine,
    ExchangeLine,
    Line,
    LogEntry,
    LoopLine,
    MissedLine,
    Noted,
    NoteLine,
    OtherLine,
    ProcessLine,
    RecordLine,
    TraceLine,
    WireLine,
    unpack_text,
)
from asgitrace.export.records import pack_line
from asgitrace.ring import Batch
from asgitrace.store.annotation import Annotation
from asgitrace.store.model import Lag, LogLine, Process

BATCH_RECORDS: Final = 4096
"""Records of a batch, unless told otherwise: some 20 ms of loading."""

_BATCH_BYTES: Final = 16 * 1024 * 1024
_NOT_A_RECORD: Final = (ValueError, TypeError, OverflowError, RecursionError, struct.error)
"""What packing a line may raise."""


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Consecutive records of one process, as if read from its ring."""

    source: int
    batch: Batch


Other: TypeAlias = Process | Introduction | LogLine | Lag | Note
Slice: TypeAlias = SourceBatch | Other


SliceT = TypeVar("SliceT", covariant=True)
OtherT = TypeVar("OtherT")


class Placed(NamedTuple, Generic[SliceT]):
    """A slice, and the number of the line in which it begins."""

    line: int
    slice: SliceT


class Slicer(Generic[OtherT]):
    """Makes slices of lines, and remembers where the payloads of each process end.

    Args:
        blocks: the lines.
        convert: what is made of lines that are no records; may raise UnicodeDecodeError.
    """

    def __init__(self, blocks: Blocks, convert: Callable[[OtherLine], OtherT]) -> None:
        self._blocks = blocks
        self._convert = convert
        self._ends: dict[int, int] = {}

    def slices(self, max_records: int) -> Iterator[Placed[SourceBatch | OtherT]]:
        """The lines from where the last one left off, records taken together as far as they follow
        each other.

        What stood before a line in error is given before the error is raised.
        """
        pending: _Collector | None = None
        try:
            for line in self._blocks:
                kind = type(line)
                if kind is EventLine or kind is WireLine:
                    if pending and pending.source != line.process:  # type: ignore[union-attr]
                        yield self._take(pending)
                        pending = None
                    pending = pending or self._collector(line)  # type: ignore[arg-type]
                    try:
                        pending.add(line)  # type: ignore[arg-type]
                    except _NOT_A_RECORD as error:
                        raise LineError(self._blocks.line, reason(error)) from error
                    if pending.count >= max_records or len(pending.payload) >= _BATCH_BYTES:
                        yield self._take(pending)
                        pending = None
                    continue
                if pending:
                    yield self._take(pending)
                    pending = None
                if isinstance(line, MissedLine):
                    pending = self._collector(line, line.count)
                else:
                    yield Placed(self._blocks.line, self._other(line))
        except (LineError, OSError):
            if pending:
                yield self._take(pending)
            raise
        if pending:
            yield self._take(pending)

    def _collector(self, line: RecordLine | MissedLine, missed: int = 0) -> "_Collector":
        source = line.process
        return _Collector(source, self._ends.get(source, 0), missed, self._blocks.line)

    def _take(self, pending: "_Collector") -> Placed[SourceBatch]:
        self._ends[pending.source] = pending.origin + len(pending.payload)
        headers, payload = bytes(pending.headers), bytes(pending.payload)
        batch = Batch(headers, payload, pending.origin, pending.missed)
        return Placed(pending.line, SourceBatch(pending.source, batch))

    def _other(self, line: Line) -> OtherT:
        if isinstance(line, TraceLine | EventLine | WireLine | MissedLine):
            why = "a second trace begins here, in the middle of the first"
            raise LineError(self._blocks.line, why)
        try:
            return self._convert(line)
        except UnicodeDecodeError as error:
            raise LineError(self._blocks.line, reason(error)) from error


class _Collector:
    """Records of one process on their way into a batch."""

    __slots__ = ("count", "headers", "line", "missed", "origin", "payload", "source")

    def __init__(self, source: int, origin: int, missed: int, line: int) -> None:
        self.source = source
        self.origin = origin
        self.missed = missed
        self.line = line
        self.count = 0
        self.headers = bytearray()
        self.payload = bytearray()

    def add(self, line: RecordLine) -> None:
        header, payload = pack_line(line, self.origin + len(self.payload))
        self.headers += header
        self.payload += payload
        self.count += 1


def other_of(line: OtherLine) -> Other:
    """What a line that is no record says. Raises UnicodeDecodeError."""
    match line:
        case ProcessLine():
            anchor = ClockAnchor(line.anchor.monotonic_ns, line.anchor.wall_ns)
            target, server = unpack_text(line.target), unpack_text(line.server)
            return Process(line.process, line.pid, anchor, target, server, line.worker)
        case ExchangeLine():
            return Introduction(line.process, line.exchange, line.row, _annotation(line))
        case LogEntry():
            text, logger = unpack_text(line.text), unpack_text(line.logger)
            return LogLine(
                line.process, line.time_ns, line.stream, text,
                line.level, logger, line.exchange, line.continued,
            )  # fmt: skip
        case LoopLine():
            return Lag(line.process, line.time_ns, line.late_ns)
        case NoteLine():
            text, note = unpack_text(line.text), _annotation(line)
            return Note(line.process, line.time_ns, line.status, text, line.row, note)


def _annotation(line: Noted) -> Annotation:
    tags = tuple(unpack_text(tag) for tag in line.tags)
    return Annotation(line.marked, tags, unpack_text(line.comment))


class Introductions:
    """Sees to it that processes are introduced, once, before anything that they recorded."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def check(self, placed: Placed[Slice]) -> None:
        """Look at the next slice; raises LineError if it is out of place."""
        match placed.slice:
            case Process(source=source):
                if source in self._known:
                    raise LineError(placed.line, f"process {source} was introduced before")
                self._known.add(source)
            case SourceBatch(source=source) | Introduction(source=source) | Lag(source=source):
                if source not in self._known:
                    why = f"no line before introduces process {source}"
                    raise LineError(placed.line, why)
