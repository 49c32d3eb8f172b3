"""What the keys of the list do: filter, pause, clear, follow, copy, save."""

from pathlib import Path

import pytest
from textual.widgets import Input

from asgitrace.errors import TraceFileError
from asgitrace.tui.save_prompt import SavePrompt
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import make_row

pytestmark = pytest.mark.anyio

SHORT, TALL = (80, 24), (120, 40)


def shown(s: Stage) -> list[int]:
    return [int(number) for number in s.app.main.table.cursor.numbers]


# Filter


async def test_filter_as_typed() -> None:
    s = stage(340)
    async with s.run(TALL) as pilot:
        await pilot.press("f", *"items/33")
        s.tick()
        assert shown(s) == [33, *range(330, 340)]
        assert s.app.main.filter_bar.count == "11 of 340"
        await pilot.press("enter", "g")
        assert s.app.main.table.has_focus
        assert s.app.main.table.cursor.current == 33
        s.store.add(make_row(341, path="/items/33/reviews"))
        s.tick()
        assert shown(s)[-1] == 341

        await pilot.press("escape")
        assert len(shown(s)) == 341
        assert s.app.main.table.cursor.current == 33
        assert not s.app.main.filter_bar.display


async def test_escape_in_the_filter_clears_it() -> None:
    s = stage(10)
    async with s.run(TALL) as pilot:
        await pilot.press("f", *"-items")
        s.tick()
        assert shown(s) == []
        assert any("Nothing passes the filter." in line for line in s.lines())
        await pilot.press("escape")
        assert len(shown(s)) == 10
        assert s.app.main.table.has_focus


async def test_an_empty_filter_leaves_no_bar() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("f", "down")
        assert not s.app.main.filter_bar.display
        await pilot.press("escape", "q")
        assert s.hint == "Q or ctrl+q quits"


# Pause and clear


async def test_pause_freezes_and_counts() -> None:
    s = stage(5)
    async with s.run(TALL) as pilot:
        await pilot.press("space")
        s.store.add(make_row(6), make_row(7))
        s.tick()
        assert shown(s) == [1, 2, 3, 4, 5]
        assert "paused, 2 new" in s.status
        await pilot.press("f", *"items/3", "enter")
        s.tick()
        assert shown(s) == [3]
        await pilot.press("escape")
        assert shown(s) == [1, 2, 3, 4, 5]
        await pilot.press("space")
        assert shown(s) == [1, 2, 3, 4, 5, 6, 7]
        assert "follow" in s.status


async def test_clear() -> None:
    s = stage(5)
    async with s.run(TALL) as pilot:
        await pilot.press("space", "z")
        assert shown(s) == []
        assert any("Waiting for the first request." in line for line in s.lines())
        assert any("curl http://127.0.0.1:8000" in line for line in s.lines())
        s.store.add(make_row(6))
        s.tick()
        assert shown(s) == [6]


async def test_what_was_cleared_did_not_arrive() -> None:
    s = stage(1000)
    async with s.run(TALL) as pilot:
        await pilot.press("z")
        s.tick()
        await pilot.press("space")
        s.store.add(make_row(1001))
        s.tick()
        assert "paused, 1 new" in s.status
        assert " 0.5/s" in s.status


async def test_follow_is_switched() -> None:
    s = stage(50)
    async with s.run(SHORT) as pilot:
        cursor = s.app.main.table.cursor
        await pilot.press("F")
        assert not cursor.follow
        await pilot.click("StatusBar", offset=(76, 0))
        assert cursor.follow


# Copy and save


async def test_copy_is_one_inert_line() -> None:
    s = stage([make_row(1, path="/\x1b]52;c;aGk=\x07\n")])
    async with s.run(TALL) as pilot:
        await pilot.press("y")
        assert s.app.clipboard.startswith("#1 22:13:20.037 GET /␛]52;c;aGk=␇␊ 200 1.2k")
        assert s.hint.startswith("Copied 59 characters (OSC 52): #1")


async def test_copy_without_a_row() -> None:
    s = stage()
    async with s.run(TALL) as pilot:
        await pilot.press("c")
        await s.app.workers.wait_for_complete()
        assert s.app.clipboard == "curl http://127.0.0.1:8000/"
        s.session.live = False
        await pilot.press("c")
        assert s.hint == "Nothing is selected"


@pytest.fixture
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def save(s: Stage, *keys: str, name: str | None = None) -> str:
    """Press the keys and save; returns what is said then."""
    async with s.run(TALL) as pilot:
        await pilot.press(*keys, "w")
        await pilot.pause()
        if isinstance(s.app.screen, SavePrompt):
            if name is not None:
                s.app.screen.query_one(Input).value = name
            await pilot.press("enter")
            await s.app.workers.wait_for_complete()
        return s.hint


@pytest.mark.usefixtures("_in_tmp")
async def test_save_all() -> None:
    s = stage(5)
    hint = await save(s)
    assert s.saved == [(None, Path("asgitrace-20240506-070809.jsonl"))]
    assert hint == f"Saved to {Path.cwd()}/asgitrace-20240506-070809.jsonl"


@pytest.mark.usefixtures("_in_tmp")
async def test_save_what_the_filter_shows() -> None:
    s = stage(12)
    await save(s, "f", *"items/1", "enter", name="few.jsonl")
    assert s.saved == [([1, 10, 11, 12], Path("few.jsonl"))]


@pytest.mark.usefixtures("_in_tmp")
async def test_save_that_fails() -> None:
    s = stage(5)
    s.save_error = TraceFileError("x.jsonl: no space left on the device")
    assert await save(s) == "x.jsonl: no space left on the device"


async def test_nothing_to_save() -> None:
    s = stage()
    assert await save(s) == "There is nothing to save"
    assert s.saved == []


async def test_nothing_is_cleared_while_it_is_being_saved() -> None:
    s = stage(5)
    async with s.run(TALL) as pilot:
        s.app.main.feed.held = True
        await pilot.press("z")
        assert s.hint == "Nothing is cleared while it is being saved"
        assert len(s.store) == 5


async def test_save_does_not_overwrite(tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("precious")
    s = stage(1)
    async with s.run(TALL) as pilot:
        await pilot.press("w")
        await pilot.pause()
        s.app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        s.app.screen.query_one(Input).value = str(there)
        await pilot.press("enter")
        assert isinstance(s.app.screen, SavePrompt)
        assert "choose another" in str(s.app.screen.query_one("#prompt-wrong").render())
        await pilot.press("escape")
        await s.app.workers.wait_for_complete()
        assert s.saved == []


async def test_many_rows_are_not_filtered_at_every_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.tui.feed._MANY", 2)
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("f", *"items")
        s.store.add(make_row(4))
        for _ in range(4):
            s.tick()
        assert shown(s) == [1, 2, 3, 4]
