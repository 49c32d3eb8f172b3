"""The ladder and the frames, driven by keys and mouse."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import State
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.tui.detail.timeline_tab import TimelineTab
from tests.tui.detail.conftest import Host, Hosting
from tests.tui.detail.samples import MS, FakeStore, Script, all_exchanges, log_lines
from tests.tui.detail.wired import all_wired, many, wired_chat, wired_stream

CHAT, UPLOAD, STREAM, REFUSED = 21, 22, 23, 24


def run(coroutine: Any) -> None:
    asyncio.run(coroutine)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def found(tab: EventTab, pilot: Pilot[None]) -> None:
    """Wait until all lines are there, and the cursor where it is to be."""
    while tab._sought is not None or tab._sifted is None or not tab._sifted.settled:
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore([*all_exchanges(), *all_wired()], log_lines())


def test_the_ladder_is_shown_where_there_is_room(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            assert "[Ladder]" in app.text
            assert "▶●── websocket scope" in app.text
            assert "took  what differs" in app.text
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert "[List]" in app.text
            await press(pilot, "v")
            assert "[Ladder]" in app.text
            await pilot.resize_terminal(120, 40)
            await press(pilot, "v")
            assert "websocket.receive" in app.text

    run(scenario())


def test_what_was_chosen_holds_for_other_exchanges(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            await press(pilot, "b")
            assert "[Wire]" in app.text
            assert "receive 45B" not in app.text
            app.pane.show(UPLOAD)
            await pilot.pause()
            assert "[Wire]" in app.text
            await press(pilot, "b")
            assert "[App]" in app.text
            assert "peer" not in app.text
            await press(pilot, "b", "v")
            assert "[List]" in app.text
            app.pane.show(STREAM)
            await pilot.pause()
            assert "[List]" in app.text
            await press(pilot, "b")
            assert "[Wire and app]" in app.text

    run(scenario())


def test_the_cursor_stays_at_its_event(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            await press(pilot, *"jjjj")
            tab = app.query_one(TimelineTab)
            at = tab._at(4)
            assert (at.event, at.wire) == (4, 3)
            await press(pilot, "v")
            assert tab.split.list.cursor == 4
            await press(pilot, "v", "b")
            assert tab.split.list.cursor == 3
            at = tab._at(3)
            assert (at.event, at.wire) == (None, 3)

    run(scenario())


def test_the_place_is_kept_where_the_event_is_not_shown(hosted: Hosting, store: FakeStore) -> None:
    """However many there are: by the nearest in time, and back to where it was."""

    async def scenario() -> None:
        store.put(replace(many(700), row=replace(many(1).row, state=State.RETURNED)))
        async with hosted(26) as (app, pilot):
            tab = app.query_one(TimelineTab)
            shown = tab.split.list
            await found(tab, pilot)
            shown.select(1201)
            await pilot.pause()
            first = tab._at(shown.cursor)
            row = shown.cursor - shown.scroll_offset.y
            assert first.at is not None
            for keys in ("b", "b", "b", "v", "b", "b", "v", "v"):
                await press(pilot, keys)
                await found(tab, pilot)
                now = tab._at(shown.cursor)
                assert now.at is not None
                assert abs(now.at - first.at) < MS
                assert shown.cursor - shown.scroll_offset.y == row
            assert "[Wire]" in app.text
            for _ in range(2):
                await press(pilot, "b")
                await found(tab, pilot)
            assert tab._at(shown.cursor) == first
            await press(pilot, "b")
            await found(tab, pilot)
            await press(pilot, "k")
            moved = tab._at(shown.cursor)
            await press(pilot, "b")
            await found(tab, pilot)
            assert tab._at(shown.cursor) != first
            for _ in range(2):
                await press(pilot, "b")
                await found(tab, pilot)
            assert tab._at(shown.cursor) == moved

    run(scenario())


def test_choices_by_mouse(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            bar = app.query_one("TimelineTab ChoiceBar", ChoiceBar)
            await pilot.click(bar, offset=(10, 0))
            await pilot.pause()
            assert "[List]" in app.text
            await pilot.click(bar, offset=(2, 0))
            await pilot.pause()
            assert "[Ladder]" in app.text
            await pilot.click(bar, offset=(34, 0))
            await pilot.pause()
            assert "[Wire]" in app.text

    run(scenario())


def test_without_wire(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            assert "[Ladder]" not in app.text
            assert "[List]" not in app.text
            await press(pilot, "b")
            assert "[Ladder]" not in app.text
            await press(pilot, "v")
            assert "the wire was not recorded" in app.text
            assert "── http scope" in app.text
            await press(pilot, "6")
            assert "this is none" in app.text
            app.pane.show(3)
            await pilot.pause()
            assert "The wire was not recorded" in app.text
            app.pane.show(None)
            await press(pilot, "v", "b", "1", "v", "b")
            assert "No exchange is chosen" in app.text

    run(scenario())


def test_refused(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(REFUSED, width=80, height=24) as (app, _):
            assert "refused by the server" in app.text
            assert "◆ refused 400" in app.text

    run(scenario())


def test_opens_and_copies(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            await press(pilot, "enter")
            assert "GET /chat?room=tea HTTP/1.1" in app.text
            assert "as it went over the wire" in app.text
            assert "subprotocols" in (app.pane.copy_text() or "")
            await press(pilot, *"jjjjj")
            assert "answered after 3.10ms" in app.text
            assert app.pane.copy_text() == "\0\1".replace("\0", "␀").replace("\1", "␁")
            await press(pilot, "escape")
            assert "answered after" not in app.text

    run(scenario())


def test_follows(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        whole = wired_stream()
        store.put(replace(whole, events=whole.events[:4], wire=whole.wire[:3]))
        async with hosted(STREAM) as (app, pilot):
            tab = app.query_one(TimelineTab)
            await press(pilot, "enter")
            store.put(whole)
            app.tick()
            await pilot.pause()
            assert tab.split.list.cursor == len(tab.split.list.lines) - 1
            assert "waits" in app.text
            app.tick()
            row = replace(whole.row, split=replace(whole.row.split, client=10**10))
            store.put(replace(whole, row=row))
            app.tick()
            await pilot.pause()
            assert "800ms" not in app.text

    run(scenario())


def test_the_wire_may_be_known_later(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        whole = wired_stream()
        store.put(replace(whole, wire=()))
        async with hosted(STREAM) as (app, pilot):
            assert "[Ladder]" not in app.text
            store.put(whole)
            app.tick()
            await pilot.pause()
            assert "[Ladder]" in app.text
        store.put(replace(whole, wire=()))
        async with hosted(STREAM, width=80) as (app, pilot):
            store.put(whole)
            app.tick()
            await pilot.pause()
            assert "[List]" in app.text

    run(scenario())


def test_frames(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            await press(pilot, "6")
            assert "FIN RSV1 MASK" in app.text
            await press(pilot, "enter")
            assert "frame from the peer" in app.text
            assert '"Is the kettle on?"' in app.text
            assert app.pane.copy_text() == '{"from": "mara", "text": "Is the kettle on?"}'
            await press(pilot, "enter", "escape", "escape")
            assert "frame from the peer" not in app.text
            await press(pilot, "escape")
            assert app.closed == 1

    run(scenario())


def test_why_there_are_no_frames(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        whole = many(1)
        store.put(replace(whole, wire=whole.wire[:2]))
        async with hosted(25) as (app, pilot):
            await press(pilot, "6")
            assert "No frames: the handshake was refused." in app.text
            app.pane.show(26)
            await pilot.pause()
            assert "No frames yet." in app.text
            row = replace(whole.row, state=State.RETURNED)
            store.put(replace(whole, wire=whole.wire[:2], row=row))
            app.tick()
            await pilot.pause()
            assert "No frames were recorded." in app.text

    run(scenario())


def test_frames_follow(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        whole = many(30)
        script = Script(type="websocket", path="/echo")
        store.put(replace(whole, wire=whole.wire[:2]))
        async with hosted(26) as (app, pilot):
            await press(pilot, "6")
            assert "No frames yet." in app.text
            store.put(whole)
            app.tick()
            await pilot.pause()
            assert "FIN RSV1 MASK" in app.text
            assert script.events
            app.pane.show(1)
            await pilot.pause()
            assert "FIN RSV1" not in app.text

    run(scenario())


def test_connection_of_an_exchange(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT) as (app, pilot):
            assert "· connection 7" in app.text
            await press(pilot, "3")
            assert "7, 3 requests" in app.text

    run(scenario())


SnapCompare = Callable[..., bool]


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)
@pytest.mark.parametrize(
    ("number", "keys"),
    [
        pytest.param(CHAT, "1 v v j j j", id="ladder"),
        pytest.param(UPLOAD, "1 v v G k k enter", id="opened"),
        pytest.param(STREAM, "1 v v", id="open"),
        pytest.param(CHAT, "6 j j j enter", id="frames"),
        pytest.param(CHAT, "1 v", id="list"),
        pytest.param(CHAT, "2 j j j", id="messages"),
        pytest.param(UPLOAD, "2 G", id="pieces"),
    ],
)
def test_looks(
    snap_compare: SnapCompare, store: FakeStore, number: int, keys: str, size: tuple[int, int]
) -> None:
    narrow = size[0] < 100
    pressed = keys.replace("v v", "v") if narrow and "v v" in keys else keys
    pressed = pressed.removesuffix(" v") if narrow and keys == "1 v" else pressed
    assert snap_compare(Host(store, number), press=pressed.split(), terminal_size=size)


def test_looks_without_colour(
    snap_compare: SnapCompare, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    store.put(wired_chat())
    assert snap_compare(Host(store, CHAT), press=["1", "j"], terminal_size=(120, 40))
