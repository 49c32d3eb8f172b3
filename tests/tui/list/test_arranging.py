"""What the user does to the list: order, columns, cells, the axis; with keys and the mouse."""

from typing import TYPE_CHECKING

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from asgitrace.settings import ColumnState, Settings, State
from asgitrace.store.annotations import Annotation
from asgitrace.store.model import Row, RowKind, Split
from asgitrace.store.model import State as RowState
from asgitrace.tui.list.arrangement import Arrangement
from asgitrace.tui.list.columns_dialog import ColumnsDialog
from asgitrace.views.columns.layout import Wanted
from tests.tui.conftest import Stage, stage
from tests.tui.counted import busy_stage
from tests.tui.fakes import MS, make_row

if TYPE_CHECKING:
    from asgitrace.tui.list.table import ExchangeTable

pytestmark = pytest.mark.anyio

SIZE = (120, 24)


def timed(count: int = 40) -> list[Row]:
    """Rows whose durations are in another order than their numbers."""
    return [make_row(n, split=Split(n * 37 % 41 * MS + 1)) for n in range(1, count + 1)]


def numbers(of: Stage) -> list[int]:
    """The exchanges on the screen."""
    return [int(line[:10].strip(" ▎")) for line in of.lines() if line.strip()]


def table(of: Stage) -> "ExchangeTable":
    return of.app.main.table


def header(of: Stage) -> str:
    return of.app.main.header.render_line(0).text


def at(of: Stage, name: str) -> int:
    """The first cell of a column."""
    placed = table(of).plan.of(name)
    assert placed is not None
    return placed.at


async def click_title(of: Stage, pilot: Pilot[None], name: str) -> None:
    await pilot.click(of.app.main.header, offset=(at(of, name) + 1, 0))


# Order


async def test_a_click_on_a_title_sorts() -> None:
    s = stage(timed())
    async with s.run(SIZE) as pilot:
        await click_title(s, pilot, "duration")
        assert "▲took" in header(s)
        assert s.hint == "Sorted by took, ascending"
        cursor = table(s).cursor
        by_duration = sorted(range(1, 41), key=lambda n: n * 37 % 41)
        assert cursor.numbers.tolist() == by_duration
        assert (cursor.current, cursor.follow) == (40, False)
        await click_title(s, pilot, "duration")
        assert "▼took" in header(s)
        assert cursor.numbers.tolist() == by_duration[::-1]
        assert s.app.state.sort == "-duration"
        await click_title(s, pilot, "duration")
        assert s.hint == "In the order of arrival"
        assert cursor.numbers.tolist() == list(range(1, 41))
        await click_title(s, pilot, "number")
        assert (s.hint, cursor.numbers[0]) == ("Sorted newest first", 40)


async def test_keys_sort_by_the_chosen_column() -> None:
    s = stage(timed())
    async with s.run(SIZE) as pilot:
        await pilot.press("o")
        assert s.hint.startswith("Choose a column")
        await pilot.press("left", "left", "o", "v")
        assert s.hint == "Sorted by took, descending"
        await pilot.press("v")
        assert s.hint == "Sorted by took, ascending"
        await pilot.press("o", "o", "v")
        assert s.hint == "Sorted newest first"
        await pilot.press("v")
        assert s.hint == "In the order of arrival"


async def test_moves_go_by_the_order_and_nothing_follows() -> None:
    s = stage(timed())
    s.app.state.sort = "duration"
    async with s.run(SIZE) as pilot:
        order = sorted(range(1, 41), key=lambda n: n * 37 % 41)
        cursor = table(s).cursor
        await pilot.press("g", "j")
        assert cursor.current == order[1]
        await pilot.press("G")
        assert (cursor.current, cursor.follow) == (order[-1], False)
        assert numbers(s)[-1] == order[-1]
        await pilot.press("F")
        assert not cursor.follow
        assert s.hint == "The list is sorted by took, ascending, so it does not follow the newest"
        assert s.status.rstrip().endswith("▲ took")
        await pilot.press("pageup")
        assert cursor.index == 39 - (table(s).page_height - 1)


async def test_a_live_sort_leaves_the_selected_row_where_it_is() -> None:
    s = stage(timed(100))
    s.app.state.sort = "-duration"
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "pagedown", "j", "j")
        before = numbers(s)
        selected = table(s).cursor.current
        line = before.index(selected or 0)
        s.store.add(*(make_row(n, split=Split(n % 43 * MS)) for n in range(101, 180)))
        s.tick()
        assert len(table(s).cursor) == 179
        assert numbers(s).index(selected or 0) == line
        s.store.evict(*(n for n in range(1, 60) if n != selected))
        s.tick()
        assert numbers(s).index(selected or 0) == line


