"""The statistics screen."""

from collections import deque
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Lag, Split, State
from asgitrace.tui.overviews.statistics import StatisticsScreen
from asgitrace.tui.overviews.statistics_panels import ChartPanel
from asgitrace.views.groups.lines import GroupLines, WorkerLines
from tests.tui.conftest import Stage
from tests.tui.counted import SECOND, SPAN, CountedStore, busy_rows, busy_stage
from tests.tui.fakes import NOW_NS, make_row, make_workers

pytestmark = pytest.mark.anyio

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)


def screen(s: Stage) -> StatisticsScreen:
    found = s.app.screen
    assert isinstance(found, StatisticsScreen)
    return found


async def opened(s: Stage, pilot: Pilot[None], *keys: str) -> StatisticsScreen:
    await pilot.press("S")
    await counted(s, pilot)
    for key in keys:
        await pilot.press(key)
        await counted(s, pilot)
    return screen(s)


async def counted(s: Stage, pilot: Pilot[None]) -> None:
    while not isinstance(s.app.screen, StatisticsScreen) or s.app.screen._passes.waiting:
        await pilot.pause()
    await pilot.pause()


def note(s: Stage) -> str:
    return screen(s)._bar.render_line(0).text


def few() -> Stage:
    at = NOW_NS + (SPAN - 3) * SECOND
    rows = [make_row(n, path=f"/a/{n}", started_ns=at) for n in range(1, 6)]
    rows.append(make_row(6, path="/b", started_ns=at, status=500))
    rows.append(make_row(7, path="/old", started_ns=NOW_NS))
    rows.append(make_row(8, path="/c", started_ns=at, state=State.OPEN, status=0))
    return busy_stage(rows)


async def test_a_trace_is_counted_to_its_end() -> None:
    rows = [make_row(n, started_ns=NOW_NS + n * 370_000_000) for n in range(1, 18)]
    s = busy_stage(rows, live=False)
    async with s.run((120, 40)) as pilot:
        await opened(s, pilot)
        for key in "123":
            await pilot.press(key)
            await counted(s, pilot)
            assert note(s).rstrip().endswith("17 exchanges")


async def test_the_cursor_stays_on_its_route_but_at_the_top() -> None:
    s = few()
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot, "3")
        slow = found._slow.list

        def names() -> list[str]:
            return [slow.lines.text(n).split()[0] for n in range(len(slow.lines))]

        before = names()
        await pilot.press("down")
        s.store.add(make_row(9, path="/slow", split=Split(9 * SECOND)))
        found._passes.restart()
        await counted(s, pilot)
        assert names() == ["/slow", *before]
        assert names()[slow.cursor] == before[1]
        await pilot.press("up", "up")
        s.store.add(make_row(10, path="/slower", split=Split(99 * SECOND)))
        found._passes.restart()
        await counted(s, pilot)
        assert names()[slow.cursor] == "/slower"


async def test_windows() -> None:
    s = few()
    async with s.run((120, 40)) as pilot:
        await opened(s, pilot)
        assert note(s).rstrip().endswith("7 exchanges")
        for key, count in (("2", 7), ("3", 8), ("1", 7), ("right", 7), ("right", 8), ("right", 8)):
            await pilot.press(key)
            await counted(s, pilot)
            assert note(s).rstrip().endswith(f"{count} exchanges")
        await pilot.press("left", "left", "left")
        await counted(s, pilot)
        assert screen(s)._window == 0
        await pilot.click("TopLine", offset=(29, 0))
        await counted(s, pilot)
        assert screen(s)._window == 2
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(s.app.screen, StatisticsScreen)


async def test_a_trace_from_a_file_is_seen_as_a_whole() -> None:
    s = few()
    s.session.live = False
    async with s.run((120, 40)) as pilot:
        await opened(s, pilot)
        assert screen(s)._window == 2
        assert note(s).rstrip().endswith("8 exchanges")


