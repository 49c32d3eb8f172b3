"""Where the recorder's time goes in one HTTP exchange, by elimination: the same exchange with one
part after the other put out of work."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from unittest import mock

from asgitrace.asgi import App, Message, Scope
from asgitrace.recorder import capture, recorder
from asgitrace.recorder.recorder import write_nothing
from benchmarks import apps
from benchmarks.effort import Effort
from benchmarks.peers import pass_through, traced
from benchmarks.report import Board, Section
from benchmarks.series import difference, interleave

_TITLE: Final = "Where the recorder's time goes: one HTTP exchange of five records"
_AT_ONCE: Final = 500
_A_SECOND: Final = 40_000
"""Exchanges for a second of a sample."""
_TABLE: Final = "one HTTP exchange of five records, by elimination"
_BARE, _PASSING, _WHOLE = "bare", "pass-through", "whole"
_UNWRITTEN, _UNSEEN, _UNSCOPED = "unwritten", "no messages", "no scope"


def run(effort: Effort) -> Section:
    """Measure with ever less to do; the differences are the parts."""
    with contextlib.ExitStack() as stack:
        passing = stack.enter_context(pass_through(apps.exchange)).app
        whole = stack.enter_context(traced(apps.exchange)).app
        idle = stack.enter_context(_unwritten())
        _take(whole, _nothing, effort.lap)
        turns = {
            _BARE: partial(_take, apps.exchange, _nothing),
            _PASSING: partial(_take, passing, _nothing),
            _WHOLE: partial(_take, whole, _nothing),
            _UNWRITTEN: partial(_take, idle, _nothing),
            _UNSEEN: partial(_take, idle, _without_messages),
            _UNSCOPED: partial(_take, idle, _without_messages_and_scope),
        }
        count = int(effort.sample_seconds * _A_SECOND)
        times = interleave(
            {name: partial(turn, count) for name, turn in turns.items()}, effort.rounds
        )
    board = Board(_TABLE, "")
    parts = {
        "the app": times[_BARE],
        "calling through a wrapper of two closures": difference(times[_PASSING], times[_BARE]),
        "stamps, first steps taken by hand, the exchange": difference(
            times[_UNSCOPED], times[_PASSING]
        ),
        "the scope as msgpack": difference(times[_UNSEEN], times[_UNSCOPED]),
        "three messages as msgpack": difference(times[_UNWRITTEN], times[_UNSEEN]),
        "five records into the ring": difference(times[_WHOLE], times[_UNWRITTEN]),
        "all of it": times[_WHOLE],
    }
    for name, series in parts.items():
        board.put(name, "CPU", "ns", series)
    return Section("recorder_parts", _TITLE, tuple(board.rows))


@contextlib.contextmanager
def _unwritten() -> Iterator[App]:
    with traced(apps.exchange) as variant:
        variant.app._asgitrace_recorder.write = write_nothing  # type: ignore[attr-defined]
        yield variant.app


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextlib.contextmanager
def _without_messages() -> Iterator[None]:
    def nothing(message: Message, limit: int) -> capture.Captured:
        return capture.NO_MESSAGE

    with mock.patch.dict(capture.CAPTURES, dict.fromkeys(capture.CAPTURES, nothing)):
        yield


@contextlib.contextmanager
def _without_messages_and_scope() -> Iterator[None]:
    def nothing(scope: Scope) -> bytes:
        return b""

    with _without_messages(), mock.patch.object(recorder, "capture_scope", nothing):
        yield


def _take(
    app: App, reduced: Callable[[], contextlib.AbstractContextManager[None]], count: int
) -> float:
    """ns of CPU time for one exchange: the least of several stretches, since on a busy machine
    others disturb."""
    with reduced():
        return min(asyncio.run(_timed(app)) for _ in range(max(count // _AT_ONCE, 1)))


async def _timed(app: App) -> float:
    started = time.process_time_ns()
    for _ in range(_AT_ONCE):
        await app(apps.HTTP_SCOPE, _receive, _send)
    return (time.process_time_ns() - started) / _AT_ONCE


async def _receive() -> Message:
    return apps.HTTP_REQUEST


async def _send(message: Message) -> None:
    """Takes it at once."""
