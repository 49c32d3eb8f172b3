"""Pictures of the search line, over the list and a body, and of the search in all exchanges."""

from typing import Any, cast

import pytest
from textual.pilot import Pilot

from asgitrace.tui.search.everywhere import EverywhereScreen
from tests.tui.conftest import Stage, stage
from tests.tui.pictures import rows
from tests.tui.walking import walking_stage
from tests.views.occurrences.shop import shop

pytestmark = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)


def looks(snap_compare: Any, size: tuple[int, int], s: Stage, *keys: str) -> bool:
    async def type_(pilot: Pilot[None]) -> None:
        while not s.app.main.is_mounted or not s.app.main.table.size.height:
            await pilot.pause()
        s.tick()
        await pilot.press(*keys)
        while (hunt := s.app.main.search_bar._hunt) is not None and hunt.work():
            pass
        s.app.main.search_bar.tick()
        await pilot.pause()

    return bool(snap_compare(s.app, terminal_size=size, run_before=type_))


def test_list(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, stage(list(rows())), "g", "slash", *"shop", "enter")


def test_body(snap_compare: Any, size: tuple[int, int]) -> None:
    keys = ("g", "enter", "4", "slash", *"name", "enter", "n")
    assert looks(snap_compare, size, walking_stage(), *keys)


def test_everywhere(snap_compare: Any, size: tuple[int, int]) -> None:
    s = stage(0, live=False)
    s.store = cast("Any", shop())

    async def search(pilot: Pilot[None]) -> None:
        while not s.app.main.is_mounted or not s.app.main.table.size.height:
            await pilot.pause()
        await pilot.press("s")
        while not isinstance(shown := s.app.screen, EverywhereScreen):
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press(*"s3cret", "enter")
        while shown._inquiry.running:
            shown.tick()
        shown.tick()
        await pilot.press(*"jjjjj")
        await pilot.pause()

    assert snap_compare(s.app, terminal_size=size, run_before=search)
