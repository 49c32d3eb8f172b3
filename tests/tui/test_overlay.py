"""Screens over the main one are left once."""

import pytest

from asgitrace.tui.help import HelpScreen
from asgitrace.tui.overlay import Overlay
from tests.tui.conftest import stage
from tests.tui.counted import busy_stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("key", ["B", "S", "C", "O", "t", "T", "w", "question_mark"])
async def test_a_screen_that_is_left_twice_leaves_the_main_one_there(key: str) -> None:
    s = busy_stage()
    async with s.run((120, 40)) as pilot:
        await pilot.press(key)
        while s.app.screen is s.app.main:
            await pilot.pause()
        over = s.app.screen
        assert isinstance(over, Overlay)
        over.dismiss(None)
        over.dismiss(None)
        await pilot.pause()
        assert s.app.screen is s.app.main


async def test_what_is_beneath_another_is_not_left() -> None:
    s = stage(3)
    async with s.run((120, 40)) as pilot:
        below, above = (HelpScreen(s.app.current_look) for _ in range(2))
        await s.app.push_screen(below)
        await s.app.push_screen(above)
        below.dismiss(None)
        await pilot.pause()
        assert s.app.screen is above
