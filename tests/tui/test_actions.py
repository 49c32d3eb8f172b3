"""What the keys do: filter, pause, clear, copy, save, detail, restart, quit."""

import asyncio
import signal
from pathlib import Path

import pytest
from textual.widgets import Input

from asgitrace.errors import AddressError, TraceFileError
from asgitrace.store.model import RowKind
from asgitrace.store.session import SessionStatus
from asgitrace.tui.help import HelpScreen
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
        await pilot.press("/", *"items/33")
        s.tick()
        assert shown(s) == [33, *range(330, 340)]
        count = s.app.main.query_one("#filter-count")
        assert str(count.render()) == "11 of 340"
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
        assert any("No exchange has these words." in line for line in s.lines())
        await pilot.press("escape")
        assert len(shown(s)) == 10
        assert s.app.main.table.has_focus


async def test_an_empty_filter_leaves_no_bar() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("slash", "down")
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
        await pilot.press("slash", *"items/3", "enter")
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
        assert s.hint.startswith("Copied: #1")


async def test_copy_without_a_row() -> None:
    s = stage()
    async with s.run(TALL) as pilot:
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
    await save(s, "slash", *"items/1", "enter", name="few.jsonl")
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
        assert "choose another" in str(s.app.screen.query_one("#save-hint").render())
        await pilot.press("escape")
        await s.app.workers.wait_for_complete()
        assert s.saved == []


# Detail


@pytest.mark.parametrize(("size", "beside"), [(SHORT, False), (TALL, True)])
async def test_detail_opens_and_closes(size: tuple[int, int], beside: bool) -> None:
    s = stage(50)
    async with s.run(size) as pilot:
        main = s.app.main
        await pilot.press("k", "enter")
        assert main.detail.number == 49
        assert main.detail.has_focus_within
        assert main.query_one("#list-pane").display is beside
        await pilot.press("escape")
        assert not main.detail.display
        assert main.table.has_focus
        assert main.table.cursor.current == 49


async def test_detail_goes_with_the_list() -> None:
    s = stage(50)
    async with s.run(TALL) as pilot:
        main = s.app.main
        await pilot.press("enter")
        s.store.add(make_row(51))
        s.tick()
        assert (main.detail.number, main.table.cursor.follow) == (50, False)
        await pilot.press("tab")
        main.table.focus()
        await pilot.press("k", "3")
        assert (main.detail.number, main.detail.tab) == (49, "headers")
        await pilot.press("q")
        assert not main.detail_open


async def test_log_without_an_exchange() -> None:
    s = stage()
    async with s.run(SHORT) as pilot:
        await pilot.press("enter")
        assert not s.app.main.detail_open
        await pilot.press("l")
        assert (s.app.main.detail_open, s.app.main.detail.tab) == (True, "log")
        await pilot.press("escape")
        assert not s.app.main.detail_open


# The app's process


async def test_restart() -> None:
    s = stage(1)
    async with s.run(TALL) as pilot:
        await pilot.press("ctrl+r")
        assert s.session.calls == ["start", "restart"]


async def test_restart_of_a_file() -> None:
    s = stage(1, SessionStatus(phase="loaded", address="trace.jsonl"), live=False)
    async with s.run(TALL) as pilot:
        await pilot.press("ctrl+r")
        assert s.session.calls == ["start"]
        assert "saved trace" in s.hint
        assert "/s" not in s.status


async def test_a_failed_start_is_said() -> None:
    s = stage(0, SessionStatus(phase="failed", detail="[/] exit status 3\x1b[31m"))
    async with s.run(TALL) as pilot:
        s.tick()
        await pilot.pause()
        banner = s.app.main.query_one("#banner")
        assert banner.display
        assert str(banner.render()).startswith("[/] exit status 3␛[31m")
        s.session.current = SessionStatus(phase="serving", address="http://127.0.0.1:8000")
        s.tick()
        assert not banner.display


@pytest.mark.parametrize("key", ["Q", "ctrl+q"])
async def test_quit_stops_the_session(key: str) -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("q", key)
        await pilot.pause()
    assert s.session.calls == ["start", "stop"]
    assert s.app.return_code == 0


