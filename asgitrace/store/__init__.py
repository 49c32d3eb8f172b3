"""The viewer's memory: records become exchanges, rows and columns, bounded by bytes."""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy
from asgitrace.store.annotation import Annotation
from asgitrace.store.model import (
    Connection,
    Event,
    Exchange,
    Gap,
    Lag,
    LogLine,
    Origin,
    Process,
    Row,
    RowKind,
    Split,
    State,
    WireEvent,
)
from asgitrace.store.session import FollowedProcess, Phase, Session, SessionStatus, Sink

if TYPE_CHECKING:
    from asgitrace.store.annotations import Annotations
    from asgitrace.store.directory import ConnectionList
    from asgitrace.store.store import LIMIT, Store
    from asgitrace.store.timing import Span, split

__all__ = [
    "LIMIT",
    "Annotation",
    "Annotations",
    "Connection",
    "ConnectionList",
    "Event",
    "Exchange",
    "FollowedProcess",
    "Gap",
    "Lag",
    "LogLine",
    "Origin",
    "Phase",
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
    "WireEvent",
    "split",
]

# Late: the store brings numpy along.
_HOMES = {
    "Annotations": "annotations",
    "ConnectionList": "directory",
    "LIMIT": "store",
    "Store": "store",
    "Span": "timing",
    "split": "timing",
}
__getattr__ = lazy(__name__, _HOMES)
