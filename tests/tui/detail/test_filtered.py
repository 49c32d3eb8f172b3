"""The timeline, filtered, and with the events marked that the list is filtered by."""

import asyncio
from typing import Any

import pytest

from asgitrace.filter import compile_filter
from asgitrace.store.model import State
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.sifted import Sifted
from asgitrace.tui.filter.target import Told
from asgitrace.views.ladder import LadderLines
from asgitrace.views.look import look
from asgitrace.views.timeline import TimelineLines
from tests.replacing import replace
from tests.tui.detail.conftest import Host, Hosting
from tests.tui.detail.samples import FakeStore, Script, all_exchanges, log_lines
from tests.tui.detail.wired import all_wired, many, wired_chat

CHAT = 21


@pytest.fixture
def store() -> FakeStore:
    return FakeStore([*all_exchanges(), *all_wired()], log_lines())


def run(coroutine: Any) -> None:
    asyncio.run(coroutine)


def target(app: Host) -> EventFilter:
    found = app.pane.filter_target
    assert found is not None
    return found


def use(app: Host, text: str) -> None:
    target(app).use(text, compile_filter(text))


@pytest.mark.parametrize("width", [120, 80])
def test_only_what_passes_is_shown(hosted: Hosting, width: int) -> None:
    async def scenario() -> None:
        async with hosted(CHAT, width, 40) as (app, pilot):
            before = app.text
            use(app, "ws.dir=in")
            await pilot.pause()
            told = target(app).told()
            assert told is not None
            assert 0 < told.shown < told.total
            assert f"{told.shown} of {told.total} events  ws.dir=in  esc: all" in app.text
            assert "websocket.accept" not in app.text
            await pilot.press("g", "enter")
            assert "websocket.receive" in app.text
            await pilot.press("escape", "y")
            copied = app.pane.copy_text()
            assert copied
            await pilot.press("escape")
            await pilot.pause()
            assert target(app).told() is None
            assert "esc: all" not in app.text
            assert app.text.splitlines()[4:12] == before.splitlines()[4:12]
            await pilot.press("escape")
            assert app.closed == 1

    run(scenario())


def test_the_cursor_stays_at_its_event(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2, 100, 30) as (app, pilot):
            await pilot.press("g", "j", "j", "j")
            tab = app.pane._tabs["timeline"]
            here = tab.focused_list.copy_text()
            use(app, "ev=http.response.body")
            await pilot.pause()
            assert tab.focused_list.copy_text() == here
            await pilot.press("v", "v")
            assert tab.focused_list.copy_text() == here
            target(app).clear()
            assert tab.focused_list.copy_text() == here

    run(scenario())


def test_nothing_may_pass(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2, 100, 30) as (app, pilot):
            use(app, "ev=websocket.close")
            await pilot.pause()
            assert target(app).told() == Told(0, len(app.store.exchange(2, 0).events))  # type: ignore[union-attr]
            await pilot.press("j", "enter", "y", "v", "v")
            assert app.pane.copy_text() is None
            target(app).clear()
            await pilot.pause()
            assert "response.body" in app.text

    run(scenario())


def test_a_filter_of_whole_exchanges_says_so(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2, 100, 30) as (app, _):
            use(app, "status=404")
            told = target(app).told()
            assert told is not None
            assert told.shown == told.total
            assert "single events" in told.failure

    run(scenario())


def test_what_arrives_is_filtered_too(hosted: Hosting, store: FakeStore) -> None:
    script = Script(type="websocket", path="/chat").receive("websocket.connect")
    script.send("websocket.accept").send("websocket.send", text="one")
    store.put(script.exchange(70, state=State.OPEN))

    async def scenario() -> None:
        async with hosted(70, 100, 30) as (app, pilot):
            use(app, "ws.dir=out")
            await pilot.pause()
            assert target(app).told() == Told(1, 4)
            script.receive("websocket.receive", text="two").send("websocket.send", text="three")
            store.put(script.exchange(70, state=State.OPEN))
            app.tick()
            await pilot.pause()
            assert target(app).told() == Told(2, 6)
            assert "three" in app.text
            assert "two" not in app.text

    run(scenario())


def test_events_are_marked_that_the_list_is_filtered_by(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(CHAT, 80, 40) as (app, pilot):
            app.pane.mark_events(compile_filter("type=ws ws.dir=in"))
            await pilot.pause()
            marked = [line for line in app.text.splitlines() if line.startswith("•")]
            assert marked
            assert all("→ receive" in line for line in marked)
            app.pane.mark_events(compile_filter("status=404"))
            await pilot.pause()
            assert "•" not in app.text
            app.pane.mark_events(None)

    run(scenario())


def test_many_events_are_judged_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = many(3_000)
    monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 0)
    lines = TimelineLines(exchange)
    passes = compile_filter("ev=websocket.send")
    sifted = Sifted(lines, exchange, passes)
    first = len(sifted)
    assert first < len(lines)
    while sifted.work():
        pass
    wanted = [event.type == "websocket.send" for event in exchange.events]
    assert len(sifted) == sum(wanted) > first
    assert sifted.hidden == len(lines) - len(sifted)
    assert [sifted.text(at) for at in range(3)] == [
        lines.text(at) for at, passed in enumerate(wanted) if passed
    ][:3]
    assert sifted.outer(sifted.inner(5)) == 5


def test_events_that_went_are_judged_anew() -> None:
    exchange = many(40)
    lines = TimelineLines(exchange)
    sifted = Sifted(lines, exchange, compile_filter("ev=websocket.send"))
    assert sifted.settled
    later = replace(
        exchange,
        events=tuple(
            replace(event, index=index) for index, event in enumerate(exchange.events[7:])
        ),
        missed=7,
    )
    assert sifted.update(later)
    shown = {sifted.inner(index) for index in range(len(sifted))}
    for line in range(len(lines)):
        event = lines.event(line)
        assert (line in shown) is (event is None or event.type == "websocket.send")


def test_the_line_of_what_was_overwritten_stays() -> None:
    exchange = replace(wired_chat(), missed=3)
    lines = LadderLines(exchange)
    never = compile_filter("ev=http.request")
    sifted = Sifted(lines, exchange, never)
    assert len(sifted) == 1
    assert "overwritten" in sifted.cells(0, 80, look())[0].text
    assert sifted.outer(5) == 0
