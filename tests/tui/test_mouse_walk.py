"""A walk through every feature with nothing but the mouse."""

import pytest
from textual import events
from textual.command import CommandPalette

from asgitrace.tui.attach.processes import ProcessesDialog
from asgitrace.tui.compare.screen import CompareScreen
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.copying_menu import TakeOutMenu
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.filter.reference import ReferenceScreen
from asgitrace.tui.list import ListHeader
from asgitrace.tui.list.columns_dialog import ColumnsDialog
from asgitrace.tui.note_prompt import NotePrompt
from asgitrace.tui.overviews.groups import GroupsScreen
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.tui.search.everywhere import EverywhereScreen
from asgitrace.tui.search.options import OptionLine
from tests.tui.walking import Walk, palette_rests, walking_stage

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

_SIZE = (120, 40)


async def test_everything_by_mouse(monkeypatch: pytest.MonkeyPatch) -> None:
    s = walking_stage()
    async with s.run(_SIZE) as pilot:
        walk = Walk(s, pilot, monkeypatch)
        await _list(walk)
        await _filter(walk)
        await _marks(walk)
        await _searches(walk)
        await _overviews(walk)
        await _detail(walk)
        await _layouts(walk)
        await _palette(walk)
        await walk.hint("quit")
    assert s.session.calls == ["start", "stop"]


async def _list(walk: Walk) -> None:
    main = walk.s.app.main
    table = main.table
    await walk.click(table, 20, 10)
    assert (table.cursor.index, table.cursor.follow) == (table.top + 10, False)
    top = table.top
    await walk.wheel(table, events.MouseScrollUp)
    assert table.top < top
    await walk.click_word(main.status_bar, "follow")
    assert table.cursor.follow is True
    await walk.hint("pause")
    assert "paused" in walk.s.status
    await walk.hint("pause")
    for word in ("ascending", "descending", "arrival"):
        await walk.click_word(ListHeader, "statu")
        assert word in walk.s.hint
    await walk.choose_in_help("columns", ColumnsDialog)
    columns = walk.s.app.screen.query_one("_ColumnList")
    await walk.click(columns, 1, 2)
    await walk.click(columns, 1, 2)
    await walk.hint("close")
    await walk.back()


async def _filter(walk: Walk) -> None:
    main = walk.s.app.main
    total = len(main.table.cursor)
    await walk.click(main.table, 45, 12)
    assert main.table.cursor.column == "path"
    await walk.choose_in_help("filter-cell")
    walk.s.tick()
    assert len(main.table.cursor) < total
    await walk.choose_in_help("filter-off")
    walk.s.tick()
    assert len(main.table.cursor) == total
    await walk.choose_in_help("fields", ReferenceScreen)
    await walk.click("#reference-box", 30, 0)
    await walk.back()


async def _marks(walk: Walk) -> None:
    main = walk.s.app.main
    await walk.click(main.table, 20, 14)
    number = main.table.cursor.current
    assert number is not None
    await walk.choose_in_help("mark")
    assert walk.s.store.annotations.of(number).marked
    await walk.choose_in_help("compare")
    await walk.click(main.table, 20, 12)
    await walk.choose_in_help("compare", CompareScreen)
    await walk.click_word("TopLine", "differences")
    for word in ("the other", "all, diff", "next diff", "back"):
        await walk.hint(word)
    await walk.back()
    await walk.click(main.table, 20, 14)
    await walk.choose_in_help("note", NotePrompt)
    await walk.hint("cancel")
    await walk.back()
    await walk.hint("save")
    await walk.shown(SavePrompt)
    await walk.hint("cancel")
    await walk.back()


async def _searches(walk: Walk) -> None:
    main = walk.s.app.main
    await walk.choose_in_help("search")
    assert main.search_bar.typing
    await walk.press(*"items")
    await walk.hint("keep")
    assert main.search_bar.on
    await walk.choose_in_help("next-error")
    await walk.choose_in_help("back")
    await walk.choose_in_help("everywhere", EverywhereScreen)
    await walk.press(*"stopped")
    await walk.hint("search")
    await walk.click_word(OptionLine, "messages")
    await walk.hint("back")
    await walk.back()


async def _overviews(walk: Walk) -> None:
    await walk.choose_in_help("processes", ProcessesDialog)
    await walk.hint("close")
    await walk.back()
    await walk.choose_in_help("groups", GroupsScreen)
    await walk.hint("back")
    await walk.back()
    await walk.hint("connections")
    await walk.shown(ConnectionsScreen)
    await walk.hint("back")
    await walk.back()


async def _detail(walk: Walk) -> None:
    main = walk.s.app.main
    main.table.select(1)
    await walk.pilot.pause()
    await walk.click(main.table, 20, 0)
    await walk.click(main.table, 20, 0)
    assert main.detail_open
    bar = main.detail.query(ChoiceBar).first()
    for word in ("Messages", "Headers", "Body", "Log", "Frames", "Timeline"):
        await walk.click_word(bar, word)
        assert main.detail.tab == word.lower()
    await walk.click_word(bar, "Body")
    ways = main.detail.query_one("#body").query_one(ChoiceBar)
    way = next(word for word in ways.render_line(0).text.split() if word.lower() == "hex")
    await walk.click_word(ways, way)
    assert f"[{way}]" in ways.render_line(0).text
    await walk.click_word(bar, "Timeline")
    lines = main.detail.query_one("#timeline").query(LineList).first()
    await walk.wheel(lines, events.MouseScrollDown)
    await walk.click(lines, 20, 1)
    await walk.click(lines, 20, 1)
    await walk.hint("copy")
    await walk.s.app.workers.wait_for_complete()
    assert walk.s.app.clipboard
    await walk.choose_in_help("take-out", TakeOutMenu)
    await walk.click("#take-offers", 3, 1)
    await walk.hint("cancel")
    await walk.back()
    main.open_detail(2)
    await walk.pilot.pause()
    main.hints.be_quiet()
    await walk.hint("pause")
    assert main.detail.event_tab().paused


async def _layouts(walk: Walk) -> None:
    main = walk.s.app.main
    title = main.query_one("DetailTitle")
    top = title.region.y
    await walk.pilot.mouse_down(title, offset=(5, 0))
    await walk.pilot.hover(offset=(5, top - 5))
    await walk.pilot.mouse_up(offset=(5, top - 5))
    await walk.pilot.pause()
    assert title.region.y < top
    await walk.choose_in_help("layout")
    await walk.choose_in_help("suspend")
    assert main.has_class("-beside")


async def _palette(walk: Walk) -> None:
    await walk.choose_in_help("palette", CommandPalette)
    found = await palette_rests(walk.pilot)
    first = str(found.get_option_at_index(0).prompt)
    assert first.startswith("Filter  f")
    await walk.click(found, 5, 1)
    await walk.back()
    while not walk.s.app.main.filter_bar.typing:
        await walk.pilot.pause()
    await walk.click(walk.s.app.main.table, 20, 3)
