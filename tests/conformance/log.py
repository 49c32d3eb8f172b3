"""A log of the wire that keeps what it is told."""

import threading
from dataclasses import dataclass, field
from typing import Any

from asgitrace.wire import Wire


@dataclass(frozen=True, slots=True)
class Told:
    """One event."""

    what: Wire
    size: int
    number: int
    content: dict[str, Any]
    more: bool
    exchange: int


@dataclass(slots=True)
class Connection:
    """See `asgitrace.wire.ConnectionLog`."""

    log: "Log"
    raw: bool = False
    events: list[Told] = field(default_factory=list)
    exchanges: int = 0
    waiting: list[tuple[Wire, int]] = field(default_factory=list)
    """What was made and is not accepted by the socket yet: its kind and time."""
    _exchange: int = 0

    def begin(self) -> int:
        self.exchanges += 1
        self._exchange = self.exchanges
        return self.exchanges

    def call(self, exchange: int) -> None:
        assert exchange == self._exchange

    def end(self) -> None:
        self._exchange = 0

    def tell(
        self,
        what: Wire,
        size: int = 0,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        self.events.append(Told(what, size, number, content or {}, more, self._exchange))
        if what is Wire.CLOSED:
            self.log.closed.release()

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
        assert accepted == 0 or accepted >= made
        if not accepted:
            self.waiting.append((what, made))
        self.tell(what, size, number, content, more=more)

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        assert self.waiting.pop(0) == (what, made)

    def of(self, *kinds: Wire) -> list[Told]:
        """The events of these kinds."""
        return [event for event in self.events if event.what in kinds]

    def total(self, kind: Wire) -> int:
        """The sizes of all events of a kind together."""
        return sum(event.size for event in self.of(kind))


class Log:
    """See `asgitrace.wire.WireLog`."""

    def __init__(self, *, raw: bool = False) -> None:
        self.raw = raw
        self.connections: list[Connection] = []
        self.closed = threading.Semaphore(0)
        """Released for every connection that is closed."""

    def connection(self) -> Connection:
        made = Connection(self, self.raw)
        self.connections.append(made)
        return made

    def ended(self) -> Connection:
        """The one connection there was, once it is closed."""
        assert self.closed.acquire(timeout=10)
        (connection,) = self.connections
        return connection
