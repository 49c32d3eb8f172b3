"""Taking out: the menu, the clipboard, files, pager and editor."""

import os
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from asgitrace.export import saving
from asgitrace.tui import copying, opening
from asgitrace.tui.copying import TERMINAL_LIMIT, copy, tools
from asgitrace.tui.copying_menu import Preview, TakeOutMenu
from asgitrace.tui.detail.held import Held
from asgitrace.tui.opening import Program, command_line, open_in, private_copy
from asgitrace.tui.save_prompt import BodyPrompt, SavePrompt
from asgitrace.views.look import look
from tests.tui.conftest import Stage
from tests.tui.walking import walking_stage

pytestmark = pytest.mark.anyio

SIZE = (120, 40)


async def shown(s: Stage, pilot: Pilot[None], screen: type[Any]) -> Any:
    for _ in range(300):
        if isinstance(s.app.screen, screen):
            await pilot.pause()
            return s.app.screen
        await pilot.pause(0.01)
    raise AssertionError(f"{screen} never came")


async def said(s: Stage, pilot: Pilot[None], words: str) -> None:
    for _ in range(300):
        if words in s.hint:
            return
        await pilot.pause(0.01)
    raise AssertionError(s.hint)


async def test_the_menu_copies_and_shows_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "as_json", lambda store, number: f'{{"row": {number}}}\n')
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        await pilot.press("x")
        menu = await shown(s, pilot, TakeOutMenu)
        preview = menu.query_one("#take-preview")
        while not len(preview.lines):
            await pilot.pause(0.01)
        assert preview.lines.text(0).startswith("#")
        await pilot.press("escape", "g", "x")
        await shown(s, pilot, TakeOutMenu)
        await pilot.press("c")
        await said(s, pilot, "(OSC 52): curl")
        assert s.app.clipboard.startswith("curl 'http://127.0.0.1:8000/api/items?page=2'")
        await pilot.press("x")
        menu = await shown(s, pilot, TakeOutMenu)
        await pilot.press("s")
        await pilot.pause()
        assert menu._hints.message.startswith("websockets: for WebSocket sessions only")
        await pilot.press("J")
        await said(s, pilot, "(OSC 52): JSON")
        assert s.app.clipboard == '{"row": 1}\n'
        assert s.app.main.feed.held is False


async def test_the_menu_writes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "enter", "x")
        await shown(s, pilot, TakeOutMenu)
        await pilot.press("down", "down", "w")
        prompt = await shown(s, pilot, SavePrompt)
        assert prompt.query_one(Input).value == "asgitrace-1.py"
        await pilot.press("enter")
        await said(s, pilot, "Saved to")
        path = tmp_path / "asgitrace-1.py"
        assert path.read_text().startswith("import httpx")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await pilot.press("x")
        await shown(s, pilot, TakeOutMenu)
        await pilot.press("down", "down", "w")
        prompt = await shown(s, pilot, SavePrompt)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(s.app.screen, SavePrompt)


async def test_with_the_mouse() -> None:
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "x")
        menu = await shown(s, pilot, TakeOutMenu)
        await pilot.click("#take-offers", offset=(4, 2))
        await pilot.pause()
        assert menu._list.cursor == 2
        await pilot.click("#take-offers", offset=(4, 2))
        await said(s, pilot, "(OSC 52): httpx")
        await pilot.press("x")
        await shown(s, pilot, TakeOutMenu)
        await pilot.click(offset=(0, 0))
        await pilot.pause()
        assert s.app.screen is s.app.main


async def test_nothing_selected() -> None:
    s = walking_stage()
    s.store.evict(*s.store.rows)
    async with s.run(SIZE) as pilot:
        await pilot.press("x")
        await said(s, pilot, "Nothing is selected")
        await pilot.press("f3")
        assert "Nothing to open here" in s.hint


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)
def test_picture(snap_compare: Any, size: tuple[int, int]) -> None:
    s = walking_stage()

    async def open_(pilot: Pilot[None]) -> None:
        while "start" not in s.session.calls or not s.app.main.is_mounted:
            await pilot.pause()
        await pilot.press("g", "x")
        menu = await shown(s, pilot, TakeOutMenu)
        await pilot.press("down")
        preview = menu.query_one("#take-preview")
        while not len(preview.lines) or not preview.lines.text(0).startswith("curl"):
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(s.app, terminal_size=size, run_before=open_)


