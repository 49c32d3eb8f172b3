"""Marks, tags and comments."""

import pytest
from textual.widgets import Input, TextArea

from asgitrace.store.annotations import Annotation
from asgitrace.tui.hints import HintBar
from asgitrace.tui.note_prompt import NotePrompt, TagSuggester, tags_of
from tests.tui.conftest import Stage, stage
from tests.tui.counted import busy_stage
from tests.tui.fakes import make_row

pytestmark = pytest.mark.anyio

TALL = (120, 40)


def prompt(s: Stage) -> NotePrompt:
    found = s.app.screen
    assert isinstance(found, NotePrompt)
    return found


async def test_mark_stays_on_its_row() -> None:
    s = stage(5)
    async with s.run(TALL) as pilot:
        await pilot.press("m")
        cursor = s.app.main.table.cursor
        assert s.store.annotations.of(5).marked
        assert (cursor.current, cursor.follow) == (5, False)
        assert s.hint == "#5 is marked"
        await pilot.press("k", "m", "m")
        assert not s.store.annotations.of(4).marked
        assert s.hint == "#4 is not marked any more"


async def test_marked_only_and_back() -> None:
    s = busy_stage([make_row(n, path=f"/{n % 2}") for n in range(1, 7)])
    async with s.run(TALL) as pilot:
        await pilot.press("M")
        assert s.hint == "Nothing is marked yet"
        s.app.main.apply_filter("path=/1")
        await pilot.press("m", "k", "m")
        await pilot.press("M")
        s.tick()
        assert s.app.main.table.cursor.numbers.tolist() == [3, 5]
        await pilot.press("M")
        s.tick()
        assert s.app.main.feed.filter_typed == "path=/1"
        assert s.app.main.table.cursor.numbers.tolist() == [1, 3, 5]


async def test_tags_and_comment() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("t")
        await pilot.pause()
        await pilot.press(*"slow,db", "tab", *"why so", "ctrl+s")
        await pilot.pause()
        assert s.store.annotations.of(3) == Annotation(False, ("slow", "db"), "why so")
        assert s.hint == "Noted on #3"
        await pilot.press("m", "k", "t")
        await pilot.pause()
        assert "in use: db  slow" in str(prompt(s).query_one("#note-used").render())
        await pilot.press(*"sl", "right", "enter")
        await pilot.pause()
        assert s.store.annotations.of(2).tags == ("slow",)
        assert s.store.annotations.of(3).marked


async def test_what_was_noted_is_there_again() -> None:
    s = stage(3)
    s.store.annotations.put(3, Annotation(True, ("a", "b"), "one\ntwo"))
    async with s.run(TALL) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert prompt(s).query_one(Input).value == "a b"
        assert prompt(s).query_one(TextArea).text == "one\ntwo"
        await pilot.press("escape")
        await pilot.pause()
        assert s.store.annotations.of(3) == Annotation(True, ("a", "b"), "one\ntwo")


async def test_hints_are_those_of_the_field() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("t")
        await pilot.pause()
        hints = prompt(s).query_one(HintBar)
        assert "enter save   tab comment" in hints.render_line(0).text
        await pilot.press("tab")
        await pilot.pause()
        assert "ctrl+s save   tab tags" in hints.render_line(0).text
        assert "enter" not in hints.render_line(0).text


async def test_by_mouse() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("t")
        await pilot.pause()
        await pilot.click("#note-comment")
        await pilot.press("x")
        await pilot.click("NotePrompt HintBar", offset=(2, 0))
        await pilot.pause()
        assert s.store.annotations.of(3).comment == "x"


async def test_the_detail_says_it() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("enter")
        title = s.app.main.detail.query_one("DetailTitle")
        assert title.size.height == 2
        await pilot.press("m")
        await pilot.pause()
        assert title.size.height == 3
        s.store.annotations.put(3, Annotation(True, ("a\x1b",), "one\ntwo"))
        s.app.main.detail.noted(3)
        await pilot.pause()
        assert title.render_line(2).text.rstrip() == " ★ a␛  one two"
        s.store.annotations.put(3, Annotation())
        s.app.main.detail.noted(3)
        await pilot.pause()
        assert title.size.height == 2


async def test_without_a_row() -> None:
    s = stage()
    async with s.run(TALL) as pilot:
        for key in ("m", "t"):
            await pilot.press(key)
            assert s.hint == "Nothing is selected"


async def test_a_row_that_goes_meanwhile() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("t")
        await pilot.pause()
        s.store.evict(3)
        await pilot.press("x", "enter")
        await pilot.pause()
        assert s.hint == "#3 is no longer kept"
        assert not len(s.store.annotations)


async def test_suggestions() -> None:
    suggester = TagSuggester(["db", "slow", "slower"])
    assert await suggester.get_suggestion("s") == "slow"
    assert await suggester.get_suggestion("slow, s") == "slow, slower"
    assert await suggester.get_suggestion("db ") is None
    assert await suggester.get_suggestion("") is None
    assert await suggester.get_suggestion("x") is None


def test_tags_of() -> None:
    assert tags_of(" a, b  c,,") == ["a", "b", "c"]
