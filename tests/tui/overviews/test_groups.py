"""The screen of the groups."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Process
from asgitrace.tui.overviews.groups import GroupsScreen
from asgitrace.tui.overviews.groups_list import GroupHead, GroupList
from asgitrace.views.groups.lines import GroupLines
from tests.tui.conftest import Stage
from tests.tui.counted import busy_stage
from tests.tui.fakes import PROCESS, make_row, make_workers

pytestmark = pytest.mark.anyio

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)


def screen(s: Stage) -> GroupsScreen:
    found = s.app.screen
    assert isinstance(found, GroupsScreen)
    return found


async def opened(s: Stage, pilot: Pilot[None], *keys: str) -> GroupsScreen:
    await pilot.press("B")
    while not isinstance(s.app.screen, GroupsScreen) or not names(s):
        await pilot.pause()
    await pilot.press(*keys)
    await counted(s, pilot)
    return screen(s)


async def counted(s: Stage, pilot: Pilot[None]) -> None:
    while screen(s)._passes.waiting:
        await pilot.pause()
    await pilot.pause()


def names(s: Stage) -> list[str]:
    lines = screen(s)._list.lines
    return [lines.name(n) for n in range(len(lines))] if isinstance(lines, GroupLines) else []


def few(*paths: str) -> Stage:
    rows = [make_row(n, path=path, connection=1 + n % 2) for n, path in enumerate(paths, 1)]
    return busy_stage(rows, live=False)


async def test_routes_by_count_and_back() -> None:
    s = few("/a/1", "/a/2", "/b")
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot)
        assert names(s) == ["/a/{n}", "/b"]
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(s.app.screen, GroupsScreen)
        assert not s.app.main.feed.filter_typed


async def test_groups_by_something_else() -> None:
    s = few("/a/1", "/a/2", "/b")
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot)
        for key, expected in (
            ("tab", ["/a/1", "/a/2", "/b"]),
            ("4", ["2", "1"]),
            ("shift+tab", ["not known"]),
            ("5", ["200 OK"]),
        ):
            await pilot.press(key)
            await counted(s, pilot)
            assert names(s) == expected
        await pilot.click("TopLine", offset=(14, 0))
        await counted(s, pilot)
        assert names(s) == ["/a/{n}", "/b"]


async def test_sorts_by_any_column() -> None:
    s = few("/b", "/a", "/a", "/c", "/c", "/c")
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot)
        assert names(s) == ["/c", "/a", "/b"]
        await pilot.press("v")
        assert names(s) == ["/b", "/a", "/c"]
        await pilot.press("left")
        assert names(s) == ["/a", "/b", "/c"]
        await pilot.press("right")
        assert names(s) == ["/c", "/a", "/b"]
        await pilot.click(GroupHead, offset=(2, 0))
        assert names(s) == ["/a", "/b", "/c"]
        await pilot.click(GroupHead, offset=(2, 0))
        assert names(s) == ["/c", "/b", "/a"]


async def test_shows_the_exchanges_of_a_group() -> None:
    s = few("/a/1", "/a/2", "/b")
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot, "j")
        await pilot.press("enter")
        await pilot.pause()
        assert s.app.main.feed.filter_typed == "route=/b"
        assert s.app.main.table.has_focus
        s.tick()
        assert s.app.main.table.cursor.numbers.tolist() == [3]
        await opened(s, pilot)
        assert names(s) == ["/b"]


async def test_shows_them_by_click() -> None:
    s = few("/a/1", "/a/2", "/b")
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot)
        await pilot.click(GroupList, offset=(3, 1))
        await pilot.click(GroupList, offset=(3, 1))
        await pilot.pause()
        assert s.app.main.feed.filter_typed == "route=/b"


@pytest.mark.parametrize(
    ("processes", "shown", "term"),
    [
        ([PROCESS, PROCESS], "1, process 2", "conn=1 id>=4 id<=4"),
        ([PROCESS, replace(PROCESS, pid=1)], "1, process 2", "conn=1 pid=1"),
        (make_workers(2), "1, worker 2", "conn=1 worker=2"),
    ],
)
async def test_a_connection_of_one_of_several_processes(
    processes: list[Process], shown: str, term: str
) -> None:
    s = few("/a", "/a", "/b", "/b")
    s.store.processes = processes
    s.store.source = np.array([0, 0, 1, 1], np.int32)
    async with s.run((80, 24)) as pilot:
        await opened(s, pilot, "4")
        assert len(set(names(s))) == 4
        screen(s)._list.select(names(s).index(shown))
        await pilot.press("enter")
        await pilot.pause()
        assert s.app.main.feed.filter_typed == term


async def test_the_cursor_stays_on_its_group() -> None:
    s = few("/a", "/a", "/b")
    async with s.run((80, 24)) as pilot:
        found = await opened(s, pilot, "j")
        s.store.add(*(make_row(n, path="/b") for n in range(4, 9)))
        found._passes.restart()
        await counted(s, pilot)
        assert names(s) == ["/b", "/a"]
        assert found._list.cursor == 0
        assert found._list.copy_text() is not None
        await pilot.press("c")
        assert s.app.clipboard.startswith("/b  6 exchanges")


async def test_nothing_yet() -> None:
    s = busy_stage([])
    async with s.run((80, 24)) as pilot:
        await pilot.press("B")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.press("c")
        assert screen(s)._hints.message == "Nothing is selected"
        await pilot.click("HintBar", offset=(2, 0))
        await pilot.click("HintBar", offset=(2, 0))
        await pilot.pause()
        assert not isinstance(s.app.screen, GroupsScreen)


async def test_the_rest_is_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.views.groups.grouping.MOST", 1)
    s = few("/a", "/a", "/b")
    async with s.run((80, 24)) as pilot:
        found = await opened(s, pilot, "G", "enter")
        assert names(s) == ["/a", "1 more"]
        assert found._hints.message.startswith("These are many groups")


@SIZES
def test_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    s = busy_stage()

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot, "j")

    assert snap_compare(s.app, terminal_size=size, run_before=show)


def test_looks_without_colour(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ASGITRACE_ASCII", "1")
    s = busy_stage()

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot, "5")

    assert snap_compare(s.app, terminal_size=(120, 40), run_before=show)
