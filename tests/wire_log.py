"""A wire log that keeps what it is told, and whether it was told as the contract says."""

import asyncio
import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from time import monotonic_ns
from typing import Any

from asgitrace.wire import OUTBOUND, Wire

LIMIT = 20
"""How many seconds a connection has to end, for a test that waits for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, with its exchange (0: of the connection alone) and its times in ns."""

    what: Wire
    size: int
    number: int
    content: dict[str, Any]
    more: bool
    exchange: int
    made: int
    accepted: int

    @property
    def facts(self) -> tuple[Wire, int, int, dict[str, Any], bool]:
        """What was told, without whose it is and when."""
        return self.what, self.size, self.number, self.content, self.more


class KeptConnection:
    """A `ConnectionLog`, for a server on the test's own loop or in another thread.

    Nothing raises where it is told, in the server: a breach of the contract raises in the test,
    when that looks at the events.
    """

    def __init__(self, numbers: Iterator[int], *, raw: bool = False) -> None:
        self.raw = raw
        self.called: list[int] = []
        self.current = 0
        """The exchange, 0 between two."""
        self._numbers = numbers
        self._events: list[Told] = []
        self._first: dict[Wire, Future[Told]] = {what: Future() for what in Wire}
        self._waiting: deque[int] = deque()
        """Where those events are that the socket has not accepted."""
        self._breaches: list[str] = []

    # ConnectionLog

    def begin(self) -> int:
        self._hold(not self.current, "a request begins within another")
        self.current = next(self._numbers)
        return self.current

    def call(self, exchange: int) -> None:
        self._hold(exchange == self.current != 0, f"{exchange} is called, not begun")
        self._hold(exchange not in self.called, f"{exchange} is called twice")
        self.called.append(exchange)

    def end(self) -> None:
        self._hold(self.current != 0, "what did not begin ends")
        self.current = 0

    def tell(
        self,
        what: Wire,
        size: int = 0,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        self._hold(what not in OUTBOUND, f"{what.name} has two times")
        now = monotonic_ns()
        self._keep(Told(what, size, number, content or {}, more, self.current, now, now))

    def sent(
        self,
        what: Wire,
        made: int,
        accepted: int,
        size: int,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        self._hold(what in OUTBOUND, f"{what.name} was not sent")
        self._hold(not accepted or accepted >= made > 0, f"{what.name} accepted before it was made")
        if not accepted:
            self._waiting.append(len(self._events))
        self._keep(Told(what, size, number, content or {}, more, self.current, made, accepted))

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        self._open(what)
        self._hold(bool(self._waiting), f"{what.name} accepted that does not wait")
        if not self._waiting:
            return
        where = self._waiting.popleft()
        told = self._events[where]
        same = (told.what, told.made, told.size, told.number) == (what, made, size, number)
        self._hold(same, f"{what.name} accepted before {told.what.name}")
        self._events[where] = replace(told, accepted=monotonic_ns())

    # For the test

    @property
    def events(self) -> list[Told]:
        """All that was told, once it is certain that it was told well."""
        assert not self._breaches, self._breaches
        return self._events

    @property
    def out(self) -> list[Told]:
        """What the server sent."""
        return self.of(*OUTBOUND)

    @property
    def waiting(self) -> list[Told]:
        """What the socket has not accepted."""
        return [told for told in self.events if not told.accepted]

    def of(self, *kinds: Wire) -> list[Told]:
        """The events of these kinds."""
        return [told for told in self.events if told.what in kinds]

    def within(self, exchange: int) -> list[Told]:
        """The events of this exchange; 0: those of none."""
        return [told for told in self.events if told.exchange == exchange]

    def kinds(self, exchange: int) -> list[str]:
        """The names of the events of this exchange; 0: of those of none."""
        return [told.what.name for told in self.within(exchange)]

    def find(self, what: Wire) -> Told:
        """The first event of this kind."""
        return self.of(what)[0]

    def total(self, what: Wire) -> int:
        """The sizes of all events of this kind together."""
        return sum(told.size for told in self.of(what))

    def wait(self, what: Wire) -> Told:
        """As `find`, when it is told; for a test beside the server's thread."""
        self._first[what].result(LIMIT)
        return self.find(what)

    async def until(self, what: Wire) -> Told:
        """As `find`, when it is told; for a test on a loop."""
        await asyncio.wait_for(asyncio.wrap_future(self._first[what]), LIMIT)
        return self.find(what)

    def _keep(self, told: Told) -> None:
        # An app may go on after its connection, and break the rules then.
        if told.what is not Wire.ERROR or told.content.get("by") != "app":
            self._open(told.what)
        self._events.append(told)
        if not self._first[told.what].done():
            self._first[told.what].set_result(told)

    def _open(self, what: Wire) -> None:
        self._hold(not self._first[Wire.CLOSED].done(), f"{what.name} after CLOSED")

    def _hold(self, holds: bool, breach: str) -> None:
        if not holds:
            self._breaches.append(breach)


class KeptLog:
    """A `WireLog` of connections that keep what they are told."""

    def __init__(self, *, raw: bool = False) -> None:
        self.raw = raw
        self.connections: list[KeptConnection] = []
        self._numbers = itertools.count(1)

    def connection(self) -> KeptConnection:
        self.connections.append(KeptConnection(self._numbers, raw=self.raw))
        return self.connections[-1]

    @property
    def only(self) -> KeptConnection:
        """The one connection there was."""
        (connection,) = self.connections
        return connection

    def ended(self) -> KeptConnection:
        """The one connection there was, once it is closed; beside the server's thread."""
        self.only.wait(Wire.CLOSED)
        return self.only

    async def closed(self) -> KeptConnection:
        """The first connection, once it is closed; on a loop."""
        await self.connections[0].until(Wire.CLOSED)
        return self.connections[0]
