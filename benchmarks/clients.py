"""A client that costs little: questions made once, answers compared as bytes."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from benchmarks.load import Latency, Load
from benchmarks.peers import PeerMissing, load
from benchmarks.questions import Talk

_TIMEOUT: Final = 10.0


class Asker(asyncio.Protocol):
    """One connection: asks, looks at the answer, asks again."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._asked = 0.0
        self._take = self._opening
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.answered: asyncio.Future[None] = loop.create_future()
        """For the first time, or never any more."""
        self.failure: str | None = None
        self.times: list[float] = []
        """Seconds from each question to its answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the opening, if there is one."""
        # By cast: uvloop's transports behave like asyncio's and do not descend from them.
        self._transport = cast("asyncio.Transport", transport)
        if self._talk.opening:
            self._transport.write(self._talk.opening)
        else:
            self._open()

    def data_received(self, data: bytes) -> None:
        """Look at it."""
        self._buffer = self._buffer + data if self._buffer else data
        self._take()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server ended it, or we did."""
        self._fail("the server closed the connection")

    def ask(self) -> None:
        """Ask once."""
        if self._transport is not None:
            self._asked = time.perf_counter()
            self._transport.write(self._talk.question)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _opening(self) -> None:
        right = self._talk.opened(self._buffer)
        if right:
            self._open()
        elif right is not None:
            self._fail("the server refused")

    def _open(self) -> None:
        self._buffer = b""
        self._take = self._answer
        _set(self.opened)

    def _answer(self) -> None:
        right = self._talk.judge(self._buffer)
        if right:
            self.times.append(time.perf_counter() - self._asked)
            _set(self.answered)
            self._buffer = b""
            self.ask()
        elif right is not None:
            self._fail("what came back is not the answer")

    def _fail(self, reason: str) -> None:
        if self._transport is not None:
            self.failure = self.failure or reason
            self.close()
        _set(self.opened)
        _set(self.answered)


def ask(talk: Talk, connections: int, seconds: float, port: int) -> Load:
    """Ask on some connections for a while. Raises RuntimeError where an answer is wrong."""
    return run(_ask(talk, connections, seconds, port))


def run(work: Coroutine[Any, Any, Load]) -> Load:
    """Run a client on the faster loop that is installed."""
    with contextlib.suppress(PeerMissing):
        runner: Callable[[Coroutine[Any, Any, Load]], Load] = load("uvloop").run
        return runner(work)
    return asyncio.run(work)


async def _ask(talk: Talk, connections: int, seconds: float, port: int) -> Load:
    loop = asyncio.get_running_loop()
    clients: list[Asker] = []
    try:
        async with asyncio.timeout(_TIMEOUT + seconds):
            for _ in range(connections):
                _, client = await loop.create_connection(lambda: Asker(talk), "127.0.0.1", port)
                clients.append(client)
                await client.opened
            # The loop's own clock may have milliseconds only.
            started = time.perf_counter()
            for client in clients:
                client.ask()
            await asyncio.sleep(seconds)
            # However short it was: everyone has had an answer.
            await asyncio.gather(*(client.answered for client in clients))
            elapsed = time.perf_counter() - started
            times = sorted(time for client in clients for time in client.times)
    finally:
        for client in clients:
            client.close()
    failures = [client.failure for client in clients if client.failure]
    if failures:
        raise RuntimeError(f"the client failed: {failures[0]}")
    done = len(times) * talk.batch
    return Load(done, done / elapsed, _latency(times))


def _latency(times: list[float]) -> Latency:
    p50, p99 = (times[math.ceil(len(times) * share) - 1] * 1e3 for share in (0.50, 0.99))
    return Latency(p50, p99, times[-1] * 1e3)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
