"""Every screen in ASCII: not a cell that is not, nor one that is told by its colour alone."""

from typing import Any

import pytest
from textual.screen import Screen

from asgitrace.settings import Settings
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.copying_menu import TakeOutMenu
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.list.columns_dialog import ColumnsDialog
from asgitrace.tui.note_prompt import NotePrompt
from asgitrace.tui.overviews.groups import GroupsScreen
from asgitrace.tui.overviews.statistics import StatisticsScreen
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.tui.time_prompt import TimePrompt
from tests.tui.conftest import Stage
from tests.tui.walking import Walk, walking_stage

pytestmark = pytest.mark.anyio

_SCREENS: dict[str, type[Screen[Any]]] = {
    "question_mark": HelpScreen,
    "O": ColumnsDialog,
    "t": NotePrompt,
    "T": TimePrompt,
    "w": SavePrompt,
    "x": TakeOutMenu,
    "B": GroupsScreen,
    "S": StatisticsScreen,
    "C": ConnectionsScreen,
}


def drawn(s: Stage) -> str:
    """What is sent to the terminal."""
    return "\n".join(strip.text for strip in s.app.screen._compositor.render_strips())


async def test_every_screen_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    s = walking_stage(Settings(ascii=True))
    async with s.run((120, 40)) as pilot:
        walk = Walk(s, pilot, monkeypatch)
        _check(s, "the list")
        for key, screen in _SCREENS.items():
            await walk.press("g", "j", key)
            await walk.shown(screen)
            _check(s, screen.__name__)
            await walk.press("escape")
            await walk.back()
        await walk.press("f")
        _check(s, "the filter")
        await walk.press("escape", "a")
        _check(s, "the axis")
        for number, tabs in ((1, "14"), (3, "126")):
            s.app.main.table.select(number)
            await walk.press("enter")
            for tab in tabs:
                await walk.press(tab, "enter")
                _check(s, f"tab {tab} of {number}")
            await walk.press("q")


def _check(s: Stage, where: str) -> None:
    shown = drawn(s)
    assert shown.isascii(), (where, {sign for sign in shown if not sign.isascii()})
