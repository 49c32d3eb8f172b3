"""The search in all exchanges, from the key to the place that was found."""

from typing import Any, cast

import pytest
from textual.pilot import Pilot

from asgitrace.store import Store
from asgitrace.tui.search.everywhere import EverywhereScreen
from tests.tui.conftest import Stage, stage
from tests.views.occurrences.shop import shop

pytestmark = pytest.mark.anyio

SIZE = 100, 30


def staged(store: Store | None = None) -> Stage:
    s = stage(0, live=False)
    s.store = cast("Any", store or shop())
    return s


async def screen(s: Stage, pilot: Pilot[None]) -> EverywhereScreen:
    while not isinstance(s.app.screen, EverywhereScreen):
        await pilot.pause(0.01)
    await pilot.pause()
    return s.app.screen


async def back(s: Stage, pilot: Pilot[None]) -> None:
    while s.app.screen is not s.app.main:
        await pilot.pause(0.01)
    await pilot.pause()


async def searched(s: Stage, pilot: Pilot[None], typed: str) -> EverywhereScreen:
    """Search for this and wait until all was searched."""
    await pilot.press("s")
    shown = await screen(s, pilot)
    await pilot.press(*typed, "enter")
    while shown._inquiry.running:
        shown.tick()
    shown.tick()
    return shown


def lines(shown: EverywhereScreen) -> list[str]:
    results = shown._list
    return [results.render_line(y).text.rstrip() for y in range(results.size.height)]


async def test_it_is_found_and_gone_to_and_the_results_are_there_again() -> None:
    s = staged()
    async with s.run(SIZE) as pilot:
        shown = await searched(s, pilot, "s3cret")
        assert shown._told.text.startswith("13 occurrences in 7 exchanges")
        assert "Output of the app" in lines(shown)[0]
        at = next(y for y, line in enumerate(lines(shown)) if "message 2 out" in line)
        assert lines(shown)[at].endswith("your s3cret")
        shown._list.select(at)
        await pilot.press("enter")
        await back(s, pilot)
        main = s.app.main
        assert (main.table.cursor.current, main.detail.tab) == (3, "messages")
        assert main.search_bar.on
        assert main.search_bar.text == "s3cret"
        await pilot.press("s")
        shown = await screen(s, pilot)
        assert shown._list.cursor == at
        assert "13 occurrences" in shown._told.text
        await pilot.press("escape")
        await back(s, pilot)


async def test_options_narrow_it_and_newer_ones_are_told() -> None:
    s = staged()
    async with s.run(SIZE) as pilot:
        shown = await searched(s, pilot, "s3cret")
        await pilot.press("1", "2", "4", "5")
        shown.tick()
        assert shown._told.text.startswith("1 occurrence in 1 exchange ")
        await pilot.press("3")
        assert "nothing is chosen" in shown._told.text
        await pilot.press("3")
        s.store.note(None, "later", 0, 10**18)  # type: ignore[attr-defined]
        shown.tick()
        assert "1 newer not searched: r" in shown._told.text
        await pilot.press("r")
        shown.tick()
        assert "newer" not in shown._told.text


async def test_escape_stops_it_and_then_leaves() -> None:
    s = staged()
    async with s.run(SIZE) as pilot:
        await pilot.press("s")
        shown = await screen(s, pilot)
        shown._inquiry.clock = iter(range(0, 10**15, 10**9)).__next__
        await pilot.press(*"nowhere", "enter")
        inquiry = shown._inquiry
        assert inquiry.running
        await pilot.press("escape")
        assert inquiry.stopped
        assert "stopped at" in shown._told.text
        await pilot.press("escape")
        await back(s, pilot)


async def test_what_cannot_be_read_is_told_in_the_line() -> None:
    s = staged()
    async with s.run(SIZE) as pilot:
        await pilot.press("s")
        shown = await screen(s, pilot)
        await pilot.press(*"/(a/", "enter")
        assert "not a regular expression" in shown._told.text