async def test_tables_lead_to_their_exchanges() -> None:
    s = few()
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot)
        failing = found._failing.list
        assert isinstance(failing.lines, GroupLines)
        assert [failing.lines.name(n) for n in range(len(failing.lines))] == ["/b"]
        await pilot.press("tab")
        assert found.focused is failing
        await pilot.press("c")
        assert s.app.clipboard.startswith("/b  1 exchanges")
        await pilot.press("enter")
        await pilot.pause()
        assert s.app.main.feed.filter_typed == "route=/b"
        s.tick()
        assert s.app.main.table.cursor.numbers.tolist() == [6]


async def test_outcomes_lead_to_their_exchanges() -> None:
    s = few()
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot)
        await pilot.click(found._outcome.list, offset=(3, 3))
        await pilot.click(found._outcome.list, offset=(3, 3))
        await pilot.pause()
        assert s.app.main.feed.filter_typed == "status=5xx -is:open"
        s.tick()
        assert s.app.main.table.cursor.numbers.tolist() == [6]


async def test_nothing_yet() -> None:
    s = busy_stage([])
    assert isinstance(s.store, CountedStore)
    s.store.lags = []
    async with s.run((80, 24)) as pilot:
        found = await opened(s, pilot, "3")
        await pilot.press("enter", "c")
        assert found._hints.message == "Nothing is selected"
        texts = [panel.render_line(0).text for panel in found.query(ChartPanel)]
        assert any("not measured" in text for text in texts)


async def test_another_width_has_other_steps() -> None:
    s = busy_stage()
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot)
        before = found._rate.columns
        await pilot.resize_terminal(90, 30)
        await counted(s, pilot)
        assert found._rate.columns < before
        shown = found._rate._found
        assert shown is not None
        assert shown.steps.count == found._rate.columns


@SIZES
def test_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    s = busy_stage()

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot, "2")

    assert snap_compare(s.app, terminal_size=size, run_before=show)


def test_looks_without_colour(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ASGITRACE_ASCII", "1")
    s = busy_stage()

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot)

    assert snap_compare(s.app, terminal_size=(120, 40), run_before=show)


def test_looks_light(snap_compare: Any) -> None:
    s = busy_stage()
    s.app.theme = "asgitrace-light"

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot, "3")

    assert snap_compare(s.app, terminal_size=(120, 40), run_before=show)


def of_workers(count: int = 3) -> Stage:
    """The busy stage, on several workers, of which one has more to do than the others."""
    workers = make_workers(count)
    rows = [
        replace(row, process=workers[(row.number % 5 * row.number) % count]) for row in busy_rows()
    ]
    s = busy_stage(rows)
    s.store.lags = deque(  # type: ignore[attr-defined]
        Lag(source, NOW_NS + (SPAN - 2) * SECOND, (source + 1) * 3_000_000)
        for source in range(0, count, 2)
    )
    return s


async def test_workers_where_there_are_several() -> None:
    s = of_workers()
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot, "3")
        shown = found._workers.list
        lines = shown.lines
        assert isinstance(lines, WorkerLines)
        texts = [shown.render_line(y).text for y in range(3)]
        assert [text.split()[:2] for text in texts] == [["worker", str(n)] for n in (1, 2, 3)]
        assert "3.00ms" in texts[0]
        assert "9.00ms" in texts[2]
        assert found._lag.size.height == 0
        shown.focus()
        await pilot.press("down", "enter")
        while s.app.screen is not s.app.main:
            await pilot.pause()
        assert s.app.main.feed.filter_typed == "worker=2"


async def test_no_workers_where_there_is_but_one() -> None:
    s = of_workers(1)
    async with s.run((120, 40)) as pilot:
        found = await opened(s, pilot)
        assert not found._workers.display
        assert found._lag.display


@SIZES
def test_statistics_of_workers(snap_compare: Any, size: tuple[int, int]) -> None:
    s = of_workers()

    async def settle(pilot: Pilot[None]) -> None:
        await opened(s, pilot, "3")

    assert snap_compare(s.app, terminal_size=size, run_before=settle)
