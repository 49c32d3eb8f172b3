"""Visitors for the demo: ``python -m asgitrace.demo.traffic http://127.0.0.1:8000``.

A steady, readable mix of everything the demo's app can do, until it is told to end. It outlives
restarts of the server, goes to no other machine, and prints nothing.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from asgitrace.demo.client import Pool
from asgitrace.demo.members import NAMES, WAYS_TO_LEAVE, attend
from asgitrace.demo.transport import Target
from asgitrace.demo.visits import ACTIONS, LONG_ACTIONS, USUAL_RATE, Action, Visitor
from asgitrace.demo.websocket import HandshakeRejected, WebSocketClosed
from asgitrace.errors import AddressError, AsgitraceError

START_PATIENCE = 30.0
"""Seconds to wait for the server's first answer."""

LONGEST_BACKOFF = 2.0
CROWD = 12
"""Actions under way at once, at most: a slow server is not buried."""


@dataclass(slots=True)
class Traffic:
    """All visitors of one target."""

    target: Target
    rate: float = USUAL_RATE
    seed: int | None = None
    _pool: Pool = field(init=False)
    _down: bool = True
    _probing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _busy: set[Action] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._pool = Pool(self.target)

    async def run(self) -> None:
        """Wait for the server, then visit it until cancelled."""
        try:
            async with asyncio.timeout(START_PATIENCE):
                await self._server()
        except TimeoutError:
            raise AddressError(
                f"nothing answered at http://{self.target.authority} within "
                f"{START_PATIENCE:g} s: start the app first"
            ) from None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._visit(group))
                for number, name in enumerate(NAMES):
                    group.create_task(self._frequent_chat(name, number))
        finally:
            await self._pool.close()

    def _visitor(self, name: str) -> Visitor:
        dice = Random() if self.seed is None else Random(f"{self.seed}:{name}")
        return Visitor(self.target, self._pool, dice, self.rate)

    async def _visit(self, group: asyncio.TaskGroup) -> None:
        visitor = self._visitor("shopper")
        crowd = asyncio.Semaphore(CROWD)
        choices = _choices(visitor.random)
        while True:
            action = next(choices)
            if action in self._busy:
                continue
            await self._server()
            await crowd.acquire()
            if action in LONG_ACTIONS:
                self._busy.add(action)
            group.create_task(self._perform(action, visitor, crowd))
            await asyncio.sleep(visitor.random.uniform(0.5, 1.5) / self.rate)

    async def _perform(self, action: Action, visitor: Visitor, crowd: asyncio.Semaphore) -> None:
        try:
            with self._server_may_go():
                await action(visitor)
        finally:
            self._busy.discard(action)
            crowd.release()

    async def _frequent_chat(self, name: str, stays: int) -> None:
        visitor = self._visitor(name)
        while True:
            await visitor.pause(visitor.random.uniform(0.5, 2.0))
            await self._server()
            with self._server_may_go():
                await attend(visitor, name, WAYS_TO_LEAVE[stays % len(WAYS_TO_LEAVE)])
            stays += 1

    @contextlib.contextmanager
    def _server_may_go(self) -> Iterator[None]:
        """A failed visit ends here; before the next one somebody looks for the server again."""
        try:
            yield
        except (OSError, HandshakeRejected, WebSocketClosed):
            self._down = True

    async def _server(self) -> None:
        """Return when the server answers; one visitor asks while the others wait for it."""
        async with self._probing:
            backoff = 0.05
            while self._down:
                try:
                    await self._pool.fetch("GET", "/")
                except OSError:
                    await asyncio.sleep(backoff)
                    backoff = min(2 * backoff, LONGEST_BACKOFF)
                else:
                    self._down = False


def _choices(dice: Random) -> Iterator[Action]:
    """Everything once, so that the screen soon shows it all; then by weight, without end."""
    yield from dice.sample(list(ACTIONS), len(ACTIONS))
    actions, weights = list(ACTIONS), list(ACTIONS.values())
    while True:
        yield dice.choices(actions, weights)[0]


async def visit(traffic: Traffic, *, seconds: float | None, exit_on_stdin_eof: bool) -> None:
    """Run the traffic until a signal, the end of stdin, or the end of its time."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if exit_on_stdin_eof:
        threading.Thread(target=_wait_for_eof, args=(loop, stop), daemon=True).start()
    tasks = {running := asyncio.create_task(traffic.run()), asyncio.create_task(_wait(stop))}
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    if not running.cancelled():
        running.result()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop has ended first
        loop.call_soon_threadsafe(stop.set)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1_000_000:
        raise ValueError(text)
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asgitrace.demo.traffic", description="Visit the demo's app without end."
    )
    parser.add_argument("url", help="where the app is, for example http://127.0.0.1:8000")
    parser.add_argument("--rate", type=_positive, default=USUAL_RATE, help="actions a second")
    parser.add_argument("--for", type=_positive, dest="seconds", help="end after so many seconds")
    parser.add_argument("--seed", type=int, help="make the visitors' choices repeatable")
    parser.add_argument(
        "--exit-on-stdin-eof", action="store_true", help="end when standard input is closed"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        traffic = Traffic(Target.from_url(options.url), options.rate, options.seed)
        asyncio.run(
            visit(traffic, seconds=options.seconds, exit_on_stdin_eof=options.exit_on_stdin_eof)
        )
    except AsgitraceError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
