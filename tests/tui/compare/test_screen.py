"""The screen of a comparison."""

import json
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Exchange
from asgitrace.tui.compare.screen import CompareScreen
from asgitrace.views.compare import CompareLines
from tests.tui.conftest import Stage
from tests.tui.detail.samples import ITEMS, chat, http, json_api, websocket
from tests.tui.walking import walking_stage

pytestmark = pytest.mark.anyio

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)


def other_items() -> Exchange:
    """What `json_api` asks for, a little later, and something went wrong."""
    items: dict[str, Any] = json.loads(json.dumps(ITEMS))
    items["items"][1]["price"] = 43
    items["items"].insert(0, {"id": 40, "name": "New"})
    del items["next"]
    body = json.dumps(items, ensure_ascii=False).encode()
    script = http("GET", "/api/items", (b"cookie", b"a=1; b=2"), (b"x-new", b"1"), root_path="/v2")
    script.work(0.4).receive("http.request", body=b"", more_body=False).work(31.2)
    headers = [[b"content-type", b"application/json"], [b"set-cookie", b"b=2; Path=/"]]
    script.send("http.response.start", status=404, headers=headers)
    script.work(0.1).send("http.response.body", 2.4, body=body[:50], more_body=True)
    script.work(0.1).send("http.response.body", 2.4, body=body[50:], more_body=False)
    return script.work(3.1).done().exchange(2)


def other_chat() -> Exchange:
    script = websocket()
    script.receive("websocket.connect", 0.01).work(0.4)
    script.send("websocket.accept", 0.08, subprotocol="chat.v1", headers=[])
    for number, said in enumerate(("Is the kettle on?", "hello", "bye")):
        line = json.dumps({"from": "mara", "text": said})
        script.receive("websocket.receive", 400 + 300 * number, text=line, bytes=None).work(0.2)
        script.send("websocket.send", 0.05, text=line)
    return script.pending().exchange(4)


def comparing(left: Exchange, right: Exchange) -> Stage:
    """A stage whose first two exchanges are these."""
    s = walking_stage()
    samples = {1: replace(left, row=replace(left.row, number=1)),
               2: replace(right, row=replace(right.row, number=2))}  # fmt: skip
    for number, found in samples.items():
        s.store.rows[number] = found.row
    usual = s.store.exchange
    s.store.exchange = lambda number, now_ns: samples.get(number) or usual(number, now_ns)  # type: ignore[method-assign]
    s.store.columns_changed()
    return s


async def opened(s: Stage, pilot: Pilot[None], *keys: str) -> CompareScreen:
    main = s.app.main
    while not (main.is_mounted and len(main.table.cursor) and main.table.size.height):
        await pilot.pause()
    await pilot.press(*(keys or ("g", "d", "j", "d")))
    while not isinstance(s.app.screen, CompareScreen):
        await pilot.pause()
    screen = s.app.screen
    while screen._lines is None or not screen._lines.comparison.done:
        await pilot.pause()
    while screen._lines.work():
        screen._list.grown()
    await pilot.pause()
    return screen


def shown(screen: CompareScreen) -> list[str]:
    lines = screen._lines
    assert isinstance(lines, CompareLines)
    return [lines.searched(index).strip() for index in range(len(lines))]


@SIZES
def test_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    s = comparing(json_api(), other_items())

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot)
        await pilot.press("n", "n")

    assert snap_compare(s.app, terminal_size=size, run_before=show)


def test_looks_of_conversations(snap_compare: Any) -> None:
    s = comparing(chat(), other_chat())

    async def show(pilot: Pilot[None]) -> None:
        await opened(s, pilot)
        await pilot.press("v", "G")

    assert snap_compare(s.app, terminal_size=(120, 40), run_before=show)


async def test_two_one_after_the_other() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        await pilot.press("g", "d")
        assert s.hint.startswith("#1 is the first")
        await pilot.press("d")
        assert s.hint == "#1 is not compared"
        screen = await opened(s, pilot)
        assert screen._bar._title == "Compare #1 with #2"
        await pilot.press("escape")
        await pilot.pause()
        assert s.app.screen is s.app.main


async def test_two_that_are_marked() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        screen = await opened(s, pilot, "g", "j", "m", "k", "m", "G", "d")
        assert screen._numbers == (1, 2)


async def test_from_difference_to_difference() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        screen = await opened(s, pilot)
        seen = []
        for _ in range(3):
            await pilot.press("n")
            seen.append(shown(screen)[screen._list.cursor])
        assert seen[0].startswith("± target")
        assert all(line[0] in "±+-" for line in seen)
        await pilot.press("N", "N", "N")
        assert screen._hints.message == "No difference above"
        await pilot.press("G", "n")
        assert screen._hints.message == "No difference below"


async def test_differences_only_and_back() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        screen = await opened(s, pilot)
        everything = len(shown(screen))
        await pilot.press("n", "n")
        line = shown(screen)[screen._list.cursor]
        await pilot.press("v")
        assert len(shown(screen)) < everything
        assert shown(screen)[screen._list.cursor] == line
        await pilot.click("TopLine", offset=(screen._bar.size.width and 24, 0))
        await pilot.pause()
        assert len(shown(screen)) == everything


async def test_search_copy_and_folding() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        screen = await opened(s, pilot)
        await pilot.press("slash", *"root_p", "enter")
        while "root_path" not in shown(screen)[screen._list.cursor]:
            await pilot.pause()
        await pilot.press("escape", "c")
        assert s.app.clipboard == "± root_path: (empty) | /v2"
        await pilot.press("h", "c")
        assert s.app.clipboard.startswith("Scope\n")
        before = len(shown(screen))
        await pilot.press("space")
        assert len(shown(screen)) < before
        await pilot.press("space", "j", "space")
        assert len(shown(screen)) < before


async def test_open_an_event_of_either() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((120, 40)) as pilot:
        screen = await opened(s, pilot)
        await pilot.press("G", "enter")
        await pilot.pause()
        main = s.app.main
        assert s.app.screen is main
        assert (main.detail.number, main.detail.tab) == (2, "timeline")
        await pilot.press("escape", "escape")
        screen = await opened(s, pilot)
        await pilot.press("b", "g", "n", "enter")
        await pilot.pause()
        assert screen._side == 0
        assert (main.detail.number, main.detail.tab) == (1, "headers")


async def test_one_that_is_gone() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((80, 24)) as pilot:
        s.store.exchange = lambda number, now_ns: None  # type: ignore[method-assign]
        await pilot.press("g", "d", "j", "d")
        while not isinstance(s.app.screen, CompareScreen):
            await pilot.pause()
        await pilot.press("enter", "n", "c", "v", "d")
        assert s.app.screen._list.empty == "#1 is no longer kept."


async def test_with_the_one_before_of_the_same_route() -> None:
    s = comparing(json_api(), other_items())
    async with s.run((80, 24)) as pilot:
        main = s.app.main
        main.table.select(11)
        main.action_compare_previous()
        while not isinstance(s.app.screen, CompareScreen):
            await pilot.pause()
        assert s.app.screen._numbers == (10, 11)
        await pilot.press("q")
        await pilot.pause()
        main.table.select(1)
        main.action_compare_previous()
        assert s.hint.startswith("No exchange of the same route")
