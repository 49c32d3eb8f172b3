"""The viewer's memory: records become exchanges, rows and columns, bounded by bytes."""

from asgitrace.store.model import (
    Event,
    Exchange,
    LogLine,
    Process,
    Row,
    RowKind,
    Split,
    State,
)
from asgitrace.store.session import Session, SessionStatus, Sink
from asgitrace.store.store import LIMIT, Gap, Store
from asgitrace.store.timing import Span, split

__all__ = [
    "LIMIT",
    "Event",
    "Exchange",
    "Gap",
    "LogLine",
    "Process",
    "Row",
    "RowKind",
    "Session",
    "SessionStatus",
    "Sink",
    "Span",
    "Split",
    "State",
    "Store",
    "split",
]
