"""Traces from files as sessions: a saved trace, or the ring of a process as it is now."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from asgitrace.errors import TraceFileError
from asgitrace.export import Note, Slice, SourceBatch, TraceReader, open_trace
from asgitrace.process.rings import is_alive
from asgitrace.ring import RingReader
from asgitrace.ring.layout import MAGIC
from asgitrace.store.model import Lag, LogLine, Process
from asgitrace.store.session import Session, SessionStatus, Sink

_SLICE_NS: Final = 12_000_000
_SLICE_RECORDS: Final = 512


def open_session(path: Path) -> Session:
    """A session on a trace file or a ring file. Raises TraceFileError or RingError."""
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise TraceFileError(f"{path} cannot be opened: {error.strerror or error}.") from error
    if start == MAGIC:
        return RingSession(RingReader.open(path))
    return FileSession(open_trace(path), path.name)


class FileSession:
    """A saved trace, loaded in slices."""

    live = False

    def __init__(self, reader: TraceReader, name: str) -> None:
        self._reader = reader
        self._slices = reader.batches(_SLICE_RECORDS)
        self._sources: dict[int, int] = {}
        self._missed = 0
        self.title = name
        self._status = SessionStatus("loading", name)

    def start(self) -> None: ...

    def restart(self) -> None: ...

    async def stop(self) -> None:
        self._reader.close()

    def status(self) -> SessionStatus:
        return self._status

    def poll(self, sink: Sink) -> None:
        """Load for a slice of time. Damage ends the loading; what came before stays."""
        if self._status.phase != "loading":
            return
        until = time.monotonic_ns() + _SLICE_NS
        try:
            for item in self._slices:
                self._take(item, sink)
                if time.monotonic_ns() > until:
                    self._report_progress()
                    return
        except TraceFileError as error:
            self._end(sink, f"{error} What came before it is shown.")
            return
        cut = self._reader.cut
        self._end(
            sink,
            f"Line {cut}, the last one, is cut off and was left out; the rest is complete."
            if cut is not None
            else "",
        )

    def _report_progress(self) -> None:
        total = self._reader.total
        share = f" {self._reader.consumed * 100 // total} %" if total else ""
        self._status = replace(self._status, detail=f"loading{share}")

    def _end(self, sink: Sink, detail: str) -> None:
        for source in self._sources.values():
            sink.end_process(source, None, "", 0)
        self._reader.close()
        self._status = replace(self._status, phase="loaded", detail=detail, missed=self._missed)

    def _take(self, item: Slice, sink: Sink) -> None:
        match item:
            case Process(source=source, pid=pid, anchor=anchor, target=target):
                self._sources[source] = sink.add_process(pid, anchor, target).source
            case SourceBatch(source=source, batch=batch):
                self._missed += batch.missed
                sink.take(self._sources[source], batch)
            case Lag(source=source):
                sink.lag(replace(item, source=self._sources[source]))
            case LogLine(source=source):
                sink.log(replace(item, source=self._sources.get(source, 0)))
            case Note(source=known, time_ns=time_ns, status=status, text=text):
                sink.note(
                    self._sources.get(known) if known is not None else None, text, status, time_ns
                )


class RingSession:
    """What a process that crashed has left in its ring, or what one that runs has in it now."""

    live = False

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader
        self._source: int | None = None
        self.title = str(reader.about.get("target") or reader.path.name)
        self._status = SessionStatus("loading", reader.path.name)

    def start(self) -> None: ...

    def restart(self) -> None: ...

    async def stop(self) -> None:
        if self._status.phase == "loading":
            self._reader.close()

    def status(self) -> SessionStatus:
        return self._status

    def poll(self, sink: Sink) -> None:
        """Take in one batch."""
        if self._status.phase != "loading":
            return
        if self._source is None:
            layout = self._reader.layout
            self._source = sink.add_process(layout.pid, layout.anchor, self.title).source
        batch = self._reader.poll()
        if not batch.count:
            # Damage is believed the second time only.
            batch = self._reader.poll()
        state = self._reader.state()
        self._status = replace(
            self._status,
            missed=self._status.missed + batch.missed,
            refused=state.refused,
            faults=state.faults,
            fill=state.fill,
        )
        if batch.count:
            sink.take(self._source, batch)
            return
        damage, pid = self._reader.damage, self._reader.layout.pid
        self._reader.close()
        detail = f"The ring is damaged: {damage}." if damage else ""
        if state.closed or not is_alive(pid):
            sink.end_process(self._source, None, "", 0)
        elif not damage:
            detail = f"Process {pid} still runs: this is what its ring held when it was opened."
        self._status = replace(self._status, phase="loaded", detail=detail)
