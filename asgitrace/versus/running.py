"""One app under one server after the other: each plays the same and is recorded."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from asgitrace.asgi import Scope
from asgitrace.errors import AsgitraceError
from asgitrace.export.forms.place import scope_of
from asgitrace.process import LiveSession
from asgitrace.process.listener import listening
from asgitrace.process.served import ServedSession, settle_place
from asgitrace.process.servers import SERVERS, Launch, find_server, version_of
from asgitrace.process.spec import AppSpec
from asgitrace.store import Exchange, RowKind, State, Store
from asgitrace.store.session import Session
from asgitrace.versus.player import play
from asgitrace.versus.plays import TAG, Heard, Play

OWN: Final = "asgitrace"
"""The embedded server's name."""

_TICK: Final = 0.01
_UP: Final = 30.0
"""Seconds in which a server is to be up."""
_ARRIVES: Final = 1.0
"""Seconds that an exchange may come after its client has ended."""
_ENDS: Final = 5.0
"""Seconds that it may take to end after that."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one play under one server."""

    heard: Heard
    exchange: Exchange | None
    """None where the app was not called."""


@dataclass(slots=True)
class Run:
    """What came of one server."""

    server: str
    version: str
    played: dict[str, Played] = field(default_factory=dict)
    """By the names of the plays."""
    lifespan: Exchange | None = None
    """None where the server has none."""
    failure: str = ""
    """Why there is nothing."""


def run_under(
    server: str, spec: AppSpec, plays: Sequence[Play], progress: Callable[[str], None]
) -> Run:
    """Run the app under a server and play everything, one after the other.

    What keeps the server from running is the run's ``failure``. ``progress`` is told the play.
    """
    run = Run(server, version_of(OWN if server == OWN else SERVERS[server].package))
    try:
        with _opened(server, spec) as (session, place):
            asyncio.run(_Driver(session, run, progress).drive(place, plays))
    except AsgitraceError as error:
        run.failure = str(error)
    finally:
        progress("")
    return run


@contextmanager
def _opened(
    server: str, spec: AppSpec
) -> Iterator[tuple[LiveSession | ServedSession, tuple[str, int]]]:
    config = spec.server
    if server == OWN:
        with listening(config) as (listener, address):
            session = LiveSession(spec, listener, address)
            try:
                yield session, listener.getsockname()[:2]
            finally:
                session.close()
        return
    kind = find_server(server)
    config, address = settle_place(config)
    served = ServedSession(
        msgspec.structs.replace(spec, server=config), kind, Launch(config), address
    )
    try:
        yield served, (config.host, config.port)
    finally:
        served.close()


class _Driver:
    """Polls a session while a thread plays."""

    def __init__(self, session: Session, run: Run, progress: Callable[[str], None]) -> None:
        self._session = session
        self._run = run
        self._progress = progress
        self._store = Store()

    async def drive(self, place: tuple[str, int], plays: Sequence[Play]) -> None:
        """Play everything, and end the server in good order."""
        self._session.start()
        await self._until(self._is_up, _UP)
        if self._session.status().phase != "serving":
            self._run.failure = self._why()
        else:
            for number, one in enumerate(plays, 1):
                self._progress(one.name)
                self._run.played[one.name] = await self._play(one, place, str(number))
        stopping = asyncio.ensure_future(self._session.stop())
        await self._until(stopping.done, _UP)
        self._session.poll(self._store)
        self._run.lifespan = self._find(lambda scope: scope.get("type") == "lifespan")

    async def _play(self, one: Play, place: tuple[str, int], tag: str) -> Played:
        playing = asyncio.ensure_future(asyncio.to_thread(play, one, place, tag))
        await self._until(playing.done, _UP)
        heard = await playing
        mark = [TAG, tag.encode()]

        def found() -> Exchange | None:
            return self._find(lambda scope: mark in scope.get("headers", ()))

        await self._until(lambda: found() is not None, _ARRIVES)
        exchange = found()
        if exchange is not None and exchange.row.state is State.OPEN:
            await self._until(lambda: not _open(found()), _ENDS)
            exchange = found()
        return Played(heard, exchange)

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Take in what is recorded until that is so, for so long at most."""
        end = time.monotonic() + seconds
        while True:
            self._session.poll(self._store)
            if reached() or time.monotonic() > end:
                return
            await asyncio.sleep(_TICK)

    def _is_up(self) -> bool:
        return self._session.status().phase not in ("starting", "restarting")

    def _why(self) -> str:
        status = self._session.status()
        return status.detail or f"It was not up within {_UP:g} seconds."

    def _find(self, matches: Callable[[Scope], bool]) -> Exchange | None:
        """The latest exchange with such a scope."""
        now = time.monotonic_ns()
        for number in reversed(self._store.numbers.tolist()):
            if self._store.row(number, now).kind is RowKind.PROCESS:
                continue
            exchange = self._store.peek(number, now)
            if exchange is not None and matches(scope_of(exchange)):
                return exchange
        return None


def _open(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.row.state is State.OPEN
