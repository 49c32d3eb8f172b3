"""Stepping aside where there is no terminal: one at a time, and nothing else changes."""

import asyncio
import signal

import pytest

from tests.tui.conftest import stage

pytestmark = pytest.mark.anyio


async def test_one_at_a_time() -> None:
    s = stage(3)
    async with s.run((80, 24)) as pilot:
        story: list[str] = []
        leave = asyncio.Event()

        async def first() -> None:
            async with s.app.stepped_aside():
                story.append("first")
                await leave.wait()

        async def second() -> None:
            async with s.app.stepped_aside():
                story.append("second")

        tasks = [asyncio.create_task(first()), asyncio.create_task(second())]
        await pilot.pause()
        assert story == ["first"]
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        tasks[1] = asyncio.create_task(second())
        leave.set()
        await asyncio.gather(*tasks)
        assert story == ["first", "second"]


async def test_an_interrupt_is_for_who_has_the_terminal() -> None:
    s = stage(3)
    async with s.run((80, 24)) as pilot:
        async with s.app.stepped_aside():
            s.app.signalled(signal.SIGINT)
            await pilot.pause()
            assert "stop" not in s.session.calls
        s.app.signalled(signal.SIGINT)
        await pilot.pause()
    assert "stop" in s.session.calls


async def test_an_error_within_leaves_it_free() -> None:
    s = stage(3)
    async with s.run((80, 24)) as pilot:
        with pytest.raises(ZeroDivisionError):
            async with s.app.stepped_aside():
                raise ZeroDivisionError
        async with s.app.stepped_aside():
            await pilot.pause()