def test_the_preview_is_bounded_and_inert() -> None:
    preview = Preview("\x1b[31m" + "x" * 1_000_000 + "\n" * 1_000_000)
    assert len(preview) <= 200
    assert preview.text(0).startswith("␛[31m")
    assert preview.cells(0, 40, look())[0].text.isprintable()


# The clipboard


def executable(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_tool_of_the_desktop_and_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "xclip", f'cat > "{tmp_path}/got"; echo "$@" > "{tmp_path}/how"')
    executable(tmp_path / "wl-copy", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("WAYLAND_DISPLAY", "w")
    app: App[None] = App()
    async with app.run_test():
        found = await copy(app, "tea 茶")
        assert found.sentence == "Copied 5 characters (xclip, OSC 52)"
        assert (tmp_path / "got").read_text() == app.clipboard == "tea 茶"
        assert (tmp_path / "how").read_text() == "-selection clipboard\n"
        found = await copy(app, "x" * 100_000)
        assert found.ways == ("xclip",)


async def test_what_is_too_long_for_a_terminal_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    app: App[None] = App()
    async with app.run_test():
        assert (await copy(app, "x" * TERMINAL_LIMIT)).ways == ("OSC 52",)
        found = await copy(app, "x" * (TERMINAL_LIMIT + 1))
        assert found.sentence == (
            "74,001 characters are more than terminals take for the clipboard (74 kB): take a file"
        )
        assert app.clipboard == "x" * TERMINAL_LIMIT
        assert (await copy(app, "\ud800")).ways == ("OSC 52",)


async def test_a_tool_that_hangs_or_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "xclip", "exec sleep 60")
    (tmp_path / "xsel").write_text("no program")
    (tmp_path / "xsel").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(copying, "_PATIENCE", 0.05)
    app: App[None] = App()
    async with app.run_test():
        assert (await copy(app, "x")).ways == ("OSC 52",)


def test_tools_need_their_display() -> None:
    assert not [*tools({}, "linux")]
    assert [tool.name for tool in tools({"DISPLAY": ":0"}, "linux")] == ["xclip", "xsel"]
    assert [tool.name for tool in tools({}, "darwin")] == ["pbcopy"]


# Pager and editor


async def test_pager_and_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got = shlex.quote(str(tmp_path))
    executable(
        tmp_path / "show",
        f'cp "$1" {got}/copy; basename "$1" > {got}/name; stat -c %a "$1" > {got}/mode; '
        f'echo "$LESSOPEN" >> {got}/mode',
    )
    monkeypatch.setenv("PAGER", str(tmp_path / "show"))
    monkeypatch.setenv("VISUAL", str(tmp_path / "show"))
    monkeypatch.setenv("LESSOPEN", "|evil %s")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        for key, tab, name in (
            ("f3", "4", "response.json"),
            ("f4", "4", "response.json"),
            ("f3", "1", "event.txt"),
            ("f3", "3", "headers.txt"),
        ):
            await pilot.press("g", "enter", tab)
            while not len(s.app.main.detail._tabs[s.app.main.detail.tab].focused_list.lines):
                await pilot.pause(0.01)
            await pilot.press(key)
            await s.app.workers.wait_for_complete()
            assert (tmp_path / "name").read_text() == f"{name}\n", s.hint
            assert (tmp_path / "copy").stat().st_size
            assert (tmp_path / "mode").read_text() == "600\n\n"
            await pilot.press("q")
    assert not [name for name in os.listdir(tmp_path) if name.startswith("asgitrace-")]


