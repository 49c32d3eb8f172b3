"""Watching a coroutine's first suspension without a task, an event loop or a library of one.

A coroutine that never suspends is one record instead of two. So the recorder takes its first step
by hand, and if that suspends, lets it go on under the caller exactly as ``await`` would."""

from collections.abc import Awaitable, Coroutine, Generator
from types import coroutine
from typing import Any


async def awaiting(awaitable: Awaitable[Any]) -> Any:
    """A native coroutine of any awaitable."""
    return await awaitable


@coroutine
def proceed(started: Coroutine[Any, Any, Any], yielded: Any) -> Generator[Any, Any, Any]:
    """Go on with a coroutine that suspended with ``yielded`` in its first step; returns and raises
    what it does.

    asyncio resumes with None, from where on ``yield from`` does the rest; trio resumes with values.
    """
    while True:
        thrown: BaseException | None = None
        value = None
        try:
            value = yield yielded
        except BaseException as error:
            # Handled outside of this block: what the coroutine raises must not get our error as
            # its context. And our frame leaves the traceback that the error came with.
            thrown = error
            thrown.__traceback__ = _without_own_frame(error)
        if thrown is None and value is None:
            return (yield from started)
        try:
            if thrown is None:
                yielded = started.send(value)
            elif isinstance(thrown, GeneratorExit):
                started.close()
                raise thrown
            else:
                yielded = started.throw(thrown)
        except StopIteration as stop:
            return stop.value
        finally:
            del thrown


def _without_own_frame(error: BaseException) -> Any:
    own = error.__traceback__
    return own and own.tb_next
