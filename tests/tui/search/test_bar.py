"""The search line, over the list and over the panes of the detail."""

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.help_box import HelpBox
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.search.hunt import Hunt
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row
from tests.tui.walking import walking_stage

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
        assert cursor.current == 5
        assert bar(s).count.endswith("1 of 8")
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


async def test_a_search_in_the_detail_goes_along_to_another_pane() -> None:
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        main = s.app.main
        await press(s, pilot, "g", "enter", "3", "slash", *"host", "enter")
        assert isinstance(main.focused, LineList)
        assert main.focused is bar(s).pane
        await press(s, pilot, "tab", "tab", "n")
        assert main.focused is bar(s).pane
        assert bar(s).on
        await press(s, pilot, "escape")
        assert not bar(s).on


async def test_what_cannot_be_read_is_said_and_enter_waits() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        await press(s, pilot, "slash", *"/(a/")
        assert "not a regular expression" in bar(s).count
        await press(s, pilot, "enter")
        assert bar(s).typing
        await press(s, pilot, "ctrl+u", "enter")
        assert not bar(s).on


async def test_history_is_shared_and_enter_alone_repeats_the_last() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        await press(s, pilot, "g", "slash", *"tea", "enter", "escape")
        await press(s, pilot, "slash", *"items", "enter", "escape")
        assert s.app.state.searches == ["items", "tea"]
        await press(s, pilot, "slash", "up", "up")
        assert bar(s).text == "tea"
        await press(s, pilot, "down", "escape", "slash", "enter")
        assert (bar(s).text, bar(s).on) == ("items", True)


async def test_rows_that_come_are_counted_too() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        await press(s, pilot, "g", "slash", *"tea", "enter")
        assert bar(s).count.endswith("1 of 8")
        s.store.add(make_row(41, path="/tea/more"))
        s.tick()
        bar(s).tick()
        assert bar(s).count.endswith("1 of 9")


class Many(Lines):
    """A hundred thousand lines, of which every thousandth has a match."""

    def __len__(self) -> int:
        return 100_000

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(f" {self.text(index)}", look.text)]

    def text(self, index: int) -> str:
        return f"needle {index}" if index % 1000 == 999 else f"line {index}"


class Host(App[None]):
    """Shows many lines, with no bar of its own."""

    def compose(self) -> ComposeResult:
        yield LineList()


async def test_many_lines_are_searched_in_slices_and_only_two_painted_for_a_step() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.query_one(LineList)
        shown.show_lines(Many())
        shown.focus()
        await pilot.pause()
        hunt = Hunt(shown)
        hunt.look_for(Needle("needle"))
        while hunt.work():
            pass
        assert (shown.cursor, hunt.count) == (999, "1 of 100")
        hunt.go(-1)
        while hunt.work():
            pass
        assert (shown.cursor, hunt.note) == (999, "first match, again: last one")
        hunt.go(-1)
        while hunt.work():
            pass
        assert (shown.cursor, hunt.count) == (99_999, "100 of 100")
        styles = {segment.text: segment.style for segment in shown.render_line(19)}
        assert (style := styles["needle"]) is not None
        assert style.underline
        painted: list[int] = []
        usual = shown.refresh_line

        def paint(y: int) -> None:
            painted.append(y)
            usual(y)

        shown.refresh_line = paint  # type: ignore[method-assign]
        shown.action_move(-1)
        assert sorted(painted) == [99_998, 99_999]


async def test_a_screen_without_a_bar_gets_one() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.query_one(LineList)
        shown.show_lines(Many())
        shown.focus()
        await pilot.press("slash")
        await pilot.pause()
        await pilot.press(*"needle 1", "enter")
        app.query_one(SearchBar).tick()
        assert shown.cursor == 1_999


async def test_the_help_is_searched() -> None:
    s = shop()
    async with s.run(SIZE) as pilot:
        await pilot.press("question_mark")
        while not s.app.screen.query(HelpBox):
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press("slash", *"filter", "enter")
        shown = s.app.screen.query_one(SearchBar)
        shown.tick()
        assert " of " in shown.count
        box = s.app.screen.query_one(HelpBox)
        first = box.search_here()
        await pilot.press("n", "N")
        assert box.search_here() == first
        await pilot.press("escape")
        assert s.app.screen.query(HelpBox)
        assert not shown.on
