"""The detail pane, driven by keys and mouse."""

import json

import pytest
from textual import events
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp

from asgitrace.store.model import LogLine, State
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.messages_tab import MessagesTab
from asgitrace.tui.detail.pane import TABS
from asgitrace.tui.detail.timeline_tab import TimelineTab
from asgitrace.tui.theme import LIGHT_NAME
from tests.replacing import replace
from tests.tui.detail.conftest import Host, Hosting, press, run
from tests.tui.detail.samples import MS, START, TRACEBACK, WALL, FakeStore, http, stream
from tests.views.drawn import HOSTILE


def focused(app: Host) -> LineList:
    assert isinstance(app.focused, LineList)
    return app.focused


def test_tabs_by_key_and_mouse(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted() as (app, pilot):
            assert "#1 GET /api/items?page=2 → 200 · 17.1ms · ▲0 ▼305B · 5 events" in app.text
            for key, name, words in zip(
                "123456",
                TABS,
                (
                    "http.response.start",
                    "body",
                    "set-cookie",
                    '"name": "Towel"',
                    "PriceMissing",
                    "this is none",
                ),
                strict=True,
            ):
                await press(pilot, key)
                assert app.pane.tab == name
                assert words in app.text
                assert focused(app).display
            await pilot.click(ChoiceBar, offset=(16, 0))
            await pilot.pause()
            assert app.pane.tab == "messages"
            await pilot.click(ChoiceBar, offset=(60, 0))
            assert app.pane.tab == "messages"

    run(scenario())


def test_tabs_are_built_when_first_shown(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted() as (app, pilot):
            assert app.pane._built == {"timeline"}
            await press(pilot, "3")
            assert app.pane._built == {"timeline", "headers"}
            app.pane.show(2)
            assert app.pane._built == {"headers"}
            app.pane.show(2)

    run(scenario())


@pytest.mark.parametrize("key", ["escape", "q"])
def test_closes(hosted: Hosting, key: str) -> None:
    async def scenario() -> None:
        async with hosted() as (app, pilot):
            await press(pilot, key)
            assert app.closed == 1

    run(scenario())


def test_event_opens_beside_and_closes_first(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(5) as (app, pilot):
            await press(pilot, "G", "enter")
            assert "shop.prices.PriceMissing" in app.text
            assert "raise PriceMissing(sku)" in app.text
            await press(pilot, "k")
            assert '"A-113"' in app.text
            await press(pilot, "enter", "j", "j")
            assert app.query_one(TimelineTab).split.is_inside
            await press(pilot, "escape")
            assert focused(app).has_class("-list")
            await press(pilot, "escape")
            assert not app.query_one(TimelineTab).split.is_open
            assert app.closed == 0
            await press(pilot, "escape")
            assert app.closed == 1

    run(scenario())


def test_tab_moves_the_focus_between_lists(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(3) as (app, pilot):
            await press(pilot, "2", "j", "tab")
            assert app.query_one(MessagesTab).split.is_inside
            await press(pilot, "shift+tab")
            assert focused(app).has_class("-list")
            await press(pilot, "3", "tab")
            assert focused(app).id == "answers"

    run(scenario())


def test_copies(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(3) as (app, pilot):
            await press(pilot, "j", "j", "j")
            copied = app.pane.copy_text()
            assert copied is not None
            assert json.loads(copied)["from"] == "mara"
            await press(pilot, "2", "j", "j", "j")
            copied = app.pane.copy_text()
            assert copied is not None
            assert json.loads(copied)["from"] == "jun"
            await press(pilot, "3", "j")
            assert app.pane.copy_text() == "host: 127.0.0.1:8000"
            await press(pilot, "4")
            assert app.pane.copy_text() is None
            await press(pilot, "5", "G")
            assert app.pane.copy_text() == TRACEBACK.rstrip("\n")
            app.pane.show(1)
            await press(pilot, "4", "j")
            assert app.pane.copy_text() == "2"
            await press(pilot, "v")
            copied = app.pane.copy_text()
            assert copied is not None
            assert json.loads(copied)["page"] == 2

    run(scenario())


def test_moving(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2, height=20) as (app, pilot):
            found = focused(app)
            last = len(found.lines) - 1
            assert found.follow
            assert found.cursor == last
            for keys, cursor in (
                ("k", last - 1), ("g", 0), ("k", 0), ("j", 1), ("pagedown", 16), ("ctrl+b", 1),
                ("end", last), ("j", last), ("home", 0),
            ):  # fmt: skip
                await press(pilot, keys)
                assert found.cursor == cursor, keys
                assert found.follow is (keys == "end")
            await press(pilot, "G")
            found.scroll_by(-3)
            assert not focused(app).follow
            top = found.scroll_offset.y
            assert top == last + 1 - found.size.height - 3
            await pilot.click(found, offset=(5, 2))
            await pilot.pause()
            assert found.cursor == top + 2
            await pilot.click(found, offset=(5, 2))
            await pilot.pause()
            assert app.query_one(TimelineTab).split.is_open

    run(scenario())


def test_follows_an_open_exchange_until_one_goes_up(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(2, height=20) as (app, pilot):
            found = focused(app)
            first = stream()
            chunk = first.events[10]
            more = [
                replace(chunk, index=len(first.events) + n, call=100 + n, called=START + 3_000 * MS)
                for n in range(50)
            ]
            store.put(replace(first, events=(*first.events, *more)))
            app.tick()
            await pilot.pause()
            assert found.cursor == len(found.lines) - 1 == len(first.events) + 49
            assert "+3.00s" in app.text
            await press(pilot, "k")
            store.put(replace(first, events=(*first.events, *more, *more[:9])))
            app.tick()
            await pilot.pause()
            assert found.cursor == len(first.events) + 48

    run(scenario())


def test_pending_calls_grow(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(2) as (app, pilot):
            assert "800ms" in app.text
            first = store.exchanges[2]
            split = replace(first.row.split, client=first.row.split.client + 5_000 * MS)
            store.exchanges[2] = replace(first, row=replace(first.row, split=split))
            app.tick()
            await pilot.pause()
            assert "5.80s" in app.text

    run(scenario())


def test_nothing_is_asked_while_nothing_changes(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, _):
            app.tick()
            asked = store.asked
            for _ in range(5):
                app.tick()
            assert store.asked == asked

    run(scenario())


def test_every_tab_takes_in_what_comes(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        for key in "123456":
            script = http("POST", "/grow")
            store.put(script.exchange(20, state=State.OPEN))
            async with hosted(20) as (app, pilot):
                await press(pilot, key)
                script.receive("http.request", body=b'{"a":', more_body=True)
                store.put(script.exchange(20, state=State.OPEN))
                app.tick()
                script.receive("http.request", body=b' "tail"}', more_body=False)
                script.send("http.response.start", status=418, headers=[[b"x-pot", b"tea"]])
                script.send("http.response.body", body=b"short and stout", more_body=False)
                script.done()
                store.put(script.exchange(20))
                store.log(LogLine(0, WALL, "stdout", "whistles"))
                app.tick()
                await pilot.pause()
                words = {
                    "1": "return",
                    "2": "short and",
                    "3": "x-pot",
                    "4": "stout",
                    "5": "whistles",
                    "6": "this is none",
                }
                assert words[key] in app.text
                assert "418" in app.text
                if key == "4":
                    await press(pilot, "b")
                    assert '"tail"' in app.text

    run(scenario())


def test_events_that_go_are_no_harm(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        for key in "1234":
            async with hosted(2) as (app, pilot):
                await press(pilot, key)
                first = store.exchanges[2]
                fewer = (first.events[0], *first.events[12:])
                store.put(replace(first, events=fewer, missed=11))
                app.tick()
                await pilot.pause()
                del store.exchanges[2]
                store.version += 1
                app.tick()
                store.put(first)
                app.tick()
                await pilot.pause()

    run(scenario())


def test_log_without_an_exchange(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(None, width=80, height=24) as (app, pilot):
            assert "No exchange is chosen" in app.text
            app.pane.show_log()
            await pilot.pause()
            assert "PriceMissing" in app.text
            store.log(LogLine(0, WALL, "stdout", "one more"))
            app.tick()
            await pilot.pause()
            assert "one more" in app.text
            await press(pilot, "enter")
            await press(pilot, "escape", "2", "3", "4")
            assert "No exchange is chosen" in app.text
            store.logs.clear()
            app.pane.open_tab("log")
            app.tick()

    run(scenario())


def test_headers_are_side_by_side_where_there_is_room(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1, width=120) as (app, pilot):
            await press(pilot, "3")
            line = next(line for line in app.text.splitlines() if "Request headers" in line)
            assert "Response headers  200" in line
            await pilot.resize_terminal(80, 40)
            await pilot.pause()
            line = next(line for line in app.text.splitlines() if "Request headers" in line)
            assert "Response" not in line
            assert "Response headers  200" in app.text

    run(scenario())


@pytest.mark.parametrize("size", [(20, 5), (300, 80)])
def test_any_size(hosted: Hosting, size: tuple[int, int]) -> None:
    async def scenario() -> None:
        async with hosted(3, *size) as (app, pilot):
            for key in "123456":
                await press(pilot, key)
                look_around(app)
                await pilot.pause()
            assert app.closed == 0

    run(scenario())


def look_around(app: Host) -> None:
    """To the end of the list, and into it."""
    found = focused(app)
    found.action_last()
    found.action_choose()
    found.action_page(-1)


def test_all_samples_on_all_tabs(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(1, 100, 30) as (app, pilot):
            for name in TABS:
                app.pane.open_tab(name)
                for number in store.exchanges:
                    app.pane.show(number)
                    look_around(app)
                    await pilot.pause()
                    assert f"#{number} " in app.text

    run(scenario())


def test_hostile_content_on_every_tab(hosted: Hosting, store: FakeStore) -> None:
    data = "".join(HOSTILE).encode("utf-8", "surrogatepass")
    text = data.decode("utf-8", "replace")
    script = http("GET", "/" + text, (data, data), (b"content-type", data), state={text: text})
    script.receive("http.request", body=data, more_body=True)
    script.send("http.response.start", status=200, headers=[[b"content-type", data], [data, data]])
    script.send("http.response.body", body=data * 9, more_body=False)
    script.raised(type=text, module=text, message=text, traceback=text)
    store.put(script.exchange(30, method=text))
    store.log(LogLine(0, WALL, "stderr", "".join(HOSTILE)))

    async def scenario() -> None:
        async with hosted(30) as (app, pilot):
            for key in ("1", "2", "3", "4", "v", "v", "b", "5"):
                await press(pilot, key)
                look_around(app)
                await pilot.pause()
                lines = app.text.split("\n")
                assert all(line.isprintable() for line in lines)
                assert app.closed == 0
                copied = app.pane.copy_text()
                assert copied is None or "\x1b" not in copied

    run(scenario())


def test_many_events(hosted: Hosting, store: FakeStore) -> None:
    base = stream()
    events = tuple(
        replace(base.events[3], index=n, call=n, called=START + n * MS) for n in range(20_000)
    )
    store.put(replace(base, row=replace(base.row, number=32), events=events))

    async def scenario() -> None:
        async with hosted(32) as (app, pilot):
            assert focused(app).cursor == 19_999
            for key in ("pageup", "g", "pagedown", "G", "2", "g", "G"):
                await press(pilot, key)
            while len(focused(app).lines) < 20_000:
                await pilot.pause(0.01)
            assert focused(app).cursor == 19_999

    run(scenario())


def test_another_theme_is_drawn_at_once(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            before = app.screen._compositor.render_strips()[3]
            app.theme = LIGHT_NAME
            await pilot.pause()
            assert app.screen._compositor.render_strips()[3] != before

    run(scenario())


def test_the_end_of_a_body_is_followed(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(2, height=20) as (app, pilot):
            await press(pilot, "4", "G")
            first = stream()
            more = replace(first.events[10], index=len(first.events), call=90)
            store.put(replace(first, events=(*first.events, more)))
            app.tick()
            assert focused(app).cursor == len(focused(app).lines) - 1

    run(scenario())


def test_wheel_and_scrollbar_move_the_view_and_not_the_cursor(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2, height=20) as (app, pilot):
            found = focused(app)
            end = found.scroll_offset.y
            assert (found.cursor, end) == (33, 18)
            for message, top in (
                (wheel(events.MouseScrollUp), 15), (wheel(events.MouseScrollDown), 18),
                (ScrollUp(), 2), (ScrollDown(), 18), (ScrollTo(y=4), 4),
            ):  # fmt: skip
                found.post_message(message)
                await pilot.pause()
                assert found.scroll_offset.y == top, message
                assert found.cursor == 33
            assert not found.follow

    def wheel(kind: type[events.MouseEvent]) -> events.MouseEvent:
        return kind(None, 5, 5, 0, 0, 0, False, False, False)

    run(scenario())
