"""The bar: what is typed is used, explained, completed and remembered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from asgitrace.settings import Settings, State
from asgitrace.tui.filter.name_prompt import NamePrompt
from asgitrace.tui.filter.reading import LONGEST
from asgitrace.tui.filter.reference import ReferenceScreen
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row
from tests.tui.filter.conftest import bar, burst, screen_text, shop, shown, typed

pytestmark = pytest.mark.anyio

SHORT, TALL = (80, 24), (120, 40)


# Typing


async def test_a_filter_is_used_as_it_is_typed() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "status=5xx")
        await typed(s, pilot, " or")
        assert shown(s) == [3]
        assert bar(s).note == "column 14: expected a field, word or ("
        await typed(s, pilot, " close.code=1006")
        assert shown(s) == [3, 5]
        assert bar(s).note == ""
        assert bar(s).count == "2 of 6"
        await typed(s, pilot, "enter")
        assert s.app.main.table.has_focus
        assert bar(s).display
        s.store.add(make_row(7, status=503))
        s.tick()
        assert shown(s) == [3, 5, 7]


async def test_a_mistake_keeps_the_filter_before_it() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "dur<1s")
        await typed(s, pilot, " or stat=5")
        assert bar(s).note.startswith("column 11: expected ")
        assert s.app.main.feed.filter_text == "dur<1s"
        assert len(shown(s)) == 6
        line = bar(s).input.render_line(0)
        under = "".join(x.text for x in line if x.style is not None and x.style.underline)
        assert under == "stat"
        await typed(s, pilot, "enter")
        assert bar(s).typing, "what cannot be read cannot be kept"
        await typed(s, pilot, "ctrl+u", "tea")
        assert shown(s) == [1, 2, 4]


async def test_nothing_jumps_while_one_types() -> None:
    s = stage(50)
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f")
        height = s.app.main.table.size.height
        for part in ("status", "=", "5x", "x", " or", " (", "exc", ")", " dur>"):
            await typed(s, pilot, part)
            assert s.app.main.table.size.height == height


async def test_a_burst_reaches_the_line_and_what_follows_it_the_list() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "k", "k", "f", "teaF", "backspace", "enter", "g", "j")
        assert bar(s).text == "tea"
        assert shown(s) == [1, 2, 4]
        assert s.app.main.table.cursor.current == 2
        await typed(s, pilot, "f", "ctrl+u", "x", "escape", "escape", "j")
        assert not bar(s).display
        assert s.app.main.table.cursor.current == 3


async def test_a_line_that_came_at_once_is_seen() -> None:
    """A bar to scroll it would lie over its only line."""
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "tea", "enter")
        line = "type=http and status=5xx or type=ws and close.code=1006 or status=404 and tea"
        burst(s, "f", "ctrl+u", line)
        await typed(s, pilot, "enter")
        assert line[-20:] in screen_text(s)
        await typed(s, pilot, "f", "ctrl+u", "worker in {1,4} status=5xx", "enter")
        assert "worker in {1,4} status=5xx" in screen_text(s)


async def test_a_paste_is_one_line_without_control_characters() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        burst(s, "f")
        s.app.post_message(events.Paste("status=404\x1b[31m\n or\texc\r\n"))
        await typed(s, pilot, " x", "backspace", "backspace")
        assert bar(s).text == "status=404[31m or exc"


async def test_a_long_paste_is_taken_as_far_as_it_fits() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        burst(s, "fab")
        s.app.post_message(events.Paste("x" * 10_000))
        await typed(s, pilot)
        assert bar(s).text == "ab" + "x" * (LONGEST - 2)


async def test_leaving_with_a_mistake_shows_what_is_in_force() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "tea", "enter", "f", " or ")
        await pilot.click("ExchangeTable", offset=(20, 1))
        await typed(s, pilot)
        assert not bar(s).typing
        assert bar(s).text == "tea"
        assert bar(s).display


async def test_an_empty_list_says_what_is_hidden() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "nothing-like-it")
        text = "\n".join(s.lines())
        assert "Nothing passes the filter." in text
        assert "6 exchanges are hidden" in text
        assert "esc clears it" in text


# Ways to go on


async def test_completion_is_quiet_until_something_is_typed() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f")
        assert not bar(s).popup.is_open
        await typed(s, pilot, "met")
        assert [item.label for item in bar(s).popup.items] == ["method"]
        assert "method   HTTP method" in screen_text(s)
        await typed(s, pilot, "tab")
        assert bar(s).text == "method"
        await typed(s, pilot, "=")
        assert {item.text for item in bar(s).popup.items} >= {"GET", "POST", "WS"}
        await typed(s, pilot, "P", "right", "enter")
        assert bar(s).text == "method=POST"
        assert shown(s) == [2]
        assert s.app.main.table.has_focus


async def test_enter_takes_only_what_was_chosen() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "stat")
        assert bar(s).popup.chosen is None
        await typed(s, pilot, "down", "down", "up", "enter")
        assert bar(s).text == "status"
        assert bar(s).typing
        await typed(s, pilot, "enter")
        assert not bar(s).typing


async def test_all_fields_when_asked() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        popup = bar(s).popup
        await typed(s, pilot, "f", "tab")
        assert len(popup.items) > 30
        assert popup.size.height <= 8
        await typed(s, pilot, "up")
        assert popup.chosen == popup.items[-1]
        assert popup.items[-1].label in screen_text(s)
        await typed(s, pilot, "escape")
        assert (bar(s).typing, len(popup.items)) == (True, 0)
        await typed(s, pilot, "ctrl+space")
        assert popup.items


async def test_a_click_chooses() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "ws.")
        label = bar(s).popup.items[1].text
        await pilot.click("Popup", offset=(4, 1))
        await typed(s, pilot)
        assert bar(s).text == label
        await typed(s, pilot, "ctrl+u", "tab")
        await pilot._post_mouse_events([events.MouseScrollDown], "Popup", button=0)
        await pilot.click("Popup", offset=(4, 0))
        await typed(s, pilot)
        assert bar(s).text == "path"


# History


async def test_history_is_walked_and_kept() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        for text in ("tea", "cups", "status=404"):
            await typed(s, pilot, "f", "ctrl+u", text, "enter")
        assert s.app.state.history == ["status=404", "cups", "tea"]
        await typed(s, pilot, "f", "ctrl+u", "dra", "up", "up")
        assert bar(s).text == "cups"
        assert shown(s) == [3, 4]
        await typed(s, pilot, "down", "down")
        assert bar(s).text == "dra"
        await typed(s, pilot, "down")
        assert not bar(s).typing


async def test_off_and_on() -> None:
    s = stage(200)
    async with s.run(SHORT) as pilot:
        table = s.app.main.table
        await typed(s, pilot, "\\")
        assert "no filter yet" in s.hint
        await typed(s, pilot, *("k" * 30))
        line, selected = (table.cursor.index or 0) - table.top, table.cursor.current
        await typed(s, pilot, "f", "items/1", "enter")
        await typed(s, pilot, "\\")
        assert len(shown(s)) == 200
        assert not bar(s).display
        assert table.cursor.current == selected
        assert (table.cursor.index or 0) - table.top == line
        await typed(s, pilot, "\\")
        assert bar(s).text == "items/1"
        assert len(shown(s)) == 111
        await typed(s, pilot, "escape")
        assert len(shown(s)) == 200
        assert s.app.main.feed.filter_text == ""


# Cells


async def test_filter_by_the_path_where_no_cell_is_chosen() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "g", "=")
        assert bar(s).text == "path=/tea"
        assert shown(s) == [1, 2]
        await typed(s, pilot, "j", "!")
        assert bar(s).text == "path=/tea -path=/tea"
        assert shown(s) == []
        await typed(s, pilot, "=")
        assert s.hint == "Nothing is selected"


async def test_filter_by_the_chosen_cell() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "g", "j", "j")
        s.app.main.table.cursor.column = "status"
        await typed(s, pilot, "!")
        assert bar(s).text == "-status=500"
        assert shown(s) == [1, 2, 4, 5, 6]
        s.app.main.table.cursor.column = "time"
        await typed(s, pilot, "=")
        assert "nothing to filter by" in s.hint


async def test_a_click_filters_by_a_cell() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        table = s.app.main.table
        placed = table.plan.of("method")
        assert placed is not None
        await pilot.click("ExchangeTable", offset=(placed.at + 1, 1), button=3)
        await typed(s, pilot)
        assert bar(s).text == "method=POST"
        await typed(s, pilot, "escape")
        await pilot.click("ExchangeTable", offset=(placed.at + 1, 1), control=True)
        await typed(s, pilot)
        assert shown(s) == [2]
        await typed(s, pilot, "escape")
        await pilot.click("ExchangeTable", offset=(placed.at + 1, 4), button=3, meta=True)
        await typed(s, pilot)
        assert bar(s).text == "-type=ws"


# Saved filters


def with_saved(**filters: str) -> Stage:
    s = stage(shop())
    s.app.settings = Settings(filters=filters)
    return s


async def test_a_name_is_completed_and_stands_for_its_filter() -> None:
    s = with_saved(bad="status>=400", broken="status=>")
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "@b")
        assert [item.label for item in bar(s).popup.items] == ["@bad", "@broken"]
        await typed(s, pilot, "tab", " tea", "enter")
        assert bar(s).text == "@bad tea"
        assert s.app.main.feed.filter_text == "(status>=400) tea"
        assert shown(s) == [2, 4]
        await typed(s, pilot, "f", "ctrl+u", "@broken")
        assert bar(s).note.startswith("column 1: expected in the saved filter: ")


async def test_saved_filters_are_listed() -> None:
    s = with_saved(**{"bad": "status>=400", "two words": "exc"})
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "x", "ctrl+o")
        assert [item.label for item in bar(s).popup.items] == ["@bad", "two words"]
        await typed(s, pilot, "down", "enter")
        assert bar(s).text == "exc"
    s = with_saved()
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "ctrl+o")
        assert not bar(s).popup.is_open


async def test_a_filter_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[tuple[str, str]] = []
    s = with_saved(slow="dur>1s")
    monkeypatch.setattr(s.app, "save_filter", lambda name, text: saved.append((name, text)))
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "ctrl+s")
        assert s.app.screen is s.app.main, "there is nothing to save"
        await typed(s, pilot, "tea", "ctrl+s")
        prompt = s.app.screen
        assert isinstance(prompt, NamePrompt)
        await pilot.pause()
        await pilot.press("a", "!", "enter")
        assert "letters, digits" in str(prompt.query_one("#prompt-wrong").render())
        await pilot.press("ctrl+u", *"@slow", "enter")
        assert "enter again" in str(prompt.query_one("#prompt-wrong").render())
        await pilot.press("enter")
        await s.app.workers.wait_for_complete()
        assert saved == [("slow", "tea")]
        assert s.hint == "Saved: @slow stands for tea"
        assert bar(s).typing
        await typed(s, pilot, "ctrl+s")
        await pilot.press("escape")
        await s.app.workers.wait_for_complete()
        assert len(saved) == 1


# Reference


@pytest.mark.parametrize("key", ["?", "f1", "ctrl+h"])
async def test_the_reference_gives_an_example(key: str) -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", key)
        assert isinstance(s.app.screen, ReferenceScreen)
        text = screen_text(s)
        assert "Examples" in text
        assert "status=5xx or exc" in text
        await pilot.press("j", "k", "enter")
        await s.app.workers.wait_for_complete()
        await typed(s, pilot)
        assert bar(s).text == "status=5xx or exc"
        assert shown(s) == [3]


async def test_a_question_mark_can_be_typed() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await typed(s, pilot, "f", "tea?")
        assert bar(s).text == "tea?"


async def test_the_reference_from_the_list_and_back() -> None:
    s = stage(shop())
    async with s.run(SHORT) as pilot:
        await s.app.main.run_action("reference")
        await pilot.pause()
        await pilot.press("G", "escape")
        await s.app.workers.wait_for_complete()
        assert not bar(s).typing
        await s.app.main.run_action("reference")
        await pilot.pause()
        await pilot.press("G", "enter")
        await s.app.workers.wait_for_complete()
        assert bar(s).typing
        assert bar(s).text


# For the others


async def test_applied_and_narrowed_by_others() -> None:
    s = stage(
        shop(),
    )
    s.app.state = State(history=["old"])
    async with s.run(TALL) as pilot:
        main = s.app.main
        main.apply_filter("tea or cups")
        assert shown(s) == [1, 2, 3, 4]
        assert not bar(s).typing
        assert bar(s).display
        main.narrow_filter("status=404", exclude=True)
        assert bar(s).text == "(tea or cups) -status=404"
        assert shown(s) == [1, 2, 3]
        main.apply_filter("status=")
        await pilot.pause()
        assert bar(s).typing
        assert bar(s).text == "status="
        assert shown(s) == [1, 2, 3]
        await typed(s, pilot, "escape", "escape")
        main.apply_filter("")
        assert len(shown(s)) == 6
        assert not bar(s).display


async def test_hints_of_the_bar_can_be_clicked() -> None:
    s = stage(shop())
    async with s.run(TALL) as pilot:
        await typed(s, pilot, "f", "tea")
        await pilot.click("HintBar", offset=(3, 0))
        await typed(s, pilot)
        assert not bar(s).typing
        assert shown(s) == [1, 2, 4]


@settings(max_examples=3, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=4))
def test_whatever_is_typed_never_raises(texts: list[str]) -> None:
    import asyncio

    async def run() -> None:
        s = stage(shop())
        async with s.run(SHORT) as pilot:
            await typed(s, pilot, "f")
            for text in texts:
                bar(s).input.paste(text)
                for letter in text:
                    bar(s).input.type_character(letter)
                await typed(s, pilot, "left", "tab")
                screen_text(s)

    asyncio.run(run())
