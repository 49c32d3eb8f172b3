"""Ended exchanges that are still at hand."""

from collections import deque
from typing import Final

from asgitrace.store.entry import Entry

_KEPT: Final = 64


class Recent:
    """Keeps an ended exchange's entry for a while, since records of its calls may still come.

    Args:
        entries: of a process, by exchange; where those are taken away that ended earlier.
    """

    def __init__(self, entries: dict[int, Entry]) -> None:
        self._entries = entries
        self._order: deque[int] = deque()

    def retire(self, entry: Entry) -> None:
        """An exchange has ended, or changed after that."""
        if entry.calls:
            return
        self._order.append(entry.exchange)
        if len(self._order) > _KEPT:
            oldest = self._order.popleft()
            found = self._entries.get(oldest)
            if found is not None and found.ended is not None and not found.calls:
                del self._entries[oldest]
