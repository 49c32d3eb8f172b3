"""What recording costs in a bare call loop: no server, no sockets, one asyncio task."""

import asyncio
import contextlib
import functools
import gc
import itertools
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from time import perf_counter_ns, process_time_ns
from types import coroutine
from typing import Any, Final

from asgitrace.asgi import App, Message
from benchmarks import apps
from benchmarks.effort import Effort
from benchmarks.peers import (
    ASGITRACE,
    BARE,
    OPENERS,
    OPENTELEMETRY,
    SAMPLED_OUT,
    TRACE_LOGGER,
    PeerMissing,
    Variant,
    bare,
    traced,
)
from benchmarks.report import Budget, Row, Section, absent, compared, figure
from benchmarks.series import Series, difference, interleave

_BUDGETS: Final = {
    TRACE_LOGGER: Budget("≤", 1 / 6, "ratio"),
    OPENTELEMETRY: Budget("≤", 1 / 25, "ratio"),
}
_SAMPLED_OUT_BUDGET: Final = Budget("≤", 1.0, "median")
_MESSAGE_BUDGET: Final = Budget("≤", 3.0, "median")
_PROBE: Final = 8
_MESSAGES_PER_ECHO: Final = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn of one variant, in µs a piece."""

    cpu: float
    wall: float


Workload = Callable[[App, int], Awaitable[None]]
"""Does a number of pieces of work with an app."""


def run(effort: Effort) -> Section:
    """Measure the HTTP exchange with all peers, the WebSocket echo bare and traced."""
    with asyncio.Runner() as runner:
        rows = _http(runner, effort)
        rows += _websocket(runner, effort, "WebSocket message", _echoes)
        rows += _websocket(runner, effort, "the same, receive() waits", _awaited_echoes)
    return Section("recorder", "Recorder, bare call loop", tuple(rows))


def _http(runner: asyncio.Runner, effort: Effort) -> list[Row]:
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        variants: dict[str, Variant] = {}
        for name, opener in OPENERS.items():
            try:
                variants[name] = stack.enter_context(opener(apps.exchange))
            except PeerMissing as missing:
                rows.append(absent(f"HTTP exchange, {name}", str(missing)))
        lap = _take(runner, _exchanges, variants[ASGITRACE], max(effort.lap // 2, 1))
        samples = _measure(runner, effort, _exchanges, variants)
    cpu = {name: [sample.cpu for sample in taken] for name, taken in samples.items()}
    wall = {name: [sample.wall for sample in taken] for name, taken in samples.items()}
    rows = [*_http_rows(cpu, wall), *rows]
    rows.append(figure("  first lap of a new ring, CPU", "µs", [lap.cpu]))
    return [*rows, *_verdicts(cpu)]


def _http_rows(cpu: dict[str, list[float]], wall: dict[str, list[float]]) -> list[Row]:
    rows = [figure(f"HTTP exchange, {name}, CPU", "µs", cpu[name]) for name in cpu]
    rows += [figure(f"HTTP exchange, {name}, wall", "µs", wall[name]) for name in wall]
    rows.append(figure("  added by asgitrace, CPU", "µs", difference(cpu[ASGITRACE], cpu[BARE])))
    out = difference(cpu[SAMPLED_OUT], cpu[BARE])
    rows.append(figure("  added where it is sampled out, CPU", "µs", out, _SAMPLED_OUT_BUDGET))
    return rows


def _verdicts(cpu: dict[str, list[float]]) -> list[Row]:
    own = cpu[ASGITRACE]
    return [
        compared(f"  asgitrace to {name}, CPU", "µs", own, name, cpu[name], budget)
        for name, budget in _BUDGETS.items()
        if name in cpu
    ]


def _websocket(runner: asyncio.Runner, effort: Effort, title: str, workload: Workload) -> list[Row]:
    with bare(apps.echo) as plain, traced(apps.echo) as recorded:
        _take(runner, workload, recorded, effort.lap)
        variants = {BARE: plain, ASGITRACE: recorded}
        samples = _measure(runner, effort, workload, variants)
    cpu: dict[str, Series] = {
        name: [sample.cpu / _MESSAGES_PER_ECHO for sample in taken]
        for name, taken in samples.items()
    }
    added = difference(cpu[ASGITRACE], cpu[BARE])
    return [
        figure(f"{title}, bare, CPU", "µs", cpu[BARE]),
        figure(f"{title}, asgitrace, CPU", "µs", cpu[ASGITRACE]),
        figure("  added a message, CPU", "µs", added, _MESSAGE_BUDGET),
    ]


def _measure(
    runner: asyncio.Runner, effort: Effort, workload: Workload, variants: dict[str, Variant]
) -> dict[str, list[Sample]]:
    if ASGITRACE in variants:
        _take(runner, workload, variants[ASGITRACE], effort.lap)
    turns = {
        name: functools.partial(
            _take, runner, workload, variant, _enough(runner, effort, workload, variant)
        )
        for name, variant in variants.items()
    }
    return interleave(turns, effort.rounds)


def _enough(runner: asyncio.Runner, effort: Effort, workload: Workload, variant: Variant) -> int:
    """How many pieces take the time a sample should take."""
    count = _PROBE
    while True:
        seconds = _take(runner, workload, variant, count).cpu * count / 1e6
        if seconds >= effort.sample_seconds / 4:
            return max(int(count * effort.sample_seconds / max(seconds, 1e-6)), _PROBE)
        count *= 2


def _take(runner: asyncio.Runner, workload: Workload, variant: Variant, count: int) -> Sample:
    """One turn: ``count`` pieces of work, and what the peer put off meanwhile."""
    gc.collect()
    sample = runner.run(_timed(workload, variant, count))
    variant.forget()
    return sample


async def _timed(workload: Workload, variant: Variant, count: int) -> Sample:
    cpu, wall = process_time_ns(), perf_counter_ns()
    await workload(variant.app, count)
    variant.finish()
    cpu, wall = process_time_ns() - cpu, perf_counter_ns() - wall
    return Sample(cpu / count / 1e3, wall / count / 1e3)


async def _exchanges(app: App, count: int) -> None:
    async def receive() -> Message:
        return apps.HTTP_REQUEST

    scope = apps.HTTP_SCOPE
    for _ in range(count):
        await app(scope, receive, _send)


async def _echoes(app: App, count: int) -> None:
    """One WebSocket session whose messages are all there already."""
    incoming = _session(count)

    async def receive() -> Message:
        return incoming()

    await app(apps.WS_SCOPE, receive, _send)


async def _awaited_echoes(app: App, count: int) -> None:
    """One WebSocket session that waits for every message, as real ones do: the loop takes a turn
    between the call of receive() and its return, which makes it two records."""
    incoming = _session(count)

    async def receive() -> Message:
        await _turn()
        return incoming()

    await app(apps.WS_SCOPE, receive, _send)


def _session(count: int) -> Callable[[], Message]:
    connect: Message = {"type": "websocket.connect"}
    message: Message = {"type": "websocket.receive", "bytes": apps.WS_PAYLOAD}
    disconnect: Message = {"type": "websocket.disconnect", "code": 1000}
    return itertools.chain([connect], itertools.repeat(message, count), [disconnect]).__next__


async def _send(message: Message) -> None:
    """A server that takes everything at once."""


@coroutine
def _turn() -> Generator[Any, Any, None]:
    """One turn of the event loop."""
    yield