async def test_an_open_row_grows_upwards_past_the_others() -> None:
    rows = timed(30)
    s = stage([*rows, make_row(31, state=RowState.OPEN, status=0, split=Split(1))])
    s.app.state.sort = "-duration"
    async with s.run(SIZE) as pilot:
        await pilot.press("g")
        assert 31 not in numbers(s)[:5]
        s.store.rows[31] = make_row(31, state=RowState.OPEN, status=0, split=Split(5000 * MS))
        s.tick()
        assert table(s).cursor.numbers[0] == 31
        assert numbers(s)[0] != 31  # the selected row stays in the first line
        await pilot.press("g")
        assert numbers(s)[0] == 31


async def test_the_order_stands_still_while_paused() -> None:
    s = stage([*timed(10), make_row(11, state=RowState.OPEN, status=0, split=Split(1))])
    s.app.state.sort = "duration"
    async with s.run(SIZE) as pilot:
        await pilot.press("space")
        before = numbers(s)
        s.store.add(make_row(12, split=Split(5)))
        s.tick()
        assert numbers(s) == before
        await pilot.press("v")
        assert numbers(s) == before[::-1]


async def test_another_filter_shows_its_rows_at_once() -> None:
    s = busy_stage([make_row(n, path=f"/{'ab'[n % 2]}") for n in range(1, 11)])
    s.app.state.sort = "-path"
    async with s.run(SIZE):
        s.app.main.apply_filter("path=/a")
        s.app.main.apply_filter("path=/b")
        assert sorted(table(s).cursor.numbers.tolist()) == [1, 3, 5, 7, 9]


async def test_follow_comes_back_after_eviction() -> None:
    s = stage(100)
    async with s.run(SIZE) as pilot:
        await pilot.press("k", "k")
        s.store.evict(*range(1, 99))
        s.tick()
        assert not table(s).cursor.follow
        assert numbers(s) == [99, 100]
        s.store.add(*(make_row(n) for n in range(101, 160)))
        s.store.evict(99, 100)
        s.tick()
        assert table(s).cursor.current == 101
        await pilot.press("F")
        assert (table(s).cursor.current, numbers(s)[-1]) == (159, 159)
        s.store.add(make_row(160))
        s.tick()
        assert numbers(s)[-1] == 160


# Cells


async def test_a_cell_is_chosen_and_let_go() -> None:
    s = stage(5)
    async with s.run(SIZE) as pilot:
        cursor = table(s).cursor
        await pilot.press("right")
        assert cursor.column == "number"
        await pilot.press("right", "right")
        assert cursor.column == "method"
        cells = [seg for seg in table(s).render_line(4) if seg.style and seg.style.underline]
        assert [seg.text.strip() for seg in cells] == ["GET"]
        titles = [
            seg for seg in s.app.main.header.render_line(0) if seg.style and seg.style.underline
        ]
        assert [seg.text for seg in titles] == ["method"]
        await pilot.press("escape")
        assert cursor.column is None


async def test_a_click_on_a_cell_chooses_it_and_a_second_opens() -> None:
    s = stage(5)
    async with s.run(SIZE) as pilot:
        cursor = table(s).cursor
        await pilot.click(table(s), offset=(at(s, "status") + 4, 1))
        assert (cursor.current, cursor.column) == (2, "status")
        await pilot.click(table(s), offset=(at(s, "method"), 1))
        assert (cursor.current, cursor.column) == (2, "method")
        assert not s.app.main.detail_open
        await pilot.click(table(s), offset=(at(s, "method"), 1))
        assert s.app.main.detail_open


async def test_a_chosen_column_that_is_hidden_is_let_go() -> None:
    s = stage(5)
    async with s.run(SIZE) as pilot:
        await pilot.press("left")
        assert table(s).cursor.column == "waterfall"
        table(s).arrangement.choose([Wanted("path")])
        s.app.main.arranged()
        assert table(s).cursor.column is None
        await pilot.pause()


# Columns


