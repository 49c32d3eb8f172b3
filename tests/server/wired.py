"""A wire log that keeps what it is told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from asgitrace.wire import OUTBOUND, Wire


@dataclass(slots=True)
class Told:
    """One event."""

    what: Wire
    size: int
    number: int
    content: dict[str, Any] | None
    more: bool
    made: int = 0
    accepted: int = 0


@dataclass(slots=True)
class KeptLog:
    """What happened on one connection. It is its own `WireLog`: a test has one connection."""

    raw: bool = False
    events: list[Told] = field(default_factory=list)
    exchanges: int = 0

    def connection(self) -> "KeptLog":
        return self

    def begin(self) -> int:
        self.exchanges += 1
        return self.exchanges

    def call(self, exchange: int) -> None:
        assert exchange == self.exchanges

    def end(self) -> None:
        pass

    def tell(
        self,
        what: Wire,
        size: int = 0,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        self.events.append(Told(what, size, number, content, more))

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
        self.events.append(Told(what, size, number, content, more, made, accepted))

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        waiting = next(one for one in self.events if (one.what, one.made) == (what, made))
        assert not waiting.accepted
        assert (waiting.size, waiting.number) == (size, number)
        waiting.accepted = made + 1

    async def waits(self) -> None:
        """Until something that was sent waits to be accepted."""
        while not (self.out and not self.out[-1].accepted):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    @property
    def out(self) -> list[Told]:
        """What the server sent."""
        return [one for one in self.events if one.what in OUTBOUND]

    @property
    def errors(self) -> list[Told]:
        return [one for one in self.events if one.what is Wire.ERROR]

    def story(self) -> list[tuple[str, int, int, bool]]:
        """What was sent: name, size, number, more."""
        return [(one.what.name, one.size, one.number, one.more) for one in self.out]
