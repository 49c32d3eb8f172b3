"""Writing a trace as JSON Lines, to a file or to standard output."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from asgitrace import __version__
from asgitrace.errors import TraceFileError
from asgitrace.events import Kind, Record
from asgitrace.export.base import Introduction, Note
from asgitrace.export.lines import (
    FORMAT,
    Anchor,
    ExchangeLine,
    LogEntry,
    LoopLine,
    MissedLine,
    NoteLine,
    ProcessLine,
    TraceLine,
    encode_line,
    pack_text,
)
from asgitrace.export.records import encode_record
from asgitrace.store.annotation import Annotation
from asgitrace.store.model import Lag, LogLine, Process

if TYPE_CHECKING:
    from asgitrace.clock import ClockAnchor


class JsonLinesWriter:
    """Writes a trace to a buffered binary file; every line goes out whole.

    Raises TraceFileError where it cannot be written, from then on at every call, so that nothing
    follows a torn line. A BrokenPipeError passes: whoever reads has seen enough, which is no
    mistake.

    Args:
        out: where to; stays open.
        created: when the trace was begun.
        name: what to call the file in errors.
        flush_each: make each line readable for others at once.
    """

    def __init__(
        self, out: BinaryIO, *, created: datetime, name: str = "the trace", flush_each: bool = False
    ) -> None:
        self._out = out
        self._name = name
        self._flush_each = flush_each
        self._anchors: dict[int, ClockAnchor] = {}
        self.failure: str | None = None
        """Why the trace could not be written; None while all is well."""
        first = TraceLine(format=FORMAT, asgitrace=__version__, created=created.astimezone(UTC))
        self._put(encode_line(first))

    def process(self, process: Process) -> None:
        """See Exporter."""
        self._anchors[process.source] = process.anchor
        anchor = Anchor(process.anchor.monotonic_ns, process.anchor.wall_ns)
        line = ProcessLine(
            process=process.source,
            pid=process.pid,
            target=pack_text(process.target),
            server=pack_text(process.server),
            worker=process.worker,
            anchor=anchor,
        )
        self._put(encode_line(line))

    def record(self, source: int, record: Record) -> None:
        """See Exporter."""
        header = record.header
        if header.kind == Kind.LOOP:
            late, anchor = max(header.returned - header.called, 0), self._anchors[source]
            self.lag(Lag(source, anchor.wall(header.returned), late))
        else:
            self._put(encode_record(source, record))

    def introduce(self, introduction: Introduction) -> None:
        """See Exporter."""
        line = ExchangeLine(
            process=introduction.source,
            exchange=introduction.exchange,
            **_noted(introduction.number, introduction.annotation),
        )
        self._put(encode_line(line))

    def missed(self, source: int, count: int) -> None:
        """See Exporter."""
        self._put(encode_line(MissedLine(process=source, count=count)))

    def log(self, line: LogLine) -> None:
        """See Exporter."""
        entry = LogEntry(
            process=line.source,
            time_ns=line.time_ns,
            stream=line.stream,
            text=pack_text(line.text),
            level=line.level,
            logger=pack_text(line.logger),
            exchange=line.exchange,
            continued=line.continued,
        )
        self._put(encode_line(entry))

    def note(self, note: Note) -> None:
        """See Exporter."""
        line = NoteLine(
            process=note.source,
            time_ns=note.time_ns,
            status=note.status,
            text=pack_text(note.text),
            **_noted(note.number, note.annotation),
        )
        self._put(encode_line(line))

    def lag(self, lag: Lag) -> None:
        """See Exporter."""
        line = LoopLine(process=lag.source, time_ns=lag.time_ns, late_ns=lag.late_ns)
        self._put(encode_line(line))

    def flush(self) -> None:
        """Make all lines so far readable for others."""
        self._put(b"")
        try:
            self._out.flush()
        except OSError as error:
            self.fail(error)

    def close(self) -> None:
        """See Exporter; the file stays open."""
        self.flush()

    def fail(self, error: OSError) -> NoReturn:
        """Write nothing from now on, because of ``error``."""
        if isinstance(error, BrokenPipeError):
            raise error
        self.failure = f"{self._name} cannot be written: {error.strerror or error}."
        raise TraceFileError(self.failure) from error

    def _put(self, data: bytes) -> None:
        if self.failure is not None:
            raise TraceFileError(self.failure)
        try:
            self._out.write(data)
            if self._flush_each:
                self._out.flush()
        except OSError as error:
            self.fail(error)


def _noted(number: int, annotation: Annotation) -> dict[str, Any]:
    """The members of a line that are the same for all rows."""
    return {
        "row": number,
        "marked": annotation.marked,
        "tags": [pack_text(tag) for tag in annotation.tags],
        "comment": pack_text(annotation.comment),
    }
