"""A walk through every feature with nothing but the keyboard."""

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from asgitrace.settings import load
from asgitrace.tui.attach.processes import ProcessesDialog
from asgitrace.tui.commands import BY_NAME
from asgitrace.tui.compare.screen import CompareScreen
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.copying_menu import TakeOutMenu
from asgitrace.tui.filter.name_prompt import NamePrompt
from asgitrace.tui.filter.reference import ReferenceScreen
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.list.columns_dialog import ColumnsDialog
from asgitrace.tui.note_prompt import NotePrompt
from asgitrace.tui.overviews.groups import GroupsScreen
from asgitrace.tui.overviews.statistics import StatisticsScreen
from asgitrace.tui.save_prompt import BodyPrompt, SavePrompt
from asgitrace.tui.search.everywhere import EverywhereScreen
from asgitrace.tui.time_prompt import TimePrompt
from tests.tui.walking import Walk, palette_rests, walking_stage

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

_NEVER_ALONE = {name for name in BY_NAME if name.startswith(("theme-", "layout-"))}
"""They have no key, but one that goes through all of them."""


async def test_everything_by_keyboard(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("walk")
    monkeypatch.setenv("ASGITRACE_CONFIG", str(folder / "config.toml"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PAGER", "false")
    monkeypatch.setenv("VISUAL", "false")
    s = walking_stage()
    async with s.run((120, 40)) as pilot:
        walk = Walk(s, pilot, monkeypatch)
        await _moving(walk)
        await _filtering(walk)
        await _searching(walk)
        await _listing(walk)
        await _marking(walk)
        await _comparing(walk)
        await _overviews(walk)
        await _detail(walk)
        await _screen(walk)
        await walk.press("Q")
    assert set(BY_NAME) - walk.done == _NEVER_ALONE
    assert s.session.calls == ["start", "restart", "stop"]


async def _moving(walk: Walk) -> None:
    cursor = walk.s.app.main.table.cursor
    await walk.press("g", "j", "j", "k")
    assert cursor.index == 1
    await walk.press("pagedown", "pagedown", "pageup", "G")
    await walk.press("F", "F", "F")
    assert cursor.follow is False
    await walk.press("space")
    assert "paused" in walk.s.status
    await walk.press("space", "right", "right", "left")
    assert cursor.column is not None


async def _filtering(walk: Walk) -> None:
    main = walk.s.app.main
    total = len(main.table.cursor)
    await walk.press("f", *"statu")
    await walk.press("tab")
    assert walk.s.app.main.filter_bar.text == "status"
    await walk.press(*"=500")
    await walk.press("f1")
    await walk.shown(ReferenceScreen)
    await walk.press("escape")
    await walk.back()
    await walk.press("ctrl+s")
    await walk.shown(NamePrompt)
    walk.s.app.screen.query_one(Input).value = "failed"
    await walk.press("enter")
    await walk.back()
    assert "failed" in load().filters
    await walk.press("enter")
    walk.s.tick()
    assert 0 < len(main.table.cursor) < total
    await walk.press("backslash")
    walk.s.tick()
    assert len(main.table.cursor) == total
    await walk.press("escape", "g", *"jjjjjjjjj", "equals_sign")
    walk.s.tick()
    await walk.press("escape", "exclamation_mark")
    walk.s.tick()
    assert len(main.table.cursor) < total
    await walk.press("escape")
    walk.s.tick()
    assert len(main.table.cursor) == total
    await walk.press("colon")
    await walk.shown(CommandPalette)
    await _palette(walk, "filter fields")
    await walk.shown(ReferenceScreen)
    await walk.press("escape")
    await walk.back()
    await walk.press("escape")
    main.filter_bar.apply("")
    walk.s.tick()


async def _palette(walk: Walk, words: str) -> None:
    """Find a command by words and do it."""
    await walk.press(*(key if key != " " else "space" for key in words))
    await palette_rests(walk.pilot)
    await walk.press("enter")
    if isinstance(walk.s.app.screen, CommandPalette):
        await walk.press("enter")


async def _searching(walk: Walk) -> None:
    main = walk.s.app.main
    await walk.press("g", "slash", *"items/3", "tab", "enter", "n", "N")
    row = main.table.selected_row()
    assert row is not None
    assert "items/3" in row.path
    await walk.press("escape", "slash", "up", "enter")
    assert main.search_bar.text == "items/3"
    await walk.press("escape")
    assert not main.search_bar.on
    await walk.press("s")
    screen = await walk.shown(EverywhereScreen)
    await walk.press(*"stopped", "enter", "1", "7", "tab", "tab", "r", "c")
    assert isinstance(screen, EverywhereScreen)
    await walk.press("escape")
    await walk.back()


async def _listing(walk: Walk) -> None:
    await walk.press("right", "o", "o", "v", "o", "O")
    await walk.shown(ColumnsDialog)
    await walk.press("j", "space", "space", "escape")
    await walk.back()
    await walk.press("a", "plus", "less_than_sign", "greater_than_sign", "minus", "0", "a")


async def _marking(walk: Walk) -> None:
    annotations = walk.s.store.annotations
    number = walk.s.app.main.table.cursor.current
    assert number is not None
    await walk.press("m")
    assert annotations.of(number).marked
    await walk.press("M")
    walk.s.tick()
    assert len(walk.s.app.main.table.cursor) == 1
    await walk.press("M", "t")
    walk.s.tick()
    await walk.shown(NotePrompt)
    await walk.press(*"odd", "enter")
    await walk.back()
    assert "odd" in annotations.of(number).tags
    await walk.press("T")
    await walk.shown(TimePrompt)
    await walk.press(*"+1s", "enter")
    await walk.back()
    await walk.press("g", "n", "n", "N", "right_square_bracket", "left_square_bracket")
    await walk.press("g", "right_curly_bracket", "left_curly_bracket")
    assert walk.s.app.main.detail.tab == "timeline"
    await walk.press("q")


async def _comparing(walk: Walk) -> None:
    await walk.press("g", "d", "j", "d")
    await walk.shown(CompareScreen)
    await walk.press("n", "N", "v", "b", "enter")
    await walk.back()
    main = walk.s.app.main
    assert main.detail_open
    await walk.press("escape", "escape", "G", "colon")
    await walk.shown(CommandPalette)
    await _palette(walk, "compare with previous")
    await walk.shown(CompareScreen)
    await walk.press("d", "q")
    await walk.back()


async def _overviews(walk: Walk) -> None:
    for key, screen in (
        ("B", GroupsScreen), ("S", StatisticsScreen), ("C", ConnectionsScreen),
        ("p", ProcessesDialog),
    ):  # fmt: skip
        await walk.press(key)
        await walk.shown(screen)
        await walk.press("escape")
        await walk.back()


async def _detail(walk: Walk) -> None:
    main = walk.s.app.main
    await walk.press("g", "enter")
    assert main.detail.has_focus_within
    for key, tab in zip(
        "234561", ("messages", "headers", "body", "log", "frames", "timeline"), strict=True
    ):
        await walk.press(key)
        assert main.detail.tab == tab
    await walk.press("v", "v", "b", "F", "F", "space", "space")
    await walk.press("enter", "tab", "shift+tab", "escape", "4")
    await walk.press("b", "b", "v", "v", "v", "space", "left", "right")
    await walk.press("minus", "plus", "underscore", "asterisk", "j", "P", "l")
    assert main.detail.tab == "log"
    await walk.press("v", "e", "e", "F", "G", "J")
    await walk.press("1", "tab", "tab")
    await walk.press("ctrl+down", "ctrl+up", "L", "L", "L", "L", "q")
    assert not main.detail_open


async def _taking_out(walk: Walk) -> None:
    await walk.press("x")
    await walk.shown(TakeOutMenu)
    await walk.press("escape")
    await walk.back()
    await walk.press("g", "enter", "4")
    for key in ("f3", "f4"):
        await walk.press(key)
        await walk.s.app.workers.wait_for_complete()
        assert "ended with status 1" in walk.s.hint
    await walk.press("W")
    await walk.shown(BodyPrompt)
    await walk.press("escape")
    await walk.back()
    await walk.press("q", "f2", "f2", "colon")
    await _palette(walk, "end the tour")
    await walk.back()


async def _screen(walk: Walk) -> None:
    await walk.press("c")
    await walk.s.app.workers.wait_for_complete()
    assert walk.s.app.clipboard
    await _taking_out(walk)
    await walk.press("w")
    await walk.shown(SavePrompt)
    await walk.press("enter")
    await walk.back()
    await walk.s.app.workers.wait_for_complete()
    assert walk.s.saved
    await walk.press("question_mark")
    await walk.shown(HelpScreen)
    await walk.press("j", "escape")
    await walk.back()
    await walk.press(*["ctrl+t"] * 4)
    assert walk.s.app.state.theme == "dark"
    await walk.press("escape", "ctrl+z", "ctrl+r", "z")
    walk.s.tick()
    assert not len(walk.s.app.main.table.cursor)
