"""When an application in a test has done all that there is to do.

Textual's own answer is that the process took little time during the last 20 ms: it waits twice
that for each key, and on a machine that is busy with something else it does not wait enough.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from textual._context import active_app
from textual.app import App
from textual.screen import Screen

_PATIENCE: Final = 5.0
"""Seconds after which an application that always has something to do is left alone."""

_TURNS: Final = 10_000
"""Of the event loop, after which those that always run are left alone."""

_THREADS_SECONDS: Final = 0.02
"""Seconds for which threads must have done nothing."""

_THREADS_BUSY: Final = 0.001
"""Seconds of the process's time in these that are nothing."""

Settled = Callable[..., Coroutine[Any, Any, None]]


def settled_beside(threads: int) -> Settled:
    """Waits until the event loop has nothing to run and the screen is painted, and as Textual does
    while there are more threads than these."""

    async def settled(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            await _nothing_to_run()
            if _hurried(active_app.get()):
                continue
            if threading.active_count() <= threads or await _threads_rest():
                return

    return settled


async def _nothing_to_run() -> None:
    """Let all others go first, until they all wait for a time, a file or a thread."""
    ready = cast("Any", asyncio.get_running_loop())._ready
    for _ in range(_TURNS):
        await asyncio.sleep(0)
        if not ready:
            return


def _hurried(app: App[Any]) -> bool:
    """Do at once what waits for a timer of Textual's own: a change of size, a layout, a painting.
    Whether there was any."""
    if app._resize_timer is not None:
        app._check_resize()
        return True
    screen = app.screen if app.screen_stack and not app._exit else None
    if screen is None or app._batch_count or not _is_due(screen):
        return False
    screen._on_timer_update()
    return True


def _is_due(screen: Screen[Any]) -> bool:
    waits = screen._layout_required or screen._repaint_required or screen._recompose_required
    return screen.is_current and bool(waits or screen._dirty_widgets or screen._callbacks)


async def _threads_rest() -> bool:
    before = time.process_time()
    await asyncio.sleep(_THREADS_SECONDS)
    return time.process_time() - before < _THREADS_BUSY
