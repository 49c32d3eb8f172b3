"""A wire log that keeps what it is told, by connection and exchange."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

from asgitrace.wire import Wire

Told = tuple[Wire, int, int, dict[str, Any], bool]


class Notes:
    """A `ConnectionLog` that keeps what it is told, by exchange; 0 is the connection."""

    def __init__(self, numbers: Iterator[int], raw: bool) -> None:
        self.raw = raw
        self.numbers = numbers
        self.current = 0
        self.called: list[int] = []
        self.told: list[tuple[int, Told]] = []
        self.closed, self.half_closed = asyncio.Event(), asyncio.Event()

    def begin(self) -> int:
        self.current = next(self.numbers)
        return self.current

    def call(self, exchange: int) -> None:
        self.called.append(exchange)

    def end(self) -> None:
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
        self.told.append((self.current, (what, size, number, content or {}, more)))
        if what is Wire.CLOSED:
            self.closed.set()
        elif what is Wire.HALF_CLOSED:
            self.half_closed.set()

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
        self.tell(what, size, number, content, more=more)

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None: ...

    def kinds(self, exchange: int) -> list[str]:
        return [told[0].name for number, told in self.told if number == exchange]

    def find(self, what: Wire) -> Told:
        return next(told for _, told in self.told if told[0] is what)


class Log:
    """A `WireLog` that keeps what it is told."""

    def __init__(self, *, raw: bool = False) -> None:
        self.raw = raw
        self.numbers = itertools.count(1)
        self.connections: list[Notes] = []

    def connection(self) -> Notes:
        self.connections.append(Notes(self.numbers, self.raw))
        return self.connections[-1]

    async def closed(self) -> Notes:
        """The notes of the first connection, when it is closed."""
        await asyncio.wait_for(self.connections[0].closed.wait(), 20)
        return self.connections[0]