async def test_a_signal_quits() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        s.app._signalled(signal.SIGTERM)
        await pilot.pause()
    assert s.session.calls == ["start", "stop"]
    assert s.app.return_code == 128 + signal.SIGTERM


# Help and palette


async def test_help_opens_and_closes() -> None:
    s = stage(3)
    async with s.run(SHORT) as pilot:
        await pilot.press("?")
        assert isinstance(s.app.screen, HelpScreen)
        await pilot.press("j", "k", "q")
        assert not isinstance(s.app.screen, HelpScreen)


async def test_palette_runs_commands() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        titles = [command.title for command in s.app.get_system_commands(s.app.screen)]
        assert {"Pause", "Clear", "Save", "Quit", "Theme"} <= set(titles)
        pause = next(c for c in s.app.get_system_commands(s.app.screen) if c.title == "Pause")
        await pause.callback()
        assert "paused" in s.status
        await pilot.press("colon")
        assert s.app.screen is not s.app.main


async def test_hints_can_be_clicked() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        hints = s.app.main.hints
        place = hints.render_line(0).text.index("pause")
        await pilot.click(hints, offset=(place, 0))
        assert "paused" in s.status


async def test_a_light_theme() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        s.app.theme = "asgitrace-light"
        await pilot.pause()
        assert not s.app.current_look().colours.dark
        assert list(s.app.available_themes) == ["asgitrace-dark", "asgitrace-light"]


# Hostile text

HOSTILE = (
    "/[red]x",
    "/[/]",
    "/[@click=app.exit]quit[/]",
    "/\x1b[31mred",
    "/\x1b]52;c;aGk=\x07",
    "/\u202efdp.exe",
    "/\ud800\x9b2J",
    "/\u0301" + "👨\u200d👩\u200d👧" * 3,
)


@pytest.mark.parametrize("plain", [False, True])
async def test_hostile_text_everywhere(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if plain:
        monkeypatch.setenv("ASGITRACE_ASCII", "1")
        monkeypatch.setenv("NO_COLOR", "1")
    text = "".join(HOSTILE)
    rows = [make_row(n, path=path, method=path[1:]) for n, path in enumerate(HOSTILE, start=1)]
    rows.append(make_row(20, kind=RowKind.PROCESS, method="PROC", path=text))
    s = stage(rows, SessionStatus(phase="stopped", address=text, detail=text, loop=text))
    s.session.title = text
    async with s.run(TALL) as pilot:
        s.tick()
        await pilot.press("g", "c", "j", "enter", "slash", "[")
        await pilot.pause()
        for strip in s.app.screen._compositor.render_strips():
            shown = strip.text
            assert shown.isprintable()
            assert not plain or shown.isascii()
        assert "/[red]x" in s.lines()[0]
        assert "/[/]" in s.lines()[1]


async def test_a_session_that_cannot_go_on_ends_the_application() -> None:
    s = stage(3)

    def refuse(store: object) -> None:
        raise AddressError("port 8000 is in use")

    async with s.run(TALL) as pilot:
        s.session.poll = refuse  # type: ignore[method-assign]
        s.app._tick()
        await pilot.pause()
    assert (s.app.return_code, s.app.exit_message) == (2, "port 8000 is in use")


async def test_quit_twice_does_not_wait() -> None:
    s = stage(3)
    never = asyncio.Event()
    s.session.stop = never.wait  # type: ignore[assignment,method-assign]
    async with s.run(TALL) as pilot:
        await pilot.press("Q")
        assert "quit at once" in s.hint
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert s.app._exit
        never.set()


async def test_the_other_pane_has_the_keys() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        main = s.app.main
        await pilot.press("shift+tab")
        assert main.table.has_focus
        await pilot.press("enter")
        main.action_other_pane()
        await pilot.pause()
        assert main.table.has_focus
        await pilot.press("tab")
        assert main.detail.has_focus_within
        main.action_copy()
        assert s.hint.startswith("Copied: ")
        await pilot.press("ctrl+c")


async def test_many_rows_are_not_filtered_at_every_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.tui.feed._MANY", 2)
    s = stage(3)
    async with s.run(TALL) as pilot:
        await pilot.press("slash", *"items")
        s.store.add(make_row(4))
        for _ in range(4):
            s.tick()
        assert shown(s) == [1, 2, 3, 4]
