"""Choosing by keys and mouse, while rings come and go."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from msgspec.structs import replace as altered
from textual.pilot import Pilot

from asgitrace.errors import RingError
from asgitrace.tui.attach.picker import PickerApp
from asgitrace.tui.attach.ring_list import RingList
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.hints import HintBar
from asgitrace.views.attach.model import Choice
from tests.tui.attach.rings import CHAT, NOW_NS, SHOP, FakeRing, busy, ring

pytestmark = pytest.mark.anyio


class Place:
    """Where rings are found, and the application that looks there."""

    def __init__(self, rings: Sequence[FakeRing] = ()) -> None:
        self.rings = list(rings)
        self.error: RingError | None = None
        self.seconds = 0
        self.app = PickerApp(
            self._find,
            clock=lambda: self.seconds * 1_000_000_000,
            wall_clock=lambda: NOW_NS,
        )

    def _find(self) -> list[FakeRing]:
        if self.error is not None:
            raise self.error
        return self.rings

    @asynccontextmanager
    async def run(self, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[Choice]]:
        async with self.app.run_test(size=size) as pilot:
            while not self.shown.has_focus or not self.shown.size.height:
                await pilot.pause()
            yield pilot

    async def look(self, pilot: Pilot[Choice]) -> None:
        """Look again, a second later."""
        self.seconds += 1
        self.app.picker.tick()
        await pilot.pause()

    @property
    def shown(self) -> RingList:
        return self.app.picker.query_one(RingList)

    @property
    def said(self) -> str:
        return self.app.picker.query_one(HintBar).message

    def lines(self) -> list[str]:
        drawn = (self.shown.render_line(y).text for y in range(self.shown.size.height))
        return [line.rstrip() for line in drawn if line.strip()]

    @property
    def chosen(self) -> list[int]:
        choice = self.app.return_value
        assert choice is not None
        return [found.pid for found in choice.rings]


async def test_enter_opens_the_process_under_the_cursor() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.press("j", "j", "j", "enter")
        await pilot.pause()
    assert place.chosen == [4711]
    choice = place.app.return_value
    assert choice is not None
    assert not choice.apps
    assert not choice.wants(ring(4714))


async def test_enter_on_an_app_opens_all_of_it_and_those_to_come() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.press("j", "j", "enter")
        await pilot.pause()
    assert place.chosen == [4711, 4712, 4713]
    choice = place.app.return_value
    assert choice is not None
    assert choice.wants(ring(4999))
    assert choice.wants(ring(4999, age=-1.0, state="crashed"))
    assert not choice.wants(ring(3999, state="crashed"))
    assert not choice.wants(ring(812, CHAT))


async def test_marks_by_keys() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.press("j", "space", "j", "a", "G", "space")
        assert "5 marked" in str(place.app.picker.query_one("#rings-title").render())
        assert [line[1:4].strip() or line[5:8] for line in place.lines()[:6]] == ["[x]"] * 6
        await pilot.press("escape")
        assert "[x]" not in "".join(place.lines())
        await pilot.press("escape")
        assert place.said == "Q quits"
        await pilot.press("g", "j", "j", "j", "space", "space", "k", "k", "space", "enter")
        await pilot.pause()
    assert place.chosen == [4712]


async def test_by_mouse() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.click(place.shown, offset=(6, 4))
        await pilot.click(place.shown, offset=(2, 0))
        await pilot.pause()
        lines = place.lines()
        assert "[-] shop" in lines[2]
        assert "[x] chat" in lines[0]
        await pilot.click(place.shown, offset=(20, 3))
        assert place.shown.cursor == 3
        await pilot.click(place.shown, offset=(20, 3))
        await pilot.pause()
    assert place.chosen == [812, 4712]


async def test_hints_are_clicked() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        bar = place.app.picker.query_one(HintBar)
        for word in ("mark", "all of", "open"):
            at = bar.render_line(0).text.index(word)
            await pilot.click(bar, offset=(at, 0))
            await pilot.pause()
    assert place.chosen == [812]


async def test_nothing_jumps_while_processes_come_and_go() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.press("j", "j", "j", "j")
        assert "4712" in place.lines()[4]
        place.rings.append(ring(4720, age=1.0))
        place.rings.append(ring(99, altered(CHAT, app="api:app"), age=5.0))
        await place.look(pilot)
        assert place.shown.ring_lines is not None
        assert [each.pid for each in place.shown.chosen] == [4712]
        assert "[ ] worker 4  pid 4720" in place.lines()[8]
        place.rings = [each for each in place.rings if each.pid != 4712]
        await place.look(pilot)
        assert "4712" not in "".join(place.lines())
        assert "worker 3  pid 4713" in "".join(place.lines())
        place.rings[0] = replace(place.rings[0], written=3_000)
        await place.look(pilot)
        assert "667" in next(line for line in place.lines() if "4713" in line)
        place.rings = [replace(each, state="crashed", idle=1.0) for each in place.rings]
        await place.look(pilot)
        assert place.lines()[0].startswith("▎" if place.shown.cursor == 0 else " ──")


async def test_nothing_runs_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    copied: list[str] = []
    monkeypatch.setattr(PickerApp, "copy_to_clipboard", lambda app, text: copied.append(text))
    async with place.run() as pilot:
        assert "app = asgitrace.trace(app)" in "\n".join(place.lines())
        await pilot.press("c", "enter")
        assert copied == ["import asgitrace\n\napp = asgitrace.trace(app)\n"]
        assert place.said == "There is nothing to open on this line"
        place.rings = [ring(1, SHOP)]
        await place.look(pilot)
        assert place.shown.cursor == 0
        await pilot.press("enter")
        await pilot.pause()
    assert place.chosen == [1]


async def test_a_folder_that_is_none_is_told_of() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        place.error = RingError("The folder is not yours.")
        await pilot.press("r")
        assert "Looked again" in place.said
        await place.look(pilot)
        assert place.said == "The folder is not yours."
        assert "shop" in "".join(place.lines())


async def test_help_theme_search_and_quit() -> None:
    place = Place(busy())
    async with place.run() as pilot:
        await pilot.press("question_mark")
        while not isinstance(place.app.screen, HelpScreen):
            await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        before = place.app.theme
        await pilot.press("ctrl+t")
        assert place.app.theme != before
        await pilot.press("slash", *"4713", "enter")
        await pilot.pause()
        assert [each.pid for each in place.shown.chosen] == [4713]
        await pilot.press("c", "Q")
        await pilot.pause()
    assert place.app.return_value is None


async def test_what_is_marked_at_first() -> None:
    place = Place(busy())
    place.app = PickerApp(
        lambda: place.rings, marked=[place.rings[1].path], wall_clock=lambda: NOW_NS
    )
    async with place.run() as pilot:
        assert "[x] worker 1" in "\n".join(place.lines())
        await pilot.press("enter")
        await pilot.pause()
    assert place.chosen == [4711]


async def test_hostile_names_reach_no_terminal() -> None:
    evil = altered(SHOP, app="\x1b[31mred\u202e", server="\x1b]0;t\x07", argv=("\x1b[2J",) * 3)
    place = Place([ring(1, evil), ring(2, evil, state="crashed"), ring(3, altered(SHOP, app=""))])
    async with place.run((200, 30)):
        text = "\n".join(place.lines())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "an app without a name" in text