async def test_a_border_is_dragged() -> None:
    s = stage(5)
    async with s.run(SIZE) as pilot:
        border = at(s, "method") + 7
        await pilot.mouse_down(s.app.main.header, offset=(border, 0))
        await pilot.hover(s.app.main.header, offset=(border + 4, 0))
        await pilot.mouse_up(s.app.main.header, offset=(border + 4, 0))
        await pilot.pause()
        plan = table(s).plan
        method = plan.of("method")
        assert method is not None
        assert method.width == 11
        assert ColumnState("method", 11) in s.app.state.columns
        assert table(s).arrangement.sort == ""
        border = at(s, "status") - 1
        await pilot.mouse_down(s.app.main.header, offset=(border, 0))
        await pilot.hover(s.app.main.header, offset=(border - 3, 0))
        await pilot.mouse_up(s.app.main.header, offset=(border - 3, 0))
        await pilot.pause()
        status = table(s).plan.of("status")
        assert status is not None
        assert status.width == 9


async def test_the_dialog() -> None:
    s = stage(timed())
    async with s.run(SIZE) as pilot:
        await pilot.press("O", "j", "space")
        assert "time" not in header(s)[:30]
        await pilot.press("k", "J", "J", "plus", "plus", "minus")
        assert [entry.name for entry in table(s).arrangement.wanted][:3] == [
            "method",
            "number",
            "path",
        ]
        assert table(s).arrangement.wanted[1].width == 8
        await pilot.press("enter", "enter", "o")
        assert s.app.state.sort == "-number"
        await pilot.press("K", "shift+down", "r")
        assert s.app.state.columns == []
        await pilot.press("escape")
        assert s.app.screen is s.app.main
        assert "time" in header(s)[:30]


async def test_the_dialog_with_the_mouse() -> None:
    s = stage(timed())
    async with s.run(SIZE) as pilot:
        await pilot.press("O")
        dialog = s.app.screen
        assert isinstance(dialog, ColumnsDialog)
        lines = dialog.query_one("_ColumnList")
        await pilot.click(lines, offset=(20, 2))
        assert s.app.state.columns == []
        await pilot.click(lines, offset=(2, 2))
        assert table(s).plan.of("method") is None
        await pilot.click(lines, offset=(2, 2))
        assert table(s).plan.of("method") is not None


async def test_the_last_column_stays() -> None:
    s = stage(timed())
    s.app.state.columns = [ColumnState("path")]
    async with s.run(SIZE) as pilot:
        assert header(s).split() == ["path"]
        await pilot.press("O", "space", "plus")
        assert [entry.name for entry in table(s).arrangement.wanted] == ["path"]


async def test_all_columns_at_once() -> None:
    s = stage(timed(3))
    s.store.annotations.put(2, Annotation(marked=True, tags=("tea",), comment="look"))
    every = [
        "number",
        "since",
        "http",
        "mark",
        "tags",
        "comment",
        "connection",
        "ttfb",
        "wait",
        "pending",
        "path",
    ]
    s.app.state.columns = [ColumnState(name) for name in every]
    async with s.run((160, 24)) as pilot:
        first, second, _ = s.lines()[:3]
        assert second[1] == "★"
        assert second.split()[:6] == ["★", "2", "+37.0ms", "1.1", "★", "tea"]
        assert first.split()[:3] == ["1", "—", "1.1"]
        await pilot.pause()


async def test_wrong_names_in_the_settings_are_told() -> None:
    s = stage(3)
    s.app.settings = Settings(columns=("path", "speed"), sort="-number", waterfall="axis")
    async with s.run(SIZE) as pilot:
        assert "'speed'" in s.hint
        assert table(s).cursor.numbers.tolist() == [3, 2, 1]
        assert table(s).arrangement.axis
        await pilot.pause()


def test_the_settings_win_over_the_state() -> None:
    state = State(columns=[ColumnState("path"), ColumnState("gone")], sort="nonsense")
    kept = Arrangement(Settings(), state)
    assert kept.wanted == (Wanted("path"),)
    assert (kept.sort, kept.complaint) == ("", "")
    told = Arrangement(Settings(columns=("status",), sort="speed"), state)
    assert told.wanted == (Wanted("status"),)
    assert "'speed'" in told.complaint
    told.resize("path", 20, 80)
    assert state.columns[0].name == "path"  # the path has no width of its own
    told.resize("status", 10**6, 80)
    assert state.columns == [ColumnState("status", 200)]


# The axis


def spread() -> list[Row]:
    """An exchange a second, each half a second long, after the lifespan."""
    start = make_row(1).started_ns
    lifespan = make_row(
        1, kind=RowKind.LIFESPAN, method="LIFESPAN", path="", split=Split(90_000 * MS)
    )
    rows = [
        make_row(n, started_ns=start + n * 1000 * MS, split=Split(500 * MS)) for n in range(2, 32)
    ]
    return [lifespan, *rows]


