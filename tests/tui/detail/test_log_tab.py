"""The log tab."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual import on

from asgitrace.store.model import LogLine
from asgitrace.tui.detail.log_tab import LogTab
from asgitrace.views.log import KEPT
from tests.tui.detail.conftest import Host, Hosting, press, run
from tests.tui.detail.samples import MS, TRACEBACK, WALL, FakeStore, all_exchanges

SnapCompare = Callable[..., bool]


def records() -> list[LogLine]:
    """Lines of exchanges 1, 2 and 5, and of nobody."""

    def line(text: str, at: int, **facts: Any) -> LogLine:
        facts = {"stream": "stderr", **facts}
        return LogLine(0, WALL + at * MS, text=text, **facts)

    shop = {"level": 20, "logger": "shop.cart"}
    failed = {"level": 40, "logger": "asgitrace.server", "exchange": 5}
    begin = line("ERROR:     Exception in the ASGI app", 60, **failed)
    return [
        line("listening at shop.sock", 0, stream="stdout"),
        line("INFO:     prices loaded in 12 ms", 2, level=20, logger="shop.prices"),
        line("INFO:     2 items of \x1b[1mmara\x1b[0m", 10, exchange=1, **shop),
        line("select * from items", 12, level=10, logger="sql", stream="log", exchange=1),
        line("\x1b[38;5;208mcache\x1b[0m \x1b[4;36mmiss\x1b[0m items:2", 13, stream="stdout",
             exchange=1),
        line("WARNING:  \x1b[33mslow\x1b[0m upstream, 340 ms", 30, level=30, logger="shop.upstream",
             exchange=2),
        line("urllib3: retrying", 31),
        begin,
        *(replace(begin, text=text, continued=True) for text in TRACEBACK.splitlines()),
        line("\x1b[7m CRIT \x1b[0m \x1b[48;2;120;20;20;97mno prices\x1b[0m", 61, level=50,
             logger="shop.prices", exchange=5),
        line("INFO:     done", 70, exchange=2, **shop),
    ]  # fmt: skip


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(all_exchanges(), records())


class Jumping(Host):
    """Takes the jumps."""

    def __init__(self, store: FakeStore, number: int | None = None) -> None:
        super().__init__(store, number)
        self.jumps: list[int] = []

    @on(LogTab.Jump)
    def jumped(self, message: LogTab.Jump) -> None:
        self.jumps.append(message.number)


def cursor_text(app: Host) -> str:
    found = app.pane.log_tab.split.list
    return found.lines.text(found.cursor)


def rows(app: Host) -> int:
    return len(app.pane.log_tab.split.list.lines)


def test_from_an_exchange_to_its_first_line(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(2) as (app, pilot):
            await press(pilot, "5")
            assert cursor_text(app) == "WARNING:  slow upstream, 340 ms"
            app.pane.show(1)
            assert cursor_text(app) == "INFO:     2 items of mara"
            assert rows(app) == 11
            await press(pilot, "e")
            assert rows(app) == 3
            assert "[#1 only]" in app.text
            app.pane.show(3)
            assert rows(app) == 0
            assert "No line is known to be of #3" in app.text
            await press(pilot, "e")
            assert rows(app) == 11

    run(scenario())


def test_levels(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(None) as (app, pilot):
            await press(pilot, "5")
            assert cursor_text(app) == "INFO:     done"
            counts = []
            for _ in range(4):
                await press(pilot, "v")
                counts.append(rows(app))
            assert counts == [10, 5, 3, 11]
            await press(pilot, "e")
            assert rows(app) == 11
            await press(pilot, "g", "v", "v", "v")
            assert cursor_text(app) == "ERROR:     Exception in the ASGI app"
            assert "exchange only" in app.text
            app.store.logs = [line for line in app.store.logs if line.level < 40]
            app.tick()
            assert "No such line; v shows others." in app.text

    run(scenario())


def test_words_that_are_clicked(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            await press(pilot, "5")
            await pilot.click("#log ChoiceBar", offset=(22, 0))
            await pilot.pause()
            assert rows(app) == 3
            await pilot.click("#log ChoiceBar", offset=(45, 0))
            await pilot.pause()
            assert rows(app) == 0

    run(scenario())


def test_folded_and_in_full(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(5) as (app, pilot):
            await press(pilot, "5")
            assert "▸ 17 lines" in app.text
            await press(pilot, "j", "enter")
            assert rows(app) == 11 + 16
            await press(pilot, "j", "h", "h")
            assert rows(app) == 11
            await press(pilot, "k", "enter")
            assert "stderr · error · asgitrace.server" in app.text
            assert "raise PriceMissing" in app.text
            await press(pilot, "escape", "q")

    run(scenario())


def test_follow_and_what_was_let_go(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(None) as (app, pilot):
            await press(pilot, "5")
            shown = app.pane.log_tab.split.list
            follows = [shown.follow]
            for keys in (("F",), ("k", "F")):
                await press(pilot, *keys)
                follows.append(shown.follow)
            assert follows == [True, False, True]
            store.log(*[LogLine(0, WALL, "stdout", "more")] * KEPT)
            app.tick()
            while shown.lines.work():
                pass
            store.log(LogLine(0, WALL, "stdout", "the last"))
            app.tick()
            assert cursor_text(app) == "the last"
            await pilot.pause()
            gone = len(store.logs) - KEPT
            assert f"{gone:,} earlier lines are no longer kept" in app.text

    run(scenario())


def test_to_a_line_by_its_index(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(2) as (app, pilot):
            await press(pilot, "5", "v", "v", "v", "e")
            assert rows(app) == 0
            assert app.pane.log_tab.go_to(3)
            assert cursor_text(app) == "select * from items"
            inside = next(
                index for index, line in enumerate(store.logs) if "raise PriceMissing" in line.text
            )
            assert app.pane.log_tab.go_to(inside)
            assert cursor_text(app).strip() == "raise PriceMissing(sku) from error"
            assert not app.pane.log_tab.go_to(99)

    run(scenario())


def test_unfinished_lines(hosted: Hosting, store: FakeStore) -> None:
    async def scenario() -> None:
        async with hosted(None) as (app, pilot):
            await press(pilot, "5")
            app.unfinished = [LogLine(0, WALL, "stdout", "loading 10%\rloading 20%")]
            app.tick()
            await pilot.pause()
            assert "◌ …loading 20%" in app.text
            app.unfinished = []
            store.log(LogLine(0, WALL, "stdout", "loaded"))
            app.tick()
            assert cursor_text(app) == "loaded"
            assert rows(app) == 12

    run(scenario())


def test_to_the_exchange_of_a_line(store: FakeStore) -> None:
    async def scenario() -> None:
        app = Jumping(store, 5)
        async with app.run_test(size=(120, 40)) as pilot:
            await press(pilot, "5", "J", "g", "J")
            assert app.jumps == [5, 0]
            names = [name for name, *_ in app.pane.keys]
            assert "log-jump" not in names
            assert {"log-level", "log-own", "follow-log"} <= set(names)
            await press(pilot, "G")
            assert "log-jump" in [name for name, *_ in app.pane.keys]

    run(scenario())


@pytest.mark.parametrize(
    ("number", "keys", "size"),
    [
        pytest.param(5, "5", (80, 24), id="80"),
        pytest.param(1, "5 j j", (120, 40), id="120"),
        pytest.param(5, "5 j enter k enter", (200, 60), id="200"),
    ],
)
def test_looks(
    snap_compare: SnapCompare, store: FakeStore, number: int, keys: str, size: tuple[int, int]
) -> None:
    assert snap_compare(Host(store, number), press=keys.split(), terminal_size=size)
