"""A terminal that is far too small: nothing fails, and once it is enlarged all is as it was."""

import pytest
from textual.pilot import Pilot

from asgitrace.tui.commands import ALL
from tests.tui.conftest import Stage
from tests.tui.walking import walking_stage

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

_TINY = (20, 5)
_ROOMY = (100, 30)
_LEFT_OUT = ("quit", "suspend")
_ALIKE = ("theme-", "layout-", "list-", "zoom-", "pan-", "sort-")
"""They only paint the list anew."""


def picture(s: Stage) -> list[str]:
    """What is painted."""
    return [strip.text.rstrip() for strip in s.app.screen._compositor.render_strips()]


async def back(s: Stage, pilot: Pilot[None]) -> None:
    """Leave whatever was opened, as somebody would."""
    for _ in range(8):
        if s.app.screen is s.app.main:
            return
        await pilot.press("escape")
        await pilot.pause()
    raise AssertionError(f"{s.app.screen} stays")


async def test_every_command_in_a_tiny_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("tiny"))
    s = walking_stage()
    async with s.run(_TINY) as pilot:
        for command in ALL:
            if command.name in _LEFT_OUT or command.name.startswith(_ALIKE):
                continue
            await s.app.run_action(command.action, default_namespace=s.app.main)
            await pilot.pause()
            assert len(picture(s)) == _TINY[1]
            await back(s, pilot)


async def test_enlarged_again() -> None:
    s = walking_stage()
    async with s.run(_ROOMY) as pilot:
        await pilot.press("G")
        for keys in (["enter"], ["?"]):
            await pilot.press(*keys)
            await pilot.pause()
            before = picture(s)
            await pilot.resize_terminal(*_TINY)
            assert len(picture(s)) == _TINY[1]
            await pilot.resize_terminal(*_ROOMY)
            await pilot.pause()
            assert picture(s) == before
