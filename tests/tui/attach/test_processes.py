"""The processes of a session on the screen: the dialog, the status bar, the column."""

from dataclasses import replace
from typing import Any

import pytest

from asgitrace.settings import State
from asgitrace.store import FollowedProcess, RowKind, SessionStatus
from asgitrace.store import State as Ended
from asgitrace.store.model import Row
from asgitrace.tui.attach.processes import ProcessesDialog
from asgitrace.tui.detail.lines import LineList
from asgitrace.views.columns.layout import Wanted
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row, make_workers

pytestmark = pytest.mark.anyio

SIZES = ((80, 24), (120, 40), (200, 60))


def rows_of_workers() -> list[Row]:
    """Exchanges of three workers in turn, of which the second one crashed."""
    workers = make_workers()
    rows = [
        make_row(
            number,
            process=workers[number * 7 % 3],
            connection=number % 2 + 1,
            path=f"/items/{number % 5}",
            status=500 if number % 9 == 4 else 200,
        )
        for number in range(1, 16)
    ]
    note = {"kind": RowKind.PROCESS, "method": "PROC", "status": 1, "events": 0}
    text = "shop:app (pid 4712) was killed or crashed"
    rows.append(make_row(16, process=workers[1], path=text, **note))
    rows.append(make_row(17, process=workers[0], state=Ended.OPEN, status=0, pending="receive"))
    return rows


def attached(**changes: Any) -> SessionStatus:
    workers = make_workers()
    processes = (
        FollowedProcess(workers[0], "running", 12_345, 0, 0.21),
        FollowedProcess(workers[1], "crashed", 812, 0, 0.02),
        FollowedProcess(workers[2], "running", 90_210, 44, 1.0),
    )
    status = SessionStatus("serving", attached=True, processes=processes, fill=1.0, missed=44)
    return replace(status, **changes)


def attached_stage(**changes: Any) -> Stage:
    s = stage(rows_of_workers(), attached(**changes))
    s.app.picker = True
    return s


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_list_of_workers(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(attached_stage().app, terminal_size=size, press=["k"])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_dialog_of_processes(snap_compare: Any, size: tuple[int, int]) -> None:
    async def settle(pilot: Any) -> None:
        await pilot.press("p")
        while not isinstance(pilot.app.screen, ProcessesDialog):
            await pilot.pause()
        await pilot.press("j")
        await pilot.pause()

    assert snap_compare(attached_stage().app, terminal_size=size, run_before=settle)


async def opened(s: Stage, pilot: Any) -> LineList:
    await pilot.press("p")
    while not isinstance(s.app.screen, ProcessesDialog):
        await pilot.pause()
    await pilot.pause()
    return s.app.screen.query_one(LineList)


async def test_only_one_worker() -> None:
    s = attached_stage()
    async with s.run((120, 40)) as pilot:
        await opened(s, pilot)
        await pilot.press("j", "enter")
        while s.app.screen is not s.app.main:
            await pilot.pause()
        s.tick()
        assert s.app.main.feed.filter_typed == "worker=2"
        assert {row.worker for row in s.store.rows.values() if row.number in shown(s)} == {2}


def shown(s: Stage) -> set[int]:
    numbers: list[int] = s.app.main.feed.numbers().tolist()
    return set(numbers)


async def test_by_mouse_and_closed_beside() -> None:
    s = attached_stage()
    async with s.run((120, 40)) as pilot:
        lines = await opened(s, pilot)
        await pilot.click(lines, offset=(10, 2))
        await pilot.click(lines, offset=(10, 2))
        while s.app.screen is not s.app.main:
            await pilot.pause()
        assert s.app.main.feed.filter_typed == "worker=3"
        await opened(s, pilot)
        await pilot.click(offset=(1, 1))
        while s.app.screen is not s.app.main:
            await pilot.pause()


async def test_back_to_what_runs() -> None:
    s = attached_stage()
    async with s.run((120, 40)) as pilot:
        await opened(s, pilot)
        await pilot.press("r")
        while "stop" not in s.session.calls:
            await pilot.pause()
    assert s.app.wants_picker


async def test_without_a_list_there_is_no_way_back() -> None:
    s = stage(3)
    async with s.run((120, 40)) as pilot:
        lines = await opened(s, pilot)
        assert "4242" in lines.render_line(0).text
        await pilot.press("r", "escape")
        await pilot.pause()
        assert s.app.screen is s.app.main
    assert not s.app.wants_picker


async def test_what_others_started_is_not_restarted() -> None:
    s = attached_stage()
    async with s.run((120, 40)) as pilot:
        await pilot.press("ctrl+r")
        assert "asgitrace did not start" in s.hint
        assert "restart" not in s.session.calls
        assert "2 workers of shop:app (uvicorn 0.38.0)" in s.status
        assert "ring 100%" in s.status
        ended = [replace(each, state="ended") for each in attached().processes]
        s.session.current = attached(phase="stopped", processes=tuple(ended))
        s.tick()
        assert "all 3 workers of shop:app (uvicorn 0.38.0) ended" in s.status
        assert "p: processes" in str(s.app.main.banner.render())


async def test_nothing_recorded_yet() -> None:
    s = stage(0, attached(phase="starting", processes=()))
    async with s.run((120, 40)):
        assert "Looking for processes" in "\n".join(s.lines())
        assert "no process yet" in s.status
        s.session.current = attached(phase="stopped")
        s.tick()
        assert "recorded nothing" in "\n".join(s.lines())


async def test_the_column_shows_by_itself_and_can_be_hidden() -> None:
    s = stage(3, state=State())
    async with s.run((120, 40)) as pilot:
        arrangement = s.app.main.table.arrangement
        assert arrangement.layout(100).of("worker") is None
        s.store.rows.clear()
        s.store.add(*rows_of_workers())
        s.tick()
        assert arrangement.layout(100).of("worker") is not None
        assert "worker 2: shop:app (pid 4712) was killed" in "\n".join(s.lines())
        await pilot.pause()
        arrangement.resize("status", 9, 100)
        assert arrangement.layout(100).of("worker") is not None
        assert all(entry.name != "worker" for entry in s.app.state.columns)
        arrangement.choose([Wanted("path"), Wanted("status")])
        assert arrangement.layout(100).of("worker") is None
        arrangement.choose(())
        assert arrangement.layout(100).of("worker") is not None
