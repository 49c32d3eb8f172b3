"""Reading a trace file: in slices, bounded, and trusting nothing in it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, BinaryIO, Final, Self, TypeAlias

from msgspec import Meta, Struct, ValidationError
from msgspec.json import Decoder

from asgitrace.clock import ClockAnchor
from asgitrace.errors import TraceFileError
from asgitrace.events import HEADER, Record
from asgitrace.export.base import Note
from asgitrace.export.lines import (
    FORMAT,
    LINE_LIMIT,
    VALUES_LIMIT,
    Line,
    LogEntry,
    MissedLine,
    NoteLine,
    ProcessLine,
    RecordLine,
    TraceLine,
    decode_line,
    is_crowded,
    unpack_text,
)
from asgitrace.export.records import pack_line
from asgitrace.ring import Batch
from asgitrace.store.model import LogLine, Process

BATCH_RECORDS: Final = 4096
"""Records of a batch, unless told otherwise: some 30 ms of loading."""

_BATCH_BYTES: Final = 16 * 1024 * 1024
_FIRST_LINE_LIMIT: Final = 64 * 1024
_REASON_LIMIT: Final = 200
_NOT_A_RECORD: Final = (ValueError, TypeError, OverflowError, RecursionError, struct.error)
"""What packing a line may raise."""


@dataclass(frozen=True, slots=True)
class TraceInfo:
    """What a file says of itself in its first line."""

    format: int
    release: str
    created: datetime


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record and the process it is from."""

    source: int
    record: Record


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Consecutive records of one process, as if read from its ring."""

    source: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Missed:
    """A gap: so many records of a process were overwritten before they were read."""

    source: int
    count: int


_Content: TypeAlias = ProcessLine | RecordLine | MissedLine | LogEntry | NoteLine
Slice: TypeAlias = Process | SourceBatch | LogLine | Note
Item: TypeAlias = Process | SourceRecord | Missed | LogLine | Note


class _Probe(Struct, tag="trace", tag_field="line"):
    """As much of a first line as every format has."""

    format: Annotated[int, Meta(ge=1)]
    asgitrace: str = "?"


_probe: Final = Decoder(_Probe).decode


class TraceReader:
    """Reads a trace from a binary file; raises TraceFileError, and nothing else, for whatever is in
    there.

    Args:
        file: where from; closed by ``close``.
        name: what to call the file in errors.
        total: its length in bytes, where that is known.
        line_limit: bytes that a line may have.
    """

    def __init__(
        self, file: BinaryIO, name: str, *, total: int | None = None, line_limit: int = LINE_LIMIT
    ) -> None:
        self._file = file
        self._name = name
        self._line_limit = line_limit
        self._positions: dict[int, int] = {}
        self.total = total
        """Length of the file in bytes; None where it is not known."""
        self.consumed = 0
        """Bytes read so far."""
        self.line = 0
        """Number of the line read last, from 1."""
        self.cut: int | None = None
        """Number of the last line if it was cut off, and so was not loaded; known when all is
        read."""
        self.info = self._read_first()
        """What the file says of itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Item]:
        """Everything after the first line, one by one."""
        for item in self.batches():
            if not isinstance(item, SourceBatch):
                yield item
                continue
            if item.batch.missed:
                yield Missed(item.source, item.batch.missed)
            for record in item.batch.records():
                yield SourceRecord(item.source, record)

    def batches(self, max_records: int = BATCH_RECORDS) -> Iterator[Slice]:
        """Everything after the first line, in its order, records taken together as far as they
        follow each other.

        The time from one slice to the next is bounded by ``max_records``. What stood before a line
        in error is given before the error is raised.
        """
        pending: _Collector | None = None
        try:
            for line in self._lines():
                if isinstance(line, RecordLine):
                    if pending and pending.source != line.process:
                        yield self._take(pending)
                        pending = None
                    pending = pending or self._collector(line.process)
                    self._add(pending, line)
                    if pending.count >= max_records or len(pending.payload) >= _BATCH_BYTES:
                        yield self._take(pending)
                        pending = None
                    continue
                if pending:
                    yield self._take(pending)
                    pending = None
                if isinstance(line, MissedLine):
                    pending = self._collector(line.process, line.count)
                else:
                    yield self._item(line)
        except TraceFileError:
            if pending:
                yield self._take(pending)
            raise
        if pending:
            yield self._take(pending)

    def _read_first(self) -> TraceInfo:
        data = self._next(min(self._line_limit, _FIRST_LINE_LIMIT))
        try:
            if data is None:
                raise ValueError("a line of text is not that long")
            found = _probe(data)
        except (ValueError, RecursionError) as error:
            raise TraceFileError(f"{self._name} {_explain_foreign(data)}.") from error
        if found.format > FORMAT:
            raise TraceFileError(
                f"{self._name} has trace format {found.format}, this asgitrace reads formats up to "
                f"{FORMAT}; open it with the version that wrote it ({_printable(found.asgitrace)})."
            )
        line = self._decode(data)
        assert isinstance(line, TraceLine), "the probe has seen its tag"
        return TraceInfo(line.format, line.asgitrace, line.created)

    def _lines(self) -> Iterator[_Content]:
        while (data := self._next(self._line_limit)) != b"":
            if data is None:
                raise self._error(f"it is longer than {self._line_limit} bytes")
            if is_crowded(data):
                raise self._error(f"it has more than {VALUES_LIMIT} values")
            if data.isspace():
                continue
            if not data.endswith(b"\n") and _is_cut(data):
                self.cut = self.line
                return
            line = self._decode(data)
            if isinstance(line, TraceLine):
                raise self._error("a second trace begins here, in the middle of the first")
            yield line

    def _next(self, limit: int) -> bytes | None:
        """The next line, empty at the end of the file; None for one that is longer than
        ``limit``."""
        try:
            data = self._file.readline(limit + 1)
        except OSError as error:
            raise TraceFileError(
                f"{self._name} cannot be read: {error.strerror or error}."
            ) from error
        self.consumed += len(data)
        self.line += bool(data)
        return data if len(data) <= limit else None

    def _decode(self, data: bytes) -> Line:
        try:
            line: Line = decode_line(data)
        except (ValueError, RecursionError) as error:
            raise self._error(_reason(error)) from error
        return line

    def _collector(self, source: int, missed: int = 0) -> "_Collector":
        position = self._positions.get(source)
        if position is None:
            raise self._error(f"no line before introduces process {source}")
        return _Collector(source, position, missed)

    def _add(self, pending: "_Collector", line: RecordLine) -> None:
        try:
            pending.add(line)
        except _NOT_A_RECORD as error:
            raise self._error(_reason(error)) from error

    def _take(self, pending: "_Collector") -> SourceBatch:
        self._positions[pending.source] = pending.origin + len(pending.payload)
        batch = Batch(
            bytes(pending.headers), bytes(pending.payload), pending.origin, pending.missed
        )
        return SourceBatch(pending.source, batch)

    def _item(self, line: ProcessLine | LogEntry | NoteLine) -> Process | LogLine | Note:
        try:
            if isinstance(line, LogEntry):
                return LogLine(line.process, line.time_ns, line.stream, unpack_text(line.text))
            if isinstance(line, NoteLine):
                return Note(line.process, line.time_ns, line.status, unpack_text(line.text))
            target = unpack_text(line.target)
        except UnicodeDecodeError as error:
            raise self._error(_reason(error)) from error
        if line.process in self._positions:
            raise self._error(f"process {line.process} was introduced before")
        self._positions[line.process] = 0
        anchor = ClockAnchor(line.anchor.monotonic_ns, line.anchor.wall_ns)
        return Process(line.process, line.pid, anchor, target)

    def _error(self, reason: str) -> TraceFileError:
        return TraceFileError(f"{self._name} line {self.line}: {reason}.")


