"""A trace file into a sink: the processes get the sink's numbers in place of the file's."""

from dataclasses import replace

from asgitrace.export.base import Introduction, Note
from asgitrace.export.slices import Slice, SourceBatch
from asgitrace.store.annotation import NOTHING
from asgitrace.store.model import Lag, LogLine, Process
from asgitrace.store.session import Sink


class Feeder:
    """Hands the slices of one file to a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.sources: dict[int, int] = {}
        """The sink's numbers of the processes, by those of the file."""
        self.missed = 0
        """Records that were overwritten before they were written to the file."""

    def take(self, item: Slice) -> None:
        """Hand on the next slice."""
        sink, sources = self._sink, self.sources
        match item:
            case SourceBatch(source=source, batch=batch):
                self.missed += batch.missed
                sink.take(sources[source], batch)
            case Process(source=source):
                added = sink.add_process(
                    item.pid, item.anchor, item.target, server=item.server, worker=item.worker
                )
                sources[source] = added.source
            case Introduction(source=source):
                sink.introduce(sources[source], item.exchange, item.number, item.annotation)
            case Lag(source=source):
                sink.lag(replace(item, source=sources[source]))
            case LogLine(source=source):
                self._log(item, sources.get(source))
            case Note(source=known):
                own = sources.get(known) if known is not None else None
                sink.note(own, item.text, item.status, item.time_ns, item.number, item.annotation)

    def _log(self, line: LogLine, source: int | None) -> None:
        if source is None:
            line = replace(line, exchange=0)
        elif line.exchange:
            # Where exchanges were filtered while they were recorded, their lines come first.
            self._sink.introduce(source, line.exchange, 0, NOTHING)
        self._sink.log(replace(line, source=source or 0))

    def end(self) -> None:
        """Nothing more comes: the processes have ended."""
        for source in self.sources.values():
            self._sink.end_process(source, None, "", 0)
