"""Whatever comes from the network stays inert, on every pane and screen and in all that leaves."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from textual.widgets import Input

from asgitrace.tui.compare.screen import CompareScreen
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.detail.body_tab import BodyTab
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.list.columns_dialog import ColumnsDialog
from asgitrace.tui.note_prompt import NotePrompt
from asgitrace.tui.overviews.groups import GroupsScreen
from asgitrace.tui.overviews.statistics import StatisticsScreen
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.tui.search.everywhere import EverywhereScreen
from asgitrace.tui.time_prompt import TimePrompt
from tests.tui.hostile import BODIES, HARMS, MARK, Harm
from tests.tui.hostile_walk import staged, walked
from tests.tui.looking import OTHER_SIZES, Looking

FEW = settings(
    max_examples=20 if os.environ.get("ASGITRACE_THOROUGH") else 1,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_SESSION = len(BODIES) + 1


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No command runs, and no file is written but where one asks for it."""

    async def no(*arguments: Any, **_: Any) -> None:
        raise AssertionError(f"a command ran: {arguments}")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no)
    monkeypatch.setattr(asyncio, "create_subprocess_shell", no)
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@FEW
@given(harm=HARMS)
def test_list_and_screens(harm: Harm) -> None:
    walked(staged(harm), _around)


async def _around(walk: Looking) -> None:
    await _list(walk)
    await _lines_to_type_in(walk)
    await _everywhere(walk)
    await _dialogs(walk)
    await _overviews(walk)
    await _comparison(walk)


async def _list(walk: Looking) -> None:
    await walk.everywhere(*OTHER_SIZES, (400, 40))
    await walk.go("g", "pagedown", "a", "right_curly_bracket", "q", "n", "o", "m", *"LLLLL")


async def _lines_to_type_in(walk: Looking) -> None:
    main = walk.s.app.main
    for column in ("path", "client", "mime", "method", "tags"):
        table = walk.s.app.main.table
        await walk.press("g", "j")
        table.cursor.column = column
        await walk.go("equals_sign", "f", "tab", "escape", "escape")
        main.filter_bar.apply("")
    await walk.press("f")
    for field in ("path:", "header:", "method=", "client=", "tag=", "log:"):
        main.filter_bar.put(field)
        await walk.go("ctrl+space", "down", "down", where=field)
    await walk.go("tab", "escape", "escape", "f", "up", "up", "enter", "escape", "escape")
    main.filter_bar.apply("")
    await walk.go("g", "slash", "up", "enter", "n", "N", "escape")


async def _everywhere(walk: Looking) -> None:
    screen = await walk.opens("s", EverywhereScreen)
    assert isinstance(screen, EverywhereScreen)
    await walk.go("up", "up", "enter", "tab")
    walk.s.app.screen.query_one("#everywhere-input", Input).value = MARK
    await walk.press("enter")
    while screen._inquiry.running:
        screen.tick()
    screen.tick()
    lines = screen._list.lines
    assert len(lines) > 20
    for at in range(0, len(lines), len(lines) // 9):
        screen._list.select(at)
        await walk.go("c")
    await walk.go("1", "2", "r", "G", "enter")
    await walk.back()
    walk.look("what was found")
    await walk.press("escape", "q", "escape", "q")


async def _dialogs(walk: Looking) -> None:
    await walk.press("g")
    await walk.opens("t", NotePrompt)
    await walk.go("end", "3", "tab", "end", "x")
    await walk.leave()
    for key, screen in (("question_mark", HelpScreen), ("T", TimePrompt), ("O", ColumnsDialog),
                        ("w", SavePrompt)):  # fmt: skip
        await walk.opens(key, screen)
        await walk.leave()


async def _overviews(walk: Looking) -> None:
    for key, screen, keys in (
        ("B", GroupsScreen, "jvvvvvG"),
        ("C", ConnectionsScreen, "jG"),
        ("S", StatisticsScreen, "j"),
    ):
        await walk.opens(key, screen)
        await walk.go(*keys)
        await walk.go("tab", "enter")
        await walk.worked()
        walk.look()
        while walk.s.app.screen is not walk.s.app.main:
            await walk.press("escape")
        await walk.press("q", "escape")


async def _comparison(walk: Looking) -> None:
    main = walk.s.app.main
    main.filter_bar.apply("")
    walk.s.tick()
    for one, other in ((1, 2), (6, 13), (_SESSION, _SESSION - 1)):
        main.table.select(one)
        await walk.press("d")
        main.table.select(other)
        screen = await walk.opens("d", CompareScreen)
        await walk.go("v", "v", "n", "G", "b", "pageup")
        assert screen is walk.s.app.screen
        await walk.leave()


@FEW
@given(harm=HARMS)
def test_detail(harm: Harm) -> None:
    walked(staged(harm), _details)


async def _details(walk: Looking) -> None:
    main = walk.s.app.main
    await walk.press("g", "enter")
    for number in range(1, len(BODIES) + 1):
        main.open_detail(number)
        await walk.press("4")
        await _renderings(walk, number)
    for number in (1, 2, _SESSION):
        main.open_detail(number)
        await walk.go("1", "v", "b", "g", "enter", *"jjjjj", "tab", "G")
        await walk.everywhere(*OTHER_SIZES)
        await walk.press("shift+tab", "escape")
        await walk.go("2", "g", *"jjjj", "enter", "v", "v", "escape")
        await walk.go("3", "G", "tab", "G", "slash", "up", "enter", "n", "escape")
        await walk.go("6", "j", "enter", "j", "escape")
    await walk.go("5", "g", *"jjjjjj", "v", "e", "e", "enter", "J")


async def _renderings(walk: Looking, number: int) -> None:
    view = walk.s.app.main.detail.query_one(BodyTab).view
    for side in range(2):
        names = len(view._names)
        for _ in range(names if side else 1):
            await walk.worked()
            walk.look(f"body {number}")
            await walk.press("v")
        await walk.press("asterisk")
        await walk.go("G", "b", where=f"body {number}")
