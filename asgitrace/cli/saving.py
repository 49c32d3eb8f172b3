"""Saving rows of a store to a trace file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asgitrace.export import create_trace
from asgitrace.store import Store


def save(store: Store, numbers: Sequence[int] | None, path: Path) -> None:
    """Write the rows (None: all) to a new file. Raises TraceFileError."""
    with create_trace(path, created=datetime.now(UTC)) as exporter:
        store.export(exporter, numbers)
