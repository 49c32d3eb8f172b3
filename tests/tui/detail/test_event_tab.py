"""What timeline, messages and frames have in common: filtered, followed, paused, gone to."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.filter import compile_filter
from asgitrace.store.model import Exchange, State
from asgitrace.tui.detail.body_view import BodyView
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.tui.filter.target import Told
from tests.tui.detail.conftest import Host, Hosting
from tests.tui.detail.samples import FakeStore, all_exchanges, log_lines, websocket
from tests.tui.detail.wired import IN, OUT, TEXT, Wired, all_wired, many

CHAT, MANY, LIVE = 21, 26, 70


def run(coroutine: Any) -> None:
    asyncio.run(coroutine)


@pytest.fixture
def store() -> FakeStore:
    found = [*all_exchanges(), *all_wired(), many(400), live(3)]
    return FakeStore(found, log_lines())


def live(count: int) -> Exchange:
    """An open session with so many messages of the client, and as many of the app."""
    script = websocket()
    w = Wired(script)
    script.receive("websocket.connect").send("websocket.accept", headers=[])
    for number in range(count):
        script.work(1).receive("websocket.receive", text=f"ask {number}")
        w.frame(IN, TEXT, 5, 0.01)
        script.send("websocket.send", text=f"tell {number}")
        w.frame(OUT, TEXT, 6, 0.01)
    return w.exchange(LIVE, state=State.OPEN)


def tab_of(app: Host) -> EventTab:
    return app.pane.event_tab()


def grow(app: Host, store: FakeStore, count: int) -> None:
    store.put(live(count))
    app.tick()


async def settled(app: Host, pilot: Pilot[None]) -> None:
    tab = tab_of(app)
    while tab._sought is not None or tab._sifted is None or not tab._sifted.settled:
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("key", "16")
def test_followed_until_one_stops_it(hosted: Hosting, store: FakeStore, key: str) -> None:
    async def scenario() -> None:
        async with hosted(LIVE, 120, 30) as (app, pilot):
            await pilot.press(key)
            shown = tab_of(app).split.list
            assert shown.follow
            assert ("follow-events", "do not follow", "in_tab('follow')") in app.pane.keys
            grow(app, store, 5)
            assert shown.cursor == len(shown.lines) - 1
            await pilot.press("F")
            at = shown.cursor
            grow(app, store, 9)
            assert shown.cursor == at < len(shown.lines) - 1
            assert ("follow-events", "follow", "in_tab('follow')") in app.pane.keys
            await pilot.press("F")
            assert shown.cursor == len(shown.lines) - 1

    run(scenario())


@pytest.mark.parametrize("key", "2")
def test_paused_until_one_goes_on(hosted: Hosting, store: FakeStore, key: str) -> None:
    async def scenario() -> None:
        async with hosted(LIVE, 120, 30) as (app, pilot):
            await pilot.press(key, "space")
            shown = tab_of(app).split.list
            before = len(shown.lines)
            grow(app, store, 5)
            await pilot.pause()
            assert len(shown.lines) == before
            assert "‖ paused, 4 new events" in app.text
            assert ("pause-events", "go on", "in_tab('pause')") in app.pane.keys
            await pilot.press("space")
            await pilot.pause()
            assert len(shown.lines) == before + 4
            assert "paused" not in app.text
            await pilot.press("space", "F", "F")
            assert not tab_of(app).paused
            app.pane.show(CHAT)
            await pilot.pause()
            assert "space" not in [key for key, _, _ in app.pane.keys]

    run(scenario())


@pytest.mark.parametrize(
    ("key", "filters"),
    [
        ("2", {"ws.text:tell": Told(3, 7), "-ws.text:tell": Told(4, 7)}),
        ("6", {"ws.dir=in": Told(3, 6), "wire.size>5B -ws.text:1": Told(2, 6)}),
    ],
)
def test_messages_and_frames_are_filtered(
    hosted: Hosting, key: str, filters: dict[str, Told]
) -> None:
    async def scenario() -> None:
        async with hosted(LIVE, 120, 30) as (app, pilot):
            await pilot.press(key)
            target = app.pane.filter_target
            assert target is not None
            for typed, told in filters.items():
                target.use(typed, compile_filter(typed))
                await settled(app, pilot)
                assert target.told() == told
                assert f"{told.text} {target.what}  {typed}  esc: all" in app.text
            app.pane.action_leave()
            await pilot.pause()
            assert target.told() is None

    run(scenario())


def test_a_filter_that_takes_long_says_how_far_it_is(
    hosted: Hosting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with hosted(MANY, 120, 30) as (app, pilot):
            await pilot.press("2")
            await settled(app, pilot)
            monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 0)
            target = app.pane.filter_target
            assert target is not None
            target.use("ws.dir=in", compile_filter("ws.dir=in"))
            told = target.told()
            assert told is not None
            assert told.progress is not None
            assert "% judged" in target.words
            monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 10**9)
            await settled(app, pilot)
            assert target.told() == Told(400, 801)

    run(scenario())


def test_gone_to_in_a_long_exchange(
    hosted: Hosting, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.views.event_lines.PORTION", 30)

    async def scenario() -> None:
        exchange = store.exchanges[MANY]
        store.put(replace(exchange, row=replace(exchange.row, state=State.RETURNED)))
        async with hosted(MANY, 120, 30) as (app, pilot):
            for key in "126":
                await pilot.press(key)
                tab = tab_of(app)
                target = app.pane.filter_target
                assert target is not None
                target.use("ws.dir=out", compile_filter("ws.dir=out"))
                assert not tab.go_to(100_000)
                # what is hidden is gone to as well
                assert exchange.events[601].type == "websocket.receive"
                assert tab.go_to(601)
                await settled(app, pilot)
                assert tab._at(tab.split.list.cursor).event == 601
                assert target.predicate is None

    run(scenario())


def test_who_goes_on_meanwhile_is_left_alone(
    hosted: Hosting, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.views.event_lines.PORTION", 30)
    monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 0)

    async def scenario() -> None:
        exchange = store.exchanges[MANY]
        store.put(replace(exchange, row=replace(exchange.row, state=State.RETURNED)))
        async with hosted(MANY, 120, 30) as (app, pilot):
            await pilot.press("2")
            tab = tab_of(app)
            tab.show(store.exchanges[MANY])
            assert tab.go_to(601)
            assert tab._sought is not None
            tab.split.list.select(1)
            monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 10**9)
            await settled(app, pilot)
            assert tab.split.list.cursor == 1

    run(scenario())


def test_what_an_event_carries_opens_in_the_viewer(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT, 120, 40) as (app, pilot):
            await pilot.press("2", "g", "j")
            tab = tab_of(app)
            viewer = tab.query_one(BodyView)
            assert viewer.display
            assert "[JSON]" in app.text
            await pilot.press("v")
            await pilot.pause()
            assert "[Text]" in app.text
            await pilot.press("enter")
            assert tab.split.is_inside
            assert app.pane.copy_text()
            await pilot.press("escape", "j", "j")
            await pilot.pause()
            assert not tab.query_one(BodyView).display
            assert "answered after" in app.text
            await pilot.press("1", "v", "g", *"jjj", "enter")
            await pilot.pause()
            assert tab_of(app).query_one(BodyView).display
            assert "the app received" in app.text
            await pilot.press("enter", "g")
            assert tab_of(app).split.is_inside
            tab_of(app).split.list.select(0)
            await pilot.pause()
            assert tab_of(app).split.is_inside
            await pilot.press("escape", "escape")
            assert not tab_of(app).split.is_open

    run(scenario())


def test_where_there_are_no_events_the_timeline_is_opened(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(LIVE, 120, 30) as (app, _):
            app.pane.open_tab("headers")
            assert app.pane.event_tab().id == "timeline"

    run(scenario())
