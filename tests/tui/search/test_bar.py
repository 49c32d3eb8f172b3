"""The search line, over the list and over the panes of the detail."""

import pytest
from textual.pilot import Pilot

from asgitrace.tui.search.bar import SearchBar
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row

pytestmark = pytest.mark.anyio

SIZE = 100, 30


def shop() -> Stage:
    rows = [
        make_row(number, path=f"/{'tea' if number % 5 == 0 else 'items'}/{number}")
        for number in range(1, 41)
    ]
    return stage(rows)


def bar(s: Stage) -> SearchBar:
    return s.app.main.search_bar


async def press(s: Stage, pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    bar(s).tick()
    await pilot.pause()


async def test_typing_goes_to_the_next_match_and_escape_back() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        cursor = s.app.main.table.cursor
        await press(s, pilot, "g", "j", "j", "slash", *"tea")
        assert cursor.current == 5
        assert bar(s).count == "1 of 8"
        await press(s, pilot, *"/2")
        assert cursor.current == 20
        await press(s, pilot, "escape")
        assert cursor.current == 3
        assert not bar(s).on
        assert s.app.main.focused is s.app.main.table


async def test_enter_keeps_it_and_n_goes_on_to_the_end_and_round() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        cursor = s.app.main.table.cursor
        await press(s, pilot, "g", "slash", *"tea", "enter")
        assert cursor.current == 5
        await press(s, pilot, "n")
        assert cursor.current == 10
        await press(s, pilot, "N")
        assert (cursor.current, bar(s).count) == (5, "1 of 8")
        await press(s, pilot, "N")
        assert cursor.current == 5
        assert "again" in bar(s).count
        await press(s, pilot, "N")
        assert cursor.current == 40
        await press(s, pilot, "n")
        assert cursor.current == 40
        await press(s, pilot, "k", "n", "n", "n")
        assert cursor.current == 5
        await press(s, pilot, "escape")
        assert not bar(s).on
        assert cursor.current == 5
