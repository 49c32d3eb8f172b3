"""What a connection costs that nobody uses: memory of the server for thousands of them."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from benchmarks.contenders import BASE, Contender, one_by_one
from benchmarks.effort import Effort
from benchmarks.peers import PeerMissing, load
from benchmarks.processes import Memory, ServerFailed, ServerProcess, serving
from benchmarks.questions import HANDSHAKE, HELLO, Judge, is_websocket
from benchmarks.report import Board, Row, Section

_TITLE: Final = "Memory of an idle connection"
_KINDS: Final[dict[str, tuple[bytes, Judge]]] = {
    "idle WebSockets": (HANDSHAKE, is_websocket),
    "idle keep-alive HTTP connections": (HELLO.wire, HELLO.judge),
}
_AT_ONCE: Final = 64
"""How many are being opened at a time."""
_TIMEOUT: Final = 30.0
"""Seconds for the opening of all; those that are open by then are measured."""
_FIRST: Final = 8
"""Opened and closed before the first look, so that what is made once is there."""
_SETTLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Held:
    """What a number of connections came to."""

    opened: int
    seconds: float
    lost: int
    """Closed by the server while they were held."""
    before: Memory
    after: Memory


class Idler(asyncio.Protocol):
    """One connection: opened, and then nothing."""

    def __init__(self, opening: bytes, judge: Judge) -> None:
        self._opening = opening
        self._judge = judge
        self._buffer = b""
        self.transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the opening."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._opening)

    def data_received(self, data: bytes) -> None:
        """Look at the answer; what comes later is pings."""
        if not self.opened.done():
            self._buffer += data
            right = self._judge(self._buffer)
            if right is not None:
                self.opened.set_result(right)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server closed it, or we did."""
        self.lost = True
        if not self.opened.done():
            self.opened.set_result(False)


def run(effort: Effort) -> Section:
    """Hold idle connections on one server after the other, each in a process of its own."""
    rows: list[Row] = []
    for words, (opening, judge) in _KINDS.items():
        board = Board(f"{effort.idle:,} {words}", BASE)
        for contender in one_by_one(effort):
            hold = partial(_hold, opening, judge, effort.idle)
            _measure(board, contender, hold)
        rows += board.rows
    return Section("idle", _TITLE, tuple(rows))


def _measure(
    board: Board, contender: Contender, hold: Callable[[ServerProcess], Awaitable[Held]]
) -> None:
    if missing := contender.missing():
        board.leave_out(contender.name, missing)
        return
    try:
        with serving(contender.host, contender.tracing) as server:
            held = _runner()(hold(server))
    except (ServerFailed, RuntimeError) as error:
        board.leave_out(contender.name, str(error))
        return
    _put(board, contender.name, held)


def _put(board: Board, name: str, held: Held) -> None:
    remark = f"the server closed {held.lost:,} of them" if held.lost else ""

    def each(of: str) -> list[float]:
        grown: int = getattr(held.after, of) - getattr(held.before, of)
        return [grown / held.opened / 1024]

    board.put(name, "each, without files", "KiB", each("anonymous"), compare=True, remark=remark)
    board.put(name, "each, PSS", "KiB", each("proportional"))
    board.put(name, "RSS before", "MiB", [held.before.resident / 2**20])
    board.put(name, "RSS with all", "MiB", [held.after.resident / 2**20])
    board.put(name, "opened", "", [float(held.opened)])
    board.put(name, "opened a second", "", [held.opened / held.seconds])


async def _hold(opening: bytes, judge: Judge, count: int, server: ServerProcess) -> Held:
    """Raises RuntimeError if none could be opened, or the system tells no memory."""
    first = await _open(opening, judge, min(_FIRST, count), server.port)
    _close(first)
    await asyncio.sleep(_SETTLE)
    before = server.memory()
    started = time.perf_counter()
    idlers = await _open(opening, judge, count, server.port)
    elapsed = time.perf_counter() - started
    try:
        await asyncio.sleep(_SETTLE)
        after = server.memory()
        lost = sum(idler.lost for idler in idlers)
    finally:
        _close(idlers)
    if before is None or after is None:
        raise RuntimeError("the system does not tell the memory of a process")
    if not idlers:
        raise RuntimeError("no connection could be opened")
    return Held(len(idlers), elapsed, lost, before, after)


async def _open(opening: bytes, judge: Judge, count: int, port: int) -> list[Idler]:
    """The connections that were opened in time. Raises RuntimeError on a wrong answer."""
    loop = asyncio.get_running_loop()
    idlers: list[Idler] = []
    left = iter(range(count))

    async def some() -> None:
        for _ in left:
            _, idler = await loop.create_connection(
                lambda: Idler(opening, judge), "127.0.0.1", port
            )
            idlers.append(idler)
            if not await idler.opened:
                raise RuntimeError("the server refused a connection, or gave a wrong answer")

    workers = [asyncio.ensure_future(some()) for _ in range(math.ceil(min(_AT_ONCE, count)))]
    try:
        async with asyncio.timeout(_TIMEOUT):
            await asyncio.gather(*workers)
    except TimeoutError:
        pass
    except OSError as error:
        _close(idlers)
        raise RuntimeError(f"after {len(idlers):,} connections: {error}") from error
    except RuntimeError:
        _close(idlers)
        raise
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [idler for idler in idlers if idler.opened.done() and not idler.opened.cancelled()]


def _close(idlers: list[Idler]) -> None:
    for idler in idlers:
        if idler.transport is not None:
            idler.transport.abort()


def _runner() -> Callable[[Any], Held]:
    try:
        runner: Callable[[Any], Held] = load("uvloop").run
    except PeerMissing:
        return asyncio.run
    return runner
