"""The detail, the app's process, help, leaving, and hostile text on every part of the screen."""

import asyncio
import signal

import pytest
from textual.events import Key

from asgitrace.errors import AddressError
from asgitrace.store.model import RowKind
from asgitrace.store.session import SessionStatus
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.help_signs import ladder_lines, status_lines
from asgitrace.tui.palette import entries_of_main
from asgitrace.views.colours import PALETTES
from asgitrace.views.look import look
from tests.tui.conftest import stage
from tests.tui.counted import busy_stage
from tests.tui.detail.samples import all_exchanges
from tests.tui.fakes import make_row
from tests.tui.walking import palette_rests

pytestmark = pytest.mark.anyio

SHORT, TALL = (80, 24), (120, 40)


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
        s.app.signalled(signal.SIGTERM)
        await pilot.pause()
    assert s.session.calls == ["start", "stop"]
    assert s.app.return_code == 128 + signal.SIGTERM


# Help and palette


@pytest.mark.parametrize("plain", [False, True])
def test_help_explains_every_glyph_of_the_ladder(plain: bool) -> None:
    chosen = look(plain=plain)
    glyphs = chosen.glyphs
    said = "".join(line.what for line in ladder_lines(chosen))
    drawn = (glyphs.knot, glyphs.edge, glyphs.holds, glyphs.held, glyphs.lets_go, glyphs.differs)
    assert all(glyph in said for glyph in (*drawn, glyphs.alert, "since", "more", "last"))
    status = "".join(line.what for line in status_lines(chosen))
    assert glyphs.left in status
    assert glyphs.left != glyphs.cancelled


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
        found = {entry.title: entry for entry in entries_of_main(s.app.main)}
        assert {"Pause", "Clear", "Save", "Quit", "Theme", "Ladder or list"} <= set(found)
        assert found["Pause"].keys == "space"
        await pilot.press("colon")
        assert s.app.screen is not s.app.main
        await pilot.press(*"freeze")
        await palette_rests(pilot)
        await pilot.press("enter")
        assert s.app.screen is s.app.main
        assert "paused" in s.status


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
        assert list(s.app.available_themes) == [f"asgitrace-{name}" for name in PALETTES]
        assert s.app.state.theme == "light"


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
        await pilot.press("g", "c", "j", "enter", "f", "[")
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


async def test_nor_does_a_key_bring_the_screen_down_then() -> None:
    s = stage(3)

    def refuse(store: object) -> None:
        raise AddressError("port 8000 is in use")

    async with s.run(TALL) as pilot:
        s.session.poll = refuse  # type: ignore[method-assign]
        await pilot.press("v")
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


async def test_the_hints_tell_the_keys_of_what_has_the_focus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s = stage(3)
    monkeypatch.setattr(s.store, "exchange", lambda *_: all_exchanges()[0])
    async with s.run(TALL) as pilot:
        main = s.app.main

        def keys() -> dict[str, str]:
            return {key: label for key, label, _ in main.hints.shown}

        assert keys()["enter"] == "open"
        await pilot.press("enter")
        await pilot.pause()
        assert (keys()["enter"], keys()["esc"]) == ("open event", "back")
        await pilot.press("enter")
        await pilot.pause()
        assert (keys()["tab"], keys()["esc"]) == ("into it", "close event")
        await pilot.press("tab")
        await pilot.pause()
        assert keys()["esc"] == "back to the events"
        await main.run_action("leave_content")
        await pilot.pause()
        await main.run_action("leave_content")
        await pilot.pause()
        assert keys()["enter"] == "open event"
        await pilot.press("3")
        await pilot.pause()
        assert "enter" not in keys()
        await pilot.press("escape")
        await pilot.pause()
        assert keys()["enter"] == "open"


async def test_the_line_of_the_focused_list_is_the_stronger_one() -> None:
    s = stage(3)
    async with s.run(TALL) as pilot:
        table = s.app.main.table
        index = table.cursor.index
        assert index is not None
        ground = {True: look().cursor.bgcolor, False: look().cursor_away.bgcolor}

        def under() -> object:
            style = table.render_line(index)._segments[0].style
            return None if style is None else style.bgcolor

        assert under() == ground[True]
        await pilot.press("enter")
        await pilot.pause()
        assert under() == ground[False]


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
        await s.app.workers.wait_for_complete()
        assert s.hint.startswith("Copied ")
        await pilot.press("ctrl+c")


@pytest.mark.parametrize("opens", ["B", "S", "C", "question_mark", "T", "O"])
@pytest.mark.parametrize("leaves", ["enter", "escape"])
async def test_what_is_left_twice_at_once_leaves_the_main_screen(opens: str, leaves: str) -> None:
    s = busy_stage([make_row(n) for n in range(1, 6)])
    async with s.run(TALL) as pilot:
        await pilot.press(opens)
        await pilot.pause()
        for _ in range(3):
            s.app.post_message(Key(leaves, None))
        await pilot.pause()
        s.tick()
        await pilot.press("escape", "escape", "escape")
        await pilot.pause()
        assert s.app.screen is s.app.main
        assert s.app.is_running
