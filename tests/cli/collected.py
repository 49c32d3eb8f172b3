"""An exporter to look into."""

from asgitrace.events import Record
from asgitrace.export import Introduction, Note
from asgitrace.store.model import Lag, LogLine, Process


class Collected:
    """An exporter that keeps what it is given."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.records: list[tuple[int, Record]] = []
        self.gaps: list[tuple[int, int]] = []
        self.lines: list[LogLine] = []
        self.notes: list[Note] = []
        self.lags: list[Lag] = []
        self.rows: list[Introduction] = []

    def process(self, process: Process) -> None:
        self.processes.append(process)

    def record(self, source: int, record: Record) -> None:
        self.records.append((source, record))

    def missed(self, source: int, count: int) -> None:
        self.gaps.append((source, count))

    def log(self, line: LogLine) -> None:
        self.lines.append(line)

    def lag(self, lag: Lag) -> None:
        self.lags.append(lag)

    def introduce(self, introduction: Introduction) -> None:
        self.rows.append(introduction)

    def note(self, note: Note) -> None:
        self.notes.append(note)

    def close(self) -> None: ...
