"""The help: of the pane one is in first, of every pane and screen."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.tui.commands import BY_NAME
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.copying_menu import TakeOutMenu
from asgitrace.tui.detail.pane import TABS
from asgitrace.tui.help import HelpScreen, copy_lines
from asgitrace.tui.help_panes import PANES
from asgitrace.tui.help_section import HelpSection
from asgitrace.views.look import look
from tests.tui.conftest import Stage
from tests.tui.pictures import SIZES, begun
from tests.tui.walking import walking_stage

pytestmark = pytest.mark.anyio


async def helped(s: Stage, pilot: Pilot[None]) -> HelpScreen:
    for _ in range(300):
        if isinstance(screen := s.app.screen, HelpScreen):
            await pilot.pause()
            return screen
        await pilot.pause(0.01)
    raise AssertionError(s.app.screen)


def title(screen: HelpScreen) -> str:
    return screen._pane.title


async def test_of_the_pane_that_has_the_keys() -> None:
    s = walking_stage()
    async with s.run((120, 40)) as pilot:
        await pilot.press("g", "question_mark")
        assert title(await helped(s, pilot)) == "The list"
        await pilot.press("escape", "enter")
        for key, name in enumerate(TABS, start=1):
            await pilot.press(str(key), "f1")
            screen = await helped(s, pilot)
            assert title(screen) == PANES[name].title
            first = screen.query(HelpSection).first()
            assert first.command_at(1) == PANES[name].commands[0]
            await pilot.press("question_mark")
        await pilot.press("tab", "tab", "tab")
        s.app.main.table.focus()
        await pilot.press("question_mark")
        assert title(await helped(s, pilot)) == "The list"


async def test_scrolls_where_there_is_not_room_for_all() -> None:
    s = walking_stage()
    async with s.run((80, 24)) as pilot:
        await pilot.press("question_mark")
        box = (await helped(s, pilot)).query_one("#help-box")
        await pilot.press("G")
        while not box.scroll_y:
            await pilot.pause()
        assert box.scroll_y == box.max_scroll_y


async def test_of_other_screens() -> None:
    s = walking_stage()
    async with s.run((120, 40)) as pilot:
        for key, screen, words in (("C", ConnectionsScreen, "Connections"),
                                   ("x", TakeOutMenu, "Taking out")):  # fmt: skip
            await pilot.press(key)
            for _ in range(300):
                if isinstance(s.app.screen, screen):
                    break
                await pilot.pause(0.01)
            await pilot.press("question_mark")
            found = await helped(s, pilot)
            assert title(found) == words
            section = found.query(HelpSection).first()
            lines = [section.render_line(y).text for y in range(1, section.size.height)]
            assert any(line.startswith("esc ") for line in lines), lines
            await pilot.press("escape")
            assert isinstance(s.app.screen, screen)
            await pilot.press("escape")


def test_every_pane_has_its_help() -> None:
    assert set(TABS) | {"list"} <= PANES.keys()
    for pane in PANES.values():
        assert set(pane.commands) <= BY_NAME.keys()
        assert pane.about.endswith(".")
        for _, signs in pane.signs:
            assert all(line.what and line.why for line in signs(look()))
            assert all(line.what.isascii() for line in signs(look(plain=True)))


def test_the_screens_that_are_named_exist() -> None:
    from asgitrace.tui.attach.picker import PickerScreen
    from asgitrace.tui.attach.processes import ProcessesDialog
    from asgitrace.tui.compare.screen import CompareScreen
    from asgitrace.tui.overviews.groups import GroupsScreen
    from asgitrace.tui.overviews.statistics import StatisticsScreen
    from asgitrace.tui.search.everywhere import EverywhereScreen

    screens = (CompareScreen, ConnectionsScreen, EverywhereScreen, GroupsScreen, StatisticsScreen,
               PickerScreen, ProcessesDialog, TakeOutMenu)  # fmt: skip
    assert {screen.__name__ for screen in screens} == {
        name for name in PANES if name.endswith(("Screen", "Menu", "Dialog"))
    }


def test_what_is_to_be_known_of_the_clipboard() -> None:
    words = " ".join(f"{line.what} {line.why}" for line in copy_lines(look()))
    assert "74 kB" in words
    assert "set -s set-clipboard on" in words


@SIZES
@pytest.mark.parametrize("keys", [("4",), ("2",)], ids=["body", "messages"])
def test_picture(snap_compare: Any, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    s = walking_stage()

    async def open_(pilot: Pilot[None]) -> None:
        await begun(s, pilot)
        await pilot.press("g", "j", "j", "enter", *keys, "question_mark")
        await helped(s, pilot)

    assert snap_compare(s.app, terminal_size=size, run_before=open_)