async def test_the_axis_of_a_trace_shows_everything() -> None:
    s = stage(spread(), live=False)
    async with s.run(SIZE) as pilot:
        await pilot.press("plus")
        assert s.hint.startswith("Only the time axis")
        await pilot.press("a")
        window = table(s).axis.window
        assert window.span == 29_500 * MS
        assert "22:13:" in header(s)
        assert all(set(line) & set("━╸╺") for line in s.lines() if line.strip())
        await pilot.press("plus")
        assert table(s).axis.window.span == window.span // 2
        assert any("◂" in line for line in s.lines())
        await pilot.press("greater_than_sign")
        assert table(s).axis.window.start > window.start
        await pilot.press("minus", "minus")
        assert table(s).axis.window == window
        await pilot.press("plus", "0")
        assert table(s).axis.window == window
        await pilot.press("a")
        assert s.app.state.waterfall == "duration"


async def test_a_live_axis_follows_in_steps() -> None:
    s = stage(spread())
    s.app.state.waterfall = "axis"
    async with s.run(SIZE) as pilot:
        axis = table(s).axis
        window = axis.window
        assert window.span == 10_000 * MS
        last = s.store.rows[31].started_ns
        assert window.start < last < window.end
        s.store.add(make_row(32, started_ns=last + 100 * MS))
        s.tick()
        moved = axis.window
        assert (moved.start - window.start) in (0, window.span // 8)
        await pilot.press("plus")
        assert axis.window.span == 5_000 * MS
        follows = [axis.follows]
        for key in ("less_than_sign", "greater_than_sign", "greater_than_sign"):
            await pilot.press(key)
            follows.append(axis.follows)
        assert (follows[:2], follows[-1]) == ([True, False], True)


async def test_the_axis_goes_to_the_selected_row() -> None:
    s = stage(spread())
    s.app.state.waterfall = "axis"
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "j")
        row = s.store.rows[2]
        assert table(s).axis.window.holds(row.started_ns, row.started_ns)
        assert "━" in s.lines()[1]
        await pilot.press("g")
        assert table(s).axis.window.holds(row.started_ns, row.started_ns)


async def test_the_axis_stays_whole_where_a_filter_alone_moves_the_cursor() -> None:
    s = stage(spread(), live=False)
    s.app.state.waterfall, s.app.state.sort = "axis", "-number"
    async with s.run(SIZE) as pilot:
        whole = table(s).axis.window
        last = s.store.rows[max(s.store.rows)]
        s.app.main.apply_filter("path:2")
        s.tick()
        await pilot.pause()
        assert table(s).cursor.current != last.number
        assert table(s).axis.window.span <= whole.span
        s.app.main.apply_filter("")
        s.tick()
        await pilot.pause()
        assert table(s).axis.window == whole


async def test_the_mouse_moves_the_axis() -> None:
    s = stage(spread(), live=False)
    s.app.state.waterfall = "axis"
    async with s.run(SIZE) as pilot:
        axis, x = table(s).axis, at(s, "waterfall") + 10
        whole = axis.window
        table(s).post_message(MouseScrollUp(table(s), x, 3, 0, 0, 0, False, False, True))
        await pilot.pause()
        near = axis.window
        assert near.span == whole.span // 2
        await pilot.mouse_down(table(s), offset=(x, 3))
        await pilot.hover(table(s), offset=(x + 4, 3))
        await pilot.mouse_up(table(s), offset=(x + 4, 3))
        await pilot.pause()
        assert axis.window.start < near.start
        await pilot.mouse_down(s.app.main.header, offset=(x, 0))
        await pilot.hover(s.app.main.header, offset=(x - 4, 0))
        await pilot.mouse_up(s.app.main.header, offset=(x - 4, 0))
        await pilot.pause()
        assert abs(axis.window.start - near.start) <= 1
        assert table(s).arrangement.sort == ""
        s.app.main.header.post_message(
            MouseScrollDown(s.app.main.header, x, 0, 0, 0, 0, False, False, False)
        )
        await pilot.pause()
        assert axis.window == whole


async def test_an_axis_with_nothing_on_it() -> None:
    s = stage([make_row(1, kind=RowKind.PROCESS, method="PROC", path="app started", status=0)])
    s.app.state.waterfall = "axis"
    async with s.run(SIZE) as pilot:
        await pilot.press("k", "plus", "greater_than_sign", "0")
        assert "app started" in s.lines()[0]
