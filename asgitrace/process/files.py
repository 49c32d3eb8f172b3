"""Traces from files as sessions: a saved trace, or the ring of a process as it is now."""

import stat
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from asgitrace.errors import TraceFileError
from asgitrace.export import Slice, open_trace
from asgitrace.export.feeding import Feeder
from asgitrace.process.part_readers import OWN, PART, WORTHWHILE, PartReaders
from asgitrace.ring import RingReader
from asgitrace.ring.layout import MAGIC
from asgitrace.ring.processes import is_alive
from asgitrace.store.session import Session, SessionStatus, Sink

_SLICE_NS: Final = 16_000_000
_SLICE_RECORDS: Final = 512
_PACE_NS: Final = 5_000_000_000
_PACE_LEAST_NS: Final = 500_000_000


def open_session(path: Path) -> Session:
    """A session on a trace file or a ring file. Raises TraceFileError or RingError."""
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise TraceFileError(f"{path} cannot be opened: {error.strerror or error}.") from error
    if start == MAGIC:
        return RingSession(RingReader.open(path))
    return FileSession(path)


class FileSession:
    """A saved trace, loaded in slices; a large one with the help of other processes."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        length = _length(path)
        helped = length >= WORTHWHILE
        self._reader = open_trace(path, end=OWN * PART if helped else None)
        self._readers = PartReaders(path, self._reader, length) if helped else None
        self._slices = self._all()
        self._feeder: Feeder | None = None
        self._pace = Pace()
        self.title = path.name
        self._status = SessionStatus("loading", path.name, total=self._reader.total or 0)

    def start(self) -> None: ...

    def restart(self) -> None: ...

    async def stop(self) -> None:
        self._close()

    def status(self) -> SessionStatus:
        return self._status

    def poll(self, sink: Sink) -> None:
        """Load for a slice of time. Damage ends the loading; what came before stays."""
        if self._status.phase != "loading":
            return
        feeder = self._feeder = self._feeder or Feeder(sink)
        started = before = time.monotonic_ns()
        try:
            for item in self._slices:
                if item is None:
                    break
                feeder.take(item)
                now = time.monotonic_ns()
                # No further one if that would be too much, judged by the last.
                if now - started + now - before > _SLICE_NS:
                    break
                before = now
            else:
                self._end(feeder, _cut(self._cut_line()))
                return
        except TraceFileError as error:
            self._end(feeder, f"{error} What came before it is shown.")
            return
        self._tell_progress(before)

    def _all(self) -> Iterator[Slice | None]:
        """Everything in the file, None where more is to come but is not there yet."""
        yield from self._reader.batches(_SLICE_RECORDS)
        if self._readers is not None:
            yield from self._readers.slices()

    def _cut_line(self) -> int | None:
        return self._reader.cut if self._readers is None else self._readers.cut

    def _tell_progress(self, now: int) -> None:
        consumed = max(self._reader.consumed, self._readers.consumed if self._readers else 0)
        total = self._status.total
        left = self._pace.left(now, consumed, total) if total else None
        self._status = replace(self._status, consumed=min(consumed, total), left=left)

    def _end(self, feeder: Feeder, detail: str) -> None:
        feeder.end()
        self._close()
        self._status = replace(self._status, phase="loaded", detail=detail, missed=feeder.missed)

    def _close(self) -> None:
        self._slices = iter(())
        self._reader.close()
        if self._readers is not None:
            self._readers.close()


def _length(path: Path) -> int:
    """Bytes of a file; 0 where that is not known, as of a pipe."""
    found = path.stat()
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _cut(line: int | None) -> str:
    if line is None:
        return ""
    return f"Line {line}, the last one, is cut off and was left out; the rest is complete."


class Pace:
    """How long something takes that has come so far."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()

    def left(self, now: int, done: int, total: int) -> float | None:
        """Seconds until ``total``, by the pace of the last seconds; None while that is not known.

        ``now`` is in ns."""
        samples = self._samples
        samples.append((now, done))
        while now - samples[0][0] > _PACE_NS:
            samples.popleft()
        then, before = samples[0]
        if now - then < _PACE_LEAST_NS or done <= before:
            return None
        return (total - done) * (now - then) / (done - before) / 1e9


class RingSession:
    """What a process that crashed has left in its ring, or what one that runs has in it now."""

    live = False

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader
        self._source: int | None = None
        self.title = reader.about.app or reader.path.name
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
            layout, about = self._reader.layout, self._reader.about
            process = sink.add_process(layout.pid, layout.anchor, self.title, server=about.server)
            self._source = process.source
        batch = self._reader.poll()
        if not batch:
            # Damage is believed the second time only.
            batch = self._reader.poll()
        state = self._reader.state()
        self._status = replace(
            self._status,
            missed=self._status.missed + batch.missed,
            refused=state.refused,
            faults=state.faults,
            sampled=state.sampled,
            unsampled=state.unsampled,
            fill=state.fill,
        )
        if batch:
            sink.take(self._source, batch)
            return
        damage, pid = self._reader.damage, self._reader.layout.pid
        alive = is_alive(pid, self._reader.about.started)
        self._reader.close()
        detail = f"The ring is damaged: {damage}." if damage else ""
        if state.closed or not alive:
            sink.end_process(self._source, None, "", 0)
        elif not damage:
            detail = f"Process {pid} still runs: this is what its ring held when it was opened."
        self._status = replace(self._status, phase="loaded", detail=detail)