class _Collector:
    """Records of one process on their way into a batch."""

    __slots__ = ("headers", "missed", "origin", "payload", "source")

    def __init__(self, source: int, origin: int, missed: int) -> None:
        self.source = source
        self.origin = origin
        self.missed = missed
        self.headers = bytearray()
        self.payload = bytearray()

    @property
    def count(self) -> int:
        return len(self.headers) // HEADER.size

    def add(self, line: RecordLine) -> None:
        header, payload = pack_line(line, self.origin + len(self.payload))
        self.headers += header
        self.payload += payload


def _is_cut(data: bytes) -> bool:
    """Whether a line without an end is not even JSON. One that is whole lacks nothing but its
    end."""
    try:
        decode_line(data)
    except (ValidationError, RecursionError):
        return False
    except ValueError:
        return True
    return False


def _explain_foreign(data: bytes | None) -> str:
    """Why a first line is none, as the rest of a sentence."""
    if data == b"":
        return "is empty"
    if data is not None:
        if data.startswith(b"\x1f\x8b"):
            return "is compressed; unpack it first, with gunzip"
        if data.rstrip(b"\r\n") in (b"{", b"[") and data.endswith(b"\n"):
            return "is JSON over several lines; a trace has one object a line, as written by jq -c"
        if data.startswith(b'{"line":"trace"') and not data.endswith(b"\n"):
            return "was cut off in its first line; there is nothing to load"
    return "is not a trace of asgitrace: its first line does not say so"


def _reason(error: Exception) -> str:
    """What is wrong with a line, fit for a screen, without a full stop."""
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, OverflowError | struct.error):
        return "a number is out of range"
    if isinstance(error, TypeError):
        return "a dict has a key that cannot be one"
    return _printable(str(error))


def _printable(text: str) -> str:
    text = text[:_REASON_LIMIT]
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
