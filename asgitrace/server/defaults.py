"""The headers every response carries: Date, renewed each second, and Server."""

import time
from collections.abc import Callable
from email.utils import formatdate

Header = tuple[bytes, bytes]

SERVER_HEADER: Header = (b"server", b"asgitrace")


class DefaultHeaders:
    """Date and Server (RFC 9110 sections 6.6.1 and 10.2.4), formatted once a second."""

    __slots__ = ("_now", "_second", "headers")

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._second = -1
        self.headers: tuple[Header, ...] = ()

    def current(self) -> tuple[Header, ...]:
        """The headers for this second: the same object until the second is over."""
        second = int(self._now())
        if second != self._second:
            self._second = second
            date = formatdate(second, usegmt=True).encode("ascii")
            self.headers = ((b"date", date), SERVER_HEADER)
        return self.headers
