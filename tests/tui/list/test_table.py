"""The list on the screen: following, scrolling, eviction, the mouse."""

import re

import numpy as np
import pytest
from textual.events import MouseScrollUp
from textual.geometry import Region

from asgitrace.store.model import RowKind, State
from asgitrace.tui.list import ExchangeTable
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row

pytestmark = pytest.mark.anyio

SIZE = (80, 24)
PAGE = 21


def numbers(of: Stage) -> list[int]:
    """The exchanges on the screen."""
    return [int(found[0]) for line in of.lines() if (found := re.search(r"\d+", line))]


async def test_follows_what_arrives_until_one_goes_up() -> None:
    s = stage(50)
    async with s.run(SIZE) as pilot:
        await pilot.pause()
        assert numbers(s) == list(range(30, 51))
        assert "follow" in s.status
        s.store.add(make_row(51))
        s.tick()
        assert numbers(s)[-1] == 51
        assert s.app.main.table.cursor.current == 51

        await pilot.press("k")
        s.store.add(*(make_row(n) for n in range(52, 90)))
        s.tick()
        assert numbers(s) == list(range(31, 52))
        assert s.app.main.table.cursor.current == 50

        await pilot.press("G")
        assert numbers(s)[-1] == 89
        assert s.app.main.table.cursor.follow


async def test_keys_move_and_do_not_wrap() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        cursor = s.app.main.table.cursor
        await pilot.press("g")
        assert (cursor.current, numbers(s)[0]) == (1, 1)
        await pilot.press("up", "k")
        assert cursor.current == 1
        await pilot.press("pagedown")
        assert (cursor.current, numbers(s)[0]) == (21, 21)
        await pilot.press("ctrl+b")
        assert cursor.current == 1
        await pilot.press("end", "j")
        assert cursor.current == 100
        await pilot.press("home", "j", "down")
        assert cursor.current == 3


async def test_only_lines_that_change_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        table = s.app.main.table
        await pilot.press("g", "j")
        await pilot.pause()
        marked: list[Region] = []
        refresh = table.refresh

        def noted(*regions: Region, **options: bool) -> ExchangeTable:
            marked.extend(regions)
            return refresh(*regions, **options)

        monkeypatch.setattr(table, "refresh", noted)
        table.action_move(1)
        assert {region.y for region in marked} == {1, 2}
        marked.clear()
        s.store.add(make_row(101))
        s.tick()
        assert not marked


async def test_eviction_leaves_the_screen_alone() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        await pilot.press("g", *["pagedown"] * 2)
        before = numbers(s)
        s.store.evict(*range(1, 31))
        s.tick()
        assert numbers(s) == before
        assert s.app.main.table.top == before[0] - 31


async def test_the_wheel_scrolls_and_lets_go() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        table = s.app.main.table
        table.post_message(MouseScrollUp(table, 5, 5, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert numbers(s)[-1] == 97
        assert not table.cursor.follow
        assert table.cursor.current == 100
        s.store.add(make_row(101))
        s.tick()
        assert numbers(s)[-1] == 97
        table.scroll_by(10**6)
        assert numbers(s)[-1] == 101


async def test_a_click_selects_and_a_second_one_opens() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        table = s.app.main.table
        await pilot.click(table, offset=(10, 4))
        assert table.cursor.current == 84
        assert not s.app.main.detail_open
        await pilot.click(table, offset=(10, 4))
        assert s.app.main.detail_open


async def test_a_click_below_the_last_row_is_nothing() -> None:
    s = stage(2)
    async with s.run(SIZE) as pilot:
        await pilot.click(s.app.main.table, offset=(10, 12))
        assert s.app.main.table.cursor.current == 2


async def test_a_row_evicted_while_the_list_stands_still() -> None:
    s = stage(3)
    async with s.run(SIZE) as pilot:
        await pilot.press("space")
        s.store.evict(2)
        s.tick()
        assert "#2 is no longer kept" in s.lines()[1]
        await pilot.press("k")
        assert s.lines()[1].startswith(s.app.current_look().glyphs.cursor), "the cursor is seen"


async def test_an_open_exchange_is_drawn_anew() -> None:
    s = stage([make_row(1, state=State.OPEN, status=0)])
    async with s.run(SIZE) as pilot:
        assert "◌" in s.lines()[0]
        s.store.add(make_row(1, status=201))
        s.tick()
        assert " 201 " in s.lines()[0]
        await pilot.pause()


async def test_errors_are_stepped_through() -> None:
    failures = {
        5: make_row(5, state=State.RAISED, status=500),
        7: make_row(7, status=404),
        9: make_row(9, kind=RowKind.WEBSOCKET, method="WS", status=1006),
        11: make_row(11, kind=RowKind.WEBSOCKET, method="WS", status=1000),
    }
    s = stage([failures.get(n, make_row(n)) for n in range(1, 21)])
    async with s.run(SIZE) as pilot:
        cursor = s.app.main.table.cursor
        await pilot.press("N")
        assert cursor.current == 9
        await pilot.press("N", "N")
        assert (cursor.current, s.hint) == (5, "No failed exchange before this one")
        await pilot.press("n")
        assert cursor.current == 9


async def test_a_terminal_that_does_not_keep_up_is_painted_later() -> None:
    s = stage(5)
    async with s.run(SIZE) as pilot:
        await pilot.pause()
        painted: list[int] = []
        repaint = lambda now_ns, *, everything=False: painted.append(now_ns)  # noqa: E731
        s.app.main.table.repaint = repaint  # type: ignore[method-assign]
        s.store.add(make_row(6))
        s.tick(crowded=True)
        assert (painted, s.app.main.table.cursor.current) == ([], 6)
        s.tick()
        assert len(painted) == 1


async def test_a_resize_keeps_the_selected_row_in_sight() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        await pilot.press("k", "k")
        await pilot.resize_terminal(120, 12)
        assert s.app.main.table.cursor.current in numbers(s)
        await pilot.press("G")
        await pilot.resize_terminal(80, 30)
        assert numbers(s)[-1] == 100


async def test_numbers_are_not_kept_across_a_poll() -> None:
    """The store's arrays change beneath the views it hands out."""
    s = stage(60)
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "pagedown")
        before = numbers(s)
        s.store.numbers[:] = np.arange(1000, 1060)
        s.store.add(make_row(61))
        s.tick()
        assert numbers(s) == before
