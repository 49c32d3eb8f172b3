"""What a server's answers take while the screen shows them."""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from asgitrace.server.sockets import bind
from benchmarks.clients import Asker
from benchmarks.effort import Effort
from benchmarks.hosts import CONFIG, EMBEDDED
from benchmarks.processes import serving
from benchmarks.questions import JSON, requests
from benchmarks.report import Row
from benchmarks.ui.figures import at_most, one, share
from benchmarks.ui.watch import Watch, watching

_TARGET: Final = "benchmarks.site_app:site"
_PATIENCE: Final = 15.0
_WARM_UP: Final = 1.0
_POLL: Final = 0.1
_CLIENTS: Final = 8
_INTERVAL: Final = 0.008
"""Seconds between a client's questions, on average: a thousand a second in all."""


def server_latency(effort: Effort) -> Iterator[Row]:
    """The same app on the embedded server, recorded, with nobody who looks and with the screen, in
    turns, under a load that does not saturate it."""
    seconds = min(effort.watched, 6.0)
    times: dict[str, list[float]] = {"nobody looks": [], "with the screen": []}
    for _ in range(effort.server_rounds):
        for name, taken in times.items():
            taken += _asked_meanwhile(seconds, screen=name == "with the screen")
    base, with_screen = (share(taken, 0.99) for taken in times.values())
    yield one("server: p99 with no screen", "ms", base)
    yield one("server: p99 with the screen", "ms", with_screen)
    yield one(
        "server: p99 with the screen, times that without", "×", with_screen / base, at_most(2)
    )


def _asked_meanwhile(seconds: float, *, screen: bool) -> list[float]:
    if not screen:
        with serving(EMBEDDED, "events", lap=True) as server:
            return asyncio.run(_ask(server.port, seconds))
    with closing(bind(CONFIG)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "asgitrace", _TARGET, "--port", str(port)]
    with watching(command) as watch:
        _wait_for_server(port, watch)
        return asyncio.run(_ask(port, seconds))


def _wait_for_server(port: int, watch: Watch) -> None:
    deadline = time.perf_counter() + _PATIENCE
    while time.perf_counter() < deadline and watch.process.poll() is None:
        try:
            asyncio.run(_ask(port, _WARM_UP))
            return
        except OSError:
            time.sleep(_POLL)
    raise RuntimeError(f"no server: {watch.last_words()}")


async def _ask(port: int, seconds: float) -> list[float]:
    """Ask at random moments for a while; ms to each answer."""
    loop = asyncio.get_running_loop()
    clients: list[Paced] = []
    try:
        for _ in range(_CLIENTS):
            _, client = await loop.create_connection(Paced, "127.0.0.1", port)
            clients.append(client)
            client.ask()
        await asyncio.sleep(seconds)
        await asyncio.gather(*(client.answered for client in clients))
    finally:
        for client in clients:
            client.close()
    failures = [client.failure for client in clients if client.failure]
    if failures:
        raise RuntimeError(f"the client failed: {failures[0]}")
    return [time * 1e3 for client in clients for time in client.times]


class Paced(Asker):
    """A client that takes its time between an answer and its next question."""

    def __init__(self) -> None:
        super().__init__(requests(JSON))

    def ask(self) -> None:
        """Ask, in a moment."""
        pause = random.uniform(0, 2 * _INTERVAL)
        asyncio.get_running_loop().call_later(pause, super().ask)