class Nothing:
    """The terminal is not taken away."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


async def test_the_pager_gets_inert_text_and_the_editor_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "show", f'cp "$1" "{tmp_path}/copy"')
    monkeypatch.setenv("PAGER", str(tmp_path / "show"))
    monkeypatch.setenv("VISUAL", f"{tmp_path / 'show'}")
    hostile = Held("message", b"\x1b]52;c;aGk=\x07\xc2\x9b\r\nx\ty\n")
    assert await open_in(Program.PAGER, hostile, Nothing()) == ""
    assert (tmp_path / "copy").read_text() == "␛]52;c;aGk=␇‹U+009B›\nx\ty\n"
    assert await open_in(Program.EDITOR, hostile, Nothing()) == ""
    assert (tmp_path / "copy").read_bytes() == hostile.data
    monkeypatch.setattr(opening, "_DUMPED", 32)
    binary = Held("message", bytes(range(64)))
    assert await open_in(Program.PAGER, binary, Nothing()) == ""
    dump = (tmp_path / "copy").read_text()
    assert dump.startswith("00000000  00 01 02")
    assert dump.endswith("[the first 32 of 64 bytes; F4 opens all of them]\n")


async def test_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held("event", b"x")
    monkeypatch.setenv("PAGER", "/nowhere/pager -x")
    found = await open_in(Program.PAGER, held, Nothing())
    assert found == "No pager: /nowhere/pager is not there; set PAGER"
    monkeypatch.setenv("VISUAL", "false")
    found = await open_in(Program.EDITOR, held, Nothing())
    assert found == "false ended with status 1"
    for name in ("PAGER", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await open_in(Program.EDITOR, held, Nothing())
    assert found == "No editor: There is none; set VISUAL or EDITOR"


def test_command_lines() -> None:
    assert command_line(Program.PAGER, {"PAGER": "less -S 'a b'"}) == ["less", "-S", "a b"]
    assert command_line(Program.PAGER, {"PAGER": "it's"}) == ["it's"]
    assert command_line(Program.EDITOR, {"EDITOR": "b", "VISUAL": "a"}) == ["a"]


def test_a_private_copy_is_gone_afterwards() -> None:
    with private_copy("event.txt", b"x") as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("media", "data", "suffix"),
    [
        ("application/json", b"{}", ".json"),
        ("application/vnd.x+json", b"{}", ".json"),
        ("../../etc/passwd", b"x", ".txt"),
        ("", b"\0\xff", ".bin"),
        ("image/png", b"\0", ".png"),
    ],
)
def test_suffixes_are_ours(media: str, data: bytes, suffix: str) -> None:
    assert Held("response", data, media).suffix == suffix


# Files


async def test_a_body_is_saved_decoded_or_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        main = s.app.main
        await pilot.press("g", "enter", "4")
        held = Held("response", b"decoded", "text/html", True, b"sent", "gzip")
        monkeypatch.setattr(main.detail, "held", lambda: held)
        await pilot.press("W")
        prompt = await shown(s, pilot, BodyPrompt)
        assert prompt.query_one(Input).value == "asgitrace-1-response.html"
        assert "decoded: 7 bytes" in str(prompt.query_one("#prompt-title").render())
        await pilot.press("enter")
        await said(s, pilot, "Saved to")
        assert (tmp_path / "asgitrace-1-response.html").read_bytes() == b"decoded"
        await pilot.press("W")
        prompt = await shown(s, pilot, BodyPrompt)
        await pilot.press("tab")
        await pilot.pause()
        assert "as sent: gzip, 4 bytes" in str(prompt.query_one("#prompt-title").render())
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(s.app.screen, BodyPrompt)
        await pilot.press(*"2", "enter")
        await s.app.workers.wait_for_complete()
        assert (tmp_path / "asgitrace-1-response.html2").read_bytes() == b"sent"


async def test_messages_are_saved_as_json_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    s = walking_stage()
    async with s.run(SIZE) as pilot:
        await pilot.press("g", "j", "j", "enter", "2", "W")
        await shown(s, pilot, SavePrompt)
        await pilot.press("enter")
        await said(s, pilot, "Saved to")
        assert len((tmp_path / "asgitrace-3-messages.jsonl").read_text().splitlines()) == 9
