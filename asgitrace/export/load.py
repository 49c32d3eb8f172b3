"""Reading a trace file: in slices, bounded, and trusting nothing in it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Self, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from asgitrace.errors import TraceFileError
from asgitrace.events import Record
from asgitrace.export.blocks import Blocks, LineError, printable, reason
from asgitrace.export.lines import FORMAT, LINE_LIMIT, TraceLine, decode_line
from asgitrace.export.slices import (
    BATCH_RECORDS,
    Introductions,
    Other,
    Slice,
    Slicer,
    SourceBatch,
    other_of,
)

_FIRST_LINE_LIMIT: Final = 64 * 1024


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
class Missed:
    """A gap: so many records of a process were overwritten before they were read."""

    source: int
    count: int


Item: TypeAlias = SourceRecord | Missed | Other


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
        end: how far into the file a line may begin to be read by this reader; None: all of it.
    """

    def __init__(
        self,
        file: io.BufferedIOBase,
        name: str,
        *,
        total: int | None = None,
        line_limit: int = LINE_LIMIT,
        end: int | None = None,
    ) -> None:
        self._file = file
        self._blocks = Blocks(file, line_limit, end)
        self._slicer = Slicer(self._blocks, other_of)
        self.introductions = Introductions()
        """Those of the processes so far."""
        self.name = name
        """What the file is called in errors."""
        self.total = total
        """Length of the file in bytes; None where it is not known."""
        self.info = self._read_first(min(line_limit, _FIRST_LINE_LIMIT))
        """What the file says of itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def consumed(self) -> int:
        """Bytes read so far."""
        return self._blocks.consumed

    @property
    def line(self) -> int:
        """Number of the line read last, from 1."""
        return self._blocks.line

    @property
    def cut(self) -> int | None:
        """Number of the last line if it was cut off, and so was not loaded; known when all is
        read."""
        return self._blocks.cut

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
        try:
            for placed in self._slicer.slices(max_records):
                self.introductions.check(placed)
                yield placed.slice
        except LineError as error:
            raise self.error(error.line, error.reason) from error
        except OSError as error:
            raise self._unreadable(error) from error

    def error(self, line: int, why: str) -> TraceFileError:
        """What is wrong with a line, as an error to be raised."""
        return TraceFileError(f"{self.name} line {line}: {why}.")

    def _unreadable(self, error: OSError) -> TraceFileError:
        return TraceFileError(f"{self.name} cannot be read: {error.strerror or error}.")

    def _read_first(self, limit: int) -> TraceInfo:
        try:
            data = self._blocks.first(limit)
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            if data is None:
                raise ValueError("a line of text is not that long")
            found = _probe(data)
        except (ValueError, RecursionError) as error:
            raise TraceFileError(f"{self.name} {_explain_foreign(data)}.") from error
        if found.format > FORMAT:
            raise TraceFileError(
                f"{self.name} has trace format {found.format}, this asgitrace reads formats up to "
                f"{FORMAT}; open it with the version that wrote it ({printable(found.asgitrace)})."
            )
        try:
            line = decode_line(data)
        except (ValueError, RecursionError) as error:
            raise self.error(self.line, reason(error)) from error
        assert isinstance(line, TraceLine), "the probe has seen its tag"
        return TraceInfo(line.format, line.asgitrace, line.created)


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
