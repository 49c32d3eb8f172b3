"""What apps answer to ``lifespan.startup``, seen as their records pass: whoever serves them."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from asgitrace.events import HEADER, MESSAGE_CODES, Header
from asgitrace.ring import Batch
from asgitrace.store.session import Sink

_FAILED: Final = MESSAGE_CODES["lifespan.startup.failed"]
_KIND: Final = Header._fields.index("message")
_FIRST: Final = 64
"""Records of a process among which the answer is, as no request comes before it."""


class StartupWatch:
    """A sink that hands all on to another one.

    Args:
        seen: how many records came of each process, kept by the caller.
        failed: is told why the app of a process could not start, in its own words.
    """

    def __init__(self, sink: Sink, seen: dict[int, int], failed: Callable[[str], None]) -> None:
        self._sink = sink
        self._failed = failed
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)

    def take(self, source: int, batch: Batch) -> None:
        """See Sink."""
        seen = self._seen.get(source, 0)
        if seen < _FIRST:
            self._seen[source] = seen + batch.count
            if any(fields[_KIND] == _FAILED for fields in HEADER.iter_unpack(batch.headers)):
                self._failed(_reason(batch))
        self._sink.take(source, batch)


def _reason(batch: Batch) -> str:
    for record in batch.records():
        if record.header.message == _FAILED and record.payload:
            try:
                found = msgspec.msgpack.decode(record.payload, type=dict[str, Any]).get("message")
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
            return found if isinstance(found, str) else ""
    return ""
