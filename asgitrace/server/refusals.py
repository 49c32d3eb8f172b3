"""Refused requests in the log, where a hostile client must not have all the room."""

import logging
from collections.abc import Callable
from typing import Final

from asgitrace.server.head import Refusal

logger = logging.getLogger("asgitrace.server")

_MOST: Final = 20
"""Lines in one `_PERIOD`."""
_PERIOD: Final = 10.0
"""Seconds."""
_LONGEST: Final = 200
"""Characters of a reason, which may quote the client."""


class RefusalLog:
    """Logs so many refused requests in a time, and counts the rest; the wire's events have all."""

    __slots__ = ("_lines", "_now", "_since", "_untold")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self._lines = 0
        self._untold = 0

    def add(self, refused: Refusal, *, gone: bool) -> None:
        """A request was refused. That of a client that is gone is nothing out of the ordinary."""
        now = self._now()
        if now - self._since >= _PERIOD:
            self.flush()
            self._since, self._lines = now, 0
        if self._lines >= _MOST:
            self._untold += 1
            return
        self._lines += 1
        level = logging.INFO if gone else logging.WARNING
        reason = refused.reason[:_LONGEST]
        logger.log(level, "Request refused (%d): %s", refused.status, reason)

    def flush(self) -> None:
        """Say how many were not logged."""
        untold, self._untold = self._untold, 0
        if untold:
            logger.warning("%d more requests were refused", untold)
